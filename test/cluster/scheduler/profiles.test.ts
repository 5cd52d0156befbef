import { describe, expect, it } from 'vitest';
import type { Cycle } from '../../../src/cluster/scheduler/cycle.ts';
import { Placer } from '../../../src/cluster/scheduler/placement.ts';
import { createProfile } from '../../../src/cluster/scheduler/profiles/create-profile.ts';
import {
  parseSchedulerConfiguration,
  readSchedulerConfiguration,
} from '../../../src/cluster/scheduler/profiles/read-configuration.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import type { SchedulerConfiguration } from '../../../src/cluster/scheduler/profiles/settings.ts';
import { equalityMatcher } from '../../../src/kube/labels.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { bench, type Bench } from './support.ts';
import { cycleOf, type World } from './world.ts';

/** A configuration of these profiles. */
function configuration(...profiles: readonly object[]): SchedulerConfiguration {
  return readSchedulerConfiguration({
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    profiles,
  });
}

const DEFAULT = { schedulerName: 'default-scheduler' };
const PACKER = {
  schedulerName: 'packer',
  pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'MostAllocated' } } }],
};
const by = (schedulerName: string): { readonly spec: { readonly schedulerName: string } } => ({
  spec: { schedulerName },
});

async function withBench(scheduler: SchedulerConfiguration, run: (each: Bench) => Promise<void>): Promise<void> {
  const each = await bench(scheduler);
  try {
    await run(each);
  } finally {
    each.stop();
  }
}

describe('profiles', () => {
  it('serve each the pods that name them', async () => {
    await withBench(configuration(DEFAULT, PACKER), async ({ node, pod, places }) => {
      await node('a');
      await node('b');
      await pod('first', { cpu: '1', memory: '2Gi' });
      const [full = '', free = ''] = (await places('first')) === 'a' ? ['a', 'b'] : ['b', 'a'];
      await pod('packed', { cpu: '1', memory: '2Gi', ...by('packer') });
      await pod('spread', { cpu: '1', memory: '2Gi' });
      expect(await places('packed', 'spread')).toBe(`${full} ${free}`);
    });
  });

  it('speak each by their name', async () => {
    await withBench(configuration(DEFAULT, PACKER), async ({ client, node, pod, places }) => {
      await node('a', { cpu: '1' });
      await pod('fits', { cpu: '1', ...by('packer') });
      await pod('waits', { cpu: '1', ...by('packer') });
      await pod('waits-too', { cpu: '1' });
      expect(await places('fits', 'waits', 'waits-too')).toBe('a - -');
      const { items } = await client.list(RESOURCES.events, { namespace: 'default' });
      const said = items.map((event) => {
        const { reason, involvedObject, source } = event as unknown as {
          readonly reason: string;
          readonly involvedObject: { readonly name: string };
          readonly source: { readonly component: string };
        };
        return `${reason} ${involvedObject.name}: ${source.component}`;
      });
      expect(said.sort()).toEqual([
        'FailedScheduling waits-too: default-scheduler',
        'FailedScheduling waits: packer',
        'Scheduled fits: packer',
      ]);
    });
  });

  it('leave pods alone that name none of them: they wait without a word', async () => {
    await withBench(configuration(PACKER), async ({ clock, get, node, pod, places, events }) => {
      await node('a');
      await pod('usual');
      await pod('other', by('nobody'));
      await clock.advance(600_000);
      expect(await places('usual', 'other')).toBe('- -');
      expect([...(await events('usual')), ...(await events('other'))]).toEqual([]);
      expect((await get('other')).status).toMatchObject({ phase: 'Pending' });
      expect((await get('other')).status?.conditions ?? []).toEqual([]);
    });
  });

  it('count and spare the pods of each other', async () => {
    await withBench(configuration(DEFAULT, PACKER), async ({ client, get, node, pod, why }) => {
      await client.create(RESOURCES.priorityClasses, { metadata: { name: 'high' }, value: 1000 });
      await node('a', { cpu: '1' });
      await pod('low', { cpu: '1' });
      await pod('high', { cpu: '1', spec: { schedulerName: 'packer', priorityClassName: 'high' } });
      expect(await why('high')).toBe('Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.');
      const low = await client.list(RESOURCES.pods, { namespace: 'default', fieldSelector: 'metadata.name=low' });
      const [victim] = low.items as readonly { readonly status?: { readonly conditions?: readonly object[] } }[];
      // The one that ends has gone at once, or tells who has chosen it.
      if (victim !== undefined) {
        expect(victim.status?.conditions).toContainEqual(
          expect.objectContaining({ message: 'packer: preempting to accommodate a higher priority pod' }),
        );
      }
      expect((await get('high')).status?.nominatedNodeName).toBe('a');
    });
  });
});

