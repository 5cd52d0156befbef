import type { NodeOptions } from '../kubelet/kubelet.ts';

/** Nodes that come when pods find no room and go when they are not needed: see {@link createNodeAutoscaler}. */
export interface NodePool {
  readonly name: string;
  /** Nodes that are always there; default 0. */
  readonly min: number;
  /** Never more than these. */
  readonly max: number;
  /** What each of its nodes is. */
  readonly template: Omit<NodeOptions, 'nodeName' | 'index'>;
  /** ms from the decision until a node is registered; default 45 s. */
  readonly bootMillis?: number;
  /** ms for which a node is not needed before it goes; default 10 min. kubernetes/autoscaler: --scale-down-unneeded-time */
  readonly idleMillis?: number;
}

/** What a cluster consists of besides its control plane. */
export interface NodePlan {
  readonly nodes: readonly NodeOptions[];
  readonly pools: readonly NodePool[];
}

/** On nodes of pools: the pool. */
export const POOL_LABEL = 'pintle.dev/node-pool';

/** On nodes of pools: the number that decides on their addresses. */
export const INDEX_ANNOTATION = 'pintle.dev/node-index';
