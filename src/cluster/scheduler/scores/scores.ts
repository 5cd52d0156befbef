import type { PreferredSchedulingTerm } from '../../../kube/api/core-v1.generated.ts';
import { isTolerated } from '../../machinery/tolerations.ts';
import { matchesNodeTerm } from '../../machinery/node-affinity.ts';
import { MAX_SCORE, normalizeByHighest, type ScorerFactory } from '../cycle.ts';

/** Nodes with fewer taints that only ask pods to stay away. kubernetes: plugins/tainttoleration */
export const taintPreference: ScorerFactory = ({ pod, state }, nodes) => {
  if (!state.discourages) return undefined;
  const asks = nodes.some(({ taints }) => taints?.some(({ effect }) => effect === 'PreferNoSchedule') === true);
  if (!asks) return undefined;
  const tolerations = pod.pod.spec?.tolerations;
  return {
    score: ({ node }) => {
      const taints = node?.spec?.taints ?? [];
      return taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(taint, tolerations)).length;
    },
    normalize: (scores) => normalizeByHighest(scores, true),
  };
};

/** Nodes that the pod would rather be on. kubernetes: plugins/nodeaffinity */
export const nodePreference: ScorerFactory = nodePreferenceWith([]);

/** @param added what all pods of a profile would rather be on, too */
export function nodePreferenceWith(added: readonly PreferredSchedulingTerm[]): ScorerFactory {
  return ({ pod }) => {
    const own = pod.pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const terms = added.length === 0 ? own : [...added, ...own];
    if (terms.length === 0) return undefined;
    return {
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
}

const MI = 1024 * 1024;
const LEAST_IMAGE = 23 * MI;
const MOST_IMAGE = 1000 * MI;

/** Nodes that have the images already. kubernetes: plugins/imagelocality */
export const imageLocality: ScorerFactory = ({ pod, state }, nodes) => {
  if (!state.hasImages || nodes.every(({ images }) => images.size === 0)) return undefined;
  const containers = [...(pod.pod.spec?.initContainers ?? []), ...(pod.pod.spec?.containers ?? [])];
  const names = containers.map(({ image = '' }) => normalized(image));
  const all = state.nodes.length;
  const spread = new Map(names.map((name) => [name, state.nodesWith(name) / all]));
  const most = MOST_IMAGE * containers.length;
  return {
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
