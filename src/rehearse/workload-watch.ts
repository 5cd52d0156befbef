import { controllerOf, type KubeObject, type ResourceType } from '../kube/object.ts';
import { RESOURCES } from '../kube/resources.ts';
import type { WorkloadStory } from './rehearsal.ts';

/** What makes pods, besides ReplicaSets of Deployments. */
export const WORKLOADS: readonly ResourceType[] = [
  RESOURCES.deployments,
  RESOURCES.replicaSets,
  RESOURCES.statefulSets,
  RESOURCES.daemonSets,
  RESOURCES.replicationControllers,
  RESOURCES.jobs,
];

interface Workload {
  readonly id: string;
  desired: number;
  readonly ready: [at: number, count: number][];
}

/** Knows which workload a pod belongs to, and how many pods of each are ready. */
export class WorkloadWatch {
  /** By the uid of the object that makes the pods: the id of the workload as users know it. */
  readonly #makers = new Map<string, { readonly id: string; readonly owner: string | undefined }>();
  readonly #workloads = new Map<string, Workload>();

  /** Notes the state of an object that makes pods. */
  note(object: KubeObject): void {
    const { uid = '', namespace = '', name = '' } = object.metadata;
    const owner = controllerOf(object);
    const id = `${object.kind} ${namespace}/${name}`;
    this.#makers.set(uid, { id, owner: owner?.uid });
    const isInner = owner !== undefined && (object.kind === 'ReplicaSet' || object.kind === 'Job');
    if (isInner || object.kind === 'Job') return;
    const known = this.#workloads.get(id);
    const desired = object.metadata.deletionTimestamp === undefined ? desiredOf(object) : 0;
    if (known === undefined) this.#workloads.set(id, { id, desired, ready: [] });
    else known.desired = desired;
  }

  gone(object: KubeObject): void {
    const { namespace = '', name = '' } = object.metadata;
    const known = this.#workloads.get(`${object.kind} ${namespace}/${name}`);
    if (known !== undefined) known.desired = 0;
  }

  /** `Deployment default/web` for the uid of its ReplicaSet; '' for what nothing known made. */
  idOf(makerUid: string): string {
    let maker = this.#makers.get(makerUid);
    while (maker?.owner !== undefined) {
      const above = this.#makers.get(maker.owner);
      if (above === undefined) break;
      maker = above;
    }
    return maker?.id ?? '';
  }

  /** Notes how many pods of each workload are ready. */
  count(ready: ReadonlyMap<string, number>, at: number): void {
    for (const workload of this.#workloads.values()) {
      const count = ready.get(workload.id) ?? 0;
      if (workload.ready.at(-1)?.[1] !== count) workload.ready.push([at, count]);
    }
  }

  /**
   * What became of each workload.
   *
   * @param until the end of the operation, ms: what happens later, while everything is undone, is not its fault
   */
  stories(ofRelease: (id: string) => boolean, until: number): WorkloadStory[] {
    return [...this.#workloads.values()].map(({ id, desired, ready }) => {
      const during = ready.filter(([at]) => at <= until);
      const [least = [0, 0] as const] = during.toSorted((a, b) => a[1] - b[1] || a[0] - b[0]);
      return {
        id,
        ofRelease: ofRelease(id),
        before: ready[0]?.[1] ?? 0,
        desired,
        after: during.at(-1)?.[1] ?? 0,
        least: least[1],
        leastAt: least[0],
        ready,
      };
    });
  }
}

function desiredOf(object: KubeObject): number {
  if (object.kind === 'DaemonSet') {
    return (object['status'] as { readonly desiredNumberScheduled?: number } | undefined)?.desiredNumberScheduled ?? 0;
  }
  return (object['spec'] as { readonly replicas?: number } | undefined)?.replicas ?? 1;
}
