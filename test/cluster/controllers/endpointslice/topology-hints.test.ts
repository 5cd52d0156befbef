import { afterEach, describe, expect, it } from 'vitest';
import { createEndpointSliceController } from '../../../../src/cluster/controllers/endpointslice/endpointslice-controller.ts';
import { wantsTopologyHints } from '../../../../src/cluster/controllers/endpointslice/service-pods.ts';
import {
  withKnownHints,
  withTopologyHints,
  zoneRatios,
} from '../../../../src/cluster/controllers/endpointslice/topology-hints.ts';
import type { Node, Service } from '../../../../src/kube/api/core-v1.generated.ts';
import type { Endpoint, EndpointSlice } from '../../../../src/kube/api/discovery-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { NAMESPACE, type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

// The inputs and results of endpointslice/topologycache/{topologycache,utils}_test.go.

/** An endpoint a letter: its zone; a capital one is not ready, `?` has no zone. */
type Endpoints = string;
/** The zones that endpoints are meant for; `-`: for all. */
type Hints = string;

function slice(endpoints: Endpoints, hints: Hints = ''): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: endpoints },
    addressType: 'IPv4',
    ports: [],
    endpoints: endpoints.split('').map((letter, i): Endpoint => {
      const hinted = hints[i] ?? '-';
      return {
        addresses: [`10.0.0.${i}`],
        conditions: { ready: letter === letter.toLowerCase() },
        ...(letter === '?' ? {} : { zone: letter.toLowerCase() }),
        ...(hinted === '-' ? {} : { hints: { forZones: [{ name: hinted }] } }),
      };
    }),
  };
}

const shown = ({ endpoints }: EndpointSlice): Hints =>
  endpoints.map(({ hints }) => hints?.forZones?.[0]?.name ?? '-').join('');

interface Result {
  readonly create: readonly Hints[];
  readonly update: readonly Hints[];
  readonly fault?: string;
}

interface Input {
  readonly create?: readonly Endpoints[];
  readonly update?: readonly Endpoints[];
  /** Endpoints and their hints. */
  readonly unchanged?: readonly (readonly [Endpoints, Hints])[];
}

function hinted(
  { create = [], update = [], unchanged = [] }: Input,
  ratios: Readonly<Record<string, number>> | undefined,
): Result {
  const plan = { create: create.map((each) => slice(each)), update: update.map((each) => slice(each)), remove: [] };
  const result = withTopologyHints(
    plan,
    unchanged.map(([endpoints, hints]) => slice(endpoints, hints)),
    ratios === undefined ? undefined : new Map(Object.entries(ratios)),
  );
  return {
    create: result.plan.create.map(shown),
    update: result.plan.update.map(shown),
    ...(result.fault === undefined ? {} : { fault: result.fault }),
  };
}

const halves = { a: 0.45, b: 0.55 };
const NO_NODES = 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';

