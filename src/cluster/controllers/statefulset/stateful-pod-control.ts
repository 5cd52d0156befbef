import type { KubeClient } from '../../../client/kube-client.ts';
import type { StatefulSet } from '../../../kube/api/apps-v1.generated.ts';
import type { PersistentVolumeClaim, Pod } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import type { EventRecorder, Informer } from '../../machinery/interfaces.ts';
import { isDeleting, nameOf, namespaceOf, objectKey } from '../../machinery/keys.ts';
import { messageOf } from '../../machinery/pod-control.ts';
import { isStaleClaim, ownersByRetention } from './claim-retention.ts';
import { claimsFor, identityMatches, storageMatches, withIdentity } from './stateful-pods.ts';

/** What {@link StatefulPodControl} works with. */
export interface StatefulPodTools {
  readonly client: KubeClient;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly recorder: EventRecorder;
}

/** Creates, mends and deletes the pods of a set with their claims; kubernetes: pkg/controller/statefulset/stateful_pod_control.go. */
export class StatefulPodControl {
  readonly #client: KubeClient;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #recorder: EventRecorder;

  constructor({ client, claims, recorder }: StatefulPodTools) {
    this.#client = client;
    this.#claims = claims;
    this.#recorder = recorder;
  }

  /** Creates a pod after its claims. */
  async create(set: StatefulSet, pod: Pod): Promise<void> {
    try {
      await this.#createClaims(set, pod);
    } catch (error) {
      this.#podEvent('create', set, pod, error);
      throw error;
    }
    try {
      await this.#client.create(RESOURCES.pods, pod, AS_CONTROLLER);
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) this.#podEvent('create', set, pod, error);
      throw error;
    }
    this.#podEvent('create', set, pod);
  }

  /** Deletes a pod; one that is gone is as good. */
  async delete(set: StatefulSet, pod: Pod): Promise<void> {
    try {
      await this.#client.delete(RESOURCES.pods, objectKey(pod), { preconditions: { uid: pod.metadata.uid } });
    } catch (error) {
      if (isStatus(error, 'NotFound')) return;
      this.#podEvent('delete', set, pod, error);
      throw error;
    }
    this.#podEvent('delete', set, pod);
  }

  /** Gives a pod and its claims what those of its ordinal must have. */
  async mend(set: StatefulSet, pod: Pod): Promise<void> {
    await this.applyRetention(set, pod);
    const storage = storageMatches(set, pod);
    if (storage && identityMatches(set, pod)) return;
    try {
      if (!storage) await this.#createClaims(set, pod);
      await this.#client.update(RESOURCES.pods, withIdentity(set, pod), AS_CONTROLLER);
    } catch (error) {
      this.#podEvent('update', set, pod, error);
      throw error;
    }
    this.#podEvent('update', set, pod);
  }

  /** Creates claims of a pending pod that somebody has deleted meanwhile. */
  async createMissingClaims(set: StatefulSet, pod: Pod): Promise<boolean> {
    const missing = claimsFor(set, nameOf(pod)).some((claim) => this.#claims.get(objectKey(claim)) === undefined);
    if (missing) await this.#createClaims(set, pod);
    return missing;
  }

  /** True when a claim of the pod is about to go with an earlier pod. */
  hasStaleClaim(set: StatefulSet, pod: Pod): boolean {
    return claimsFor(set, nameOf(pod)).some((wanted) => {
      const claim = this.#claims.get(objectKey(wanted));
      return claim !== undefined && isStaleClaim(pod, claim, nameOf(pod));
    });
  }

  /** Writes into the pod's claims who takes them along when deleted. */
  async applyRetention(set: StatefulSet, pod: Pod): Promise<void> {
    for (const wanted of claimsFor(set, nameOf(pod))) {
      const claim = this.#claims.get(objectKey(wanted));
      if (claim === undefined) continue;
      const owners = ownersByRetention(set, pod, claim);
      if (owners === undefined) continue;
      const body = { ...claim, metadata: { ...claim.metadata, ownerReferences: owners } };
      await this.#client.update(RESOURCES.persistentVolumeClaims, body, AS_CONTROLLER);
    }
  }

  async #createClaims(set: StatefulSet, pod: Pod): Promise<void> {
    const failures: string[] = [];
    for (const claim of claimsFor(set, nameOf(pod))) {
      const present = this.#claims.get(objectKey(claim));
      if (present !== undefined) {
        if (isDeleting(present)) failures.push(`pvc ${nameOf(claim)} is being deleted`);
        continue;
      }
      const owners = ownersByRetention(set, pod, claim);
      const body =
        owners === undefined ? claim : { ...claim, metadata: { ...claim.metadata, ownerReferences: owners } };
      try {
        await this.#client.create(RESOURCES.persistentVolumeClaims, body, AS_CONTROLLER);
        this.#claimEvent(set, pod, claim);
      } catch (error) {
        if (isStatus(error, 'AlreadyExists')) continue;
        failures.push(`failed to create PVC ${nameOf(claim)}: ${messageOf(error)}`);
        this.#claimEvent(set, pod, claim, error);
      }
    }
    if (failures.length === 1) throw new Error(failures[0]);
    if (failures.length > 1) throw new Error(`[${failures.join(', ')}]`);
  }

  #podEvent(verb: 'create' | 'update' | 'delete', set: StatefulSet, pod: Pod, error?: unknown): void {
    const what = `${verb} Pod ${nameOf(pod)} in StatefulSet ${nameOf(set)}`;
    const suffix = verb.slice(0, 1).toUpperCase() + verb.slice(1);
    if (error === undefined) this.#recorder.event(set, 'Normal', `Successful${suffix}`, `${what} successful`);
    else this.#recorder.event(set, 'Warning', `Failed${suffix}`, `${what} failed error: ${messageOf(error)}`);
  }

  #claimEvent(set: StatefulSet, pod: Pod, claim: PersistentVolumeClaim, error?: unknown): void {
    const where = `Pod ${nameOf(pod)} in StatefulSet ${nameOf(set)}`;
    if (error === undefined) {
      this.#recorder.event(set, 'Normal', 'SuccessfulCreate', `create Claim ${nameOf(claim)} ${where} success`);
    } else {
      const message = `create Claim ${nameOf(claim)} for ${where} failed error: ${messageOf(error)}`;
      this.#recorder.event(set, 'Warning', 'FailedCreate', message);
    }
  }

  /** Says that a pod which has ended is made anew. */
  recordRecreation(set: StatefulSet, pod: Pod): void {
    const where = `StatefulSet ${namespaceOf(set)}/${nameOf(set)}`;
    if (pod.status?.phase === 'Failed') {
      const message = `${where} is recreating failed Pod ${nameOf(pod)}`;
      this.#recorder.event(set, 'Warning', 'RecreatingFailedPod', message);
    } else {
      const message = `${where} is recreating terminated Pod ${nameOf(pod)}`;
      this.#recorder.event(set, 'Normal', 'RecreatingTerminatedPod', message);
    }
  }
}
