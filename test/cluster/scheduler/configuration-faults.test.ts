import { describe, expect, it } from 'vitest';
import { PintleError } from '../../../src/base/errors.ts';
import { formatLocation } from '../../../src/base/source.ts';
import { parseSchedulerConfiguration } from '../../../src/cluster/scheduler/profiles/read-configuration.ts';

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

/** The faults that are told, with their places. */
function faultsOf(text: string, head = HEAD): readonly string[] {
  try {
    parseSchedulerConfiguration(head + text, 'scheduler.yaml');
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    return [error, ...error.related].map(({ message, location }) => {
      const place = location === undefined ? '' : formatLocation(location).replace('scheduler.yaml:', '');
      return `${place} ${message.replace('scheduler.yaml: ', '')}`;
    });
  }
  return [];
}

const ARGS = 'profiles[0].pluginConfig[0].args';
/** The place of the arguments, and their text after four lines and two columns. */
const args = (plugin: string, text: string): string =>
  `profiles:\n- pluginConfig:\n  - name: ${plugin}\n    args:\n${text.replaceAll(/^/gm, '      ')}\n`;
const REMOVED = 'was invalid in version "v1" (KubeSchedulerConfiguration is version "kubescheduler.config.k8s.io/v1")';

describe('a file with faults', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'another version',
      'apiVersion: kubescheduler.config.k8s.io/v1beta3\nkind: KubeSchedulerConfiguration\nfoo: 1\n',
      [
        '1:1 apiVersion: Unsupported value: "kubescheduler.config.k8s.io/v1beta3": supported values: "kubescheduler.config.k8s.io/v1"',
      ],
    ],
    [
      'nothing that says what it is',
      'profiles: []\n',
      [
        '1:1 apiVersion: Unsupported value: "": supported values: "kubescheduler.config.k8s.io/v1"',
        '1:1 kind: Unsupported value: "": supported values: "KubeSchedulerConfiguration"',
      ],
    ],
    ['a list', '- a\n', ['1:1 must be a KubeSchedulerConfiguration']],
  ])('is refused: %s', (_title, text, expected) => {
    expect(faultsOf(text, '')).toEqual(expected);
  });

  it('is refused: a key that is set twice', () => {
    expect(faultsOf('parallelism: 1\nparallelism: 2\n')).toEqual([
      '4:14 error converting YAML to JSON: yaml: unmarshal errors:\n  line 4: key "parallelism" already set in map',
    ]);
  });

  it('is told with all its faults and their places', () => {
    const text = `
parallelism: 0
percentageOfNodesToScore: 101
podInitialBackoffSeconds: 0
podMaxBackoffSeconds: -1
leaderElection: {resourceLock: configmaps}
clientConnection: {burst: -1}
enableProfiling: "no"
healthzBindAddress: ""
extenders:
- urlPrefix: http://localhost
profiles:
- schedulerName: one
- schedulerName: one
  percentageOfNodesToScore: -1
- plugins:
    filters: {}
- plugins: []
  schedulerName: 5
`;
    expect(faultsOf(text)).toEqual([
      '11:1 strict decoding error: unknown field "healthzBindAddress"',
      '4:1 parallelism: Invalid value: 0: should be an integer value greater than zero',
      '10:1 enableProfiling: must be true or false',
      '9:20 clientConnection.burst: Invalid value: -1: must be non-negative',
      '8:18 leaderElection.resourceLock: Invalid value: "configmaps": resourceLock value must be "leases"',
      '12:1 extenders: extenders are programs of their own, which this scheduler does not ask; leave them out',
      '5:1 percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]',
      '6:1 podInitialBackoffSeconds: Invalid value: 0: must be greater than 0',
      '7:1 podMaxBackoffSeconds: Invalid value: -1: must be greater than or equal to PodInitialBackoffSeconds',
      '16:3 profiles[1].schedulerName: Duplicate value: "profiles[0].schedulerName"',
      '17:3 profiles[1].percentageOfNodesToScore: Invalid value: -1: not in valid range [0-100]',
      '18:3 profiles[2].schedulerName: Required value',
      '19:5 strict decoding error: unknown field "profiles[2].plugins.filters"',
      '21:3 profiles[3].schedulerName: must be a text',
      '21:3 profiles[3].schedulerName: Required value',
      '20:3 profiles[3].plugins: must be a mapping',
    ]);
  });

  it.each<[string, string, readonly string[]]>([
    [
      'there is no such plugin',
      'filter: {enabled: [{name: NodeLabel}]}',
      ['5:24 profiles[0].plugins.filter.enabled[0]: FilterPlugin "NodeLabel" does not exist'],
    ],
    [
      'there is no such plugin anywhere',
      'multiPoint: {enabled: [{name: Coscheduling}]}',
      ['5:28 profiles[0].plugins.multiPoint.enabled[0]: PreFilterPlugin "Coscheduling" does not exist'],
    ],
    [
      'a plugin that does not do this',
      'score: {enabled: [{name: NodePorts}]}',
      ['5:23 profiles[0].plugins.score.enabled[0]: plugin "NodePorts" does not extend ScorePlugin plugin'],
    ],
    [
      'a plugin twice',
      'score: {enabled: [{name: NodeAffinity}, {name: NodeAffinity}]}',
      ['5:45 profiles[0].plugins.score.enabled[1]: plugin "NodeAffinity" already registered as "ScorePlugin"'],
    ],
    [
      'a plugin twice everywhere',
      'multiPoint: {enabled: [{name: NodePorts}, {name: NodePorts}]}',
      ['5:47 profiles[0].plugins.multiPoint.enabled[1]: plugin "NodePorts" already registered as "PreFilterPlugin"'],
    ],
    [
      'a plugin of earlier times',
      'filter: {enabled: [{name: EBSLimits}]}',
      [`5:24 profiles[0].plugins.filter.enabled[0]: Invalid value: "EBSLimits": ${REMOVED}`],
    ],
    [
      'nothing that sorts, nothing that binds',
      'multiPoint: {disabled: [{name: "*"}]}',
      [
        '4:3 profiles[0].plugins.queueSort: only one queue sort plugin required for profile with scheduler name "default-scheduler", but got 0',
        '4:3 profiles[0].plugins.bind: at least one bind plugin is needed for profile with scheduler name "default-scheduler"',
      ],
    ],
    [
      'filters and scores without what they work on',
      'preFilter: {disabled: [{name: NodePorts}]}\npreScore: {disabled: [{name: "*"}]}\nscore: {disabled: [{name: PodTopologySpread}]}',
      [
        '5:5 profiles[0].plugins.preFilter: NodePorts cannot filter without its preFilter; disable both, or neither',
        '6:5 profiles[0].plugins.preScore: TaintToleration cannot score without its preScore; disable both, or neither',
        '6:5 profiles[0].plugins.preScore: InterPodAffinity cannot score without its preScore; disable both, or neither',
      ],
    ],
  ])('is refused for its plugins: %s', (_title, plugins, expected) => {
    expect(faultsOf(`profiles:\n- plugins:\n${plugins.replaceAll(/^/gm, '    ')}\n`)).toEqual(expected);
  });

  it.each<[string, string, readonly string[]]>([
    [
      'DefaultPreemption: out of range',
      args('DefaultPreemption', 'minCandidateNodesPercentage: 101\nminCandidateNodesAbsolute: -1'),
      [
        `7:7 ${ARGS}.minCandidateNodesPercentage: Invalid value: 101: not in valid range [0, 100]`,
        `8:7 ${ARGS}.minCandidateNodesAbsolute: Invalid value: -1: not in valid range [0, inf)`,
      ],
    ],
    [
      'DefaultPreemption: nowhere at all',
      args('DefaultPreemption', 'minCandidateNodesPercentage: 0\nminCandidateNodesAbsolute: 0'),
      [
        `7:7 ${ARGS}.minCandidateNodesPercentage: Invalid value: 0: cannot be zero at the same time as minCandidateNodesAbsolute`,
        `8:7 ${ARGS}.minCandidateNodesAbsolute: Invalid value: 0: cannot be zero at the same time as minCandidateNodesPercentage`,
      ],
    ],
    [
      'InterPodAffinity: a weight above 100',
      args('InterPodAffinity', 'hardPodAffinityWeight: 101'),
      [`7:7 ${ARGS}.hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]`],
    ],
    [
      'InterPodAffinity: a weight that is none',
      args('InterPodAffinity', 'hardPodAffinityWeight: heavy'),
      [`7:7 ${ARGS}.hardPodAffinityWeight: must be a whole number`],
    ],
    [
      'PodTopologySpread: constraints beside those of the system',
      args(
        'PodTopologySpread',
        'defaultConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]',
      ),
      [`6:5 ${ARGS}.defaultingType: Invalid value: "System": when .defaultConstraints are not empty`],
    ],
    [
      'PodTopologySpread: constraints',
      args(
        'PodTopologySpread',
        `defaultingType: Some
defaultConstraints:
- {maxSkew: 0, topologyKey: "a b", whenUnsatisfiable: Never}
- {maxSkew: 1, labelSelector: {}}
- {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}
- {maxSkew: 2, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}`,
      ),
      [
        `9:10 ${ARGS}.defaultConstraints[0].maxSkew: Invalid value: 0: not in valid range (0, inf)`,
        `9:22 ${ARGS}.defaultConstraints[0].topologyKey: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
        `9:42 ${ARGS}.defaultConstraints[0].whenUnsatisfiable: Unsupported value: "Never": supported values: "DoNotSchedule", "ScheduleAnyway"`,
        `10:9 ${ARGS}.defaultConstraints[1].topologyKey: Required value: can not be empty`,
        `10:9 ${ARGS}.defaultConstraints[1].whenUnsatisfiable: Required value: can not be empty`,
        `10:22 ${ARGS}.defaultConstraints[1].labelSelector: Forbidden: constraint must not define a selector, as they deduced for each pod`,
        `7:7 ${ARGS}.defaultingType: Unsupported value: "Some": supported values: "System", "List"`,
        `12:9 ${ARGS}.defaultConstraints[3]: Duplicate value: "{zone, DoNotSchedule}"`,
      ],
    ],
    [
      'NodeResourcesBalancedAllocation: weights and names',
      args('NodeResourcesBalancedAllocation', 'resources: [{name: cpu, weight: 2}, {name: cpu}]'),
      [
        `7:31 ${ARGS}.resources[0].weight: Invalid value: 2: must be 1`,
        `7:44 ${ARGS}.resources[1].name: Duplicate value: "cpu"`,
      ],
    ],
    [
      'NodeAffinity: requirements',
      args(
        'NodeAffinity',
        `addedAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    nodeSelectorTerms:
    - matchExpressions:
      - {key: foo, operator: Is, values: [a]}
      - {key: foo, operator: In}
      - {key: "a b/c", operator: Exists}
      matchFields:
      - {key: metadata.name, operator: Exists}
      - {key: metadata.name, operator: In, values: []}
  preferredDuringSchedulingIgnoredDuringExecution:
  - {weight: 1, preference: {matchExpressions: [{key: foo, operator: Gt, values: [x]}]}}`,
      ),
      [
        `11:26 ${ARGS}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: Unsupported value: "Is": supported values: "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"`,
        `12:15 ${ARGS}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[1].values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`,
        `13:16 ${ARGS}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[2].key: Invalid value: "a b/c": prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
        `15:36 ${ARGS}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].operator: Unsupported value: "Exists": supported values: "In", "NotIn"`,
        `16:50 ${ARGS}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[1].values: Invalid value: []: must have one element`,
        `18:80 ${ARGS}.addedAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
      ],
    ],
    [
      'VolumeBinding',
      args('VolumeBinding', 'bindTimeoutSeconds: -1\nshape: []'),
      [
        `7:7 ${ARGS}.bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value`,
        `8:7 ${ARGS}.shape: Invalid value: []: unexpected field \`shape\`, remove it or turn on the feature gate StorageCapacityScoring`,
      ],
    ],
    [
      'DynamicResources',
      args('DynamicResources', 'filterTimeout: -1s\nbindingTimeout: 1s'),
      [
        `7:7 ${ARGS}.filterTimeout: Invalid value: "-1s": must be zero or positive`,
        `8:7 ${ARGS}.bindingTimeout: Forbidden: DRADeviceBindingConditions or DRAResourceClaimDeviceStatus feature gate is disabled`,
      ],
    ],
    [
      'NodeResourcesFit: names',
      args('NodeResourcesFit', 'ignoredResources: [example.com/]\nignoredResourceGroups: [example.com/foo]'),
      [
        `7:26 ${ARGS}.ignoredResources[0]: Invalid value: "example.com/": name part must be non-empty`,
        `7:26 ${ARGS}.ignoredResources[0]: Invalid value: "example.com/": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
        `8:31 ${ARGS}.ignoredResourceGroups[0]: Invalid value: "example.com/foo": resource group name can't contain '/'`,
      ],
    ],
    [
      'NodeResourcesFit: a strategy without a type',
      args('NodeResourcesFit', 'scoringStrategy: {resources: [{name: cpu, weight: 101}, {name: memory, weight: -1}]}'),
      [
        `7:7 ${ARGS}.scoringStrategy.type: Unsupported value: "": supported values: "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"`,
        `7:49 ${ARGS}.scoringStrategy.resources[0].weight: Invalid value: 101: resource weight of cpu not in valid range (0, 100]`,
        `7:78 ${ARGS}.scoringStrategy.resources[1].weight: Invalid value: -1: resource weight of memory not in valid range (0, 100]`,
      ],
    ],
    [
      'NodeResourcesFit: a ratio without a curve',
      args('NodeResourcesFit', 'scoringStrategy: {type: RequestedToCapacityRatio}'),
      [
        `7:7 ${ARGS}.scoringStrategy.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio`,
      ],
    ],
    [
      'NodeResourcesFit: a ratio with a curve of no points',
      args('NodeResourcesFit', 'scoringStrategy: {type: RequestedToCapacityRatio, requestedToCapacityRatio: {}}'),
      [
        `7:57 ${ARGS}.scoringStrategy.requestedToCapacityRatio.shape: Required value: at least one point must be specified`,
      ],
    ],
    [
      'NodeResourcesFit: a curve for another strategy',
      args('NodeResourcesFit', 'scoringStrategy: {type: MostAllocated, requestedToCapacityRatio: {shape: []}}'),
      [
        `7:46 ${ARGS}.scoringStrategy.requestedToCapacityRatio: Forbidden: must be nil when type is not RequestedToCapacityRatio`,
      ],
    ],
    [
      'NodeResourcesFit: the points of a curve',
      args(
        'NodeResourcesFit',
        `scoringStrategy:
  type: RequestedToCapacityRatio
  requestedToCapacityRatio:
    shape: [{utilization: -1, score: 11}, {utilization: 101, score: -1}, {utilization: 50}, {Score: 2}]`,
      ),
      [
        '10:100 strict decoding error: unknown field "profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio.shape[3].Score"',
        `10:81 ${ARGS}.scoringStrategy.requestedToCapacityRatio.shape[2].utilization: Invalid value: 50: values must be sorted in increasing order`,
        `10:20 ${ARGS}.scoringStrategy.requestedToCapacityRatio.shape[0].utilization: Invalid value: -1: not in valid range [0, 100]`,
        `10:37 ${ARGS}.scoringStrategy.requestedToCapacityRatio.shape[0].score: Invalid value: 11: not in valid range [0, 10]`,
        `10:50 ${ARGS}.scoringStrategy.requestedToCapacityRatio.shape[1].utilization: Invalid value: 101: not in valid range [0, 100]`,
        `10:68 ${ARGS}.scoringStrategy.requestedToCapacityRatio.shape[1].score: Invalid value: -1: not in valid range [0, 10]`,
      ],
    ],
    [
      'arguments of another kind',
      args('DefaultPreemption', 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: InterPodAffinityArgs'),
      [
        '8:7 decoding .profiles[0].pluginConfig[0]: args for plugin DefaultPreemption were not of type DefaultPreemptionArgs.kubescheduler.config.k8s.io, got InterPodAffinityArgs.kubescheduler.config.k8s.io',
      ],
    ],
    ['arguments of a plugin that takes none', args('NodePorts', 'a: 1'), [`6:5 ${ARGS}: NodePorts takes no arguments`]],
    [
      'arguments twice',
      'profiles:\n- pluginConfig:\n  - name: VolumeBinding\n  - name: VolumeBinding\n',
      ['6:5 profiles[0].pluginConfig[1]: Duplicate value: "VolumeBinding"'],
    ],
    [
      'arguments of a plugin of earlier times',
      'profiles:\n- pluginConfig:\n  - name: GCEPDLimits\n',
      [`5:5 profiles[0].pluginConfig[0]: Invalid value: "GCEPDLimits": ${REMOVED}`],
    ],
    [
      'arguments of a plugin that there is not',
      'profiles:\n- pluginConfig:\n  - name: NodeResourceFit\n',
      [
        '5:5 profiles[0].pluginConfig[0].name: Unsupported value: "NodeResourceFit": supported values: "SchedulingGates", "PrioritySort", "NodeUnschedulable", "NodeName", "TaintToleration", "NodeAffinity", "NodePorts", "NodeResourcesFit", "VolumeRestrictions", "NodeVolumeLimits", "VolumeBinding", "VolumeZone", "PodTopologySpread", "InterPodAffinity", "DynamicResources", "DefaultPreemption", "NodeResourcesBalancedAllocation", "ImageLocality", "DefaultBinder"',
      ],
    ],
  ])('is refused for arguments: %s', (_title, text, expected) => {
    expect(faultsOf(text)).toEqual(expected);
  });
});
