import type { Timer } from '../../../base/clock.ts';
import type { RunnerHost } from './runner-host.ts';
import { missingDisks, volumeFaults } from './volumes.ts';

/** ms between two tries; the delay doubles from the first to the second. kubernetes: pkg/util/goroutinemap/exponentialbackoff */
const FIRST_RETRY = 500;
const LAST_RETRY = 122_000;
/** ms for which a disk is waited for before that is told of. kubernetes: pkg/kubelet/volumemanager podAttachAndMountTimeout */
const ATTACH_TIMEOUT = 123_000;

/** Mounts the volumes of a pod, and tries again while something is missing: after a while, and when it appears. */
export class PodVolumes {
  readonly #host: RunnerHost;
  #mounted = false;
  #delay = FIRST_RETRY;
  #timer: Timer | undefined;
  /** When it is told that a disk has not come, ms since the epoch. */
  #diskDeadline: number | undefined;
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
      this.#mounted = this.#disksAreThere();
      return this.#mounted;
    }
    for (const { message } of faults) events.warning('FailedMount', message);
    this.#waitFor(faults, this.#delay);
    this.#delay = Math.min(this.#delay * 2, LAST_RETRY);
    return false;
  }

  /** Looks again when one of the objects changes, and after so many ms. */
  #waitFor(missing: readonly { readonly dependency: string }[], delay: number): void {
    const { node } = this.#host;
    const retry = (): void => {
      this.stop();
      this.#host.wake();
    };
    this.#timer = node.clock.setTimer(delay, retry);
    this.#stopWaiting = node.view.waitFor(
      missing.map(({ dependency }) => dependency),
      retry,
    );
  }

  #disksAreThere(): boolean {
    const { node, pod, events } = this.#host;
    const missing = missingDisks(pod, node.view);
    if (missing.length === 0) return true;
    const now = node.clock.now();
    this.#diskDeadline ??= now + ATTACH_TIMEOUT;
    if (now >= this.#diskDeadline) {
      this.#diskDeadline = now + ATTACH_TIMEOUT;
      const names = missing.map(({ volume }) => volume).join(' ');
      const state = `unmounted volumes=[${names}], unattached volumes=[${names}], failed to process volumes=[]`;
      events.warning('FailedMount', `Unable to attach or mount volumes: ${state}: context deadline exceeded`);
    }
    this.#waitFor(missing, this.#diskDeadline - now);
    return false;
  }

  stop(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    this.#stopWaiting();
    this.#stopWaiting = () => {};
  }
}
