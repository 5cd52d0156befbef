import type { Timer } from '../base/clock.ts';
import type { Watch } from '../client/kube-client.ts';
import { isTransient } from '../client/retry.ts';
import type { KubeObject } from '../kube/object.ts';
import type { CustomRule } from './custom-readiness.ts';
import type { DeployEnvironment } from './environment.ts';
import { watchPods } from './pod-watch.ts';
import { type Readiness, readinessOf } from './readiness.ts';
import { type Resource, resourceId } from './resource.ts';
import type { WaitOptions } from './wait-options.ts';

/** What a timeout of 0 stands for, ms; as in Helm. */
export const DEFAULT_TIMEOUT = 30_000;
/** Before a watch that broke is started again, ms. */
const RESTART_DELAY = 1000;
const UNKNOWN: Readiness = { status: 'Unknown', message: '' };

/** How a wait ended; `doomed`: a pod will not become ready. */
export type Outcome = 'done' | 'timeout' | 'interrupted' | 'doomed';

/** Follows the state of a set of objects through watches, one for each resource and namespace. */
export class Tracker {
  readonly #environment: DeployEnvironment;
  readonly #options: WaitOptions;
  readonly #resources = new Map<string, Resource>();
  readonly #states = new Map<string, Readiness>();
  readonly #objects = new Map<string, KubeObject>();
  readonly #watches: Watch[] = [];
  readonly #timers: Timer[] = [];
  readonly #rules: ReadonlyMap<string, CustomRule>;
  #stopped = false;
  /** The pod for which the wait was ended. */
  doom = '';
  #check: () => void = () => {};
  #fail: (error: Error) => void = () => {};
  #giveUp: (text: string) => void = () => {};
  #changed = false;

  constructor(
    environment: DeployEnvironment,
    resources: readonly Resource[],
    options: WaitOptions,
    rules: ReadonlyMap<string, CustomRule> = new Map(),
  ) {
    this.#environment = environment;
    this.#rules = rules;
    this.#options = options;
    for (const resource of resources) {
      this.#resources.set(watchId(resource, resource.key.name), resource);
      this.#states.set(watchId(resource, resource.key.name), UNKNOWN);
    }
  }

