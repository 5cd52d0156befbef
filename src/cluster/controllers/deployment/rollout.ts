import type { KubeClient } from '../../../client/kube-client.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../../kube/api/apps-v1.generated.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { AS_CONTROLLER, AS_CONTROLLER_STATUS } from '../../machinery/constants.ts';
import type { EventRecorder } from '../../machinery/interfaces.ts';
import { nameOf, namespaceOf, uidOf } from '../../machinery/keys.ts';
import { type Revisions, sizeOf, splitRevisions } from './replica-sets.ts';
import { annotation, REVISION, sizeAnnotations } from './revisions.ts';

/** What a {@link Rollout} works with. */
export interface RolloutEnvironment {
  readonly client: KubeClient;
  /** ms since the epoch */
  readonly now: number;
  readonly recorder: EventRecorder;
  /** Pods that a ReplicaSet controls. */
  readonly podsOf: (set: ReplicaSet) => readonly Pod[];
  /** Looks at the Deployment again after so many ms. */
  readonly lookAgain: (delay: number) => void;
}

/**
 * One look at one Deployment: the newest known versions of it and of its ReplicaSets, and the writes. What is written
 * replaces what was read, so that later steps count with it.
 */
export class Rollout {
  readonly env: RolloutEnvironment;
  #deployment: Deployment;
  readonly #sets: Map<string, ReplicaSet>;

  constructor(env: RolloutEnvironment, deployment: Deployment, sets: readonly ReplicaSet[]) {
    this.env = env;
    this.#deployment = deployment;
    this.#sets = new Map(sets.map((set) => [uidOf(set), set]));
  }

  get deployment(): Deployment {
    return this.#deployment;
  }

  get sets(): ReplicaSet[] {
    return [...this.#sets.values()];
  }

  get revisions(): Revisions {
    return splitRevisions(this.#deployment, this.sets);
  }

  get status(): DeploymentStatus {
    return this.#deployment.status ?? {};
  }

  /** Remembers a ReplicaSet that was created or changed. */
  put(set: ReplicaSet): ReplicaSet {
    this.#sets.set(uidOf(set), set);
    return set;
  }

  /** Writes the status, and with it the revision annotation when one is given. */
  async writeStatus(status: DeploymentStatus, revision?: string): Promise<void> {
    const { client } = this.env;
    const metadata =
      revision === undefined
        ? this.#deployment.metadata
        : {
            ...this.#deployment.metadata,
            annotations: { ...this.#deployment.metadata.annotations, [REVISION]: revision },
          };
    const written = { ...this.#deployment, metadata, status };
    this.#deployment = await client.update<Deployment>(RESOURCES.deployments, written, AS_CONTROLLER_STATUS);
    if (revision === undefined || annotation(this.#deployment, REVISION) === revision) return;
    // A server that keeps metadata out of status updates.
    const key = { namespace: namespaceOf(written), name: nameOf(written) };
    const patch = { metadata: { annotations: { [REVISION]: revision } } };
    this.#deployment = await client.patch<Deployment>(RESOURCES.deployments, key, 'merge', patch, AS_CONTROLLER);
  }

  /** Gives a ReplicaSet another size, and tells of it; only annotations that are out of date are put right without an event. */
  async scale(set: ReplicaSet, size: number): Promise<ReplicaSet> {
    const before = sizeOf(set);
    const annotations = sizeAnnotations(this.#deployment);
    const current = Object.entries(annotations).every(([key, value]) => annotation(set, key) === value);
    if (before === size && current) return set;
    const scaled = this.put(
      await this.env.client.update<ReplicaSet>(
        RESOURCES.replicaSets,
        {
          ...set,
          metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, ...annotations } },
          spec: { ...set.spec, replicas: size },
        },
        AS_CONTROLLER,
      ),
    );
    if (before !== size) {
      const direction = before < size ? 'up' : 'down';
      this.event('ScalingReplicaSet', `Scaled ${direction} replica set ${nameOf(set)} from ${before} to ${size}`);
    }
    return scaled;
  }

  event(reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
    this.env.recorder.event(this.#deployment, type, reason, message);
  }
}
