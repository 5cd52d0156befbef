import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { hasBacklog } from '../../machinery/backlog.ts';
import { controllerOf } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { BURST_REPLICAS } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import { Expectations } from '../../machinery/expectations.ts';
import type {
  Component,
  ComponentContext,
  Informer,
  InformerEvent,
  InformerFactory,
} from '../../machinery/interfaces.ts';
import { isDeleting, keyOf, namespaceOf, objectKey, splitKey, uidOf } from '../../machinery/keys.ts';
import {
  addOwnerIndexes,
  claimCandidates,
  claimObjects,
  CONTROLLER_UID_INDEX,
  UNCONTROLLED_INDEX,
} from '../../machinery/owners.ts';
import { isNamespaceTerminating, PodControl } from '../../machinery/pod-control.ts';
import { isPodActive, isPodTerminating, nextAvailability } from '../../machinery/pods.ts';
import { slowStart } from '../../machinery/slow-start.ts';
import { writeStatus } from '../../machinery/status-writer.ts';
import { podsToDelete } from './pods-to-delete.ts';
import { type ReplicaOwner, type ReplicaOwnerKind, type ReplicaOwnerStatus, wantedReplicas } from './replica-owner.ts';
import { replicaStatus } from './replica-status.ts';

/**
 * Keeps the number of pods of ReplicaSets or ReplicationControllers, which are the same thing under two names.
 * kubernetes: pkg/controller/replicaset/replica_set.go
 */
