import type { Timer } from '../../../base/clock.ts';
import { formatDuration } from '../../../base/duration.ts';
import type { Container, ContainerStatus, Pod, PodStatus } from '../../../kube/api/core-v1.generated.ts';
import { isDeleting, keyOf } from '../../machinery/keys.ts';
import { messageOf } from '../../machinery/pod-control.ts';
import { isPodFinished, podCondition } from '../../machinery/pods.ts';
import { parseTime } from '../../machinery/time.ts';
import { Tenant } from '../node/admission.ts';
import { ContainerRecord } from './container-record.ts';
import { ContainerRunner } from './container-runner.ts';
import type { NodeContext, Rejection } from './node-context.ts';
import { type Condition, isInitDone } from './pod-conditions.ts';
import { PodEvents } from './pod-events.ts';
import { podStatus, rejectedStatus } from './pod-status.ts';
import { shouldRestart } from './restart-policy.ts';
import { restoreContainer } from './restore.ts';
import { RELIST_MILLIS, type RunnerHost } from './runner-host.ts';
import { StatusSync } from './status-sync.ts';
import { PodResize } from './pod-resize.ts';
import { PodVolumes } from './pod-volumes.ts';

/** ms until a pod's network is there. */
const SANDBOX_MILLIS = 300;

/** ms that evicted pods have to stop. kubernetes: pkg/kubelet/eviction immediateEvictionGracePeriodSeconds */
const EVICTION_GRACE_MILLIS = 1000;

/** ms after which a pod that could not be brought on is tried again. kubernetes: pkg/kubelet/kubelet.go syncFrequency */
const SYNC_RETRY_MILLIS = 60_000;

/** Whom a worker tells that its pod is no more. */
export interface WorkerOwner {
  ended(worker: PodWorker): void;
}

/**
 * Brings one pod from its node to its end. Everything that happens to it calls {@link wake}; what is to be done is then
 * found from the state of its containers. kubernetes: pkg/kubelet/kubelet.go SyncPod, kuberuntime_manager.go computePodActions
 */
export class PodWorker implements RunnerHost {
  readonly node: NodeContext;
  readonly events: PodEvents;
  readonly inits: readonly ContainerRecord[];
  readonly mains: readonly ContainerRecord[];
  ephemerals: readonly ContainerRecord[] = [];
  podIP = '';
  #pod: Pod;
  #wish: Tenant | undefined;
  readonly #owner: WorkerOwner;
  readonly #runner: ContainerRunner;
  readonly #status: StatusSync;
  readonly #volumes: PodVolumes;
  /** Undefined as long as the pod is what it was when it was made. */
  #resize: PodResize | undefined;
  readonly #subscriptions = new Set<() => void>();
  #startTime = 0;
  #sandbox: 'none' | 'coming' | 'ready' = 'none';
  #initialized = false;
  #failure: Rejection | undefined;
  #rejected = false;
  #stopping = false;
  #terminal = false;
  #gone = false;
  #woken = false;
  #timer: Timer | undefined;
  #due = Number.POSITIVE_INFINITY;
  #deadline: Timer | undefined;
  #sandboxTimer: Timer | undefined;
  #extra: readonly Condition[] = [];
  /** The instant at which the grace period ends. */
  #stopBy: number | undefined;

