import type { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { KubeClient } from '../../src/client/kube-client.ts';
import { isPodAvailable } from '../../src/cluster/machinery/pods.ts';
import { resolveLimits } from './limits.ts';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../../src/kube/api/apps-v1.generated.ts';
import type { Job } from '../../src/kube/api/batch-v1.generated.ts';
import type { Pod, ResourceQuota, Service } from '../../src/kube/api/core-v1.generated.ts';
import type { EndpointSlice } from '../../src/kube/api/discovery-v1.generated.ts';
import type { KubeObject, ResourceType } from '../../src/kube/object.ts';
import { RESOURCES } from '../../src/kube/resources.ts';

/** What must hold of a cluster whatever happens in it. */
export class Invariants {
  readonly faults: string[] = [];
  /** True while nothing but controllers takes pods away, so that what they may not do shows. */
  calm = true;
  /** Uids of pods that somebody else than a controller deleted. */
  readonly deletedByOthers = new Set<string>();
  readonly #client: KubeClient;
  readonly #clock: VirtualClock;
  readonly #pods = new Map<string, Pod>();
  readonly #deployments = new Map<string, Deployment>();
  readonly #replicaSets = new Map<string, ReplicaSet>();
  readonly #quotas = new Map<string, ResourceQuota>();
  readonly #nodes = new Map<string, string>();
  readonly #addresses = new Map<string, string>();
  readonly #scaled = new Map<string, { readonly replicas: number; readonly at: number }>();
  /** When a Deployment last scaled down by statuses of its ReplicaSets that promised more than there was. */
  readonly #misled = new Map<string, number>();

  constructor(client: KubeClient, clock: VirtualClock) {
    this.#client = client;
    this.#clock = clock;
    this.#keep(RESOURCES.deployments, this.#deployments, (deployment) => this.#noteScale(deployment));
    this.#keep(RESOURCES.replicaSets, this.#replicaSets, (set, before) => this.#noteDecision(set, before));
    this.#keep(RESOURCES.resourceQuotas, this.#quotas);
    client.watch<Pod>(
      RESOURCES.pods,
      {},
      {
        event: (event) => {
          if (event.type === 'BOOKMARK') return;
          if (event.type === 'DELETED') this.#podGone(event.object);
          else this.#podSeen(event.object);
        },
      },
    );
  }

  #keep<T extends object>(
    type: ResourceType,
    map: Map<string, T>,
    seen: (object: T, before: T | undefined) => void = () => {},
  ): void {
    this.#client.watch<T & KubeObject>(
      type,
      {},
      {
        event: (event) => {
          if (event.type === 'BOOKMARK') return;
          const uid = event.object.metadata.uid ?? '';
          if (event.type === 'DELETED') map.delete(uid);
          else {
            const before = map.get(uid);
            map.set(uid, event.object);
            seen(event.object, before);
          }
        },
      },
    );
  }

  #noteScale({ metadata, spec }: Deployment): void {
    const { replicas = 1 } = spec ?? {};
    const uid = metadata.uid ?? '';
    if (this.#scaled.get(uid)?.replicas !== replicas) this.#scaled.set(uid, { replicas, at: this.#clock.now() });
  }

  /** A Deployment's controller goes by the statuses of ReplicaSets, which lag behind their pods, there as here. */
  #noteDecision(set: ReplicaSet, before: ReplicaSet | undefined): void {
    if ((set.spec?.replicas ?? 1) >= (before?.spec?.replicas ?? 1)) return;
    const deployment = set.metadata.ownerReferences?.[0]?.uid;
    if (deployment === undefined) return;
    const sets = [...this.#replicaSets.values()].filter(
      ({ metadata }) => metadata.ownerReferences?.[0]?.uid === deployment,
    );
    const uids = new Set(sets.map(({ metadata }) => metadata.uid));
    const promised = sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);
    const ready = [...this.#pods.values()].filter(
      (pod) =>
        isReady(pod) &&
        pod.metadata.deletionTimestamp === undefined &&
        uids.has(pod.metadata.ownerReferences?.[0]?.uid ?? ''),
    );
    if (promised > ready.length) this.#misled.set(deployment, this.#clock.now());
  }

  #fault(text: string): void {
    if (this.faults.length < 20) this.faults.push(`${new Date(this.#clock.now()).toISOString()} ${text}`);
  }

  #podSeen(pod: Pod): void {
    const { uid = '', name = '', namespace = '', deletionTimestamp } = pod.metadata;
    const before = this.#pods.get(uid);
    this.#pods.set(uid, pod);
    const node = pod.spec?.nodeName;
    const known = this.#nodes.get(uid);
    if (known !== undefined && known !== node)
      this.#fault(`pod ${namespace}/${name} moved from ${known} to ${node ?? ''}`);
    if (node !== undefined) this.#nodes.set(uid, node);
    this.#checkAddress(pod, uid);
    if (before === undefined) this.#checkQuota(namespace);
    if (deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined)
      this.#checkAvailability(pod, before);
  }

  #podGone(pod: Pod): void {
    const { uid = '' } = pod.metadata;
    const before = this.#pods.get(uid);
    this.#pods.delete(uid);
    for (const [address, owner] of this.#addresses) if (owner === uid) this.#addresses.delete(address);
    if (before?.metadata.deletionTimestamp === undefined) this.#checkAvailability(pod, before);
  }

  #checkAddress(pod: Pod, uid: string): void {
    const { podIP, phase } = pod.status ?? {};
    if (podIP === undefined || pod.spec?.hostNetwork === true) return;
    if (phase === 'Succeeded' || phase === 'Failed') {
      if (this.#addresses.get(podIP) === uid) this.#addresses.delete(podIP);
      return;
    }
    const owner = this.#addresses.get(podIP);
    const other = owner === undefined ? undefined : this.#pods.get(owner);
    const shared = other !== undefined && owner !== uid && other.metadata.deletionTimestamp === undefined;
    if (shared) this.#fault(`pods ${nameOf(pod)} and ${nameOf(other)} have the address ${podIP}`);
    this.#addresses.set(podIP, uid);
  }

  #checkQuota(namespace: string): void {
    for (const quota of this.#quotas.values()) {
      if (quota.metadata.namespace !== namespace) continue;
      const hard = Number(quota.spec?.hard?.['pods'] ?? Number.POSITIVE_INFINITY);
      const used = [...this.#pods.values()].filter(
        ({ metadata, status }) =>
          metadata.namespace === namespace &&
          status?.phase !== 'Succeeded' &&
          status?.phase !== 'Failed' &&
          !this.#isOverdue(metadata),
      ).length;
      if (used > hard) this.#fault(`namespace ${namespace} has ${used} pods, its quota allows ${hard}`);
    }
  }

  /** Pods that should be gone are not charged. */
  #isOverdue({ deletionTimestamp, deletionGracePeriodSeconds = 0 }: Pod['metadata']): boolean {
    if (deletionTimestamp === undefined) return false;
    return this.#clock.now() > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
  }

  /** A Deployment's controller takes no pod away that it needs to stay above its minimum. */
  #checkAvailability(pod: Pod, before: Pod | undefined): void {
    if (!this.calm || before === undefined || !isReady(before) || this.deletedByOthers.has(pod.metadata.uid ?? ''))
      return;
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
    if (owner?.kind !== 'ReplicaSet') return;
    const set = this.#replicaSets.get(owner.uid);
    const deployment = this.#deployments.get(set?.metadata.ownerReferences?.[0]?.uid ?? '');
    if (set === undefined || deployment === undefined) return;
    // Scaling in the middle of a rollout is shared out among the ReplicaSets, whatever their pods are like.
    if (this.#clock.now() - (this.#scaled.get(deployment.metadata.uid ?? '')?.at ?? 0) < 5000) return;
    if (deployment.metadata.deletionTimestamp !== undefined || deployment.spec?.strategy?.type === 'Recreate') return;
    if (this.#misled.get(deployment.metadata.uid ?? '') === this.#clock.now()) return;
    const { replicas = 1, strategy } = deployment.spec ?? {};
    const { maxUnavailable } = resolveLimits(strategy?.rollingUpdate, replicas);
    const others = [...this.#pods.values()].filter((each) => {
      const parent = this.#replicaSets.get(each.metadata.ownerReferences?.[0]?.uid ?? '');
      const own = parent?.metadata.ownerReferences?.[0]?.uid === deployment.metadata.uid;
      return (
        own && isReady(each) && each.metadata.deletionTimestamp === undefined && each.metadata.uid !== pod.metadata.uid
      );
    });
    // A pod that is ready but not yet for minReadySeconds counts as one to clean up; which of the ready ones goes then is up to
    // the ReplicaSet, which knows nothing of minReadySeconds (kubernetes: pkg/controller/controller_utils.go, ActivePodsWithRanks).
    const { minReadySeconds = 0 } = deployment.spec ?? {};
    if ([before, ...others].some((each) => !isPodAvailable(each, minReadySeconds, this.#clock.now()))) return;
    const left = others.length;
    if (left < replicas - maxUnavailable) {
      this.#fault(
        `Deployment ${nameOf(deployment)} took ${nameOf(pod)} away: ${left} of ${replicas} left, ${maxUnavailable} may be missing`,
      );
    }
  }

  /** What must hold when nothing has been done for a long time. */
  async atRest(): Promise<void> {
    await this.#checkOwners();
    await this.#checkServices();
    await this.#checkWorkloads();
    await this.#checkJobs();
  }

  async #all<T extends object>(type: ResourceType): Promise<readonly (T & KubeObject)[]> {
    return (await this.#client.list<T & KubeObject>(type)).items;
  }

  async #checkOwners(): Promise<void> {
    const types = [
      RESOURCES.deployments,
      RESOURCES.replicaSets,
      RESOURCES.statefulSets,
      RESOURCES.daemonSets,
      RESOURCES.jobs,
      RESOURCES.cronJobs,
      RESOURCES.services,
      RESOURCES.nodes,
    ];
    const uids = new Set<string>();
    for (const type of types) for (const { metadata } of await this.#all(type)) uids.add(metadata.uid ?? '');
    for (const type of [...types, RESOURCES.pods, RESOURCES.controllerRevisions, RESOURCES.endpointSlices]) {
      for (const object of await this.#all(type)) {
        const owners = object.metadata.ownerReferences ?? [];
        if (owners.length > 0 && !owners.some(({ uid }) => uids.has(uid))) {
          this.#fault(`${type.kind} ${nameOf(object)} has outlived its owner`);
        }
      }
    }
  }

  async #checkServices(): Promise<void> {
    const addresses = new Set<string>();
    const slices = await this.#all<EndpointSlice>(RESOURCES.endpointSlices);
    const pods = await this.#all<Pod>(RESOURCES.pods);
    for (const service of await this.#all<Service>(RESOURCES.services)) {
      const { clusterIP = '', selector } = service.spec ?? {};
      if (clusterIP !== '' && clusterIP !== 'None') {
        if (addresses.has(clusterIP)) this.#fault(`address ${clusterIP} belongs to two Services`);
        addresses.add(clusterIP);
      }
      if (selector === undefined) continue;
      const ready = pods
        .filter(
          ({ metadata }) =>
            metadata.namespace === service.metadata.namespace && metadata.labels?.['app'] === selector['app'],
        )
        .filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined)
        .map(({ status }) => status?.podIP ?? '');
      const told = slices
        .filter(
          ({ metadata }) =>
            metadata.namespace === service.metadata.namespace &&
            metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
        )
        .flatMap(({ endpoints }) => endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap((endpoint) => endpoint.addresses);
      const same = ready.length === told.length && ready.every((address) => told.includes(address));
      if (!same) this.#fault(`Service ${nameOf(service)} tells of ${told.join(' ')}, ready are ${ready.join(' ')}`);
    }
  }

  async #checkWorkloads(): Promise<void> {
    const pods = await this.#all<Pod>(RESOURCES.pods);
    for (const set of await this.#all<DaemonSet>(RESOURCES.daemonSets)) {
      const own = ownedBy(pods, set).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      const nodes = own.map(
        ({ spec }) =>
          spec?.nodeName ??
          spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
            ?.matchFields?.[0]?.values?.[0] ??
          '',
      );
      if (new Set(nodes).size !== nodes.length) this.#fault(`DaemonSet ${nameOf(set)} has two pods on a node`);
      this.#checkObserved('DaemonSet', set);
    }
    for (const set of await this.#all<StatefulSet>(RESOURCES.statefulSets)) {
      // In order, a pod that is not healthy holds those above it.
      const ordered = set.spec?.podManagementPolicy !== 'Parallel';
      const most = ordered ? Number.POSITIVE_INFINITY : (set.spec?.replicas ?? 1);
      this.#checkCount('StatefulSet', set, ownedBy(pods, set).length, most);
    }
    const sets = await this.#all<ReplicaSet>(RESOURCES.replicaSets);
    for (const deployment of await this.#all<Deployment>(RESOURCES.deployments)) {
      const own = sets.filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === deployment.metadata.uid);
      const count = own.flatMap((set) => ownedBy(pods, set)).length;
      const { replicas = 1, strategy, template } = deployment.spec ?? {};
      const { maxSurge } = resolveLimits(strategy?.rollingUpdate, replicas);
      this.#checkCount('Deployment', deployment, count, replicas + maxSurge);
      // What a quota allows is less than some ask for.
      if (deployment.metadata.namespace === 'two') continue;
      const good = template?.metadata?.annotations?.['simulation/good'] === 'true';
      const { availableReplicas = 0, updatedReplicas = 0 } = deployment.status ?? {};
      if (good && (availableReplicas !== replicas || updatedReplicas !== replicas)) {
        this.#fault(
          `Deployment ${nameOf(deployment)} has ${availableReplicas} available and ${updatedReplicas} updated of ${replicas}`,
        );
      }
    }
  }

  #checkCount(kind: string, object: KubeObject, count: number, most: number): void {
    if (count > most) this.#fault(`${kind} ${nameOf(object)} has ${count} pods, ${most} at most`);
    this.#checkObserved(kind, object);
  }

  #checkObserved(kind: string, object: KubeObject): void {
    const status = object['status'] as { readonly observedGeneration?: number } | undefined;
    if (status?.observedGeneration !== object.metadata.generation) {
      this.#fault(`${kind} ${nameOf(object)} was last looked at in generation ${status?.observedGeneration ?? 0}`);
    }
  }

  async #checkJobs(): Promise<void> {
    for (const job of await this.#all<Job>(RESOURCES.jobs)) {
      const { completions = 1, parallelism = 1 } = job.spec ?? {};
      const { succeeded = 0, active = 0, conditions = [] } = job.status ?? {};
      if (succeeded > completions)
        this.#fault(`Job ${nameOf(job)} succeeded ${succeeded} times, ${completions} were asked for`);
      if (active > parallelism) this.#fault(`Job ${nameOf(job)} runs ${active} pods, ${parallelism} at most`);
      const done = conditions.some(
        ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
      );
      // Those of a CronJob may just have begun.
      const scheduled = job.metadata.ownerReferences?.some(({ kind }) => kind === 'CronJob') === true;
      // A quota may keep it from its pods.
      const limited = job.metadata.namespace === 'two';
      if (!done && !scheduled && !limited && job.spec?.suspend !== true)
        this.#fault(`Job ${nameOf(job)} has not ended`);
    }
  }
}

function nameOf({
  metadata,
}: {
  readonly metadata: { readonly name?: string | undefined; readonly namespace?: string | undefined };
}): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true;
}

function ownedBy(pods: readonly Pod[], { metadata }: KubeObject): Pod[] {
  return pods.filter((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));
}
