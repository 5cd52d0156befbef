import { formatDuration } from '../../base/duration.ts';
import type { NodeOptions } from '../kubelet/kubelet.ts';
import type { NodePlan, NodePool } from './node-pool.ts';

/** A plan in the form that {@link parseNodes} reads. */
export function planText({ nodes, pools }: NodePlan): string {
  const value = {
    nodes: nodes.map(nodeOf),
    ...(pools.length === 0 ? {} : { pools: pools.map(poolOf) }),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function nodeOf(node: NodeOptions): object {
  const { nodeName, ...rest } = node;
  return Object.fromEntries(Object.entries({ name: nodeName, ...rest }).filter(([key]) => key !== 'index'));
}

function poolOf({ template, bootMillis, idleMillis, ...pool }: NodePool): object {
  return {
    ...pool,
    ...template,
    ...(bootMillis === undefined ? {} : { boot: formatDuration(bootMillis) }),
    ...(idleMillis === undefined ? {} : { idle: formatDuration(idleMillis) }),
  };
}
