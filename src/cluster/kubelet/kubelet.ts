import { type Timer, withNow } from '../../base/clock.ts';
import type { Node, Pod } from '../../kube/api/core-v1.generated.ts';
import { createEventRecorder, type SourceRecorder } from '../machinery/event-recorder.ts';
import { isMachineStopped, isMachineUnreachable } from '../machinery/heartbeat.ts';
import type { Component, ComponentContext, InformerEvent, InformerFactory } from '../machinery/interfaces.ts';
import { type ResourceAmounts, resourceAmounts } from '../machinery/pod-amounts.ts';
import { messageOf } from '../machinery/pod-control.ts';
import { isPodFinished } from '../machinery/pods.ts';
import { type ClusterView, clusterViewOf, type NodeListener } from './cluster-view.ts';
import type { ImageCatalogue } from './images/catalogue.ts';
import { nodeAddress, PodAddresses } from './node/addresses.ts';
import { admitPod, resizeFault, type Tenant } from './node/admission.ts';
import { type MachineFaults, SOUND_MACHINE } from './node/machine-faults.ts';
import { MemoryEviction } from './node/memory-eviction.ts';
import { advertisedResources, allocatableOf, type NodeOptions } from './node/node-object.ts';
import { Gate, GatedClient } from './node/gated-client.ts';
import { guardedClock } from './node/guarded-clock.ts';
import { NodeRegistration } from './node/node-registration.ts';
import { PodNetwork } from './pod-network.ts';
import { NodeImages, sizeOf } from './pods/image-pull.ts';
import type { NodeContext, Rejection } from './pods/node-context.ts';
import { PodWorker } from './pods/pod-worker.ts';

export type { NodeOptions } from './node/node-object.ts';

/** A node and what its containers do. */
export interface KubeletOptions extends NodeOptions {
  readonly catalogue: ImageCatalogue;
  /** What is done to its machine; default: nothing. */
  readonly faults?: MachineFaults;
  /** Asked before a program of a pod makes Secrets; default: everybody may. */
  readonly mayMakeSecrets?: NodeContext['mayMakeSecrets'];
}

/** ms after which a new image shows in the node's status. kubernetes: nodeStatusUpdateFrequency */
const IMAGES_MILLIS = 10_000;

/** A kubelet as the rest of the cluster sees it. */
export interface NodeKubelet extends Component {
  /** The first process of a container has ended by what was typed into it. */
  endContainer(podUid: string, name: string, exitCode: number): void;
  /** What is done to its machine has changed. */
  faultsChanged(): void;
}

/** A kubelet: registers its node and runs the pods that are bound to it. Pods that an earlier process ran go on. */
export function createKubelet(
  context: ComponentContext,
  informers: InformerFactory,
  options: KubeletOptions,
): NodeKubelet {
  return new Kubelet(context, clusterViewOf(informers), options);
}

class Kubelet implements NodeKubelet, NodeListener {
  readonly name: string;
  readonly #context: ComponentContext;
  readonly #view: ClusterView;
  readonly #options: KubeletOptions;
  readonly #registration: NodeRegistration;
  readonly #recorder: SourceRecorder;
  readonly #images: NodeImages;
  readonly #addresses: PodAddresses;
  readonly #eviction: MemoryEviction;
  readonly #workers = new Map<string, PodWorker>();
  readonly #networks = new Map<string, PodNetwork>();
  readonly #node: NodeContext;
  readonly #capacity: ResourceAmounts;
  readonly #gate = new Gate();
  #state: 'new' | 'running' | 'dark' | 'cut' | 'stopped' = 'new';
  #imagesTimer: Timer | undefined;