  states(): Readiness[] {
    return [...this.#states.values()];
  }

  entries(): [Resource, Readiness][] {
    return [...this.#resources].map(([id, resource]) => [resource, this.#states.get(id) ?? UNKNOWN]);
  }

  async run(finished: (states: readonly Readiness[]) => boolean): Promise<Outcome> {
    const { clock } = this.#environment;
    const timeout = this.#options.timeout === 0 ? DEFAULT_TIMEOUT : this.#options.timeout;
    const { signal } = this.#options;
    let interrupt: () => void = () => {};
    const outcome = new Promise<Outcome>((resolve, reject) => {
      this.#timers.push(clock.setTimer(timeout, () => resolve('timeout')));
      interrupt = (): void => resolve('interrupted');
      signal?.addEventListener('abort', interrupt, { once: true });
      if (signal?.aborted === true) interrupt();
      this.#fail = reject;
      this.#giveUp = (text) => {
        this.doom = text;
        resolve('doomed');
      };
      this.#check = () => {
        this.#report();
        if (!finished(this.states())) return;
        // What happens from now on, such as the deletion of a Job that is done, is no longer waited for.
        this.#stopped = true;
        resolve('done');
      };
      this.#watchAll();
      this.#recheckUnscheduled();
    });
    try {
      return await clock.blockOn(outcome);
    } finally {
      signal?.removeEventListener('abort', interrupt);
      this.#stopped = true;
      for (const watch of this.#watches) watch.stop();
      for (const timer of this.#timers) timer.stop();
    }
  }

  #watchAll(): void {
    const groups = new Map<string, Resource[]>();
    for (const resource of this.#resources.values()) {
      const id = watchId(resource, '');
      groups.set(id, [...(groups.get(id) ?? []), resource]);
    }
    for (const group of groups.values()) this.#watchGroup(group);
    if (this.#options.deletion !== true) this.#watchPods();
  }

  #watchGroup(group: readonly Resource[]): void {
    const first = group[0];
    if (first === undefined) return;
    const single = group.length === 1 ? { fieldSelector: `metadata.name=${first.key.name}` } : {};
    const start = (): void => {
      const seen = new Set<string>();
      const watch = this.#environment.client.watch(
        first.type,
        { namespace: first.key.namespace, ...single },
        {
          event: (event) => {
            if (event.type === 'BOOKMARK') {
              this.#markAbsent(group, seen);
              return;
            }
            const id = watchId(first, event.object.metadata.name ?? '');
            if (!this.#resources.has(id)) return;
            seen.add(id);
            this.#set(id, event.type === 'DELETED' ? undefined : event.object);
          },
          closed: (error) => {
            // The server may end a watch at any time; a new one starts with the whole state again.
            if (this.#stopped) return;
            if (error === undefined || isGone(error)) start();
            else if (isTransient(error)) this.#timers.push(this.#environment.clock.setTimer(RESTART_DELAY, start));
            else this.#fail(error);
          },
        },
      );
      this.#watches.push(watch);
    };
    start();
  }

  #markAbsent(group: readonly Resource[], seen: ReadonlySet<string>): void {
    for (const resource of group) {
      const id = watchId(resource, resource.key.name);
      if (!seen.has(id)) this.#set(id, undefined);
    }
  }

  #set(id: string, object: KubeObject | undefined): void {
    if (this.#stopped) return;
    if (object === undefined) this.#objects.delete(id);
    else this.#objects.set(id, object);
    const state = object === undefined ? notFound() : this.#judge(id, object);
    const before = this.#states.get(id);
    this.#states.set(id, state);
    if (before?.status !== state.status || before.message !== state.message) this.#changed = true;
    this.#check();
  }

  #judge(id: string, object: KubeObject): Readiness {
    const { mode } = this.#options;
    const own = object.metadata.deletionTimestamp === undefined ? this.#rules.get(id)?.(object) : undefined;
    if (own !== undefined) return own;
    const isPodOrJob = object.kind === 'Pod' || object.kind === 'Job';
    if (mode === 'hooks' && !isPodOrJob && object.metadata.deletionTimestamp === undefined) {
      return { status: 'Current', message: 'Resource is current' };
    }
    return readinessOf(object, {
      now: this.#environment.clock.now(),
      waitForJobs: mode !== 'ready',
      waitForPods: mode === 'hooks',
    });
  }

  /** A pod counts as unschedulable by age, of which no event tells. */
  #recheckUnscheduled(): void {
    const interval = 5000;
    if (![...this.#resources.values()].some((resource) => resource.type.kind === 'Pod')) return;
    const again = (): void => {
      for (const [id, object] of this.#objects) if (object.kind === 'Pod') this.#set(id, object);
      if (!this.#stopped) this.#timers.push(this.#environment.clock.setTimer(interval, again));
    };
    this.#timers.push(this.#environment.clock.setTimer(interval, again));
  }

  #report(): void {
    if (!this.#changed || this.#options.listener === undefined) return;
    this.#changed = false;
    this.#options.listener.progress(this.entries().map(([resource, readiness]) => ({ resource, readiness })));
  }

  #watchPods(): void {
    const { listener, failFast } = this.#options;
    this.#watches.push(
      watchPods(this.#environment, [...this.#resources.values()], failFast, {
        trouble: listener === undefined ? undefined : (text) => listener.trouble(text),
        doomed: (text) => this.#giveUp(text),
      }),
    );
  }

  /** Reads every object once. */
  async look(): Promise<void> {
    for (const [id, resource] of this.#resources) {
      try {
        this.#set(id, await this.#environment.client.get(resource.type, resource.key));
      } catch {
        this.#set(id, undefined);
      }
    }
  }
}

function notFound(): Readiness {
  return { status: 'NotFound', message: 'Resource not found' };
}

function isGone(error: Error): boolean {
  return 'code' in error && error.code === 410;
}

/** Identifies an object by its resource and a name. */
export function watchId(resource: Resource, name: string): string {
  return resourceId({ ...resource, key: { ...resource.key, name } });
}
