import type { Node, Pod } from '../../kube/api/core-v1.generated.ts';
import { type FitContext, FitSimulation } from './fit-simulation.ts';
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
  readonly pods: readonly Pod[];
}

/** What came of looking for room. */
export interface ScaleUpPlan {
  readonly best: ScaleUp | undefined;
  /** Pods that no pool helps, with what is said of them. */
  readonly helpless: readonly { readonly pod: Pod; readonly reason: string }[];
}

interface Situation {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly context: FitContext;
}

/**
 * Looks for the pool whose new nodes take the most of the pods that found no room, and of several the one that wastes the least.
 * kubernetes/autoscaler: cluster-autoscaler/core/scaleup/orchestrator
 */
export function planScaleUp(unfit: readonly Pod[], pools: readonly PoolState[], situation: Situation): ScaleUpPlan {
  const options = pools.map((pool) => estimate(pool, unfit, situation)).filter(({ pods }) => pods.length > 0);
  const [best] = options.toSorted(
    (a, b) => b.pods.length - a.pods.length || a.count - b.count || (a.pool.pool.name < b.pool.pool.name ? -1 : 1),
  );
  const helped = new Set(options.flatMap(({ pods }) => pods));
  const helpless = unfit
    .filter((pod) => !helped.has(pod))
    .map((pod) => ({ pod, reason: reasonOf(pod, pools, situation) }));
  return { best, helpless };
}

/** Fills new nodes of one pool, one after the other. */
function estimate(state: PoolState, unfit: readonly Pod[], { nodes, pods, context }: Situation): ScaleUp {
  const simulation = new FitSimulation(nodes, pods, context);
  const taken: Pod[] = [];
  let left = unfit;
  let count = 0;
  while (left.length > 0 && state.size + count < state.pool.max) {
    const put = simulation.fill(state.node(count), left);
    if (put.length === 0) break;
    count += 1;
    taken.push(...put);
    left = left.filter((pod) => !put.includes(pod));
  }
  return { pool: state, count, pods: taken };
}

/** `1 Insufficient cpu, 1 max node group size reached` */
function reasonOf(pod: Pod, pools: readonly PoolState[], { nodes, pods, context }: Situation): string {
  const counts = new Map<string, number>();
  for (const state of pools) {
    for (const reason of refusals(pod, state, new FitSimulation(nodes, pods, context))) {
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}

function refusals(pod: Pod, state: PoolState, simulation: FitSimulation): readonly string[] {
  if (state.size >= state.pool.max) return ['max node group size reached'];
  const node = state.node(0);
  simulation.fill(node, []);
  return simulation.refusal(pod, node.metadata.name ?? '')?.reasons ?? [];
}
