import type { KubeClient } from '../../../client/kube-client.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../../kube/api/core-v1.generated.ts';
import type { CSIDriver, VolumeAttachment } from '../../../kube/api/storage-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import { attaches, attachLimit, attachmentName, isSharedVolume } from '../../machinery/csi.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type {
  Component,
  ComponentContext,
  EventRecorder,
  Informer,
  InformerEvent,
  InformerFactory,
} from '../../machinery/interfaces.ts';
import { isDeleting, joinKey, nameOf, objectKey } from '../../machinery/keys.ts';
import { isPodFinished } from '../../machinery/pods.ts';
import { conditionStatus } from '../node-lifecycle/node-taints.ts';
import { addClaimIndex, CLAIM_INDEX } from './claim-index.ts';

/** Index of VolumeAttachments: the name of the volume. */
export const ATTACHED_INDEX = 'volume';
const NODE_INDEX = 'node';
/** ms that a disk takes to come to a node, and to leave it. */
const ATTACH_MILLIS = 1000;
const DETACH_MILLIS = 1000;
/** ms until a disk is taken from a node that no longer answers. kubernetes: attachdetach maxWaitForUnmountDuration */
const FORCE_DETACH_MILLIS = 360_000;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** Declares {@link ATTACHED_INDEX}. */
export function addAttachedIndex(attachments: Informer<VolumeAttachment>): void {
  attachments.addIndex(ATTACHED_INDEX, ({ spec }) => {
    const name = spec.source.persistentVolumeName;
    return name === undefined ? [] : [name];
  });
}

/**
 * Attaches disks of simulated drivers to the nodes of the pods that use them, and detaches them when none does: VolumeAttachments
 * and what an external attacher makes of them. kubernetes: pkg/controller/volume/attachdetach/reconciler
 */
export function createAttachDetachController(context: ComponentContext, informers: InformerFactory): Component {
  return new AttachDetachController(context, informers).controller;
}