describe('a profile', () => {
  it('without preemption does not speak of it', async () => {
    const plugins = { postFilter: { disabled: [{ name: '*' }] } };
    await withBench(configuration({ plugins }), async ({ node, pod, why }) => {
      await node('a', { cpu: '1' });
      await pod('large', { cpu: '2' });
      expect(await why('large')).toBe('Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.');
    });
  });

  it.each([
    [{ disabled: [{ name: 'DynamicResources' }] }, 'preemption: 0/1 nodes are available: '],
    [{ disabled: [{ name: 'DefaultPreemption' }] }, 'no new claims to deallocate'],
    [
      { enabled: [{ name: 'DefaultPreemption' }, { name: 'DynamicResources' }] },
      'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling., no new claims to deallocate',
    ],
  ])('tells what was tried afterwards, in its order: %j', async (postFilter, said) => {
    await withBench(configuration({ plugins: { postFilter } }), async ({ node, pod, why }) => {
      await node('a', { cpu: '1' });
      await pod('large', { cpu: '2' });
      expect(await why('large')).toContain(`1 Insufficient cpu. ${said}`);
    });
  });

  it('without gates takes gated pods, which the API then refuses to bind', async () => {
    const plugins = { preEnqueue: { disabled: [{ name: 'SchedulingGates' }] } };
    await withBench(configuration({ plugins }), async ({ node, pod, places, events }) => {
      await node('a');
      await pod('gated', { spec: { schedulingGates: [{ name: 'example.com/wait' }] } });
      expect(await places('gated')).toBe('-');
      expect((await events('gated')).join('\n')).toContain('pod gated has non-empty .spec.schedulingGates');
    });
  });

  it('waits after errors as long as it is told', async () => {
    const scheduler = parseSchedulerConfiguration(
      `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
podInitialBackoffSeconds: 30
podMaxBackoffSeconds: 40
profiles:
- plugins: {preEnqueue: {disabled: [{name: SchedulingGates}]}}
`,
      'scheduler.yaml',
    );
    await withBench(scheduler, async ({ clock, client, node, pod, places, events }) => {
      await node('a');
      await pod('gated', { spec: { schedulingGates: [{ name: 'example.com/wait' }] } });
      const tries = async (): Promise<number> => {
        const { items } = await client.list(RESOURCES.events, { namespace: 'default' });
        return items.reduce((sum, event) => sum + ((event as { readonly count?: number }).count ?? 1), 0);
      };
      expect((await events('gated')).length).toBe(1);
      await clock.advance(29_999);
      expect(await tries()).toBe(1);
      await clock.advance(1);
      expect(await tries()).toBe(2);
      await clock.advance(39_999);
      expect(await tries()).toBe(2);
      await clock.advance(1);
      expect(await tries()).toBe(3);
      expect(await places('gated')).toBe('-');
    });
  });

  it('does not count resources that it is told to ignore', async () => {
    const args = { ignoredResources: ['example.com/foo'], ignoredResourceGroups: ['example.org'] };
    const ignoring = { pluginConfig: [{ name: 'NodeResourcesFit', args }] };
    await withBench(configuration(ignoring), async ({ node, pod, places, why }) => {
      await pod('ignored', asking({ 'example.com/foo': '1', 'example.org/bar': '1' }));
      await node('a');
      await pod('counted', asking({ 'example.com/bar': '1' }));
      expect(await places('ignored', 'counted')).toBe('a -');
      expect(await why('counted')).toContain('1 Insufficient example.com/bar.');
    });
  });

  it('binds its pods to nodes by an affinity of its own', async () => {
    const term = (value: string): object => ({ matchExpressions: [{ key: 'disk', operator: 'In', values: [value] }] });
    const addedAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term('ssd'), term('nvme')] },
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, preference: term('nvme') }],
    };
    const bound = { schedulerName: 'bound', pluginConfig: [{ name: 'NodeAffinity', args: { addedAffinity } }] };
    await withBench(configuration(DEFAULT, bound), async ({ node, pod, places, why }) => {
      await node('hdd', { cpu: '8', memory: '16Gi', labels: { disk: 'hdd' } });
      await pod('waits', by('bound'));
      expect(await why('waits')).toContain("1 node(s) didn't match scheduler-enforced node affinity.");
      await node('ssd', { labels: { disk: 'ssd' } });
      await node('nvme', { labels: { disk: 'nvme' } });
      await pod('prefers', by('bound'));
      await pod('chooses', { spec: { schedulerName: 'bound', nodeSelector: { disk: 'hdd' } } });
      await pod('usual', { cpu: '5' });
      expect(await places('waits', 'prefers', 'chooses', 'usual')).toBe('ssd nvme - hdd');
      expect(await why('chooses')).toContain(
        "1 node(s) didn't match scheduler-enforced node affinity, 2 node(s) didn't match Pod's node affinity/selector.",
      );
    });
  });
});

