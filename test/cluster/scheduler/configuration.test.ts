import { describe, expect, it } from 'vitest';
import { createProfile, defaultProfile } from '../../../src/cluster/scheduler/profiles/create-profile.ts';
import {
  parseSchedulerConfiguration,
  readSchedulerConfiguration,
} from '../../../src/cluster/scheduler/profiles/read-configuration.ts';
import {
  defaultSettings,
  PLUGIN_ARGS,
  type ProfileSettings,
  type SchedulerConfiguration,
} from '../../../src/cluster/scheduler/profiles/settings.ts';

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

function parse(text: string): SchedulerConfiguration {
  return parseSchedulerConfiguration(HEAD + text, 'scheduler.yaml');
}

function only(configuration: SchedulerConfiguration): ProfileSettings {
  const [profile] = configuration.profiles;
  if (profile === undefined || configuration.profiles.length > 1) throw new Error('not one profile');
  return profile;
}

/** The profile that these plugins make. */
const withPlugins = (plugins: string): ProfileSettings =>
  only(parse(`profiles:\n- plugins:\n${plugins.replaceAll(/^/gm, '    ')}`));
const DEFAULT = defaultSettings().plugins;

/** Those that look at the pod before they look at nodes. */
const BY_STATE = [
  'NodeAffinity',
  'NodePorts',
  'NodeResourcesFit',
  'VolumeRestrictions',
  'NodeVolumeLimits',
  'VolumeBinding',
  'VolumeZone',
  'PodTopologySpread',
  'InterPodAffinity',
  'DynamicResources',
];

describe('the scheduler that nobody has configured', () => {
  it('asks these plugins, with these weights', () => {
    const { points, weights } = DEFAULT;
    expect(points).toEqual({
      preEnqueue: ['SchedulingGates', 'DynamicResources', 'DefaultPreemption'],
      queueSort: ['PrioritySort'],
      preFilter: [...BY_STATE],
      filter: ['NodeUnschedulable', 'NodeName', 'TaintToleration', ...BY_STATE],
      postFilter: ['DynamicResources', 'DefaultPreemption'],
      preScore: [
        'TaintToleration',
        'NodeAffinity',
        'NodeResourcesFit',
        'VolumeBinding',
        'PodTopologySpread',
        'InterPodAffinity',
        'NodeResourcesBalancedAllocation',
      ],
      score: [
        'TaintToleration',
        'NodeAffinity',
        'NodeResourcesFit',
        'VolumeBinding',
        'PodTopologySpread',
        'InterPodAffinity',
        'NodeResourcesBalancedAllocation',
        'ImageLocality',
      ],
      reserve: ['VolumeBinding', 'DynamicResources'],
      permit: [],
      preBind: ['VolumeBinding', 'DynamicResources'],
      bind: ['DefaultBinder'],
      postBind: [],
    });
    const counted = points.score.map((name) => `${name} ${weights.get(name) ?? 0}`);
    expect(counted.join(', ')).toBe(
      'TaintToleration 3, NodeAffinity 2, NodeResourcesFit 1, VolumeBinding 1, PodTopologySpread 2, InterPodAffinity 2, ' +
        'NodeResourcesBalancedAllocation 1, ImageLocality 1',
    );
  });

  it.each(['', 'profiles: []\n', 'profiles:\n- {}\n', 'profiles:\n- schedulerName: default-scheduler\n'])(
    'is that of a file with %j',
    (text) => {
      const { profiles, backOff } = parse(text);
      expect(profiles).toEqual([defaultSettings()]);
      expect(backOff).toEqual({ initial: 1000, longest: 10_000 });
    },
  );

  it('works with the filters and scores of its plugins', () => {
    const { filters, scorers, nodeFilters, ...rest } = defaultProfile();
    expect(filters.map(({ name }) => name)).toEqual(DEFAULT.points.filter.slice(0, -1));
    expect(nodeFilters.map(({ name }) => name)).toEqual(DEFAULT.points.filter.slice(0, 4));
    expect(scorers.map(({ name, weight }) => `${name} ${weight}`)).toEqual([
      'TaintToleration 3',
      'NodeAffinity 2',
      'NodeResourcesFit 1',
      'PodTopologySpread 2',
      'InterPodAffinity 2',
      'NodeResourcesBalancedAllocation 1',
      'ImageLocality 1',
    ]);
    expect(rest).toMatchObject({
      schedulerName: 'default-scheduler',
      afterwards: ['DynamicResources', 'DefaultPreemption'],
      preemption: { percentage: 10, least: 100 },
      hasGates: true,
      volumeTimeout: 600_000,
      percentageOfNodes: 0,
    });
  });
});

