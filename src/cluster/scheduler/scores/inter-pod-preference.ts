import { MAX_SCORE, type ScorerFactory } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import type { AffinityTerm, PodInfo } from '../pod-info.ts';

/** Points for required affinity of pods that are there. kubernetes: InterPodAffinityArgs.HardPodAffinityWeight */
const HARD_WEIGHT = 1;

/** Preferred affinity between pods, of both sides. kubernetes: plugins/interpodaffinity/scoring.go */
export const interPodPreference: ScorerFactory = ({ pod, state, namespaceLabels }, nodes) => {
  const { preferred, preferredAnti } = pod.terms;
  const wishes = preferred.length > 0 || preferredAnti.length > 0;
  const points = new Map<string, number>();
  const add = (node: NodeInfo, { topologyKey }: AffinityTerm, weight: number): void => {
    if (weight === 0 || !Object.hasOwn(node.labels, topologyKey)) return;
    const pair = `${topologyKey}=${node.labels[topologyKey] ?? ''}`;
    points.set(pair, (points.get(pair) ?? 0) + weight);
  };
  const weigh = (node: NodeInfo, other: PodInfo): void => {
    for (const term of preferred) if (term.matches(other, namespaceLabels)) add(node, term, term.weight);
    for (const term of preferredAnti) if (term.matches(other, namespaceLabels)) add(node, term, -term.weight);
  };
  if (wishes) for (const node of state.nodes) for (const other of node.pods.values()) weigh(node, other);
  for (const node of state.nodesWithAffinity) {
    for (const { terms } of node.withAffinity) {
      for (const term of terms.affinity) if (term.matches(pod, namespaceLabels)) add(node, term, HARD_WEIGHT);
      for (const term of terms.preferred) if (term.matches(pod, namespaceLabels)) add(node, term, term.weight);
      for (const term of terms.preferredAnti) if (term.matches(pod, namespaceLabels)) add(node, term, -term.weight);
    }
  }
  if (points.size === 0 || nodes.length === 0) return undefined;
  const keys = new Set([...points.keys()].map((pair) => pair.slice(0, pair.indexOf('='))));
  return {
    weight: 2,
    score: ({ labels }) => {
      let score = 0;
      for (const key of keys) if (Object.hasOwn(labels, key)) score += points.get(`${key}=${labels[key] ?? ''}`) ?? 0;
      return score;
    },
    normalize: (scores) => {
      const lowest = Math.min(...scores);
      const range = Math.max(...scores) - lowest;
      for (let i = 0; i < scores.length; i += 1) {
        scores[i] = range === 0 ? 0 : Math.trunc((MAX_SCORE * ((scores[i] ?? 0) - lowest)) / range);
      }
    },
  };
};