function asking(requests: Readonly<Record<string, string>>): object {
  return { spec: { containers: [{ name: 'c', image: 'shop/app:1', resources: { requests, limits: requests } }] } };
}

const SPREAD = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
const SPREAD_SOFTLY = { ...SPREAD, whenUnsatisfiable: 'ScheduleAnyway' };

/** What an attempt with the only profile of a configuration looks at. */
function attempt(world: World, profile: object): Cycle {
  const [settings] = configuration(profile).profiles;
  if (settings === undefined) throw new Error('no profile');
  return cycleOf(world, createProfile(settings));
}

function place(world: World, profile: object): string {
  const placement = new Placer(new SeededRandom(1)).place(attempt(world, profile), () => []);
  if (placement.kind === 'fits') return placement.node.name;
  const reasons = [...placement.diagnosis.failures].map(([name, failure]) => `${name}: ${failure.reasons.join(', ')}`);
  return reasons.sort().join('; ');
}

describe('constraints for pods that have none', () => {
  const spread = (...defaultConstraints: readonly object[]): object => ({
    pluginConfig: [{ name: 'PodTopologySpread', args: { defaultingType: 'List', defaultConstraints } }],
  });
  const room = { cpu: 10, memory: 10_000 };
  const WORLD: World = {
    nodes: {
      a: { labels: { zone: 'x' }, allocatable: room },
      b: { labels: { zone: 'y' }, allocatable: room },
      c: { allocatable: room },
    },
    pods: [{ on: 'a', labels: { app: 'web' } }],
    pod: { labels: { app: 'web' } },
    defaultSelector: { key: 'app=web', matcher: equalityMatcher({ app: 'web' }) },
  };

  it('may be required', () => {
    expect(place(WORLD, spread(SPREAD))).toBe('b');
    const full = { ...WORLD, nodes: { a: WORLD.nodes['a'] ?? {}, b: { labels: { zone: 'y' }, unschedulable: true } } };
    expect(place(full, spread(SPREAD))).toBe(
      "a: node(s) didn't match pod topology spread constraints; b: node(s) were unschedulable",
    );
  });

  it('may be wishes, for which nodes without the label get nothing', () => {
    expect(place(WORLD, spread(SPREAD_SOFTLY))).toBe('b');
  });

  it('may be none', () => {
    const { scorers, filters } = attempt(WORLD, spread()).profile;
    const cycle = attempt(WORLD, spread());
    const spreads = [...filters, ...scorers].filter(({ name }) => name === 'PodTopologySpread');
    expect(spreads.map(({ create }) => create(cycle, cycle.state.nodes))).toEqual([undefined, undefined]);
  });

  it('are not for pods that have their own, nor for pods that nobody selects', () => {
    const own: World = { ...WORLD, pod: { labels: { app: 'web' }, spec: { topologySpreadConstraints: [] } } };
    const { defaultSelector: _, ...alone } = WORLD;
    const onA = (world: World): World => ({
      ...world,
      nodes: { a: world.nodes['a'] ?? {}, b: { labels: { zone: 'y' }, unschedulable: true } },
    });
    expect(place(onA(own), spread(SPREAD))).toContain('a: node(s) didn');
    expect(place(onA(alone), spread(SPREAD))).toBe('a');
    const different = [{ ...SPREAD_SOFTLY, labelSelector: { matchLabels: { app: 'web' } } }];
    const constrained: World = {
      ...WORLD,
      pod: { labels: { app: 'web' }, spec: { topologySpreadConstraints: different } },
    };
    expect(place(onA(constrained), spread(SPREAD))).toBe('a');
  });
});

describe('affinity between pods', () => {
  const near = (app: string): object => ({
    labelSelector: { matchLabels: { app } },
    topologyKey: 'zone',
  });
  const WORLD: World = {
    nodes: { a: { labels: { zone: 'x' } }, b: { labels: { zone: 'y' } }, c: { labels: { zone: 'z' } } },
    pods: [
      {
        on: 'a',
        labels: { app: 'db' },
        spec: {
          affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near('web')] } },
        } as object,
      },
      {
        on: 'b',
        labels: { app: 'db' },
        spec: {
          affinity: {
            podAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: near('web') }],
            },
          },
        } as object,
      },
    ],
    pod: { labels: { app: 'web' } },
  };
  const scores = (args: object, world: World = WORLD): Readonly<Record<string, number>> | undefined => {
    const cycle = attempt(world, { pluginConfig: [{ name: 'InterPodAffinity', args }] });
    const scorer = cycle.profile.scorers
      .find(({ name }) => name === 'InterPodAffinity')
      ?.create(cycle, cycle.state.nodes);
    if (scorer === undefined) return undefined;
    const points = cycle.state.nodes.map((node) => scorer.score(node));
    return Object.fromEntries(cycle.state.nodes.map(({ name }, i) => [name, points[i] ?? 0]));
  };

  it.each([
    [{}, { a: 1, b: 10, c: 0 }],
    [{ hardPodAffinityWeight: 50 }, { a: 50, b: 10, c: 0 }],
    [{ hardPodAffinityWeight: 0 }, { a: 0, b: 10, c: 0 }],
    [{ ignorePreferredTermsOfExistingPods: false }, { a: 1, b: 10, c: 0 }],
    [{ ignorePreferredTermsOfExistingPods: true }, undefined],
  ])('counts what placed pods wish for by %j', (args, expected) => {
    expect(scores(args)).toEqual(expected);
  });

  it('asks placed pods all the same for a pod that has wishes', () => {
    const affinity = {
      podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 3, podAffinityTerm: near('db') }] },
    };
    const pod = { labels: { app: 'web' }, spec: { affinity } as object };
    expect(scores({ ignorePreferredTermsOfExistingPods: true }, { ...WORLD, pod })).toEqual({ a: 4, b: 13, c: 0 });
  });
});

