import { isTolerated } from '../../machinery/tolerations.ts';
import { matchesNodeTerm } from '../../machinery/node-affinity.ts';
import { MAX_SCORE, normalizeByHighest, type ScorerFactory } from '../cycle.ts';

/** Nodes with more room left. kubernetes: plugins/noderesources/least_allocated.go */
export const leastAllocated: ScorerFactory = ({ pod }) => ({
  weight: 1,
  score: ({ cpuTotal, memoryTotal, nonZero }) => {
    // What a node has nothing of does not count.
    const kinds = (cpuTotal === 0 ? 0 : 1) + (memoryTotal === 0 ? 0 : 1);
    if (kinds === 0) return 0;
    const points =
      leftOver(cpuTotal, nonZero.cpu + pod.nonZero.cpu) + leftOver(memoryTotal, nonZero.memory + pod.nonZero.memory);
    return Math.trunc(points / kinds);
  },
});

function leftOver(total: number, used: number): number {
  return total === 0 || used > total ? 0 : Math.trunc(((total - used) * MAX_SCORE) / total);
}

/** Nodes whose cpu and memory are used alike. kubernetes: plugins/noderesources/balanced_allocation.go */
export const balancedAllocation: ScorerFactory = ({ pod }) => {
  const cpu = pod.requests.get('cpu') ?? 0;
  const memory = pod.requests.get('memory') ?? 0;
  // Pods that ask for nothing fit everywhere alike.
  if (cpu === 0 && memory === 0) return undefined;
  return {
    weight: 1,
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

/** Nodes with fewer taints that only ask pods to stay away. kubernetes: plugins/tainttoleration */
export const taintPreference: ScorerFactory = ({ pod }, nodes) => {
  const asks = nodes.some(({ taints }) => taints?.some(({ effect }) => effect === 'PreferNoSchedule') === true);
  if (!asks) return undefined;
  const tolerations = pod.pod.spec?.tolerations;
  return {
    weight: 3,
    score: ({ node }) => {
      const taints = node?.spec?.taints ?? [];
      return taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(taint, tolerations)).length;
    },
    normalize: (scores) => normalizeByHighest(scores, true),
  };
};

/** Nodes that the pod would rather be on. kubernetes: plugins/nodeaffinity */
export const nodePreference: ScorerFactory = ({ pod }) => {
  const terms = pod.pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  if (terms.length === 0) return undefined;
  return {
    weight: 2,
    score: ({ node }) => {
      let score = 0;
      for (const { weight, preference } of terms) {
        if (node !== undefined && weight !== 0 && matchesNodeTerm(preference, node)) score += weight;
      }
      return score;
    },
    normalize: (scores) => normalizeByHighest(scores, false),
  };
};

const MI = 1024 * 1024;
const LEAST_IMAGE = 23 * MI;
const MOST_IMAGE = 1000 * MI;

/** Nodes that have the images already. kubernetes: plugins/imagelocality */
export const imageLocality: ScorerFactory = ({ pod, state }, nodes) => {
  if (!state.hasImages || nodes.every(({ images }) => images.size === 0)) return undefined;
  const containers = [...(pod.pod.spec?.initContainers ?? []), ...(pod.pod.spec?.containers ?? [])];
  const names = containers.map(({ image = '' }) => normalized(image));
  const all = state.nodes;
  const spread = new Map(names.map((name) => [name, all.filter(({ images }) => images.has(name)).length / all.length]));
  const most = MOST_IMAGE * containers.length;
  return {
    weight: 1,
    score: ({ images }) => {
      let sum = 0;
      for (const name of names) sum += Math.trunc((images.get(name) ?? 0) * (spread.get(name) ?? 0));
      const bounded = Math.min(Math.max(sum, LEAST_IMAGE), most);
      return Math.trunc((MAX_SCORE * (bounded - LEAST_IMAGE)) / (most - LEAST_IMAGE));
    },
  };
};

/** With a tag; a registry that is left out stays so, as names of nodes are compared as they are. */
function normalized(image: string): string {
  return image.lastIndexOf(':') > image.lastIndexOf('/') ? image : `${image}:latest`;
}
