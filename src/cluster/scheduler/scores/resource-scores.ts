import { MAX_SCORE, type ScorerFactory } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodInfo } from '../pod-info.ts';
import { isScalarResource } from '../../../kube/resource-names.ts';

/** A resource and how much it counts. */
export interface WeighedResource {
  readonly name: string;
  readonly weight: number;
}

/** Points at a percentage of use: from 0 to 10. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

/** Which nodes are the better ones for what pods ask for. kubernetes: NodeResourcesFitArgs.ScoringStrategy */
export interface ScoringStrategy {
  readonly type: 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';
  readonly resources: readonly WeighedResource[];
  /** Of RequestedToCapacityRatio: by rising utilization. */
  readonly shape: readonly ShapePoint[];
}

/** cpu and memory, alike. */
export const USUAL_RESOURCES: readonly WeighedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

function areUsual(resources: readonly WeighedResource[]): boolean {
  return (
    resources.length === USUAL_RESOURCES.length &&
    USUAL_RESOURCES.every(({ name, weight }) => resources.some((each) => each.name === name && each.weight === weight))
  );
}

/** Nodes with more room left. kubernetes: plugins/noderesources/least_allocated.go */
const leastAllocated: ScorerFactory = ({ pod }) => ({
  isLocal: true,
  score: ({ cpuTotal, memoryTotal, nonZero }) => {
    // What a node has nothing of does not count.
    const kinds = (cpuTotal === 0 ? 0 : 1) + (memoryTotal === 0 ? 0 : 1);
    if (kinds === 0) return 0;
    const points =
      leftOver(nonZero.cpu + pod.nonZero.cpu, cpuTotal) + leftOver(nonZero.memory + pod.nonZero.memory, memoryTotal);
    return Math.trunc(points / kinds);
  },
});

function leftOver(used: number, total: number): number {
  return total === 0 || used > total ? 0 : Math.trunc(((total - used) * MAX_SCORE) / total);
}

/** kubernetes: plugins/noderesources/most_allocated.go; pods that ask for nothing may count for more than there is. */
function inUse(used: number, total: number): number {
  return Math.trunc((Math.min(used, total) * MAX_SCORE) / total);
}

/** The scorer of a strategy. kubernetes: plugins/noderesources/fit.go */
export function resourceScore({ type, resources, shape }: ScoringStrategy): ScorerFactory {
  if (type === 'LeastAllocated') return areUsual(resources) ? leastAllocated : weighed(resources, leftOver);
  return type === 'MostAllocated' ? weighed(resources, inUse) : ratio(resources, shape);
}

/** The mean of the points of each resource. */
function weighed(
  resources: readonly WeighedResource[],
  points: (used: number, total: number) => number,
): ScorerFactory {
  return ({ pod }) => ({
    score: (node) => {
      let sum = 0;
      let weights = 0;
      eachUse(resources, usedWithDefaults(pod, node), (weight, used, total) => {
        sum += points(used, total) * weight;
        weights += weight;
      });
      return weights === 0 ? 0 : Math.trunc(sum / weights);
    },
  });
}

/** Points by a curve; resources that get none do not count. kubernetes: plugins/noderesources/requested_to_capacity_ratio.go */
function ratio(resources: readonly WeighedResource[], shape: readonly ShapePoint[]): ScorerFactory {
  const points = curve(shape.map(({ utilization, score }) => ({ utilization, score: score * (MAX_SCORE / 10) })));
  return ({ pod }) => ({
    score: (node) => {
      let sum = 0;
      let weights = 0;
      eachUse(resources, usedWithDefaults(pod, node), (weight, used, total) => {
        const score = points(used > total ? 100 : Math.trunc((used * 100) / total));
        if (score <= 0) return;
        sum += score * weight;
        weights += weight;
      });
      return weights === 0 ? 0 : Math.round(sum / weights);
    },
  });
}