describe('weights and switches of a profile', () => {
  const GI = 2 ** 30;
  const WORLD: World = {
    nodes: {
      busy: { allocatable: { cpu: 8, memory: 8 * GI }, images: [{ names: ['app:1'], sizeBytes: GI }] },
      free: { allocatable: { cpu: 8, memory: 8 * GI } },
    },
    pods: [{ on: 'busy', asks: [{ cpu: '6', memory: `${6 * GI}` }] }],
    pod: {
      spec: { containers: [{ name: 'c', image: 'app:1', resources: { requests: { cpu: '1', memory: '1Gi' } } }] },
    },
  };

  it.each([
    ['the room that is left counts more than the image', {}, 'free'],
    ['unless images weigh more', { score: { enabled: [{ name: 'ImageLocality', weight: 3 }] } }, 'busy'],
    ['or room does not count', { score: { disabled: [{ name: 'NodeResourcesFit' }] } }, 'busy'],
  ])('%s', (_title, plugins, expected) => {
    expect(place(WORLD, { plugins })).toBe(expected);
  });

  it('a filter that is off keeps no pod away', () => {
    const world: World = { nodes: { a: { unschedulable: true } }, pod: {} };
    expect(place(world, {})).toBe('a: node(s) were unschedulable');
    expect(place(world, { plugins: { filter: { disabled: [{ name: 'NodeUnschedulable' }] } } })).toBe('a');
    expect(place(world, { plugins: { multiPoint: { disabled: [{ name: 'NodeUnschedulable' }] } } })).toBe('a');
  });

  it('the first filter that is asked tells why', () => {
    const world: World = {
      nodes: { a: { unschedulable: true, taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } },
      pod: {},
    };
    expect(place(world, {})).toBe('a: node(s) were unschedulable');
    const plugins = { filter: { enabled: [{ name: 'TaintToleration' }] } };
    expect(place(world, { plugins })).toBe('a: node(s) had untolerated taint(s)');
  });

  it('a filter that is off still narrows the search to nodes that are named', () => {
    const field = { key: 'metadata.name', operator: 'In', values: ['a'] };
    const required = {
      nodeSelectorTerms: [{ matchFields: [field], matchExpressions: [{ key: 'x', operator: 'Exists' }] }],
    };
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } };
    const world: World = { nodes: { a: {}, b: {} }, pod: { spec: { affinity } } };
    expect(place(world, {})).toBe("a: node(s) didn't match Pod's node affinity/selector");
    expect(place(world, { plugins: { filter: { disabled: [{ name: 'NodeAffinity' }] } } })).toBe('a');
  });

  it.each([
    [0, 420],
    [10, 100],
    [50, 500],
    [100, 1000],
  ])('of 1,000 nodes, %i in a hundred are enough', (percentageOfNodesToScore, expected) => {
    const nodes = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`n${i}`, {}]));
    const looked = new Set<string>();
    const cycle = attempt({ nodes, pod: {} }, { percentageOfNodesToScore });
    const placement = new Placer(new SeededRandom(1)).place(cycle, (name) => {
      looked.add(name);
      return [];
    });
    expect(placement.kind).toBe('fits');
    expect(looked.size).toBe(expected);
  });

  it('the first node will do where none is better', () => {
    const nodes = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`n${i}`, {}]));
    const cycle = attempt({ nodes, pod: {} }, { plugins: { score: { disabled: [{ name: '*' }] } } });
    const placer = new Placer(new SeededRandom(1));
    const places = Array.from({ length: 3 }, () => {
      const placement = placer.place(cycle, () => []);
      return placement.kind === 'fits' ? placement.node.name : '-';
    });
    expect(places).toEqual(['n0', 'n1', 'n2']);
  });
});
