import type { Namespace, Node, Pod } from '../../kube/api/core-v1.generated.ts';
import type { PodDisruptionBudget } from '../../kube/api/policy-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { isStatus } from '../../kube/status-error.ts';
import { createEventRecorder } from '../machinery/event-recorder.ts';
import type {
  Component,
  ComponentContext,
  EventRecorder,
  Informer,
  InformerEvent,
  InformerFactory,
} from '../machinery/interfaces.ts';
import { nameOf, namespaceOf, uidOf } from '../machinery/keys.ts';
import { messageOf } from '../machinery/pod-control.ts';
import { Binder, isWaiting } from './binder.ts';
import { ClusterState } from './cluster-state.ts';
import type { Cycle, Profile } from './cycle.ts';
import { DefaultSelectors } from './default-selector.ts';
import { type Diagnosis, fitErrorText, refusingPlugins } from './fit-error.ts';
import {
  afterClaimChanged,
  afterNamespaceChanged,
  afterNodeChanged,
  afterNodeRemoved,
  afterPodPlaced,
  afterPodRemoved,
  afterStorageChanged,
  afterVolumeLimitsChanged,
  isNodeChange,
  missingResources,
} from './hints.ts';
import type { NodeInfo } from './node-info.ts';
import { Nominations } from './nominations.ts';
import { Placer } from './placement.ts';
import { PodInfo } from './pod-info.ts';
import { createProfile, defaultProfile } from './profiles/create-profile.ts';
import { DEFAULT_SCHEDULER, type SchedulerConfiguration } from './profiles/settings.ts';
import { type FailureToWrite, removeVictim, takePromiseBack, writeFailure } from './pod-outcome.ts';
import { type Candidate, findPreemption } from './preemption.ts';
import { type QueuedPod, SchedulingQueue } from './queue.ts';
import { VolumeState } from './volumes/volume-state.ts';

/**
 * The scheduler: gives each pod without a node the best one by the profile that the pod names, and makes room for pods of higher
 * priority. Pods whose profile there is not are left alone.
 *
 * @param configuration default: the one profile of pods that name none
 */
export function createScheduler(
  context: ComponentContext,
  informers: InformerFactory,
  configuration?: SchedulerConfiguration,
): Component {
  return new Scheduler(context, informers, configuration);
}

class Scheduler implements Component {
  readonly name = 'scheduler';
  readonly #context: ComponentContext;
  readonly #profiles: ReadonlyMap<string, Profile>;
  /** By profile. */
  readonly #recorders = new Map<Profile, EventRecorder>();
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #namespaces: Informer<Namespace>;
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #state = new ClusterState();
  readonly #volumes: VolumeState;
  readonly #selectors: DefaultSelectors;
  readonly #binder: Binder;
  readonly #queue: SchedulingQueue;
  readonly #placer: Placer;
  readonly #nominations = new Nominations();
  #running = false;
  #started = false;
  #stopped = false;

