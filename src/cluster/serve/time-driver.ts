import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';

/** The longest pause between two looks, ms of real time. */
const LONGEST_PAUSE = 500;

/** How a served cluster's time passes. */
export interface TimeDriverOptions {
  readonly clock: VirtualClock;
  readonly wallClock: Clock;
  /** Seconds of the cluster's in one real second. */
  readonly speed: number;
  readonly logger: Logger;
}

/** Lets a virtual clock follow the real one, so many times as fast. */
export class TimeDriver {
  readonly #options: TimeDriverOptions;
  #origin: { readonly virtual: number; readonly wall: number } | undefined;
  #timer: Timer | undefined;
  #running = false;
  #again = false;

  constructor(options: TimeDriverOptions) {
    this.#options = options;
  }

  start(): void {
    this.#anchor();
    this.#look();
  }

  #anchor(): void {
    const { clock, wallClock } = this.#options;
    this.#origin = { virtual: clock.now(), wall: wallClock.now() };
  }

  stop(): void {
    this.#origin = undefined;
    this.#timer?.stop();
  }

  /** Something has happened that may have set a nearer timer. */
  poke(): void {
    this.#timer?.stop();
    this.#look();
  }

  /** The instant that the cluster's clock should show now. */
  #target(): number {
    const { wallClock, speed } = this.#options;
    const { virtual, wall } = this.#origin ?? { virtual: 0, wall: 0 };
    return virtual + (wallClock.now() - wall) * speed;
  }

  #look(): void {
    if (this.#origin === undefined) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    void this.#advance();
  }

  async #advance(): Promise<void> {
    const { clock, wallClock, speed, logger } = this.#options;
    try {
      do {
        this.#again = false;
        // Somebody has let time pass: it goes on from there.
        if (clock.now() > this.#target()) this.#anchor();
        await clock.advanceTo(this.#target());
      } while (this.#again);
    } catch (error) {
      logger.log('error', `the cluster's time stands still: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#running = false;
    if (this.#origin === undefined) return;
    const next = clock.next();
    const pause = next === undefined ? LONGEST_PAUSE : (next - this.#target()) / speed;
    this.#timer = wallClock.setTimer(Math.min(LONGEST_PAUSE, Math.max(1, pause)), () => this.#look());
  }
}
