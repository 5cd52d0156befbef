import { type Cycle, MAX_SCORE, type Scorer, type ScorerFactory } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import type { PodGroup, TopologyCounts } from '../pod-groups.ts';
import type { AffinityTerm, PodInfo } from '../pod-info.ts';

/** How affinity between pods gives points. kubernetes: InterPodAffinityArgs */
export interface InterPodArgs {
  /** Points for required affinity of pods that are there; 0: none. */
  readonly hardWeight: number;
  /** Pods that wish for nothing themselves are not asked what those that are there wish for. */
  readonly ignoresOthers: boolean;
}

/** What Kubernetes begins with. */
export const INTER_POD_ARGS: InterPodArgs = { hardWeight: 1, ignoresOthers: false };

/** Pods that give points to the nodes that are where they are. */
interface Points {
  readonly topologyKey: string;
  readonly counts: TopologyCounts;
  readonly weight: number;
}

/** Preferred affinity between pods, of both sides. kubernetes: plugins/interpodaffinity/scoring.go */
export const interPodPreference: ScorerFactory = (cycle, nodes) => scorer(cycle, nodes, INTER_POD_ARGS);

/** The same with other numbers. */
export function interPodPreferenceWith(args: InterPodArgs): ScorerFactory {
  return (cycle, nodes) => scorer(cycle, nodes, args);
}

function scorer(
  { pod, state, namespaceLabels }: Cycle,
  nodes: readonly NodeInfo[],
  { hardWeight, ignoresOthers }: InterPodArgs,
): Scorer | undefined {
  const { preferred, preferredAnti } = pod.terms;
  const wishes = preferred.length > 0 || preferredAnti.length > 0;
  if (ignoresOthers && !wishes) return undefined;
  const points: Points[] = [];
  const add = (group: PodGroup, term: AffinityTerm, about: PodInfo, weight: number): void => {
    if (weight === 0 || !term.matches(about, namespaceLabels)) return;
    const counts = group.counts(term.topologyKey);
    if (counts.size > 0) points.push({ topologyKey: term.topologyKey, counts, weight });
  };
  if (wishes) {
    for (const group of state.groups) {
      for (const term of preferred) add(group, term, group.sample, term.weight);
      for (const term of preferredAnti) add(group, term, group.sample, -term.weight);
    }
  }
  for (const group of state.groups.withAffinity) {
    const { terms } = group.sample;
    for (const term of terms.affinity) add(group, term, pod, hardWeight);
    for (const term of terms.preferred) add(group, term, pod, term.weight);
    for (const term of terms.preferredAnti) add(group, term, pod, -term.weight);
  }
  if (points.length === 0 || nodes.length === 0) return undefined;
  return {
    score: ({ labels }) => {
      let score = 0;
      for (const { topologyKey, counts, weight } of points) {
        if (Object.hasOwn(labels, topologyKey)) score += weight * (counts.get(labels[topologyKey] ?? '') ?? 0);
      }
      return score;
    },
    normalize: (scores) => {
      const lowest = Math.min(...scores);
      const range = Math.max(...scores) - lowest;
      for (let i = 0; i < scores.length; i += 1) {
        // Divided first: the rounding of Kubernetes' floating point numbers shows.
        scores[i] = range === 0 ? 0 : Math.trunc(MAX_SCORE * (((scores[i] ?? 0) - lowest) / range));
      }
    },
  };
}
