import type { ClusterState } from './cluster-state.ts';
import type { DefaultSelector } from './default-selector.ts';
import type { NodeInfo } from './node-info.ts';
import type { NamespaceLabels, PodInfo } from './pod-info.ts';
import type { VolumeLookup } from './volumes/volume-lookup.ts';

/** The parts of the scheduler that can keep a pod from a node, by the names that Kubernetes gives them. */
export type PluginName =
  | 'NodeUnschedulable'
  | 'NodeName'
  | 'TaintToleration'
  | 'NodeAffinity'
  | 'NodePorts'
  | 'NodeResourcesFit'
  | 'VolumeRestrictions'
  | 'NodeVolumeLimits'
  | 'VolumeBinding'
  | 'VolumeZone'
  | 'PodTopologySpread'
  | 'InterPodAffinity';

/** Why a pod cannot be on a node. */
export interface Failure {
  readonly plugin: PluginName;
  /** In Kubernetes' words; each is counted. */
  readonly reasons: readonly string[];
  /** Removing pods would not help. */
  readonly unresolvable: boolean;
}

/** What one attempt to find a node for a pod looks at. */
export interface Cycle {
  readonly pod: PodInfo;
  readonly state: ClusterState;
  readonly namespaceLabels: NamespaceLabels;
  readonly volumes: VolumeLookup;
  /** Which pods the system's spreading counts with a pod; undefined: it is not spread. */
  readonly defaultSelector: (pod: PodInfo) => DefaultSelector | undefined;
}

/** Tells for one pod whether a node will do; made once an attempt. */
export interface Filter {
  readonly plugin: PluginName;
  check(node: NodeInfo): Failure | undefined;
  /** Only these nodes can do; undefined: any. */
  readonly only?: ReadonlySet<string>;
}

/** Makes a filter for an attempt; undefined: the pod does not ask for it. A failure: no node will do. */
export type FilterFactory = (cycle: Cycle) => Filter | Failure | undefined;

/** True for the outcome of a {@link FilterFactory} that rules out every node. */
export function isFailure(outcome: Filter | Failure): outcome is Failure {
  return 'reasons' in outcome;
}

/** Gives nodes points for one pod: from 0 to 100 each, after {@link Scorer.normalize}. */
export interface Scorer {
  readonly weight: number;
  score(node: NodeInfo): number;
  /** Brings the points of all nodes to the scale; default: they are on it. */
  normalize?(scores: number[], nodes: readonly NodeInfo[]): void;
}

/** Makes a scorer for an attempt; undefined: it has nothing to say about the pod. */
export type ScorerFactory = (cycle: Cycle, nodes: readonly NodeInfo[]) => Scorer | undefined;

/** The most points. */
export const MAX_SCORE = 100;

/** Brings points to 0…100 in proportion to the highest; reversed: fewer are better. kubernetes: plugins/helper/normalize_score.go */
export function normalizeByHighest(scores: number[], reverse: boolean): void {
  const highest = Math.max(0, ...scores);
  for (let i = 0; i < scores.length; i += 1) {
    const score = scores[i] ?? 0;
    if (highest === 0) {
      if (reverse) scores[i] = MAX_SCORE;
      continue;
    }
    const scaled = Math.trunc((MAX_SCORE * score) / highest);
    scores[i] = reverse ? MAX_SCORE - scaled : scaled;
  }
}
