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
  /** How pods of the pod's scheduler name are given nodes. */
  readonly profile: Profile;
  readonly namespaceLabels: NamespaceLabels;
  readonly volumes: VolumeLookup;
  /** Which pods the system's spreading counts with a pod; undefined: it is not spread. */
  readonly defaultSelector: (pod: PodInfo) => DefaultSelector | undefined;
}

/** Tells for one pod whether a node will do; made once an attempt. */
export interface Filter {
  readonly plugin: PluginName;
  /** It looks at nothing but the node and its pods, and at what NodeMemos knows a pod by. */
  readonly isLocal?: true;
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
  /** As of filters; a local scorer has no {@link Scorer.normalize}. */
  readonly isLocal?: true;
  score(node: NodeInfo): number;
  /** Brings the points of all nodes to the scale; default: they are on it. */
  normalize?(scores: number[], nodes: readonly NodeInfo[]): void;
}

/** Makes a scorer for an attempt; undefined: it has nothing to say about the pod. */
export type ScorerFactory = (cycle: Cycle, nodes: readonly NodeInfo[]) => Scorer | undefined;

/** A part that can keep pods from nodes. */
export interface FilterPlugin {
  readonly name: PluginName;
  readonly create: FilterFactory;
}

/** A part that gives nodes points, which count so many times. */
export interface ScorePlugin {
  readonly name: string;
  readonly weight: number;
  readonly create: ScorerFactory;
}

/** How many nodes preemption works out when many might do: a share of them, but not fewer than so many. */
export interface PreemptionReach {
  readonly percentage: number;
  readonly least: number;
}

/** How pods of one scheduler name are given nodes: which parts are asked, in their order, and how they are set up. */
export interface Profile {
  readonly schedulerName: string;
  readonly filters: readonly FilterPlugin[];
  /** Those of the filters that look at the node alone, not at what is on it. */
  readonly nodeFilters: readonly FilterPlugin[];
  readonly scorers: readonly ScorePlugin[];
  /** What is tried for a pod that no node will take, in this order. */
  readonly afterwards: readonly ('DynamicResources' | 'DefaultPreemption')[];
  readonly preemption: PreemptionReach;
  /** Pods with scheduling gates wait. */
  readonly hasGates: boolean;
  /** ms until a pod's volumes have to be bound; undefined: they are left alone. */
  readonly volumeTimeout: number | undefined;
  /** How many nodes in a hundred are enough to choose from; 0: by the size of the cluster. */
  readonly percentageOfNodes: number;
  /** True for resources of which a node has to have enough. */
  readonly counts: (resource: string) => boolean;
}

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