  constructor(pod: Pod, node: NodeContext, owner: WorkerOwner) {
    this.#pod = pod;
    this.node = node;
    this.#owner = owner;
    this.events = new PodEvents(node.recorder, () => this.#pod);
    const inits = pod.spec?.initContainers ?? [];
    const first = { reason: inits.length > 0 ? 'PodInitializing' : 'ContainerCreating' };
    this.inits = inits.map(
      (spec) =>
        new ContainerRecord(spec, spec.restartPolicy === 'Always' ? 'sidecar' : 'init', { reason: 'PodInitializing' }),
    );
    this.mains = (pod.spec?.containers ?? []).map((spec) => new ContainerRecord(spec, 'main', first));
    this.#initialized = inits.length === 0;
    this.#runner = new ContainerRunner(this);
    this.#status = new StatusSync(node, this.#statusOwner());
    this.#volumes = new PodVolumes(this);
  }

  get pod(): Pod {
    return this.#pod;
  }

  get uid(): string {
    return this.#pod.metadata.uid ?? '';
  }

  /** True while the pod takes up room on its node: it was taken, and has not ended. */
  get holdsRoom(): boolean {
    return this.#startTime !== 0 && !this.#terminal && !this.#rejected;
  }

  /** What it takes of its node: the resources that the node has given it. */
  tenant(): Tenant {
    return this.#resize === undefined ? this.wish() : new Tenant(this.#resize.allocatedPod(this.#pod).spec);
  }

  /** What it asks of its node. */
  wish(): Tenant {
    const { spec } = this.#pod;
    if (this.#wish === undefined || this.#wish.spec !== spec) this.#wish = new Tenant(spec);
    return this.#wish;
  }

  /** Its node is about to be rid of it. */
  get isEvicted(): boolean {
    return this.#failure !== undefined && !this.#terminal;
  }

  /** Resources of the node are free or taken. */
  roomChanged(): void {
    if (this.#resize?.isPending === true) this.wake();
  }

  /**
   * Begins with the pod, or takes it over where an earlier kubelet left it. After the machine was off, nothing runs any more
   * of what ran before.
   */
  start(options: { readonly rebooted: boolean }): void {
    if (this.#pod.status?.startTime !== undefined) this.#restore();
    if (options.rebooted) {
      for (const record of this.#all()) this.#runner.stopper.end(record, 255, { reason: 'Unknown' });
    }
    this.wake();
  }

  /** The API has a newer pod. */
  update(pod: Pod): void {
    this.#pod = pod;
    this.wake();
  }

  /** The pod is no more, or its node is not: nothing is told of it any longer. */
  abandon(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#status.stop();
    this.#volumes.stop();
    this.#runner.abandon();
    for (const timer of [this.#timer, this.#deadline, this.#sandboxTimer]) timer?.stop();
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    for (const record of this.#all()) if (record.instance !== undefined) this.#runner.stopper.drop(record);
    if (this.podIP !== '' && this.podIP !== this.node.hostIP) this.node.freeAddress(this.podIP);
  }

  /** Ends the pod for a reason of the node, such as a lack of memory. */
  evict(failure: Rejection, condition: Condition): void {
    if (this.#failure !== undefined || this.#terminal) return;
    this.#failure = failure;
    this.#extra = [condition];
    this.#stopBy = this.node.clock.now() + EVICTION_GRACE_MILLIS;
    this.#stopping = true;
    this.wake();
  }

  networkChanged(): void {
    this.#runner.networkChanged();
  }

  /** The first process of a container has ended by what was typed into it. */
  endContainer(name: string, exitCode: number): void {
    const record = this.#all().find((each) => each.name === name);
    if (record?.instance === undefined || this.#gone) return;
    this.#runner.stopper.end(record, exitCode, {});
    this.wake();
  }

  wake(): void {
    if (this.#woken || this.#gone) return;
    this.#woken = true;
    void Promise.resolve().then(() => {
      this.#woken = false;
      if (!this.#gone) this.#try(() => this.#sync());
    });
  }

  /** A pod that cannot be brought on is told of and tried again; the others of its node go on. */
  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.events.warning('FailedSync', `error determining status: ${messageOf(error)}`);
      this.wakeAt(this.node.clock.now() + SYNC_RETRY_MILLIS);
    }
  }

  wakeAt(instant: number): void {
    if (instant >= this.#due) return;
    this.#timer?.stop();
    this.#due = instant;
    this.#timer = this.node.clock.setTimer(instant - this.node.clock.now(), () => {
      this.#due = Number.POSITIVE_INFINITY;
      this.wake();
    });
  }

  wakeOn(dependencies: readonly string[], changed: () => void): void {
    const unsubscribe = this.node.view.waitFor(dependencies, () => {
      unsubscribe();
      this.#subscriptions.delete(unsubscribe);
      changed();
      this.wake();
    });
    this.#subscriptions.add(unsubscribe);
  }

  #all(): readonly ContainerRecord[] {
    return [...this.inits, ...this.mains, ...this.ephemerals];
  }

  #sync(): void {
    if (this.#rejected || (isPodFinished(this.#pod) && !this.#anyRuns())) {
      this.#terminal = true;
      if (isDeleting(this.#pod)) this.#status.mark();
      return;
    }
    if (isDeleting(this.#pod)) this.#stopping = true;
    if (this.#stopping) this.#stop();
    else if (this.#begun() && this.#prepared()) {
      this.#syncResources();
      this.#runEphemerals();
      if (this.#runInits()) this.#runMains();
      this.#finishIfDone();
    }
    // As long as an image is pulled, nobody looks at the rest.
    if (!this.#runner.busy) this.#status.mark();
  }

  #syncResources(): void {
    if ((this.#pod.metadata.generation ?? 1) <= 1) return;
    const resizable = (): readonly ContainerRecord[] => [
      ...this.inits.filter(({ kind }) => kind === 'sidecar'),
      ...this.mains,
    ];
    this.#resize ??= new PodResize(this, this.#runner, resizable());
    this.#resize.sync();
  }

  #anyRuns(): boolean {
    return this.#all().some(({ instance }) => instance !== undefined);
  }

  /** Asks the node once, and notes the start. */
  #begun(): boolean {
    if (this.#startTime !== 0) return true;
    const rejection = this.node.admit(this.uid);
    if (rejection !== undefined) {
      this.#rejected = true;
      this.#failure = rejection;
      this.events.warning(rejection.reason, rejection.message);
      return false;
    }
    this.#setStartTime(this.node.clock.now());
    return true;
  }

  #setStartTime(instant: number): void {
    this.#startTime = instant;
    const seconds = this.#pod.spec?.activeDeadlineSeconds;
    if (seconds === undefined) return;
    const { clock } = this.node;
    this.#deadline = clock.setTimer(instant + seconds * 1000 - clock.now(), () => {
      if (this.#failure !== undefined || this.#terminal) return;
      const message = 'Pod was active on the node longer than the specified deadline';
      this.#failure = { reason: 'DeadlineExceeded', message };
      this.events.normal('DeadlineExceeded', message);
      this.#stopping = true;
      this.wake();
    });
  }

  /** Volumes and network, in this order. */
  #prepared(): boolean {
    if (this.#sandbox === 'ready') return true;
    if (this.#sandbox === 'none' && this.#volumes.mounted()) {
      this.#sandbox = 'coming';
      this.#sandboxTimer = this.node.clock.setTimer(SANDBOX_MILLIS, () => this.#makeSandbox());
    }
    return false;
  }

  #makeSandbox(): void {
    const hostNetwork = this.#pod.spec?.hostNetwork === true;
    const address = hostNetwork ? this.node.hostIP : this.node.takeAddress(keyOf(this.#pod));
    if (address === undefined) {
      const message =
        'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: plugin type="ptp" failed (add): failed to allocate for range 0: no IP addresses available in range set';
      this.events.warning('FailedCreatePodSandBox', message);
      this.#sandboxTimer = this.node.clock.setTimer(10 * RELIST_MILLIS, () => this.#makeSandbox());
      return;
    }
    this.podIP = address;
    this.#sandbox = 'ready';
    this.wake();
  }

  /** Runs init containers in turn and keeps sidecars running; true once the others may run. */
  #runInits(): boolean {
    for (const record of this.inits) {
      if (this.#initialized && record.kind === 'init') continue;
      if (isInitDone(record)) continue;
      if (record.instance === undefined) {
        const code = record.exitCode;
        if (code !== undefined && !shouldRestart(record, code, this.#pod.spec)) {
          this.#stopping = true;
          this.#stop();
          return false;
        }
        this.#tryStart(record);
      }
      if (!this.#initialized && !isInitDone(record)) return false;
    }
    this.#initialized = true;
    return true;
  }

  #runMains(): void {
    for (const record of this.mains) {
      if (record.instance !== undefined) continue;
      const code = record.exitCode;
      if (code !== undefined && !shouldRestart(record, code, this.#pod.spec)) continue;
      this.#tryStart(record);
    }
  }

  #runEphemerals(): void {
    const specs = this.#pod.spec?.ephemeralContainers ?? [];
    if (specs.length > this.ephemerals.length) {
      this.ephemerals = specs.map(
        (spec) =>
          this.ephemerals.find(({ name }) => name === spec.name) ??
          new ContainerRecord(spec as Container, 'ephemeral', { reason: 'ContainerCreating' }),
      );
    }
    for (const record of this.ephemerals) {
      if (record.instance === undefined && record.ended === undefined) this.#tryStart(record);
    }
  }

  /** Starts a container unless its back-off, a missing object or another container is before it. */
  #tryStart(record: ContainerRecord): void {
    if (record.blocked || this.#runner.busy) return;
    const { ended } = record;
    if (ended === undefined) {
      this.#resize?.starting(record);
      this.#runner.start(record);
      return;
    }
    const now = this.node.clock.now();
    const seen = ended.finishedAt + RELIST_MILLIS;
    if (now < seen) {
      this.wakeAt(seen);
      return;
    }
    const until = record.crash.until(ended.finishedAt);
    if (now < until) {
      this.#backOff(record, until);
      return;
    }
    this.#resize?.starting(record);
    this.#runner.start(record);
  }

  #backOff(record: ContainerRecord, until: number): void {
    const { name, namespace = '' } = this.#pod.metadata;
    const pod = `${name ?? ''}_${namespace}(${this.uid})`;
    const delay = formatDuration(record.crash.delay);
    record.waiting = {
      reason: 'CrashLoopBackOff',
      message: `back-off ${delay} restarting failed container=${record.name} pod=${pod}`,
    };
    this.wakeAt(until);
    if (record.toldOf === record.ended) return;
    record.toldOf = record.ended;
    this.events.warning('BackOff', `Back-off restarting failed container ${record.name} in pod ${pod}`, record);
  }

  /** When all containers have ended for good, sidecars are stopped, and the pod has ended. */
  #finishIfDone(): void {
    const done = this.mains.every((record) => {
      const code = record.exitCode;
      return code !== undefined && !shouldRestart(record, code, this.#pod.spec);
    });
    if (!done || this.mains.length === 0) return;
    this.#stopping = true;
    this.#stop();
  }

  /** Stops what runs: sidecars when the others have ended, the last one first. */
  #stop(): void {
    this.#runner.abandon();
    this.#sandboxTimer?.stop();
    this.#volumes.stop();
    const { stopper } = this.#runner;
    const others = [...this.inits.filter(({ kind }) => kind === 'init'), ...this.mains, ...this.ephemerals];
    const running = others.filter(({ instance }) => instance !== undefined);
    const sidecar = this.inits.findLast(({ kind, instance }) => kind === 'sidecar' && instance !== undefined);
    const next = running.length > 0 ? running : sidecar === undefined ? [] : [sidecar];
    const now = this.node.clock.now();
    this.#stopBy ??= now + stopper.graceMillis;
    this.#stopBy = Math.min(this.#stopBy, now + stopper.graceMillis);
    for (const record of next) stopper.stop(record, Math.max(0, this.#stopBy - now), '');
    if (next.length > 0 && this.#anyRuns()) return;
    this.#terminal = true;
    this.#deadline?.stop();
    this.#timer?.stop();
    this.node.roomChanged();
  }

  #restore(): void {
    const { status } = this.#pod;
    const startTime = parseTime(status?.startTime) ?? this.node.clock.now();
    if (isPodFinished(this.#pod)) {
      this.#startTime = startTime;
      return;
    }
    const address = status?.podIP;
    if (address !== undefined && address !== '') {
      const hostNetwork = this.#pod.spec?.hostNetwork === true;
      this.podIP = hostNetwork ? address : (this.node.takeAddress(keyOf(this.#pod), address) ?? address);
      this.#sandbox = 'ready';
    }
    if (podCondition(this.#pod, 'Initialized')?.status === 'True') this.#initialized = true;
    this.#runEphemeralsOf(status);
    const statuses = [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
      ...(status?.ephemeralContainerStatuses ?? []),
    ];
    for (const record of this.#all()) {
      const known = statuses.find(({ name }) => name === record.name);
      if (known !== undefined) this.#try(() => this.#restoreContainer(record, known));
    }
    this.#setStartTime(startTime);
  }

  #restoreContainer(record: ContainerRecord, status: ContainerStatus): void {
    const input = restoreContainer(record, status, this);
    if (input !== undefined && record.instance !== undefined) this.#runner.resume(record, record.instance, input);
  }

  #runEphemeralsOf(status: PodStatus | undefined): void {
    const names = new Set(status?.ephemeralContainerStatuses?.map(({ name }) => name));
    this.ephemerals = (this.#pod.spec?.ephemeralContainers ?? [])
      .filter(({ name }) => names.has(name))
      .map((spec) => new ContainerRecord(spec as Container, 'ephemeral', { reason: 'ContainerCreating' }));
  }

  #statusNow(): PodStatus {
    const now = this.node.clock.now() + this.node.faults.skew();
    if (this.#rejected && this.#failure !== undefined) {
      return isPodFinished(this.#pod) ? (this.#pod.status ?? {}) : rejectedStatus(this.#pod, this.#failure, now);
    }
    if (isPodFinished(this.#pod) && this.#startTime !== 0 && this.#terminal) return this.#pod.status ?? {};
    return podStatus({
      pod: this.#pod,
      inits: this.inits,
      mains: this.mains,
      ephemerals: this.ephemerals,
      startTime: this.#startTime === 0 ? now : this.#startTime,
      podIP: this.podIP,
      hostIP: this.node.hostIP,
      sandbox: this.#sandbox === 'ready' && !this.#terminal,
      initialized: this.#initialized,
      terminal: this.#terminal,
      failure: this.#failure,
      extra: this.#resize === undefined ? this.#extra : [...this.#resize.conditions, ...this.#extra],
      now,
    });
  }

  #statusOwner(): ConstructorParameters<typeof StatusSync>[1] {
    const pod = (): Pod => this.#pod;
    return {
      get pod() {
        return pod();
      },
      status: () => this.#statusNow(),
      seen: (newer) => {
        this.#pod = newer;
      },
      gone: () => {
        this.abandon();
        this.#owner.ended(this);
      },
      removable: () => (this.#terminal || this.#rejected) && isDeleting(this.#pod) && !this.#anyRuns(),
    };
  }
}
