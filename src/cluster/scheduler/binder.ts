import type { Timer } from '../../base/clock.ts';
import type { PersistentVolumeClaim, Pod } from '../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { ComponentContext, EventRecorder } from '../machinery/interfaces.ts';
import { nameOf, objectKey } from '../machinery/keys.ts';
import type { Profile } from './cycle.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import { isBound, podClaims, SELECTED_NODE } from './volumes/claims.ts';
import { decideVolumes, type VolumeDecisions } from './volumes/volume-binding.ts';
import type { VolumeState } from './volumes/volume-state.ts';

interface WaitingForVolumes {
  readonly info: PodInfo;
  readonly claims: readonly { readonly namespace: string; readonly name: string }[];
  readonly done: () => void;
  readonly timer: Timer;
}

/** Binds pods to the nodes that were chosen for them, their volumes first. */
export class Binder {
  readonly #context: ComponentContext;
  readonly #volumes: VolumeState;
  readonly #recorder: (info: PodInfo) => EventRecorder;
  readonly #waiting = new Map<string, WaitingForVolumes>();

  /** @param recorder of the profile that places the pod */
  constructor(context: ComponentContext, volumes: VolumeState, recorder: (info: PodInfo) => EventRecorder) {
    this.#context = context;
    this.#volumes = volumes;
    this.#recorder = recorder;
  }

  /** True when the pod's claims have to be bound before the pod. */
  needsVolumes(info: PodInfo): boolean {
    return podClaims(info.pod, this.#volumes).delayed.length > 0;
  }

  /** Binds a pod without claims that are to be bound. */
  async bind(info: PodInfo, nodeName: string): Promise<void> {
    const { pod } = info;
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: nameOf(pod), namespace: info.namespace, uid: info.uid },
      target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
    };
    await this.#context.client.create(RESOURCES.pods, binding, { subresource: 'binding' });
    const message = `Successfully assigned ${info.namespace}/${nameOf(pod)} to ${nodeName}`;
    this.#recorder(info).event(pod, 'Normal', 'Scheduled', message);
  }

  /**
   * Binds the pod's claims, and then the pod.
   *
   * @param timeout ms until the claims have to be bound
   * @throws Error when the volumes do not come in time
   */
  async bindWithVolumes(info: PodInfo, node: NodeInfo, timeout: number): Promise<void> {
    const claims = podClaims(info.pod, this.#volumes).delayed;
    const decisions = node.node === undefined ? undefined : decideVolumes(claims, node.node, this.#volumes);
    if (decisions === undefined) throw new Error('volumes changed while the pod was bound');
    for (const { volume, claim } of decisions.bindings) this.#volumes.give(nameOf(volume), claim.metadata.uid ?? '');
    try {
      await this.#write(decisions, node.name);
      await this.#allBound(info, claims, timeout);
    } finally {
      for (const { volume } of decisions.bindings) this.#volumes.release(nameOf(volume));
    }
    await this.bind(info, node.name);
  }

  /** A claim has changed: pods whose claims are all bound go on. */
  claimChanged(): void {
    for (const [uid, waiting] of this.#waiting) {
      if (!waiting.claims.every((key) => this.#isBound(key))) continue;
      this.#waiting.delete(uid);
      waiting.timer.stop();
      waiting.done();
    }
  }

  stop(): void {
    for (const { timer } of this.#waiting.values()) timer.stop();
    this.#waiting.clear();
  }

  async #write({ bindings, provisions }: VolumeDecisions, nodeName: string): Promise<void> {
    const { client } = this.#context;
    for (const { volume, claim } of bindings) {
      const { apiVersion, kind, metadata } = claim;
      const { name, namespace, uid, resourceVersion } = metadata;
      const claimRef = { apiVersion, kind, name, namespace, uid, resourceVersion };
      await client.update(RESOURCES.persistentVolumes, { ...volume, spec: { ...volume.spec, claimRef } });
    }
    for (const claim of provisions) {
      if (claim.metadata.annotations?.[SELECTED_NODE] === nodeName) continue;
      const patch = { metadata: { annotations: { [SELECTED_NODE]: nodeName } } };
      await client.patch(RESOURCES.persistentVolumeClaims, objectKey(claim), 'merge', patch);
    }
  }

  #allBound(info: PodInfo, claims: readonly PersistentVolumeClaim[], timeout: number): Promise<void> {
    const keys = claims.map((claim) => ({ namespace: claim.metadata.namespace ?? '', name: nameOf(claim) }));
    if (keys.every((key) => this.#isBound(key))) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = this.#context.clock.setTimer(timeout, () => {
        this.#waiting.delete(info.uid);
        reject(new Error('binding volumes: context deadline exceeded'));
      });
      this.#waiting.set(info.uid, { info, claims: keys, done: resolve, timer });
    });
  }

  #isBound({ namespace, name }: { readonly namespace: string; readonly name: string }): boolean {
    const claim = this.#volumes.claim(namespace, name);
    return claim !== undefined && isBound(claim);
  }
}

/** True when the pod waits for a node and a scheduler with this profile is to find it. */
export function isWaiting(pod: Pod, profile: Profile | undefined): boolean {
  const { spec, metadata, status } = pod;
  return (
    profile !== undefined &&
    (spec?.nodeName ?? '') === '' &&
    metadata.deletionTimestamp === undefined &&
    status?.phase !== 'Succeeded' &&
    status?.phase !== 'Failed' &&
    (!profile.hasGates || (spec?.schedulingGates?.length ?? 0) === 0)
  );
}
