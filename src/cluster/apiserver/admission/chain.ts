import { bucketOf } from '../served-resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

/** Lets everything pass: for what the server itself does. */
export function noAdmission(): AdmissionChain {
  none ??= new AdmissionChain([]);
  return none;
}

let none: AdmissionChain | undefined;

/** Runs plugins in order, those that care for the resource. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #admit = new Map<string, readonly AdmissionPlugin[]>();
  readonly #validate = new Map<string, readonly AdmissionPlugin[]>();

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  /** @throws StatusError of the first plugin that refuses */
  admit(request: AdmissionRequest): void {
    const plugins = this.#chosen(this.#admit, request, 'admit');
    for (const plugin of plugins) plugin.admit?.(request);
    if (!request.rounds.needed) return;
    const second = request.secondRound();
    for (const plugin of plugins) plugin.admit?.(second);
  }

  /** @throws StatusError of the first plugin that refuses */
  validate(request: AdmissionRequest): void {
    for (const plugin of this.#chosen(this.#validate, request, 'validate')) plugin.validate?.(request);
  }

  #chosen(
    cache: Map<string, readonly AdmissionPlugin[]>,
    { type }: AdmissionRequest,
    phase: 'admit' | 'validate',
  ): readonly AdmissionPlugin[] {
    const key = bucketOf(type);
    let chosen = cache.get(key);
    if (chosen === undefined) {
      chosen = this.#plugins.filter(
        (plugin) => plugin[phase] !== undefined && (plugin.resources === undefined || plugin.resources.includes(key)),
      );
      cache.set(key, chosen);
    }
    return chosen;
  }
}
