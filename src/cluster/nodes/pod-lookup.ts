import type { Pod } from '../../kube/api/core-v1.generated.ts';
import type { Informer } from '../machinery/interfaces.ts';
import { uidOf } from '../machinery/keys.ts';
import { isPodFinished } from '../machinery/pods.ts';
import { PodInfo } from '../scheduler/pod-info.ts';

/** Index of the pods for which the scheduler has found no node; all are under one value. */
const WAITING = 'waiting-for-nodes';
const NODE = 'node';

/** A pod, and the node on which it takes up room. */
export type PlacedPod = readonly [node: string, pod: PodInfo];

/**
 * The pods that have not ended, as questions about nodes go, all without their `spec.nodeName`: they are tried on other nodes. What is
 * worked out of a pod is kept until the pod changes.
 */
export class PodLookup {
  readonly #pods: Informer<Pod>;
  /** By uid: the state that each was made of. */
  readonly #known = new Map<string, { readonly pod: Pod; readonly info: PodInfo }>();

  constructor(pods: Informer<Pod>) {
    this.#pods = pods;
    pods.addIndex(NODE, ({ spec }) => (spec?.nodeName === undefined ? [] : [spec.nodeName]));
    pods.addIndex(WAITING, (pod) => (isWaiting(pod) ? [''] : []));
    pods.onEvent(({ type, object }) => {
      if (type === 'deleted') this.#known.delete(uidOf(object));
    });
  }

  /** Those for which the scheduler has found no node. */
  waiting(): readonly PodInfo[] {
    return this.#pods.byIndex(WAITING, '').map((pod) => this.#infoOf(pod));
  }

  /** Those of a node. */
  on(node: string): readonly PodInfo[] {
    const pods = this.#pods.byIndex(NODE, node);
    return pods.filter((pod) => !isPodFinished(pod)).map((pod) => this.#infoOf(pod));
  }

  /** Those of all nodes. */
  *placed(): Iterable<PlacedPod> {
    for (const pod of this.#pods.list()) {
      const node = nodeOf(pod);
      if (node !== '' && !isPodFinished(pod)) yield [node, this.#infoOf(pod)];
    }
  }

  #infoOf(pod: Pod): PodInfo {
    const uid = uidOf(pod);
    const known = this.#known.get(uid);
    if (known?.pod === pod) return known.info;
    const info = new PodInfo(unbound(pod));
    this.#known.set(uid, { pod, info });
    return info;
  }
}

function nodeOf({ spec }: Pod): string {
  return spec?.nodeName ?? '';
}

/** The scheduler has looked for a node, and neither found one nor makes room for the pod. */
function isWaiting(pod: Pod): boolean {
  const { metadata, status } = pod;
  if (nodeOf(pod) !== '' || metadata.deletionTimestamp !== undefined || isPodFinished(pod)) return false;
  if (status?.nominatedNodeName !== undefined && status.nominatedNodeName !== '') return false;
  return status?.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable') === true;
}

function unbound(pod: Pod): Pod {
  if (nodeOf(pod) === '') return pod;
  const { nodeName: _, ...spec } = pod.spec ?? { containers: [] };
  return { ...pod, spec };
}