describe('hints by the zones of the endpoints', () => {
  it.each<[string, Input, Readonly<Record<string, number>> | undefined, Result]>([
    ['are none without endpoints or nodes', {}, undefined, { create: [], update: [], fault: NO_NODES }],
    ['are none when nodes do not tell', { create: ['a'] }, undefined, { create: ['-'], update: [], fault: NO_NODES }],
    [
      'are none with fewer endpoints than zones',
      { create: ['ab'] },
      { a: 0.3, b: 0.4, c: 0.3 },
      { create: ['--'], update: [], fault: 'Insufficient number of endpoints (2 endpoints, 3 zones)' },
    ],
    ['are their own', { create: ['ab'] }, halves, { create: ['ab'], update: [] }],
    ['are for ready endpoints', { create: ['abBA'] }, halves, { create: ['ab--'], update: [] }],
    [
      'are none with fewer ready endpoints than zones',
      { create: ['aB'] },
      halves,
      { create: ['--'], update: [], fault: 'Insufficient number of endpoints (1 endpoints, 2 zones)' },
    ],
    [
      'are exchanged so far as zones have too many',
      { create: ['ab', 'cca'], update: ['aa', 'bca'] },
      { a: 0.35, b: 0.35, c: 0.3 },
      { create: ['bb', 'cca'], update: ['aa', 'bca'] },
    ],
    [
      'are none when an endpoint has no zone',
      { create: ['a?bb'] },
      halves,
      { create: ['----'], update: [], fault: 'One or more endpoints do not have a zone specified' },
    ],
    [
      'are none when zones would get far too much',
      { create: ['abc'] },
      { a: 0.5, b: 0.25, c: 0.25 },
      {
        create: ['---'],
        update: [],
        fault:
          'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 3 zones)',
      },
    ],
    ['stay where nothing changes', { unchanged: [['ab', 'ab']] }, halves, { create: [], update: [] }],
    [
      'stay while they are not too many',
      { create: ['ab'], unchanged: [['aab', 'aab']] },
      halves,
      { create: ['bb'], update: [] },
    ],
    ['come to slices without', { unchanged: [['ab', '--']] }, halves, { create: [], update: ['ab'] }],
    ['come to slices with some', { unchanged: [['ab', 'a-']] }, halves, { create: [], update: ['ab'] }],
    ['of zones that are gone are made anew', { unchanged: [['ab', 'az']] }, halves, { create: [], update: ['ab'] }],
    [
      'that are too many are made anew',
      { unchanged: [['aaaa', 'aaaa']] },
      { a: 0.5, b: 0.5 },
      { create: [], update: ['bbaa'] },
    ],
    [
      'go from slices that have some',
      {
        unchanged: [
          ['ab', 'ab'],
          ['b', '-'],
        ],
      },
      undefined,
      { create: [], update: ['--'], fault: NO_NODES },
    ],
  ])('%s', (_, input, ratios, expected) => expect(hinted(input, ratios)).toEqual(expected));

  /** Endpoints, desired numbers of the zones a, b and c, and how many each gets. */
  it.each<[string, Endpoints, readonly number[], readonly number[]]>([
    ['no exchange for less than a half', 'abc', [1.2, 1.1, 1], [1, 1, 1]],
    ['zones keep rather one too many', 'a'.repeat(16), [5.1, 5.1, 5.8], [6, 5, 5]],
    ['the zone that wants most gets the last', 'a'.repeat(16), [5, 5.6, 5.4], [5, 6, 5]],
    ['the zone that has most gives most', 'bbbbbbbbcccccccc', [5, 5.6, 5.4], [5, 6, 5]],
  ])('%s', (_, endpoints, desired, expected) => {
    const sum = desired.reduce((a, b) => a + b, 0);
    const [a = 0, b = 0, c = 0] = desired.map((each) => each / sum);
    const [hints = ''] = hinted({ create: [endpoints] }, { a, b, c }).create;
    expect(['a', 'b', 'c'].map((zone) => hints.split(zone).length - 1)).toEqual(expected);
  });

  it('are kept by endpoints that are otherwise the same', () => {
    const wanted = new Map([
      ['', { ports: [], endpoints: new Map([['10.0.0.0\n\n\n', slice('a').endpoints[0] as Endpoint]]) }],
    ]);
    const [group] = withKnownHints(wanted, [slice('a', 'b')]).values();
    expect([...(group?.endpoints.values() ?? [])].map(({ hints }) => hints?.forZones?.[0]?.name)).toEqual(['b']);
  });
});

describe('the share of a zone', () => {
  interface Sketch {
    readonly zone?: string;
    readonly cpu?: string;
    readonly ready?: boolean;
    readonly role?: string;
  }

  const node = ({ zone, cpu, ready = true, role }: Sketch, index: number): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `n${index}`,
      labels: {
        ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }),
        ...(role === undefined ? {} : { [`node-role.kubernetes.io/${role}`]: '' }),
      },
    },
    status: {
      ...(cpu === undefined ? {} : { allocatable: { cpu } }),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  });

  it.each<[string, readonly Sketch[], Readonly<Record<string, number>> | undefined]>([
    [
      'is its part of the processors',
      [
        { zone: 'a', cpu: '1' },
        { zone: 'b', cpu: '3' },
      ],
      { a: 0.25, b: 0.75 },
    ],
    [
      'adds up its nodes',
      [
        { zone: 'a', cpu: '500m' },
        { zone: 'a', cpu: '500m' },
        { zone: 'b', cpu: '3' },
      ],
      { a: 0.25, b: 0.75 },
    ],
    ['is none without nodes', [], undefined],
    ['is none with one zone', [{ zone: 'a', cpu: '1' }], undefined],
    ['is none when a node has no zone', [{ zone: 'a', cpu: '1' }, { cpu: '1' }, { zone: 'b', cpu: '1' }], undefined],
    ['is none when a node does not tell what it has', [{ zone: 'a', cpu: '1' }, { zone: 'b' }], undefined],
    [
      'does not count nodes that are not ready',
      [
        { zone: 'a', cpu: '1' },
        { zone: 'b', cpu: '3' },
        { zone: 'b', ready: false },
      ],
      { a: 0.25, b: 0.75 },
    ],
    [
      'does not count the control plane',
      [
        { zone: 'a', cpu: '1' },
        { zone: 'b', cpu: '3' },
        { cpu: '9', role: 'control-plane' },
      ],
      { a: 0.25, b: 0.75 },
    ],
  ])('%s', (_, nodes, expected) => {
    const ratios = zoneRatios(nodes.map(node));
    expect(ratios === undefined ? undefined : Object.fromEntries(ratios)).toEqual(expected);
  });
});

