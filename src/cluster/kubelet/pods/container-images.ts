import { formatDuration } from '../../../base/duration.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import type { CatalogueImage } from '../images/catalogue.ts';
import { imageIdOf } from '../images/image-digest.ts';
import { ImageReferenceError } from '../images/image-reference.ts';
import type { ContainerBehaviour } from './container-behaviour.ts';
import type { ContainerRecord } from './container-record.ts';
import { FAILED_PULL_MILLIS, pullFault, pullSecretsOf, sizeOf } from './image-pull.ts';
import type { NodeContext } from './node-context.ts';
import type { PodEvents } from './pod-events.ts';
import { RELIST_MILLIS } from './runner-host.ts';

/** An image that was asked for: it is there, it is not to be had now, or it comes in a while. */
export type ImageOutcome = { readonly kind: 'ready' } | { readonly kind: 'failed' } | ImagePull;

/** A pull on its way; `done` tells whether the image is there then. */
interface ImagePull {
  readonly kind: 'pulling';
  readonly millis: number;
  readonly done: () => boolean;
}

const READY: ImageOutcome = { kind: 'ready' };
const FAILED: ImageOutcome = { kind: 'failed' };

/** Gets the images of a pod's containers. kubernetes: pkg/kubelet/images/image_manager.go EnsureImageExists */
export class ContainerImages {
  readonly #node: NodeContext;
  readonly #events: PodEvents;

  constructor(node: NodeContext, events: PodEvents) {
    this.#node = node;
    this.#events = events;
  }

  /** The image of a container; undefined when its name cannot be read, which the container's state then says. */
  find(record: ContainerRecord): CatalogueImage | undefined {
    const name = record.spec.image ?? '';
    try {
      return this.#node.catalogue.find(name);
    } catch (error) {
      if (!(error instanceof ImageReferenceError)) throw error;
      const quoted = JSON.stringify(name);
      const message = `Failed to apply default image tag ${quoted}: couldn't parse image name ${quoted}: ${error.message}`;
      if (this.#wait(record, 'InvalidImageName', message)) {
        this.#events.warning('InspectFailed', message, record);
        this.#events.warning('Failed', 'Error: InvalidImageName', record);
      }
      return undefined;
    }
  }

  /** Makes sure that the image is on the node. */
  ensure(pod: Pod, record: ContainerRecord, image: CatalogueImage, { behaviour }: ContainerBehaviour): ImageOutcome {
    const { images, clock } = this.#node;
    const { name } = image.reference;
    const quoted = JSON.stringify(record.spec.image ?? '');
    const present = images.has(name);
    const policy = record.spec.imagePullPolicy ?? 'IfNotPresent';
    const secrets = pullSecretsOf(pod, this.#node.view);
    const credentials = secrets.covers(image.reference.registry, image.reference.repository);
    if (policy === 'Never' && !present) {
      const message = `Container image ${quoted} is not present with pull policy of Never`;
      if (this.#wait(record, 'ErrImageNeverPull', message)) {
        this.#events.warning('ErrImageNeverPull', message, record);
        this.#events.warning('Failed', 'Error: ErrImageNeverPull', record);
      }
      return FAILED;
    }
    const allowed = policy === 'Never' || behaviour.private !== true || credentials;
    if (present && policy !== 'Always' && allowed) {
      this.#found(record, image);
      const message = `Container image ${quoted} already present on machine and can be accessed by the pod`;
      this.#events.normal('Pulled', message, record);
      return READY;
    }
    if (clock.now() < record.pullAfter) {
      if (clock.now() >= record.pullFailedAt + RELIST_MILLIS) this.#backOff(record, quoted);
      return FAILED;
    }
    this.#tellOfMissing(secrets.missing);
    this.#events.normal('Pulling', `Pulling image ${quoted}`, record);
    const fault = pullFault(image, behaviour, credentials);
    const millis = fault === undefined ? images.pullMillis(image, behaviour) : FAILED_PULL_MILLIS;
    const done = (): boolean => {
      if (fault !== undefined) {
        this.#failed(record, quoted, fault);
        return false;
      }
      images.pulled(image, behaviour);
      this.#found(record, image);
      record.pull.reset();
      const time = formatDuration(millis);
      const size = `Image size: ${sizeOf(behaviour)} bytes.`;
      const message = `Successfully pulled image ${quoted} in ${time} (${time} including waiting). ${size}`;
      this.#events.normal('Pulled', message, record);
      return true;
    };
    return { kind: 'pulling', millis, done };
  }

  #tellOfMissing(names: readonly string[]): void {
    if (names.length === 0) return;
    const message = `Unable to retrieve some image pull secrets (${names.join(', ')}); attempting to pull the image may not succeed.`;
    this.#events.warning('FailedToRetrieveImagePullSecret', message);
  }

  #found(record: ContainerRecord, image: CatalogueImage): void {
    record.image = image.reference.name;
    record.imageID = imageIdOf(image.reference);
  }

  #failed(record: ContainerRecord, quoted: string, fault: string): void {
    const now = this.#node.clock.now();
    record.pull.next(now, now);
    record.pullFailedAt = now;
    record.pullAfter = now + record.pull.delay;
    record.pullError = fault;
    record.waiting = { reason: 'ErrImagePull', message: fault };
    this.#events.warning('Failed', `Failed to pull image ${quoted}: ${fault}`, record);
    this.#events.warning('Failed', 'Error: ErrImagePull', record);
  }

  #backOff(record: ContainerRecord, quoted: string): void {
    const message = `Back-off pulling image ${quoted}`;
    const fault = record.pullError === '' ? '' : `: ErrImagePull: ${record.pullError}`;
    if (!this.#wait(record, 'ImagePullBackOff', `${message}${fault}`)) return;
    this.#events.normal('BackOff', message, record);
    this.#events.warning('Failed', 'Error: ImagePullBackOff', record);
  }

  /** Puts the container in a state of waiting; false when it is in it. */
  #wait(record: ContainerRecord, reason: string, message: string): boolean {
    if (record.waiting?.reason === reason && record.waiting.message === message) return false;
    record.waiting = { reason, message };
    return true;
  }
}
