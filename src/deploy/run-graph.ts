import type { WriteListener } from './apply.ts';
import type { GraphNode, Wave } from './operation-graph.ts';
import { nameOf, resourceId, type Resource } from './resource.ts';

/** How the objects of a graph are worked on. */
export interface GraphWork {
  /** Works on objects in their order, and tells of each one; those that wait for nothing come all at once. */
  write(resources: readonly Resource[], listener: WriteListener): Promise<void>;
  /** Resolves when what was done to the objects has had its effect: they are ready, or gone. */
  settled(resources: readonly Resource[], signal: AbortSignal): Promise<void>;
}

/** How a graph ended. */
export interface GraphOutcome {
  /** What went wrong first; undefined: all is done. */
  readonly failure?: unknown;
  /** The objects that were not begun, with what each one waited for in vain: `Deployment/web (needs Job/migrate)`. */
  readonly undone: readonly string[];
}

/** Objects that are worked on at the same time, besides those that wait for nothing. */
const PARALLEL = 8;

/**
 * Works on all objects of a graph: wave by wave, in a wave each object as soon as what it waits for has settled. After a failure
 * nothing new is begun; what is under way is finished.
 */
export async function runGraph(waves: readonly Wave[], work: GraphWork): Promise<GraphOutcome> {
  for (const [i, wave] of waves.entries()) {
    const run = new WaveRun(wave, work);
    await run.run(i < waves.length - 1);
    if (run.failure === undefined) continue;
    const later = waves.slice(i + 1).flatMap(({ number, nodes }) => {
      return nodes.map(({ resource }) => `${nameOf(resource)} (wave ${number})`);
    });
    return { failure: run.failure.error, undone: [...run.undone(), ...later] };
  }
  return { undone: [] };
}

/** One wave under way. */
class WaveRun {
  readonly #work: GraphWork;
  readonly #free: readonly Resource[];
  readonly #waiting: readonly { readonly resource: Resource; readonly after: readonly Resource[] }[];
  readonly #place = new Map<string, number>();
  readonly #begun = new Set<string>();
  readonly #done = new Set<string>();
  readonly #settled = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  readonly #steps = new Set<() => void>();
  readonly #listener: WriteListener = {
    begun: (resource) => this.#begun.add(resourceId(resource)),
    done: (resource) => {
      this.#done.add(resourceId(resource));
      this.#wake();
    },
  };
  #running = 0;
  failure: { readonly error: unknown } | undefined;

  constructor({ nodes }: Wave, work: GraphWork) {
    this.#work = work;
    const own = new Set(nodes.map(({ resource }) => resourceId(resource)));
    const here = nodes.map(({ resource, after }: GraphNode) => ({
      resource,
      // What is in an earlier wave has settled.
      after: after.filter((each) => own.has(resourceId(each))),
    }));
    this.#free = here.flatMap(({ resource, after }) => (after.length === 0 ? [resource] : []));
    this.#waiting = here.filter(({ after }) => after.length > 0);
    for (const [i, { resource }] of nodes.entries()) this.#place.set(resourceId(resource), i);
  }

  async run(settleAll: boolean): Promise<void> {
    const all = [...this.#free, ...this.#waiting.map(({ resource }) => resource)];
    await Promise.all([
      this.#trying(() => this.#work.write(this.#free, this.#listener)),
      ...this.#waiting.map((node) => this.#trying(() => this.#follow(node))),
    ]);
    if (!settleAll || this.failure !== undefined) return;
    await this.#trying(() => this.#work.settled(all, this.#stop.signal));
  }

  undone(): string[] {
    const isUndone = (resource: Resource): boolean => !this.#begun.has(resourceId(resource));
    return [
      ...this.#free.filter(isUndone).map(nameOf),
      ...this.#waiting
        .filter(({ resource }) => isUndone(resource))
        .map(({ resource, after }) => `${nameOf(resource)} (needs ${after.map(nameOf).join(', ')})`),
    ];
  }

  async #trying(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.failure ??= { error };
      this.#stop.abort();
    }
    this.#wake();
  }

  async #follow({
    resource,
    after,
  }: {
    readonly resource: Resource;
    readonly after: readonly Resource[];
  }): Promise<void> {
    await Promise.all(after.map((each) => this.#settle(each)));
    await this.#until(() => this.#running < PARALLEL && this.#isItsTurn(resource));
    if (this.#stop.signal.aborted) return;
    this.#running += 1;
    try {
      await this.#work.write([resource], this.#listener);
    } finally {
      this.#running -= 1;
      this.#wake();
    }
  }

  /** What comes before it in the manifest, and waits for nothing, is there: a Deployment needs its ConfigMaps. */
  #isItsTurn(resource: Resource): boolean {
    const place = this.#place.get(resourceId(resource)) ?? 0;
    return this.#free.every((each) => {
      const id = resourceId(each);
      return this.#done.has(id) || (this.#place.get(id) ?? 0) > place;
    });
  }

  #settle(resource: Resource): Promise<void> {
    const id = resourceId(resource);
    const known = this.#settled.get(id);
    if (known !== undefined) return known;
    const settled = this.#until(() => this.#done.has(id)).then(async () => {
      if (!this.#stop.signal.aborted) await this.#work.settled([resource], this.#stop.signal);
    });
    this.#settled.set(id, settled);
    return settled;
  }

  /** Resolves when something holds, or nothing new is to be begun. */
  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const step = (): void => {
        if (!this.#stop.signal.aborted && !holds()) return;
        this.#steps.delete(step);
        resolve();
      };
      this.#steps.add(step);
      step();
    });
  }

  #wake(): void {
    for (const step of this.#steps) step();
  }
}