/** Straight lines between points, level before the first and behind the last. kubernetes: plugins/helper/shape_score.go */
export function curve(shape: readonly ShapePoint[]): (utilization: number) => number {
  return (utilization) => {
    let before: ShapePoint | undefined;
    for (const point of shape) {
      if (utilization <= point.utilization) {
        if (before === undefined) return point.score;
        const rise = (point.score - before.score) * (utilization - before.utilization);
        return before.score + Math.trunc(rise / (point.utilization - before.utilization));
      }
      before = point;
    }
    return before?.score ?? 0;
  };
}

/** Nodes whose resources are used alike. kubernetes: plugins/noderesources/balanced_allocation.go */
export function balanceOf(resources: readonly WeighedResource[]): ScorerFactory {
  if (areUsual(resources)) return balancedAllocation;
  return ({ pod }) => {
    if (resources.every(({ name }) => (pod.requests.get(name) ?? 0) === 0)) return undefined;
    return {
      score: (node) => {
        const parts: number[] = [];
        eachUse(resources, usedAsAsked(pod, node), (_, used, total) => parts.push(usedPart(total, used)));
        return Math.trunc((1 - deviation(parts)) * MAX_SCORE);
      },
    };
  };
}

function deviation(parts: readonly number[]): number {
  const [first = 0, second = 0] = parts;
  if (parts.length < 2) return 0;
  if (parts.length === 2) return Math.abs((first - second) / 2);
  const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
  return Math.sqrt(parts.reduce((sum, part) => sum + (part - mean) * (part - mean), 0) / parts.length);
}

/** {@link balanceOf} cpu and memory. */
const balancedAllocation: ScorerFactory = ({ pod }) => {
  const cpu = pod.requests.get('cpu') ?? 0;
  const memory = pod.requests.get('memory') ?? 0;
  // Pods that ask for nothing fit everywhere alike.
  if (cpu === 0 && memory === 0) return undefined;
  return {
    isLocal: true,
    score: (node) => {
      // What a node has only one of is balanced.
      if (node.cpuTotal === 0 || node.memoryTotal === 0) return MAX_SCORE;
      const usedCpu = usedPart(node.cpuTotal, node.cpuUsed + cpu);
      const usedMemory = usedPart(node.memoryTotal, node.memoryUsed + memory);
      const difference = Math.abs(usedCpu - usedMemory) / 2;
      return Math.trunc((1 - difference) * MAX_SCORE);
    },
  };
};

function usedPart(total: number, used: number): number {
  return Math.min(1, used / total);
}

type Use = (name: string) => readonly [used: number, total: number];

/** What of a resource is used with the pod; containers that ask for no cpu or memory count with a default. */
function usedWithDefaults(pod: PodInfo, node: NodeInfo): Use {
  const plain = usedAsAsked(pod, node);
  return (name) => {
    if (name === 'cpu') return [node.nonZero.cpu + pod.nonZero.cpu, node.cpuTotal];
    if (name === 'memory') return [node.nonZero.memory + pod.nonZero.memory, node.memoryTotal];
    return plain(name);
  };
}

function usedAsAsked(pod: PodInfo, node: NodeInfo): Use {
  return (name) => [(node.requested.get(name) ?? 0) + (pod.requests.get(name) ?? 0), totalFor(pod, node, name)];
}

/** Extended resources count for pods alone that ask for them. kubernetes: resource_allocation.go */
function totalFor(pod: PodInfo, node: NodeInfo, name: string): number {
  if (name === 'cpu') return node.cpuTotal;
  if (name === 'memory') return node.memoryTotal;
  const isAsked = name === 'ephemeral-storage' || (isScalarResource(name) && (pod.requests.get(name) ?? 0) > 0);
  return isAsked ? (node.allocatable.get(name) ?? 0) : 0;
}

/** What a node has nothing of does not count. */
function eachUse(
  resources: readonly WeighedResource[],
  use: Use,
  visit: (weight: number, used: number, total: number) => void,
): void {
  for (const { name, weight } of resources) {
    const [used, total] = use(name);
    if (total > 0) visit(weight, used, total);
  }
}