describe('a Service asks for them', () => {
  const NEW = 'service.kubernetes.io/topology-mode';
  const OLD = 'service.kubernetes.io/topology-aware-hints';
  it.each<[Readonly<Record<string, string>>, boolean]>([
    [{}, false],
    [{ [NEW]: 'Auto' }, true],
    [{ [NEW]: 'auto' }, true],
    [{ [NEW]: 'AUTO' }, false],
    [{ [NEW]: 'Disabled' }, false],
    [{ [OLD]: 'Auto' }, true],
    [{ [OLD]: 'Disabled', [NEW]: 'Auto' }, false],
    [{ [OLD]: 'auto', [NEW]: 'Disabled' }, true],
  ])('by %j: %s', (annotations, expected) => {
    const service: Service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', annotations } };
    expect(wantsTopologyHints(service)).toBe(expected);
  });
});

describe('the slices of a Service that asks for them', () => {
  let cluster: WorkloadCluster | undefined;

  afterEach(() => cluster?.stop());

  const MODE = 'service.kubernetes.io/topology-mode';

  async function start(zones: readonly string[]): Promise<WorkloadCluster> {
    const running = await workloadCluster({ controllers: [createEndpointSliceController], runPods: false });
    cluster = running;
    for (const [i, zone] of zones.entries()) {
      const labels = { 'topology.kubernetes.io/zone': zone };
      const node = await running.create<object>(RESOURCES.nodes, { metadata: { name: `n${i}`, labels } });
      const conditions = [{ type: 'Ready', status: 'True' }];
      const status = { allocatable: { cpu: '4' }, conditions };
      await running.client.update(RESOURCES.nodes, { ...node, status }, { subresource: 'status' });
    }
    for (const [i, nodeName] of ['n0', 'n0', 'n0', 'n1'].entries()) {
      const pod = await running.create<object>(RESOURCES.pods, {
        metadata: { name: `p${i}`, namespace: NAMESPACE, labels: { app: 'web' } },
        spec: { nodeName, containers: [{ name: 'c', image: 'x' }] },
      });
      const status = {
        phase: 'Running',
        podIP: `10.0.0.${i}`,
        podIPs: [{ ip: `10.0.0.${i}` }],
        conditions: [{ type: 'Ready', status: 'True' }],
      };
      await running.client.update(RESOURCES.pods, { ...pod, status }, { subresource: 'status' });
    }
    await running.create(RESOURCES.services, {
      metadata: { name: 'web', namespace: NAMESPACE, annotations: { [MODE]: 'Auto' } },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    });
    await running.pass(1);
    return running;
  }

  const hints = async (running: WorkloadCluster): Promise<Hints[]> =>
    (await running.list<EndpointSlice>(RESOURCES.endpointSlices)).map(shown);

  it('have them, and lose them with the annotation', async () => {
    const running = await start(['a', 'b']);
    expect(await hints(running)).toEqual(['baab']);
    expect(await running.events('web')).toEqual([
      'TopologyAwareHintsEnabled: Topology Aware Hints has been enabled, addressType: IPv4',
    ]);
    await running.patch(RESOURCES.services, 'web', { metadata: { annotations: { [MODE]: null } } });
    await running.pass(1);
    expect(await hints(running)).toEqual(['----']);
    expect((await running.events('web')).at(-1)).toBe(
      'TopologyAwareHintsDisabled: Topology Aware Hints has been disabled, addressType: IPv4',
    );
  });

  it('lose them when a zone has no ready node any more', async () => {
    const running = await start(['a', 'b']);
    await running.patch(
      RESOURCES.nodes,
      'n1',
      { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
      'status',
    );
    await running.pass(1);
    expect(await hints(running)).toEqual(['----']);
    expect((await running.events('web')).at(-1)).toContain(
      `TopologyAwareHintsDisabled: ${NO_NODES}, addressType: IPv4`,
    );
  });
});