  constructor(given: ComponentContext, view: ClusterView, options: KubeletOptions) {
    const { nodeName, index, faults = SOUND_MACHINE } = options;
    this.name = `kubelet ${nodeName}`;
    const context = { ...given, clock: guardedClock(given.clock, (error) => this.#failed(error)) };
    this.#context = context;
    this.#view = view;
    this.#options = options;
    const gated = { ...context, client: new GatedClient(context.client, this.#gate) };
    const stamp = (): number => context.clock.now() + faults.skew();
    const stamped = { ...gated, clock: withNow(context.clock, stamp) };
    this.#recorder = createEventRecorder(stamped, { component: 'kubelet', host: nodeName });
    this.#registration = new NodeRegistration(context, { ...options, stamp }, this.#recorder);
    this.#images = new NodeImages(context.clock, faults);
    this.#addresses = new PodAddresses(index);
    const allocatable = allocatableOf(options);
    this.#capacity = resourceAmounts(allocatable);
    this.#eviction = new MemoryEviction({
      clock: context.clock,
      total: this.#capacity.get('memory') ?? 0,
      workers: () => this.#workers.values(),
      pressureChanged: (isUnder) => this.#setPressure(isUnder),
      thresholdMet: () => this.#tellOfNode('Warning', 'EvictionThresholdMet', 'Attempting to reclaim memory'),
    });
    this.#node = {
      ...gated,
      nodeName,
      hostIP: nodeAddress(index),
      catalogue: options.catalogue,
      view,
      recorder: this.#recorder,
      images: this.#images,
      allocatable,
      faults,
      mayMakeSecrets: async (...asked) => (await options.mayMakeSecrets?.(...asked)) ?? true,
      takeAddress: (_pod, wanted) => this.#addresses.take(wanted),
      freeAddress: (address) => this.#addresses.free(address),
      network: (namespace) => this.#network(namespace),
      admit: (uid) => this.#admit(uid),
      admitResize: (uid) => this.#admitResize(uid),
      roomChanged: () => {
        for (const worker of this.#workers.values()) worker.roomChanged();
      },
      usageChanged: (behaviour) => this.#eviction.changed(behaviour),
    };
  }

  async start(): Promise<void> {
    await this.#view.synced();
    if (this.#state !== 'new') return;
    const { nodeName } = this.#options;
    const node = this.#view.nodes.get({ name: nodeName });
    for (const { names, sizeBytes } of node?.status?.images ?? []) {
      // Somebody may have written null.
      for (const name of names ?? []) this.#images.add(name, sizeBytes);
    }
    if (node === undefined) for (const image of this.#options.images ?? []) this.#addImage(image);
    this.#images.onChange(() => this.#tellImagesLater());
    this.#view.listen(nodeName, this);
    if (node !== undefined && isMachineStopped(node)) {
      this.#state = 'dark';
      return;
    }
    await this.#registration.register(node, this.#images.list());
    this.#run({ rebooted: false });
    if (node !== undefined && isMachineUnreachable(node)) this.#background(this.#cutOff());
  }

  stop(): void {
    this.#state = 'stopped';
    this.#view.unlisten(this.#options.nodeName, this);
    this.#registration.stop();
    this.#halt();
    this.#recorder.stop();
  }

  podChanged(event: InformerEvent<Pod>): void {
    if (this.#state !== 'running') return;
    const uid = event.object.metadata.uid ?? '';
    const worker = this.#workers.get(uid);
    if (event.type === 'deleted') {
      worker?.abandon();
      this.#workers.delete(uid);
      this.#node.roomChanged();
    } else if (worker === undefined) this.#add(event.object, { rebooted: false });
    else worker.update(event.object);
  }

  nodeChanged(event: InformerEvent<Node>): void {
    const stopped = event.type !== 'deleted' && isMachineStopped(event.object);
    const cut = event.type !== 'deleted' && isMachineUnreachable(event.object);
    if (cut && this.#state === 'running') this.#background(this.#cutOff());
    else if (!cut && this.#state === 'cut') this.#background(this.#reconnect(stopped));
    else if (stopped && this.#state === 'running') this.#background(this.#goDark());
    else if (!stopped && this.#state === 'dark' && event.type !== 'deleted')
      this.#background(this.#comeBack(event.object));
    else if (this.#state === 'running' && event.type !== 'deleted') this.#takeUpResources(event.object);
  }

  /** What somebody has written into the node's capacity may be used. */
  #takeUpResources({ status }: Node): void {
    const advertised = Object.entries(advertisedResources(this.#options, status));
    if (advertised.every(([name, amount]) => status?.allocatable?.[name] === amount)) return;
    this.#background(this.#registration.writeStatus(this.#images.list()));
  }

  endContainer(podUid: string, name: string, exitCode: number): void {
    this.#workers.get(podUid)?.endContainer(name, exitCode);
  }

  faultsChanged(): void {
    this.networkChanged();
  }

  networkChanged(): void {
    for (const worker of this.#workers.values()) this.#try(() => worker.networkChanged());
  }

  #run(options: { readonly rebooted: boolean }): void {
    if (this.#state === 'stopped') return;
    this.#state = 'running';
    for (const pod of this.#view.pods.byIndex('node', this.#options.nodeName)) {
      this.#try(() => this.#add(pod, options));
    }
  }

  #add(pod: Pod, options: { readonly rebooted: boolean }): void {
    const uid = pod.metadata.uid ?? '';
    if (this.#workers.has(uid)) return;
    // Pods that have ended need nobody until they are deleted.
    if (isPodFinished(pod) && pod.metadata.deletionTimestamp === undefined) return;
    const worker = new PodWorker(pod, this.#node, {
      ended: () => {
        this.#workers.delete(uid);
        this.#node.roomChanged();
      },
    });
    this.#workers.set(uid, worker);
    worker.start(options);
  }

  #halt(): void {
    for (const worker of this.#workers.values()) worker.abandon();
    this.#workers.clear();
    this.#eviction.stop();
    this.#imagesTimer?.stop();
    this.#imagesTimer = undefined;
  }

  /** The machine is switched off. */
  async #goDark(): Promise<void> {
    this.#state = 'dark';
    this.#halt();
    await this.#registration.fallSilent();
  }

  /** Nothing comes from the API any more, and nothing gets there; containers run on. */
  async #cutOff(): Promise<void> {
    this.#state = 'cut';
    this.#gate.close();
    await this.#registration.fallSilent();
  }

  /** What has happened meanwhile is heard at once. */
  async #reconnect(stopped: boolean): Promise<void> {
    this.#state = 'running';
    this.#gate.open();
    if (stopped) {
      await this.#goDark();
      return;
    }
    await this.#registration.writeStatus(this.#images.list());
    await this.#registration.beatSteadily();
    const present = new Map(
      this.#view.pods.byIndex('node', this.#options.nodeName).map((pod) => [pod.metadata.uid ?? '', pod]),
    );
    for (const [uid, worker] of this.#workers) {
      const pod = present.get(uid);
      if (pod !== undefined) worker.update(pod);
      else {
        worker.abandon();
        this.#workers.delete(uid);
      }
    }
    this.#run({ rebooted: false });
  }

  async #comeBack(node: Node): Promise<void> {
    this.#state = 'running';
    await this.#registration.register(node, this.#images.list());
    this.#run({ rebooted: true });
  }

  #background(work: Promise<void>): void {
    work.catch((error: unknown) => this.#failed(error));
  }

  /** What cannot be done for one pod is done for the others. */
  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#context.logger.log('warn', `${this.name}: ${messageOf(error)}`);
  }

  #admit(uid: string): Rejection | undefined {
    const worker = this.#workers.get(uid);
    if (worker === undefined) return undefined;
    const node = this.#view.nodes.get({ name: this.#options.nodeName });
    const { isUnderPressure: isUnderMemoryPressure } = this.#eviction;
    const advertised = resourceAmounts(advertisedResources(this.#options, node?.status));
    const capacity = advertised.size === 0 ? this.#capacity : new Map([...advertised, ...this.#capacity]);
    const room = { node, capacity, others: this.#others(uid), isUnderMemoryPressure };
    return admitPod(worker.pod, worker.wish(), room);
  }

  #admitResize(uid: string): Rejection | undefined {
    const worker = this.#workers.get(uid);
    return worker && resizeFault(worker.wish(), { capacity: this.#capacity, others: this.#others(uid) });
  }

  /** The other pods that take up room, with the resources that they were given. */
  #others(uid: string): readonly Tenant[] {
    const others: Tenant[] = [];
    for (const worker of this.#workers.values()) {
      if (worker.uid !== uid && worker.holdsRoom) others.push(worker.tenant());
    }
    return others;
  }

  #setPressure(isUnder: boolean): void {
    this.#registration.isUnderMemoryPressure = isUnder;
    if (this.#state !== 'running') return;
    const state = isUnder ? 'NodeHasInsufficientMemory' : 'NodeHasSufficientMemory';
    this.#tellOfNode('Normal', state, `Node ${this.#options.nodeName} status is now: ${state}`);
    this.#background(this.#registration.writeStatus(this.#images.list()));
  }

  #tellOfNode(type: 'Normal' | 'Warning', reason: string, message: string): void {
    const node = this.#view.nodes.get({ name: this.#options.nodeName });
    if (node !== undefined) this.#recorder.event(node, type, reason, message);
  }

  /** An image that was there before the kubelet. */
  #addImage(image: string): void {
    const { reference, behaviour } = this.#options.catalogue.find(image);
    this.#images.add(reference.name, sizeOf(behaviour));
  }

  #network(namespace: string): PodNetwork {
    let network = this.#networks.get(namespace);
    if (network === undefined) {
      network = new PodNetwork(this.#view, namespace);
      this.#networks.set(namespace, network);
    }
    return network;
  }

  #tellImagesLater(): void {
    if (this.#imagesTimer !== undefined || this.#state !== 'running') return;
    this.#imagesTimer = this.#context.clock.setTimer(IMAGES_MILLIS, () => {
      this.#imagesTimer = undefined;
      if (this.#state === 'running') this.#background(this.#registration.writeStatus(this.#images.list()));
    });
  }
}