class ReplicaController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #kind: ReplicaOwnerKind;
  readonly #owners: Informer<ReplicaOwner>;
  readonly #pods: Informer<Pod>;
  readonly #expectations: Expectations;
  readonly #podControl: PodControl;

  constructor(context: ComponentContext, informers: InformerFactory, kind: ReplicaOwnerKind) {
    this.#context = context;
    this.#kind = kind;
    this.#owners = informers.informer<ReplicaOwner>(kind.type);
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    this.#expectations = new Expectations(context.clock);
    this.#podControl = new PodControl(context.client, createEventRecorder(context, { component: kind.component }));
    this.controller = new Controller({
      name: kind.component,
      context,
      informers: [this.#owners, this.#pods],
      reconcile: (key) => this.#reconcile(key),
    });
    addOwnerIndexes(this.#owners);
    addOwnerIndexes(this.#pods);
    this.#owners.onEvent((event) => this.#ownerEvent(event));
    this.#pods.onEvent((event) => this.#podEvent(event));
  }

  #ownerEvent({ type, object }: InformerEvent<ReplicaOwner>): void {
    const key = keyOf(object);
    if (type === 'deleted') this.#expectations.forget(key);
    this.controller.queue.add(key);
  }

  #podEvent({ type, object, old }: InformerEvent<Pod>): void {
    const owner = this.#ownerOf(object);
    if (owner !== undefined) {
      const key = keyOf(owner);
      if (type === 'added') this.#expectations.creationObserved(key);
      if (type === 'deleted' || isDeleting(object)) this.#expectations.deletionObserved(key, uidOf(object));
      this.controller.queue.add(key);
    }
    if (type === 'modified' && old !== undefined) {
      const before = this.#ownerOf(old);
      if (before !== undefined && before !== owner) this.controller.queue.add(keyOf(before));
    }
    if (type !== 'deleted' && controllerOf(object) === undefined && !isDeleting(object)) {
      if (old === undefined || old.metadata.labels !== object.metadata.labels || controllerOf(old) !== undefined) {
        this.#enqueueMatching(object);
      }
    }
  }

  #ownerOf(pod: Pod): ReplicaOwner | undefined {
    const reference = controllerOf(pod);
    if (reference === undefined || reference.kind !== this.#kind.type.kind) return undefined;
    const owner = this.#owners.get({ namespace: pod.metadata.namespace, name: reference.name });
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  }

  #enqueueMatching(pod: Pod): void {
    for (const owner of this.#owners.list(namespaceOf(pod))) {
      if (this.#kind.matcher(owner).matches(pod.metadata.labels)) this.controller.queue.add(keyOf(owner));
    }
  }

  async #reconcile(key: string): Promise<void> {
    const owner = this.#owners.get(splitKey(key));
    if (owner === undefined) {
      this.#expectations.forget(key);
      return;
    }
    const settled = this.#expectations.satisfied(key);
    const active = await this.#claim(owner);
    const error = settled && !isDeleting(owner) ? await this.#manage(key, owner, active) : undefined;
    const now = this.#context.clock.now();
    const status = replicaStatus(this.#kind, owner, { active, terminating: this.#terminating(owner), error, now });
    await this.#writeStatus(owner, status);
    if (error !== undefined) throw error;
    const next = nextAvailability(active, owner.spec?.minReadySeconds ?? 0, now);
    if (next !== undefined) this.controller.queue.addAfter(key, next);
  }

  async #claim(owner: ReplicaOwner): Promise<readonly Pod[]> {
    const matcher = this.#kind.matcher(owner);
    const candidates =
      this.#pods.byIndex(UNCONTROLLED_INDEX, namespaceOf(owner)).length === 0
        ? this.#pods.byIndex(CONTROLLER_UID_INDEX, uidOf(owner))
        : claimCandidates(this.#pods, owner);
    return await claimObjects<Pod>({
      client: this.#context.client,
      owner,
      ownerType: this.#kind.type,
      type: RESOURCES.pods,
      candidates: candidates.filter(isPodActive),
      matches: (pod) => matcher.matches(pod.metadata.labels),
    });
  }

  #terminating(owner: ReplicaOwner): number {
    if (!this.#kind.countsTerminating) return 0;
    const matcher = this.#kind.matcher(owner);
    let count = 0;
    for (const pod of this.#pods.byIndex(CONTROLLER_UID_INDEX, uidOf(owner))) {
      if (isPodTerminating(pod) && matcher.matches(pod.metadata.labels)) count += 1;
    }
    return count;
  }

  /** Creates what is missing or deletes what is too much; gives the first failure. */
  async #manage(key: string, owner: ReplicaOwner, active: readonly Pod[]): Promise<unknown> {
    const missing = wantedReplicas(owner) - active.length;
    if (missing > 0 && hasBacklog(active)) return undefined;
    if (missing > 0) return await this.#create(key, owner, Math.min(missing, BURST_REPLICAS));
    if (missing < 0) return await this.#delete(key, owner, active, Math.min(-missing, BURST_REPLICAS));
    return undefined;
  }

  async #create(key: string, owner: ReplicaOwner, count: number): Promise<unknown> {
    const template = owner.spec?.template ?? {};
    this.#expectations.expectCreations(key, count);
    const { succeeded, error } = await slowStart(count, async () => {
      await this.#podControl.create(template, owner);
    });
    if (succeeded < count) this.#expectations.creationObserved(key, count - succeeded);
    return error !== undefined && isNamespaceTerminating(error) ? undefined : error;
  }

  async #delete(key: string, owner: ReplicaOwner, active: readonly Pod[], count: number): Promise<unknown> {
    const now = this.#context.clock.now();
    const doomed = podsToDelete({ owner, active, count, owners: this.#owners, pods: this.#pods, now });
    this.#expectations.expectDeletions(key, doomed.map(uidOf));
    let failure: unknown;
    await Promise.all(
      doomed.map(async (pod) => {
        try {
          await this.#podControl.delete(pod, owner);
          // One that was gone before it could be deleted makes no further event.
          if (this.#pods.get(objectKey(pod)) === undefined) this.#expectations.deletionObserved(key, uidOf(pod));
        } catch (error) {
          this.#expectations.deletionObserved(key, uidOf(pod));
          failure ??= error;
        }
      }),
    );
    return failure;
  }

  async #writeStatus(owner: ReplicaOwner, status: ReplicaOwnerStatus): Promise<void> {
    try {
      await writeStatus(this.#context.client, this.#kind.type, owner, status);
    } catch (error) {
      if (isStatus(error, 'NotFound')) return;
      if (!isStatus(error, 'Conflict')) throw error;
      // The cache lags: what was counted holds for the newest version too.
      const fresh = await this.#context.client.get<ReplicaOwner>(this.#kind.type, objectKey(owner));
      if (fresh.metadata.uid === owner.metadata.uid) {
        await writeStatus(this.#context.client, this.#kind.type, fresh, status);
      }
    }
  }
}

/** The controller of one of the two kinds. */
export function createReplicaController(
  context: ComponentContext,
  informers: InformerFactory,
  kind: ReplicaOwnerKind,
): Component {
  return new ReplicaController(context, informers, kind).controller;
}