  constructor(context: ComponentContext, informers: InformerFactory, configuration?: SchedulerConfiguration) {
    this.#context = context;
    const profiles = configuration?.profiles.map(createProfile) ?? [defaultProfile()];
    this.#profiles = new Map(profiles.map((profile) => [profile.schedulerName, profile]));
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    this.#nodes = informers.informer<Node>(RESOURCES.nodes);
    this.#namespaces = informers.informer<Namespace>(RESOURCES.namespaces);
    this.#budgets = informers.informer<PodDisruptionBudget>(RESOURCES.podDisruptionBudgets);
    this.#volumes = new VolumeState(informers, this.#state);
    this.#selectors = new DefaultSelectors(informers);
    this.#binder = new Binder(context, this.#volumes, (info) => this.#recorderOf(info));
    this.#queue = new SchedulingQueue(context.clock, () => this.#wake(), configuration?.backOff);
    this.#placer = new Placer(context.random);
    this.#nodes.onEvent((event) => this.#nodeEvent(event));
    this.#pods.onEvent((event) => this.#podEvent(event));
    this.#namespaces.onEvent(() => this.#queue.changed(afterNamespaceChanged));
    this.#volumes.claims.onEvent(({ object }) => {
      this.#binder.claimChanged();
      this.#queue.changed(afterClaimChanged(namespaceOf(object), nameOf(object)));
    });
    this.#volumes.volumes.onEvent(() => this.#queue.changed(afterStorageChanged));
    this.#volumes.classes.onEvent(() => this.#queue.changed(afterStorageChanged));
    this.#volumes.csiNodes.onEvent(() => this.#queue.changed(afterVolumeLimitsChanged));
    this.#volumes.attachments.onEvent(({ type }) => {
      if (type === 'deleted') this.#queue.changed(afterVolumeLimitsChanged);
    });
  }

  async start(): Promise<void> {
    const informers = [this.#pods, this.#nodes, this.#namespaces, this.#budgets, this.#volumes, this.#selectors];
    await Promise.all(informers.map((informer) => informer.synced));
    this.#started = true;
    this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#queue.stop();
    this.#binder.stop();
  }

  #profileOf({ spec }: Pod): Profile | undefined {
    return this.#profiles.get(spec?.schedulerName ?? DEFAULT_SCHEDULER);
  }

  /** The profile of a pod that waits; without one it would not be looked at. */
  #profile({ pod, key }: PodInfo): Profile {
    const profile = this.#profileOf(pod);
    if (profile === undefined) throw new Error(`no profile serves pod ${key}`);
    return profile;
  }

  #recorderOf(info: PodInfo): EventRecorder {
    const profile = this.#profile(info);
    let recorder = this.#recorders.get(profile);
    if (recorder === undefined) {
      recorder = createEventRecorder(this.#context, { component: profile.schedulerName });
      this.#recorders.set(profile, recorder);
    }
    return recorder;
  }

  #nodeEvent({ type, object, old }: InformerEvent<Node>): void {
    if (type === 'deleted') {
      this.#state.removeNode(nameOf(object));
      this.#queue.changed(afterNodeRemoved);
      return;
    }
    const info = this.#state.setNode(object);
    if (old !== undefined && !isNodeChange(old, object)) return;
    this.#queue.changed(afterNodeChanged(info, (pod) => this.#cycle(pod)));
  }

  #podEvent({ type, object, old }: InformerEvent<Pod>): void {
    const uid = uidOf(object);
    if (type === 'deleted') {
      this.#forget(uid);
      const removed = this.#state.removePod(uid);
      if (removed !== undefined) this.#queue.changed(afterPodRemoved(removed));
    } else if ((object.spec?.nodeName ?? '') !== '') this.#placed(object, uid);
    else if (isWaiting(object, this.#profileOf(object))) this.#waits(object, old);
    else this.#forget(uid);
  }

  #placed(pod: Pod, uid: string): void {
    this.#forget(uid);
    const assumed = this.#state.isAssumed(uid);
    const changed = this.#state.setPod(pod);
    if (assumed) {
      const info = this.#state.get(pod.spec?.nodeName ?? '')?.pods.get(uid);
      if (info !== undefined) this.#queue.changed(afterPodPlaced(info));
      return;
    }
    if (changed === undefined) return;
    const ended = this.#state.get(pod.spec?.nodeName ?? '')?.pods.has(uid) !== true;
    this.#queue.changed(ended ? afterPodRemoved(changed) : afterPodPlaced(changed));
  }

  #waits(pod: Pod, old: Pod | undefined): void {
    const info = new PodInfo(pod);
    this.#nominations.set(info, pod.status?.nominatedNodeName ?? '');
    if (this.#state.isAssumed(info.uid)) return;
    const waited = old !== undefined && isWaiting(old, this.#profileOf(old));
    if (waited && !changesPlace(old, pod)) this.#queue.refresh(info);
    else this.#queue.add(info);
  }

  #forget(uid: string): void {
    this.#queue.remove(uid);
    this.#nominations.delete(uid);
  }

  #wake(): void {
    if (this.#running || !this.#started || this.#stopped) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    for (;;) {
      const pod = this.#stopped ? undefined : this.#queue.next();
      if (pod === undefined) break;
      try {
        await this.#schedule(pod);
      } catch (error) {
        await this.#failed(pod, error);
      }
    }
    this.#running = false;
  }

  #cycle(pod: PodInfo): Cycle {
    return {
      pod,
      state: this.#state,
      profile: this.#profile(pod),
      volumes: this.#volumes,
      defaultSelector: (info) => this.#selectors.of(info),
      namespaceLabels: (name) => this.#namespaces.get({ name })?.metadata.labels,
    };
  }

  async #schedule(pod: QueuedPod): Promise<void> {
    const cycle = this.#cycle(pod.info);
    if (this.#state.nodes.length === 0) {
      await this.#unschedulable(pod, 'no nodes available to schedule pods', undefined);
      return;
    }
    const nominated = this.#nominations.isEmpty ? undefined : (node: string) => this.#nominations.on(node);
    const placement = this.#placer.place(cycle, nominated);
    if (placement.kind === 'no-fit') {
      await this.#noFit(pod, cycle, placement.diagnosis);
      return;
    }
    const { info } = pod;
    this.#nominations.delete(info.uid);
    this.#state.assume(info, placement.node.name);
    const { volumeTimeout } = cycle.profile;
    if (volumeTimeout === undefined || !this.#binder.needsVolumes(info))
      await this.#bind(pod, () => this.#binder.bind(info, placement.node.name));
    // Other pods do not wait for the volumes of this one.
    else void this.#bindLater(pod, placement.node, volumeTimeout);
  }

  async #bind(pod: QueuedPod, bind: () => Promise<void>): Promise<void> {
    try {
      await bind();
    } catch (error) {
      const removed = this.#state.isAssumed(pod.info.uid) ? this.#state.removePod(pod.info.uid) : undefined;
      if (removed !== undefined) this.#queue.changed(afterPodRemoved(removed));
      if (isStatus(error, 'NotFound')) return;
      await this.#failed(pod, error);
    }
  }

  async #bindLater(pod: QueuedPod, node: NodeInfo, timeout: number): Promise<void> {
    try {
      await this.#bind(pod, () => this.#binder.bindWithVolumes(pod.info, node, timeout));
    } catch (error) {
      this.#context.logger.log('warn', 'scheduler: pod not bound', { pod: pod.info.key, error: messageOf(error) });
    }
  }

  async #noFit(pod: QueuedPod, cycle: Cycle, diagnosis: Diagnosis): Promise<void> {
    const refusedBy = refusingPlugins(diagnosis);
    const missing = missingResources(diagnosis.failures.values());
    const refused = { ...pod, refusedBy, missing };
    const said: string[] = [];
    let nominated: '' | undefined;
    for (const step of cycle.profile.afterwards) {
      if (step === 'DynamicResources') {
        said.push('no new claims to deallocate');
        continue;
      }
      const outcome = findPreemption(cycle, diagnosis, {
        budgets: this.#budgets.list(),
        nominated: (node) => this.#nominations.on(node),
        random: this.#context.random,
      });
      if (outcome.kind === 'candidate') {
        await this.#preempt(refused, outcome.candidate, diagnosis);
        return;
      }
      said.push(`preemption: ${outcome.message}`);
      if (outcome.clearsNomination) nominated = '';
    }
    await this.#unschedulable(refused, fitErrorText(diagnosis, said.join(', ')), nominated);
  }

  async #preempt(pod: QueuedPod, { node, victims }: Candidate, diagnosis: Diagnosis): Promise<void> {
    const { info } = pod;
    const { schedulerName } = this.#profile(info);
    const recorder = this.#recorderOf(info);
    const displaced = this.#nominations.on(node.name).filter(({ priority }) => priority < info.priority);
    this.#nominations.set(info, node.name);
    await this.#unschedulable(pod, fitErrorText(diagnosis), node.name);
    for (const victim of victims) {
      await removeVictim(this.#context, victim.pod, schedulerName);
      recorder.event(victim.pod, 'Normal', 'Preempted', `Preempted by pod ${info.uid} on node ${node.name}`);
    }
    // The room that less important pods were promised here is gone; they look for another place.
    for (const other of displaced) {
      this.#nominations.delete(other.uid);
      this.#queue.retry(other.uid);
      await takePromiseBack(this.#context, other.pod);
    }
  }

  async #unschedulable(pod: QueuedPod, message: string, nominatedNode: string | undefined): Promise<void> {
    if (nominatedNode === '') this.#nominations.delete(pod.info.uid);
    this.#recorderOf(pod.info).event(pod.info.pod, 'Warning', 'FailedScheduling', message);
    this.#queue.unschedulable(pod);
    await this.#write(pod.info, { reason: 'Unschedulable', message, nominatedNode });
  }

  async #failed(pod: QueuedPod, error: unknown): Promise<void> {
    if (this.#stopped) return;
    const message = messageOf(error);
    this.#context.logger.log('warn', 'scheduler: attempt failed', { pod: pod.info.key, error: message });
    if (this.#pods.get({ namespace: pod.info.namespace, name: nameOf(pod.info.pod) })?.metadata.uid !== pod.info.uid)
      return;
    this.#queue.failed(pod);
    this.#recorderOf(pod.info).event(pod.info.pod, 'Warning', 'FailedScheduling', message);
    await this.#write(pod.info, { reason: 'SchedulerError', message, nominatedNode: undefined });
  }

  async #write(info: PodInfo, failure: FailureToWrite): Promise<void> {
    try {
      await writeFailure(this.#context, info, failure);
    } catch (error) {
      this.#context.logger.log('debug', 'scheduler: condition not written', { pod: info.key, error: messageOf(error) });
    }
  }
}

/** True when a waiting pod has changed in something that decides on its node. */
function changesPlace(old: Pod, pod: Pod): boolean {
  if (old.metadata.generation !== pod.metadata.generation) return true;
  const before = old.metadata.labels ?? {};
  const after = pod.metadata.labels ?? {};
  const keys = Object.keys(after);
  return keys.length !== Object.keys(before).length || keys.some((key) => before[key] !== after[key]);
}
