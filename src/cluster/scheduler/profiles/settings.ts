import type { JsonObject } from '../../../base/json.ts';
import type {
  NodeSelector,
  PreferredSchedulingTerm,
  TopologySpreadConstraint,
} from '../../../kube/api/core-v1.generated.ts';
import type { PreemptionReach } from '../cycle.ts';
import { INTER_POD_ARGS, type InterPodArgs } from '../scores/inter-pod-preference.ts';
import { type ScoringStrategy, USUAL_RESOURCES, type WeighedResource } from '../scores/resource-scores.ts';
import { type Composition, composePlugins } from './compose-plugins.ts';

/** How the parts of a profile are set up; what a KubeSchedulerConfiguration has in `pluginConfig`, with its defaults. */
export interface PluginArgs {
  readonly fit: {
    readonly strategy: ScoringStrategy;
    readonly ignoredResources: readonly string[];
    readonly ignoredResourceGroups: readonly string[];
  };
  readonly balance: { readonly resources: readonly WeighedResource[] };
  /** What holds for all pods of the profile besides what they say themselves. */
  readonly addedAffinity: {
    readonly required: NodeSelector | undefined;
    readonly preferred: readonly PreferredSchedulingTerm[];
  };
  /** For pods that have no constraints; undefined: the system's. */
  readonly defaultConstraints: readonly TopologySpreadConstraint[] | undefined;
  readonly interPod: InterPodArgs;
  readonly preemption: PreemptionReach;
  /** ms */
  readonly volumeTimeout: number;
}

/** One profile as a KubeSchedulerConfiguration has it. */
export interface ProfileSettings {
  readonly schedulerName: string;
  readonly plugins: Composition;
  readonly args: PluginArgs;
  /** 0: by the size of the cluster. */
  readonly percentageOfNodes: number;
}

/** How the scheduler works; read from a KubeSchedulerConfiguration. */
export interface SchedulerConfiguration {
  readonly profiles: readonly ProfileSettings[];
  readonly backOff: BackOffLimits;
  /** What it was read from. */
  readonly source: JsonObject;
}

/** ms that a pod waits after a failure; they double with each. */
export interface BackOffLimits {
  readonly initial: number;
  readonly longest: number;
}

/** kubernetes: pkg/scheduler/apis/config/v1/defaults.go */
export const BACK_OFF: BackOffLimits = { initial: 1000, longest: 10_000 };

/** The name of the profile of pods that name none. */
export const DEFAULT_SCHEDULER = 'default-scheduler';

/** kubernetes: pkg/scheduler/apis/config/v1/defaults.go */
export const PLUGIN_ARGS: PluginArgs = {
  fit: {
    strategy: { type: 'LeastAllocated', resources: USUAL_RESOURCES, shape: [] },
    ignoredResources: [],
    ignoredResourceGroups: [],
  },
  balance: { resources: USUAL_RESOURCES },
  addedAffinity: { required: undefined, preferred: [] },
  defaultConstraints: undefined,
  interPod: INTER_POD_ARGS,
  preemption: { percentage: 10, least: 100 },
  volumeTimeout: 600_000,
};

/** The only profile of a scheduler that nobody has configured. */
export function defaultSettings(): ProfileSettings {
  return {
    schedulerName: DEFAULT_SCHEDULER,
    plugins: composePlugins({}, () => {}),
    args: PLUGIN_ARGS,
    percentageOfNodes: 0,
  };
}