describe('plugins', () => {
  const without = (names: readonly string[], ...gone: readonly string[]): readonly string[] =>
    names.filter((name) => !gone.includes(name));

  it('are switched off where a profile says so', () => {
    const { points } = withPlugins('score: {disabled: [{name: ImageLocality}, {name: NoSuchPlugin}]}').plugins;
    expect(points).toEqual({ ...DEFAULT.points, score: without(DEFAULT.points.score, 'ImageLocality') });
  });

  it('are switched off everywhere by multiPoint', () => {
    const { points } = withPlugins('multiPoint: {disabled: [{name: NodeResourcesFit}]}').plugins;
    const expected = Object.fromEntries(
      Object.entries(DEFAULT.points).map(([point, names]) => [point, without(names, 'NodeResourcesFit')]),
    );
    expect(points).toEqual(expected);
  });

  it('are all switched off by *, and those that are switched on stay', () => {
    const { points, weights } = withPlugins(
      'score: {disabled: [{name: "*"}], enabled: [{name: ImageLocality, weight: 7}, {name: NodeResourcesFit}]}',
    ).plugins;
    expect(points).toEqual({ ...DEFAULT.points, score: ['ImageLocality', 'NodeResourcesFit'] });
    expect([weights.get('ImageLocality'), weights.get('NodeResourcesFit')]).toEqual([7, 1]);
  });

  it('may be chosen one by one', () => {
    const { points } = withPlugins(
      'multiPoint: {disabled: [{name: "*"}], enabled: [{name: PrioritySort}, {name: NodePorts}, {name: DefaultBinder}]}',
    ).plugins;
    const asked = Object.entries(points).filter(([, names]) => names.length > 0);
    expect(Object.fromEntries(asked)).toEqual({
      queueSort: ['PrioritySort'],
      preFilter: ['NodePorts'],
      filter: ['NodePorts'],
      bind: ['DefaultBinder'],
    });
  });

  it('keep their places when multiPoint sets them up anew', () => {
    const { points, weights } = withPlugins('multiPoint: {enabled: [{name: TaintToleration, weight: 50}]}').plugins;
    expect(points).toEqual(DEFAULT.points);
    expect(weights.get('TaintToleration')).toBe(50);
  });

  it('come first where an extension point sets them up anew', () => {
    const { points, weights } = withPlugins('score: {enabled: [{name: ImageLocality, weight: 4}]}').plugins;
    expect(points.score).toEqual(['ImageLocality', ...without(DEFAULT.points.score, 'ImageLocality')]);
    expect(weights.get('ImageLocality')).toBe(4);
  });

  it('come last where multiPoint does not have them', () => {
    const { points, weights } = withPlugins(
      'multiPoint: {disabled: [{name: ImageLocality}]}\nscore: {enabled: [{name: ImageLocality}]}',
    ).plugins;
    expect(points.score).toEqual([...without(DEFAULT.points.score, 'ImageLocality'), 'ImageLocality']);
    expect(weights.get('ImageLocality')).toBe(1);
  });

  it('have the weight of the extension point, not that of multiPoint', () => {
    const { weights } = withPlugins(
      'multiPoint: {enabled: [{name: NodeAffinity, weight: 9}]}\nscore: {enabled: [{name: NodeAffinity, weight: 8}]}',
    ).plugins;
    expect(weights.get('NodeAffinity')).toBe(8);
  });

  it('whose filter is off may still rule out nodes before', () => {
    const profile = createProfile(withPlugins('filter: {disabled: [{name: NodeAffinity}, {name: NodeName}]}'));
    expect(profile.filters.map(({ name }) => name)).toEqual([
      'NodeAffinity',
      ...without(DEFAULT.points.filter.slice(0, -1), 'NodeAffinity', 'NodeName'),
    ]);
  });
});

