import type { TimerOptions } from '../../base/clock.ts';
import { isTransient } from '../../client/retry.ts';
import { StatusError } from '../../kube/status-error.ts';
import type { BusyWorker, Component, ComponentContext } from './interfaces.ts';
import { type BackoffOptions, WorkQueue } from './work-queue.ts';

/** What {@link Controller} runs. */
export interface ControllerOptions {
  readonly name: string;
  readonly context: ComponentContext;
  /** Informers that must be filled before work begins. */
  readonly informers: readonly { readonly synced: Promise<unknown> }[];
  /** Brings one object nearer to what it should be; what it throws is logged and tried again with back-off. */
  readonly reconcile: (key: string) => Promise<void>;
  /** Runs once when the informers are filled, before the first key. */
  readonly started?: () => void | Promise<void>;
  readonly stopped?: () => void;
  readonly backoff?: BackoffOptions;
  /** How timers of keys that wait are set. */
  readonly timers?: TimerOptions;
}

/**
 * A queue and one worker that reconciles its keys one after the other, in promise jobs: when no job is left, nothing is to
 * be done before the next timer. A key that comes again within one instant waits for the timers that are due at it, so that
 * a hundred pods which become ready at once are looked at twice, not a hundred times.
 */
export class Controller implements Component, BusyWorker {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly #options: ControllerOptions;
  /** The instant of the last work, and the keys worked on at it. */
  #instant = Number.NaN;
  readonly #worked = new Map<string, number>();
  /** Keys that have waited for the timers of this instant. */
  readonly #ripe = new Set<string>();
  #running = false;
  #started = false;
  #stopped = false;

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#options = options;
    const { context, timers, backoff } = options;
    this.queue = new WorkQueue({ clock: context.clock, wake: () => this.#wake(), timers, ...backoff });
    options.context.watchdog?.watch(this);
  }

  busiest(): { readonly key: string; readonly turns: number } | undefined {
    if (this.#instant !== this.#options.context.clock.now()) return undefined;
    let busiest: { readonly key: string; readonly turns: number } | undefined;
    for (const [key, turns] of this.#worked) if (turns > (busiest?.turns ?? 0)) busiest = { key, turns };
    return busiest;
  }

  async start(): Promise<void> {
    await Promise.all(this.#options.informers.map((informer) => informer.synced));
    if (this.#stopped) return;
    await this.#options.started?.();
    this.#started = true;
    this.#wake();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.context.watchdog?.forget(this);
    this.queue.stop();
    this.#options.stopped?.();
  }

  #wake(): void {
    if (this.#running || !this.#started || this.#stopped) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    // What happens in the same promise job, and the next ones, is one change to look at.
    for (let turn = 0; turn < COALESCING_TURNS; turn += 1) await Promise.resolve();
    for (;;) {
      const key = this.#stopped ? undefined : this.queue.take();
      if (key === undefined) break;
      if (this.#comesAgain(key)) {
        this.queue.done(key);
        this.queue.addLater(key);
        continue;
      }
      const wait = this.#options.context.watchdog?.work(this.name, key) ?? 0;
      if (wait > 0) {
        this.queue.done(key);
        this.queue.addAfter(key, wait);
      } else await this.#work(key);
    }
    this.#running = false;
  }

  #comesAgain(key: string): boolean {
    const now = this.#options.context.clock.now();
    if (now !== this.#instant) {
      this.#instant = now;
      this.#worked.clear();
      this.#ripe.clear();
    }
    const turns = this.#worked.get(key) ?? 0;
    if (turns > 0 && !this.#ripe.delete(key)) {
      this.#ripe.add(key);
      return true;
    }
    this.#worked.set(key, turns + 1);
    return false;
  }

  async #work(key: string): Promise<void> {
    try {
      await this.#options.reconcile(key);
      this.queue.forget(key);
    } catch (error) {
      if (!this.#stopped) {
        this.#report(key, error);
        this.queue.addRateLimited(key);
      }
    }
    this.queue.done(key);
  }

  #report(key: string, error: unknown): void {
    // Conflicts are the normal consequence of a cache that lags behind; what passes by is tried again.
    const normal = (error instanceof StatusError && error.code === 409) || isTransient(error);
    const level = normal ? 'debug' : 'warn';
    this.#options.context.logger.log(level, `${this.name}: reconciliation failed`, {
      key,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

const COALESCING_TURNS = 8;
