import type { Container, Pod, ResourceRequirements } from '../../../kube/api/core-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import type { ContainerRecord } from './container-record.ts';
import type { ContainerRunner } from './container-runner.ts';
import type { Condition } from './pod-conditions.ts';
import type { RunnerHost } from './runner-host.ts';

const COMPUTE = ['cpu', 'memory'] as const;

/**
 * Gives running containers the resources that their pod has come to ask for: at once, or with a restart where the container's
 * resizePolicy wants one. kubernetes: pkg/kubelet/allocation/allocation_manager.go, kuberuntime_manager.go doPodResizeAction
 */
export class PodResize {
  readonly #host: RunnerHost;
  readonly #runner: ContainerRunner;
  readonly #records: readonly ContainerRecord[];
  /** By container: what it was given. */
  readonly #allocated = new Map<string, ResourceRequirements>();
  /** The containers that have yet to end and begin anew, with what they get then. */
  readonly #restarting = new Map<ContainerRecord, ResourceRequirements>();
  #generation: number | undefined;
  #pending: Condition | undefined;

  constructor(host: RunnerHost, runner: ContainerRunner, records: readonly ContainerRecord[]) {
    this.#host = host;
    this.#runner = runner;
    this.#records = records;
    const statuses = [...(host.pod.status?.containerStatuses ?? []), ...(host.pod.status?.initContainerStatuses ?? [])];
    for (const record of records) {
      // A pod that an earlier kubelet ran has what its status says.
      const known = statuses.find(({ name }) => name === record.name)?.resources;
      if (known !== undefined && !isSameCompute(known, record.spec.resources)) {
        record.spec = withCompute(record.spec, known);
      }
      this.#allocated.set(record.name, record.spec.resources ?? {});
    }
  }

  /** True while the pod waits for room. */
  get isPending(): boolean {
    return this.#pending !== undefined;
  }

  /** Conditions of the pod that tell of a resize. */
  get conditions(): readonly Condition[] {
    if (this.#pending !== undefined) return [this.#pending];
    return this.#restarting.size > 0 ? [{ type: 'PodResizeInProgress', status: 'True' }] : [];
  }

  /** The pod with the resources that it was given. */
  allocatedPod(pod: Pod): Pod {
    if (pod.spec === undefined || this.#generation === pod.metadata.generation) return pod;
    const given = (container: Container): Container => {
      const resources = this.#allocated.get(container.name);
      return resources === undefined ? container : { ...container, resources };
    };
    const { containers, initContainers } = pod.spec;
    const inits = initContainers === undefined ? {} : { initContainers: initContainers.map(given) };
    return { ...pod, spec: { ...pod.spec, containers: containers.map(given), ...inits } };
  }

  /** Looks whether the pod asks for something else than before; again as long as there was no room. */
  sync(): void {
    const { pod } = this.#host;
    const { generation } = pod.metadata;
    if (generation === this.#generation && this.#pending === undefined) return;
    const changes = this.#changes(pod);
    if (changes.length === 0) {
      this.#generation = generation;
      this.#pending = undefined;
      return;
    }
    const fault = this.#host.node.admitResize(pod.metadata.uid ?? '');
    if (fault !== undefined) {
      this.#defer(fault.reason, fault.message);
      return;
    }
    this.#generation = generation;
    this.#pending = undefined;
    this.#host.events.normal('ResizeStarted', `Pod resize started: ${this.#summary()}`);
    for (const { record, resources } of changes) this.#allocated.set(record.name, resources);
    for (const { record, resources } of changes) this.#actuate(record, resources);
    this.#host.node.roomChanged();
    this.#finish();
  }

  /** A container is about to run anew, with what it was given meanwhile. */
  starting(record: ContainerRecord): void {
    const resources = this.#allocated.get(record.name);
    if (resources !== undefined && !isSameCompute(resources, record.spec.resources)) {
      record.spec = { ...record.spec, resources };
    }
    if (this.#restarting.delete(record)) this.#finish();
  }

  #changes(pod: Pod): { readonly record: ContainerRecord; readonly resources: ResourceRequirements }[] {
    const specs = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
    return this.#records.flatMap((record) => {
      const resources = specs.find(({ name }) => name === record.name)?.resources ?? {};
      return isSameCompute(resources, this.#allocated.get(record.name)) ? [] : [{ record, resources }];
    });
  }

  #defer(reason: string, message: string): void {
    const { events, pod } = this.#host;
    const isNew = this.#pending?.reason !== reason || this.#generation !== pod.metadata.generation;
    this.#pending = { type: 'PodResizePending', status: 'True', reason, message };
    this.#generation = pod.metadata.generation;
    if (isNew) events.warning(`Resize${reason}`, `Pod resize ${reason}: ${this.#summary(message)}`);
  }

  #actuate(record: ContainerRecord, resources: ResourceRequirements): void {
    const before = record.spec.resources;
    const policies = record.spec.resizePolicy ?? [];
    const restarts = COMPUTE.some(
      (name) =>
        !isSameAmount(resources, before, name) &&
        policies.some((policy) => policy.resourceName === name && policy.restartPolicy === 'RestartContainer'),
    );
    if (restarts && record.instance !== undefined) {
      this.#restarting.set(record, resources);
      const { stopper } = this.#runner;
      stopper.stop(record, stopper.graceMillis, `Container ${record.name} resize requires restart`);
      return;
    }
    record.spec = { ...record.spec, resources };
    this.#runner.resized(record);
  }

  #finish(): void {
    if (this.#restarting.size > 0) return;
    this.#host.events.normal('ResizeCompleted', `Pod resize completed: ${this.#summary()}`);
    this.#host.wake();
  }

  #summary(error?: string): string {
    const { pod } = this.#host;
    const { generation } = pod.metadata;
    const entries = (containers: readonly Container[] | undefined): object[] =>
      (containers ?? [])
        .filter(({ name }) => this.#allocated.has(name))
        .map(({ name, resources: { limits, requests } = {} }) => ({ name, resources: { limits, requests } }));
    const initContainers = entries(pod.spec?.initContainers);
    return JSON.stringify({
      ...(initContainers.length === 0 ? {} : { initContainers }),
      containers: entries(pod.spec?.containers),
      generation,
      error,
    });
  }
}

function isSameAmount(a: ResourceRequirements = {}, b: ResourceRequirements = {}, name: string): boolean {
  return deepEqual([a.requests?.[name], a.limits?.[name]], [b.requests?.[name], b.limits?.[name]]);
}

function isSameCompute(a: ResourceRequirements | undefined, b: ResourceRequirements | undefined): boolean {
  return COMPUTE.every((name) => isSameAmount(a, b, name));
}

/** The container with the cpu and memory of other resources. */
function withCompute(container: Container, { requests, limits }: ResourceRequirements): Container {
  return { ...container, resources: { ...container.resources, requests, limits } };
}
