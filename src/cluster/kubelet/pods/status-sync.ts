import type { Pod, PodStatus } from '../../../kube/api/core-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { StatusError } from '../../../kube/status-error.ts';
import { messageOf } from '../../machinery/pod-control.ts';
import { objectKey } from '../../machinery/keys.ts';
import type { NodeContext } from './node-context.ts';

/** The pod whose status is written. */
export interface StatusOwner {
  /** As the API has it, as far as is known. */
  readonly pod: Pod;
  /** The status that it should have now. */
  status(): PodStatus;
  /** The API has given a newer pod. */
  seen(pod: Pod): void;
  /** There is no such pod any more. */
  gone(): void;
  /** True when the pod may be deleted for good, its status being written. */
  removable(): boolean;
}

/** Promise jobs during which changes are gathered into one write. */
const COALESCING_TURNS = 6;
const RETRY_MILLIS = 1000;
const MOST_TRIES = 5;

/** Writes the status of one pod when it has changed, and deletes the pod when it has ended. kubernetes: pkg/kubelet/status/status_manager.go */
export class StatusSync {
  readonly #node: NodeContext;
  readonly #owner: StatusOwner;
  #dirty = false;
  #writing = false;
  #stopped = false;

  constructor(node: NodeContext, owner: StatusOwner) {
    this.#node = node;
    this.#owner = owner;
  }

  /** The status may have changed. */
  mark(): void {
    this.#dirty = true;
    if (this.#writing || this.#stopped) return;
    this.#writing = true;
    this.#run().catch((error: unknown) => {
      this.#writing = false;
      this.#later(error);
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    for (let turn = 0; turn < COALESCING_TURNS; turn += 1) await Promise.resolve();
    let tries = 0;
    while (this.#dirty && !this.#stopped) {
      this.#dirty = false;
      try {
        await this.#write();
        tries = 0;
      } catch (error) {
        if (this.#stopped || !(await this.#recover(error))) break;
        tries += 1;
        if (tries > MOST_TRIES) {
          this.#later(error);
          break;
        }
      }
    }
    this.#writing = false;
  }

  async #write(): Promise<void> {
    const { pod } = this.#owner;
    const status = this.#owner.status();
    if (!deepEqual(pod.status, status)) {
      const written = await this.#node.client.update<Pod>(
        RESOURCES.pods,
        { ...pod, status },
        { subresource: 'status' },
      );
      if (this.#stopped) return;
      this.#owner.seen(written);
    }
    if (this.#dirty || !this.#owner.removable()) return;
    const { uid } = this.#owner.pod.metadata;
    await this.#node.client.delete(RESOURCES.pods, objectKey(this.#owner.pod), {
      gracePeriodSeconds: 0,
      preconditions: { uid },
    });
  }

  /** True when the write is to be tried again at once. */
  async #recover(error: unknown): Promise<boolean> {
    if (!(error instanceof StatusError)) {
      this.#later(error);
      return false;
    }
    if (error.code === 404) {
      this.#owner.gone();
      return false;
    }
    if (error.code !== 409) {
      this.#later(error);
      return false;
    }
    try {
      const newest = await this.#node.client.get<Pod>(RESOURCES.pods, objectKey(this.#owner.pod));
      if (newest.metadata.uid !== this.#owner.pod.metadata.uid) {
        this.#owner.gone();
        return false;
      }
      this.#owner.seen(newest);
      this.#dirty = true;
      return true;
    } catch (failure) {
      if (failure instanceof StatusError && failure.code === 404) this.#owner.gone();
      else this.#later(failure);
      return false;
    }
  }

  #later(error: unknown): void {
    const { clock, logger } = this.#node;
    logger.log('debug', 'kubelet: status not written', {
      pod: this.#owner.pod.metadata.name,
      error: messageOf(error),
    });
    clock.setTimer(RETRY_MILLIS, () => this.mark());
  }
}