class AttachDetachController {
  /** Keys are names of volumes. */
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #client: KubeClient;
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #nodes: Informer<Node>;
  readonly #drivers: Informer<CSIDriver>;
  readonly #attachments: Informer<VolumeAttachment>;
  readonly #recorder: EventRecorder;
  /** By attachment: when it will have come or gone, ms since the epoch. */
  readonly #due = new Map<string, number>();
  /** By attachment: since when no pod needs it. */
  readonly #unused = new Map<string, number>();
  /** By volume and node: the trouble that was told of. */
  readonly #told = new Map<string, string>();

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#client = context.client;
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    addClaimIndex(this.#pods);
    this.#claims = informers.informer<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims);
    this.#volumes = informers.informer<PersistentVolume>(RESOURCES.persistentVolumes);
    this.#nodes = informers.informer<Node>(RESOURCES.nodes);
    this.#drivers = informers.informer<CSIDriver>(RESOURCES.csiDrivers);
    this.#attachments = informers.informer<VolumeAttachment>(RESOURCES.volumeAttachments);
    addAttachedIndex(this.#attachments);
    this.#attachments.addIndex(NODE_INDEX, ({ spec }) => [spec.nodeName]);
    this.#recorder = createEventRecorder(context, { component: 'attachdetach-controller' });
    this.controller = new Controller({
      name: 'attachdetach-controller',
      context,
      informers: [this.#pods, this.#claims, this.#volumes, this.#nodes, this.#drivers, this.#attachments],
      reconcile: (name) => this.#reconcile(name),
    });
    this.#pods.onEvent((event) => this.#podEvent(event));
    this.#claims.onEvent(({ object }) => this.#look(object.spec?.volumeName));
    this.#attachments.onEvent((event) => this.#attachmentEvent(event));
    this.#nodes.onEvent(({ object }) => {
      for (const attachment of this.#attachments.byIndex(NODE_INDEX, nameOf(object))) {
        this.#look(attachment.spec.source.persistentVolumeName);
      }
    });
    this.#drivers.onEvent(({ object }) => {
      for (const volume of this.#volumes.list()) {
        if (volume.spec?.csi?.driver === nameOf(object)) this.#look(nameOf(volume));
      }
    });
  }

  #look(volumeName: string | undefined): void {
    // Without a driver there is nothing to attach.
    if (volumeName !== undefined && volumeName !== '' && this.#drivers.list().length > 0) {
      this.controller.queue.add(volumeName);
    }
  }

  #podEvent({ type, object: pod, old }: InformerEvent<Pod>): void {
    if (pod.spec?.volumes === undefined || this.#drivers.list().length === 0) return;
    const changed = type !== 'modified' || old === undefined || uses(pod) !== uses(old);
    if (!changed) return;
    for (const volume of pod.spec.volumes) {
      const ephemeral = volume.ephemeral === undefined ? undefined : `${nameOf(pod)}-${volume.name}`;
      const name = volume.persistentVolumeClaim?.claimName ?? ephemeral;
      if (name === undefined) continue;
      this.#look(this.#claims.get({ namespace: pod.metadata.namespace, name })?.spec?.volumeName);
    }
  }

  #attachmentEvent({ type, object }: InformerEvent<VolumeAttachment>): void {
    this.#look(object.spec.source.persistentVolumeName);
    if (type !== 'deleted') return;
    this.#due.delete(nameOf(object));
    this.#unused.delete(nameOf(object));
    // The node has room for another.
    for (const key of this.#told.keys()) this.#look(key.slice(0, key.indexOf('\n')));
  }

  async #reconcile(name: string): Promise<void> {
    const attachments = this.#attachments.byIndex(ATTACHED_INDEX, name);
    const volume = this.#volumes.get({ name });
    const driver = this.#drivers.get({ name: volume?.spec?.csi?.driver ?? '' });
    const users = volume === undefined ? new Map<string, Pod[]>() : this.#users(volume);
    for (const key of this.#told.keys()) {
      const [about, nodeName = ''] = key.split('\n');
      if (about === name && !users.has(nodeName)) this.#told.delete(key);
    }
    for (const attachment of attachments) {
      if (isDeleting(attachment)) await this.#finishDetach(attachment);
      else if (users.has(attachment.spec.nodeName)) await this.#finishAttach(attachment, users, volume);
      else await this.#detach(attachment);
    }
    if (volume === undefined || !attaches(driver)) return;
    for (const [nodeName, pods] of users) {
      if (!attachments.some(({ spec }) => spec.nodeName === nodeName)) {
        await this.#attach(volume, driver, nodeName, pods);
      }
    }
  }

  /** The pods that need the volume, by node. */
  #users(volume: PersistentVolume): Map<string, Pod[]> {
    const users = new Map<string, Pod[]>();
    const { namespace, name = '', uid } = volume.spec?.claimRef ?? {};
    const claim = this.#claims.get({ namespace, name });
    if (claim === undefined || claim.metadata.uid !== uid || claim.spec?.volumeName !== nameOf(volume)) return users;
    for (const pod of this.#pods.byIndex(CLAIM_INDEX, joinKey(namespace, name))) {
      const nodeName = uses(pod);
      if (nodeName === '') continue;
      const known = users.get(nodeName);
      if (known === undefined) users.set(nodeName, [pod]);
      else known.push(pod);
    }
    return users;
  }

  async #attach(volume: PersistentVolume, driver: CSIDriver, nodeName: string, pods: readonly Pod[]): Promise<void> {
    const elsewhere = this.#attachments.byIndex(ATTACHED_INDEX, nameOf(volume));
    if (elsewhere.length > 0 && !isSharedVolume(volume)) {
      this.#tellConflict(volume, nodeName, pods);
      return;
    }
    const onNode = this.#attachments
      .byIndex(NODE_INDEX, nodeName)
      .filter(({ spec }) => spec.attacher === nameOf(driver));
    if (onNode.length >= attachLimit(driver)) {
      const cause = `rpc error: code = ResourceExhausted desc = node ${nodeName} has ${onNode.length} of ${attachLimit(driver)} volumes`;
      this.#tell(volume, nodeName, pods, `AttachVolume.Attach failed for volume "${nameOf(volume)}" : ${cause}`);
      return;
    }
    this.#told.delete(toldKey(volume, nodeName));
    const name = attachmentName(volume, nodeName);
    const attacher = nameOf(driver);
    const attachment = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name, finalizers: [`external-attacher/${attacher.replaceAll('.', '-')}`] },
      spec: { attacher, nodeName, source: { persistentVolumeName: nameOf(volume) } },
    };
    this.#due.set(name, this.#context.clock.now() + ATTACH_MILLIS);
    try {
      await this.#client.create(RESOURCES.volumeAttachments, attachment, AS_CONTROLLER);
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error;
    }
  }

  /** kubernetes: reportMultiAttachError */
  #tellConflict(volume: PersistentVolume, nodeName: string, pods: readonly Pod[]): void {
    const others: Pod[] = [];
    for (const [node, users] of this.#users(volume)) if (node !== nodeName) others.push(...users);
    const prefix = `Multi-Attach error for volume "${nameOf(volume)}" `;
    if (others.length === 0) {
      const text = "Volume is already exclusively attached to one node and can't be attached to another";
      this.#tell(volume, nodeName, pods, prefix + text);
      return;
    }
    // Claim and pods share their namespace, so all names may be told.
    this.#tell(volume, nodeName, pods, `${prefix}Volume is already used by pod(s) ${others.map(nameOf).join(', ')}`);
  }

  /** Tells of a trouble once, until it is over. */
  #tell(volume: PersistentVolume, nodeName: string, pods: readonly Pod[], message: string): void {
    const key = toldKey(volume, nodeName);
    const text = `${message}\n${pods.map(({ metadata }) => metadata.uid).join(' ')}`;
    if (this.#told.get(key) === text) return;
    this.#told.set(key, text);
    for (const pod of pods) this.#recorder.event(pod, 'Warning', 'FailedAttachVolume', message);
  }

  async #finishAttach(
    attachment: VolumeAttachment,
    users: ReadonlyMap<string, readonly Pod[]>,
    volume: PersistentVolume | undefined,
  ): Promise<void> {
    this.#unused.delete(nameOf(attachment));
    if (attachment.status?.attached === true || volume === undefined) return;
    if (this.#isEarly(attachment, ATTACH_MILLIS)) return;
    const body = { ...attachment, status: { attached: true } };
    const options = { fieldManager: attachment.spec.attacher, subresource: 'status' };
    await this.#client.update(RESOURCES.volumeAttachments, body, options);
    this.#due.delete(nameOf(attachment));
    await this.#tellNode(attachment.spec.nodeName, { attachment: nameOf(attachment), attached: true });
    const message = `AttachVolume.Attach succeeded for volume "${nameOf(volume)}" `;
    for (const pod of users.get(attachment.spec.nodeName) ?? []) {
      this.#recorder.event(pod, 'Normal', 'SuccessfulAttachVolume', message);
    }
  }

  /** True while the disk is on its way; sets the timer for its arrival. */
  #isEarly(attachment: VolumeAttachment, duration: number): boolean {
    const now = this.#context.clock.now();
    const name = nameOf(attachment);
    const due = this.#due.get(name) ?? now + duration;
    this.#due.set(name, due);
    if (due <= now) return false;
    const volumeName = attachment.spec.source.persistentVolumeName;
    if (volumeName !== undefined) this.controller.queue.addAfter(volumeName, due - now);
    return true;
  }

  /** No pod of the node needs the volume any more. A node that may still write to it keeps it for a while. */
  async #detach(attachment: VolumeAttachment): Promise<void> {
    const now = this.#context.clock.now();
    const name = nameOf(attachment);
    const since = this.#unused.get(name) ?? now;
    this.#unused.set(name, since);
    const node = this.#nodes.get({ name: attachment.spec.nodeName });
    const isOut = node?.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true;
    const isReady = node !== undefined && conditionStatus(node, 'Ready') === 'True';
    const wait = isReady || isOut ? 0 : since + FORCE_DETACH_MILLIS - now;
    const volumeName = attachment.spec.source.persistentVolumeName ?? '';
    if (wait > 0) {
      this.controller.queue.addAfter(volumeName, wait);
      return;
    }
    this.#due.set(name, now + DETACH_MILLIS);
    try {
      await this.#client.delete(RESOURCES.volumeAttachments, { name });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  async #finishDetach(attachment: VolumeAttachment): Promise<void> {
    if (this.#isEarly(attachment, DETACH_MILLIS)) return;
    const finalizers = (attachment.metadata.finalizers ?? []).filter((each) => !each.startsWith('external-attacher/'));
    const body = { ...attachment, metadata: { ...attachment.metadata, finalizers } };
    await this.#tellNode(attachment.spec.nodeName, { attachment: nameOf(attachment), attached: false });
    try {
      await this.#client.update(RESOURCES.volumeAttachments, body, { fieldManager: attachment.spec.attacher });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  /** Writes down at the node which volumes it has. */
  async #tellNode(
    nodeName: string,
    change: { readonly attachment: string; readonly attached: boolean },
  ): Promise<void> {
    const node = this.#nodes.get({ name: nodeName });
    if (node === undefined) return;
    const volumesAttached = this.#attachments
      .byIndex(NODE_INDEX, nodeName)
      .filter((each) => (nameOf(each) === change.attachment ? change.attached : each.status?.attached === true))
      .flatMap(({ spec }) => {
        const volume = this.#volumes.get({ name: spec.source.persistentVolumeName ?? '' });
        const handle = volume?.spec?.csi?.volumeHandle;
        return handle === undefined ? [] : [{ name: `kubernetes.io/csi/${spec.attacher}^${handle}`, devicePath: '' }];
      });
    const options = { fieldManager: AS_CONTROLLER.fieldManager, subresource: 'status' };
    try {
      await this.#client.patch(RESOURCES.nodes, objectKey(node), 'merge', { status: { volumesAttached } }, options);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}

function toldKey(volume: PersistentVolume, nodeName: string): string {
  return `${nameOf(volume)}\n${nodeName}`;
}

/** The node on which a pod uses its volumes; '' when it does not, or no longer. */
function uses(pod: Pod): string {
  return isPodFinished(pod) ? '' : (pod.spec?.nodeName ?? '');
}
