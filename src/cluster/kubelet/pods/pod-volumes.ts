import type { Timer } from '../../../base/clock.ts';
import type { RunnerHost } from './runner-host.ts';
import { volumeFaults } from './volumes.ts';

/** ms between two tries; the delay doubles from the first to the second. kubernetes: pkg/util/goroutinemap/exponentialbackoff */
const FIRST_RETRY = 500;
const LAST_RETRY = 122_000;

/** Mounts the volumes of a pod, and tries again while something is missing: after a while, and when it appears. */
export class PodVolumes {
  readonly #host: RunnerHost;
  #mounted = false;
  #delay = FIRST_RETRY;
  #timer: Timer | undefined;
  #stopWaiting: () => void = () => {};

  constructor(host: RunnerHost) {
    this.#host = host;
  }

  /** Tries unless a try is pending; true when all volumes are there. */
  mounted(): boolean {
    if (this.#mounted) return true;
    if (this.#timer !== undefined) return false;
    const { node, pod, events } = this.#host;
    const faults = volumeFaults(pod, node.view);
    if (faults.length === 0) {
      this.#mounted = true;
      return true;
    }
    for (const { message } of faults) events.warning('FailedMount', message);
    const retry = (): void => {
      this.stop();
      this.#host.wake();
    };
    this.#timer = node.clock.setTimer(this.#delay, retry);
    this.#delay = Math.min(this.#delay * 2, LAST_RETRY);
    this.#stopWaiting = node.view.waitFor(
      faults.map(({ dependency }) => dependency),
      retry,
    );
    return false;
  }

  stop(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    this.#stopWaiting();
    this.#stopWaiting = () => {};
  }
}