describe('settings', () => {
  it('are those of the file', () => {
    const { profiles, backOff } = parse(`
parallelism: 4
leaderElection: {leaderElect: false, resourceLock: endpoints}
clientConnection: {qps: 100.5, burst: 200, kubeconfig: /etc/scheduler.conf}
enableProfiling: false
podInitialBackoffSeconds: 2
podMaxBackoffSeconds: 60
percentageOfNodesToScore: 30
profiles:
- schedulerName: default-scheduler
  pluginConfig:
  - name: NodeResourcesFit
    args:
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: NodeResourcesFitArgs
      ignoredResources: [example.com/foo]
      ignoredResourceGroups: [example.org]
      scoringStrategy:
        type: RequestedToCapacityRatio
        resources: [{name: cpu, weight: 3}, {name: nvidia.com/gpu}]
        requestedToCapacityRatio:
          shape: [{utilization: 0, score: 0}, {utilization: 100, score: 10}]
  - name: NodeResourcesBalancedAllocation
    args: {resources: [{name: cpu}, {name: memory, weight: 0}, {name: nvidia.com/gpu, weight: 1}]}
  - name: PodTopologySpread
    args:
      defaultingType: List
      defaultConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, minDomains: 2}]
- schedulerName: packer
  percentageOfNodesToScore: 100
  pluginConfig:
  - name: InterPodAffinity
    args: {hardPodAffinityWeight: 5, ignorePreferredTermsOfExistingPods: true}
  - name: DefaultPreemption
    args: {minCandidateNodesPercentage: 50, minCandidateNodesAbsolute: 500}
  - name: VolumeBinding
    args: {bindTimeoutSeconds: 300}
  - name: DynamicResources
    args: {filterTimeout: 5s}
  - name: NodePorts
    args: {}
  - name: NodeAffinity
    args:
      addedAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
          nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: In, values: [big]}]}]
        preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 3
          preference: {matchFields: [{key: metadata.name, operator: NotIn, values: [a]}]}
`);
    expect(backOff).toEqual({ initial: 2000, longest: 60_000 });
    expect(
      profiles.map(({ schedulerName, percentageOfNodes, args }) => ({ schedulerName, percentageOfNodes, args })),
    ).toEqual([
      {
        schedulerName: 'default-scheduler',
        percentageOfNodes: 30,
        args: {
          ...PLUGIN_ARGS,
          fit: {
            ignoredResources: ['example.com/foo'],
            ignoredResourceGroups: ['example.org'],
            strategy: {
              type: 'RequestedToCapacityRatio',
              resources: [
                { name: 'cpu', weight: 3 },
                { name: 'nvidia.com/gpu', weight: 1 },
              ],
              shape: [
                { utilization: 0, score: 0 },
                { utilization: 100, score: 10 },
              ],
            },
          },
          balance: {
            resources: [
              { name: 'cpu', weight: 1 },
              { name: 'memory', weight: 1 },
              { name: 'nvidia.com/gpu', weight: 1 },
            ],
          },
          defaultConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', minDomains: 2 }],
        },
      },
      {
        schedulerName: 'packer',
        percentageOfNodes: 100,
        args: {
          ...PLUGIN_ARGS,
          interPod: { hardWeight: 5, ignoresOthers: true },
          preemption: { percentage: 50, least: 500 },
          volumeTimeout: 300_000,
          addedAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'pool', operator: 'In', values: ['big'] }], matchFields: [] },
              ],
            },
            preferred: [
              {
                weight: 3,
                preference: {
                  matchExpressions: [],
                  matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['a'] }],
                },
              },
            ],
          },
        },
      },
    ]);
  });

  it('that are empty are as usual', () => {
    const args = ['DefaultPreemption', 'InterPodAffinity', 'NodeResourcesFit', 'VolumeBinding', 'PodTopologySpread'];
    const list = args.map((name) => `  - name: ${name}\n    args:\n`).join('');
    expect(parse(`profiles:\n- pluginConfig:\n${list}`).profiles).toEqual([defaultSettings()]);
  });

  it('may come as a value, and are kept as they came', () => {
    const value = {
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      profiles: [{ schedulerName: 'packer' }],
    };
    const configuration = readSchedulerConfiguration(value);
    expect(configuration.profiles).toEqual([{ ...defaultSettings(), schedulerName: 'packer' }]);
    expect(readSchedulerConfiguration(JSON.parse(JSON.stringify(configuration.source)))).toEqual(configuration);
    expect(() => readSchedulerConfiguration({ ...value, parallelism: 0 })).toThrow(
      'the scheduler configuration: parallelism: Invalid value: 0: should be an integer value greater than zero',
    );
  });
});
