import type { Node } from '../../kube/api/core-v1.generated.ts';
import { nameOf } from '../machinery/keys.ts';
import type { PodInfo } from '../scheduler/pod-info.ts';
import type { FitSimulation } from './fit-simulation.ts';
import type { NodePool } from './node-pool.ts';

/** A pool as it is when room is looked for. */
export interface PoolState {
  readonly pool: NodePool;
  /** Nodes that it has or is about to have. */
  readonly size: number;
  /** A node of it as it would be; `number` keeps names apart. */
  node(number: number): Node;
}

/** More nodes for a pool, and the pods that they are for. */
export interface ScaleUp {
  readonly pool: PoolState;
  readonly count: number;
  readonly pods: readonly PodInfo[];
}

/** What came of looking for room. */
export interface ScaleUpPlan {
  readonly best: ScaleUp | undefined;
  /** Pods that no pool helps, with what is said of them. */
  readonly helpless: readonly { readonly pod: PodInfo; readonly reason: string }[];
}

/**
 * Looks for the pool whose new nodes take the most of the pods that found no room, and of several the one that wastes the least.
 * kubernetes/autoscaler: cluster-autoscaler/core/scaleup/orchestrator
 *
 * @param simulation the nodes and pods that are there; stays as it is
 */
export function planScaleUp(
  unfit: readonly PodInfo[],
  pools: readonly PoolState[],
  simulation: FitSimulation,
): ScaleUpPlan {
  const options = pools
    .map((pool) => simulation.trial(() => estimate(pool, unfit, simulation)))
    .filter(({ pods }) => pods.length > 0);
  const [best] = options.toSorted(
    (a, b) => b.pods.length - a.pods.length || a.count - b.count || (a.pool.pool.name < b.pool.pool.name ? -1 : 1),
  );
  const helped = new Set(options.flatMap(({ pods }) => pods));
  const helpless = unfit.filter((pod) => !helped.has(pod));
  return { best, helpless: withReasons(helpless, pools, simulation) };
}

/** Fills new nodes of one pool, one after the other. */
function estimate(state: PoolState, unfit: readonly PodInfo[], simulation: FitSimulation): ScaleUp {
  const taken = new Set<PodInfo>();
  let left = unfit;
  let count = 0;
  while (left.length > 0 && state.size + count < state.pool.max) {
    const put = simulation.fill(state.node(count), left);
    if (put.length === 0) break;
    count += 1;
    for (const pod of put) taken.add(pod);
    left = left.filter((pod) => !taken.has(pod));
  }
  return { pool: state, count, pods: [...taken] };
}

/** With `1 Insufficient cpu, 1 max node group size reached`: how many pools say what. */
function withReasons(
  pods: readonly PodInfo[],
  pools: readonly PoolState[],
  simulation: FitSimulation,
): ScaleUpPlan['helpless'] {
  if (pods.length === 0) return [];
  const refusals = pools.map((state) => simulation.trial(() => refusalsOf(pods, state, simulation)));
  return pods.map((pod, i) => {
    const counts = new Map<string, number>();
    for (const reason of refusals.flatMap((each) => each[i] ?? [])) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    const texts = [...counts].map(([reason, count]) => `${count} ${reason}`);
    return { pod, reason: texts.sort().join(', ') };
  });
}

/** What keeps each of the pods from another node of a pool. */
function refusalsOf(
  pods: readonly PodInfo[],
  state: PoolState,
  simulation: FitSimulation,
): readonly (readonly string[])[] {
  if (state.size >= state.pool.max) return pods.map(() => ['max node group size reached']);
  const node = state.node(0);
  simulation.fill(node, []);
  return pods.map((pod) => simulation.refusal(pod, nameOf(node))?.reasons ?? []);
}
