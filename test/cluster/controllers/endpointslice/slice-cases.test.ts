import { describe, expect, it } from 'vitest';
import { desiredEndpoints } from '../../../../src/cluster/controllers/endpointslice/slice-endpoints.ts';
import {
  planSlices,
  serviceParent,
  type SlicePlan,
} from '../../../../src/cluster/controllers/endpointslice/slice-plan.ts';
import { TriggerTimes, withTriggerTime } from '../../../../src/cluster/controllers/endpointslice/trigger-time.ts';
import type { Informer } from '../../../../src/cluster/machinery/interfaces.ts';
import { formatTime } from '../../../../src/cluster/machinery/time.ts';
import type { Container, Node, Pod, Service, ServicePort } from '../../../../src/kube/api/core-v1.generated.ts';
import type { EndpointSlice } from '../../../../src/kube/api/discovery-v1.generated.ts';

// The inputs and results of staging/src/k8s.io/endpointslice/{reconciler,utils}_test.go, util/trigger_time_tracker_test.go
// and trafficdist/trafficdist_test.go.

const NOW = Date.UTC(2025, 0, 2);

function service(spec: Partial<NonNullable<Service['spec']>> = {}, labels: Record<string, string> = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'foo', namespace: 'test', uid: 'foo-uid', labels, creationTimestamp: formatTime(NOW) },
    spec: {
      selector: { app: 'foo' },
      clusterIP: '10.0.0.10',
      ports: [{ name: 'http', port: 80, targetPort: 80, protocol: 'TCP' }],
      ...spec,
    },
  };
}

interface PodShape {
  readonly ready?: boolean;
  readonly gone?: boolean;
  readonly phase?: string;
  readonly ips?: readonly string[];
  readonly node?: string | undefined;
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly containers?: readonly Container[];
  readonly sidecars?: readonly Container[];
  readonly readySince?: number;
}

function pod(number: number, shape: PodShape = {}): Pod {
  const { ready = true, gone = false, phase = 'Running', containers = [{ name: 'c' }], sidecars, readySince } = shape;
  const node = Object.hasOwn(shape, 'node') ? shape.node : 'node-1';
  const ips = shape.ips ?? [`1.2.${number >> 8}.${number & 255}`];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `pod${number}`,
      namespace: 'test',
      uid: `uid${number}`,
      ...(gone ? { deletionTimestamp: formatTime(NOW) } : {}),
    },
    spec: {
      containers,
      ...(sidecars === undefined
        ? {}
        : { initContainers: sidecars.map((each) => ({ ...each, restartPolicy: 'Always' })) }),
      ...(node === undefined ? {} : { nodeName: node }),
      ...(shape.hostname === undefined ? {} : { hostname: shape.hostname }),
      ...(shape.subdomain === undefined ? {} : { subdomain: shape.subdomain }),
    },
    status: {
      phase,
      podIPs: ips.map((ip) => ({ ip })),
      conditions: [
        {
          type: 'Ready',
          status: ready ? 'True' : 'False',
          ...(readySince === undefined ? {} : { lastTransitionTime: formatTime(readySince) }),
        },
      ],
    },
  };
}

const zones: Readonly<Record<string, string | undefined>> = {
  'node-1': 'zone-a',
  'node-2': 'zone-b',
  'node-3': undefined,
};
const nodes = {
  get: ({ name }: { readonly name: string }): Node | undefined => {
    if (!Object.hasOwn(zones, name)) return undefined;
    const zone = zones[name];
    const labels = zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone };
    return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
  },
} as Informer<Node>;

const groupsOf = (given: Service, pods: readonly Pod[], family = 'IPv4'): ReturnType<typeof desiredEndpoints> =>
  desiredEndpoints(given, pods, { family, nodes });

const endpointsOf = (given: Service, pods: readonly Pod[], family = 'IPv4'): object[] =>
  [...groupsOf(given, pods, family).values()].flatMap(({ endpoints }) => [...endpoints.values()]);

const SERVING = { ready: true, serving: true, terminating: false };

describe('an endpoint', () => {
  it('has the address of its family, its node and zone, and its pod', () => {
    const both = pod(1, { ips: ['1.2.3.4', '1234::5678:0:0:9abc:def0'] });
    const expected = {
      conditions: SERVING,
      nodeName: 'node-1',
      zone: 'zone-a',
      targetRef: { kind: 'Pod', namespace: 'test', name: 'pod1', uid: 'uid1' },
    };
    expect(endpointsOf(service(), [both])).toEqual([{ ...expected, addresses: ['1.2.3.4'] }]);
    expect(endpointsOf(service(), [both], 'IPv6')).toEqual([{ ...expected, addresses: ['1234::5678:0:0:9abc:def0'] }]);
    expect(endpointsOf(service(), [pod(1)], 'IPv6')).toEqual([]);
  });

  /** ready, serving, terminating */
  it.each<[string, PodShape, boolean, readonly [boolean, boolean, boolean] | undefined]>([
    ['ready', {}, false, [true, true, false]],
    ['not ready', { ready: false }, false, [false, false, false]],
    ['not ready, but published', { ready: false }, true, [true, false, false]],
    ['ready and going', { gone: true }, false, [false, true, true]],
    ['not ready and going', { ready: false, gone: true }, false, [false, false, true]],
    ['ready and going, but published', { gone: true }, true, [true, true, true]],
    ['at its end', { phase: 'Succeeded' }, false, undefined],
    ['failed', { phase: 'Failed' }, true, undefined],
    ['without an address', { ips: [] }, false, undefined],
    ['on a node that is gone', { node: 'node-9' }, false, undefined],
    ['on a node that is gone, but published', { node: 'node-9' }, true, [true, true, false]],
    ['on no node', { node: undefined }, false, undefined],
  ])('of a pod that is %s', (_, shape, publishNotReadyAddresses, expected) => {
    const found = endpointsOf(service({ publishNotReadyAddresses }), [pod(1, shape)]);
    const [ready, serving, terminating] = expected ?? [];
    expect(found).toMatchObject(expected === undefined ? [] : [{ conditions: { ready, serving, terminating } }]);
    expect(found).toHaveLength(expected === undefined ? 0 : 1);
  });

  it.each<[string, PodShape, string | undefined]>([
    ['in the subdomain of the Service', { hostname: 'host', subdomain: 'foo' }, 'host'],
    ['in another subdomain', { hostname: 'host', subdomain: 'bar' }, undefined],
    ['in none', { hostname: 'host' }, undefined],
    ['that is not there', { subdomain: 'foo' }, undefined],
  ])('has a hostname when that is %s', (_, shape, expected) => {
    expect(endpointsOf(service(), [pod(1, shape)])).toMatchObject([{}]);
    expect((endpointsOf(service(), [pod(1, shape)])[0] as { hostname?: string }).hostname).toBe(expected);
  });

  const zoneA = { forZones: [{ name: 'zone-a' }] };
  it.each<[string | undefined, string, boolean, object | undefined]>([
    [undefined, 'node-1', true, undefined],
    ['PreferClose', 'node-1', true, zoneA],
    ['PreferSameZone', 'node-1', true, zoneA],
    ['PreferSameNode', 'node-1', true, { ...zoneA, forNodes: [{ name: 'node-1' }] }],
    ['PreferSameZone', 'node-3', true, undefined],
    ['PreferSameNode', 'node-3', true, { forNodes: [{ name: 'node-3' }] }],
    ['PreferSameZone', 'node-1', false, undefined],
  ])('is meant for clients by %s on %s, ready: %s', (trafficDistribution, node, ready, expected) => {
    const given = service(trafficDistribution === undefined ? {} : { trafficDistribution });
    expect((endpointsOf(given, [pod(1, { node, ready })])[0] as { hints?: object }).hints).toEqual(expected);
  });
});

describe('ports', () => {
  const named = (name: string, containerPort: number): Container => ({
    name: `c${containerPort}`,
    ports: [{ name, containerPort, protocol: 'TCP' }],
  });
  const portsFor = (wanted: readonly ServicePort[], shape: PodShape): object =>
    [...groupsOf(service({ ports: wanted }), [pod(1, shape)]).values()][0]?.ports ?? [];
  const port = (name: string, number: number, targetPort: number | string = number): ServicePort => ({
    name,
    port: number,
    targetPort,
    protocol: 'TCP',
  });

  it('carry the application protocol', () => {
    const appProtocol = 'example.com/custom-protocol';
    expect(portsFor([{ ...port('http', 80), appProtocol }], {})).toEqual([
      { name: 'http', port: 80, protocol: 'TCP', appProtocol },
    ]);
  });

  it('with a name are looked for in containers, then in sidecars', () => {
    const https = named('https', 443);
    expect(portsFor([port('http', 80), port('https', 0, 'https')], { containers: [https] })).toEqual([
      { name: 'http', port: 80, protocol: 'TCP' },
      { name: 'https', port: 443, protocol: 'TCP' },
    ]);
    expect(portsFor([port('x', 80, 'x')], { sidecars: [named('x', 8080)] })).toEqual([
      { name: 'x', port: 8080, protocol: 'TCP' },
    ]);
    const both = { containers: [named('x', 8090)], sidecars: [named('x', 8080)] };
    expect(portsFor([port('x', 80, 'x')], both)).toEqual([{ name: 'x', port: 8090, protocol: 'TCP' }]);
  });

  it('that a pod does not have are left out', () => {
    expect(portsFor([port('http', 80), port('x', 81, 'x')], {})).toEqual([{ name: 'http', port: 80, protocol: 'TCP' }]);
  });

  it('with a name make a group for each number, all of one Service', () => {
    const pods = Array.from({ length: 300 }, (_, i) => pod(i, { containers: [named('http', 8080 + (i % 5))] }));
    const plan = planOf(service({ ports: [port('http', 80, 'http')] }), [], pods);
    expect(plan.create.map(({ endpoints }) => endpoints.length)).toEqual([60, 60, 60, 60, 60]);
  });

  it('are none for a headless Service without ports', () => {
    const headless = service({ clusterIP: 'None', ports: [] });
    const plan = planOf(headless, [], [pod(1)]);
    expect(plan.create).toMatchObject([{ ports: [], endpoints: [{ addresses: ['1.2.0.1'] }] }]);
    expect(plan.create[0]?.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '');
  });
});

const planOf = (given: Service, existing: readonly EndpointSlice[], pods: readonly Pod[]): SlicePlan =>
  planSlices(serviceParent(given), 'IPv4', existing, groupsOf(given, pods));

describe('slices', () => {
  const range = (from: number, to: number, step = 1): Pod[] =>
    Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => pod(from + i * step, { ready: i % 3 !== 0 }));

  /** The slices that hold these pods, as they were written for a Service. */
  function written(given: Service, ...contents: readonly (readonly Pod[])[]): EndpointSlice[] {
    return contents.map((pods, i) => {
      const [slice] = planOf(given, [], pods).create;
      if (slice === undefined) throw new Error('no slice');
      return { ...slice, metadata: { ...slice.metadata, name: `foo-${i}` } };
    });
  }

  /** How many endpoints are in the slices of each kind. */
  function sizes({ create, update, remove }: SlicePlan): object {
    const size = ({ endpoints }: EndpointSlice): number => endpoints.length;
    return { create: create.map(size), update: update.map(size).sort((a, b) => b - a), remove: remove.length };
  }

  const all = range(0, 300);

  it.each<[string, readonly (readonly Pod[])[], readonly Pod[], object]>([
    ['of 250 pods are three', [], range(0, 250), { create: [100, 100, 50], update: [], remove: 0 }],
    [
      'that have room for the rest take it, the fullest',
      [range(1, 246, 4), range(3, 246, 4)],
      range(0, 250),
      { create: [100], update: [89], remove: 0 },
    ],
    [
      'without room for the rest are left alone',
      [range(1, 297, 4), range(3, 299, 4)],
      all,
      { create: [100, 52], update: [], remove: 0 },
    ],
    [
      'of which few are full are not packed anew',
      Array.from({ length: 10 }, (_, i) => range(i * 30, i * 30 + 30)),
      Array.from({ length: 10 }, (_, i) => range(i * 30, i * 30 + 30)).flat(),
      { create: [], update: [], remove: 0 },
    ],
    ['whose pods are gone go', [range(0, 50), range(100, 120)], range(0, 50), { create: [], update: [], remove: 1 }],
  ])('%s', (_, contents, pods, expected) => {
    const ready = (each: Pod): Pod => pod(Number(each.metadata.name?.slice(3)));
    const before = contents.map((part) => part.map(ready));
    expect(sizes(planOf(service(), written(service(), ...before), pods.map(ready)))).toEqual(expected);
  });

  it('are changed, not replaced, when the port changes, and packed', () => {
    const parts = Array.from({ length: 10 }, (_, i) => range(i * 30, i * 30 + 30));
    const existing = written(service(), ...parts);
    const moved = service({ ports: [{ name: 'http', port: 80, targetPort: 81, protocol: 'TCP' }] });
    expect(sizes(planOf(moved, existing, parts.flat()))).toEqual({ create: [], update: [100, 100, 100], remove: 7 });
  });

  it('are changed when labels of the Service change, but not for those that are theirs', () => {
    const pods = range(0, 250);
    const existing = written(service(), pods.slice(0, 100), pods.slice(100, 200), pods.slice(200));
    const labelled = planOf(service({}, { foo: 'bar' }), existing, pods);
    expect(sizes(labelled)).toEqual({ create: [], update: [100, 100, 50], remove: 0 });
    expect(labelled.update.every(({ metadata }) => metadata.labels?.['foo'] === 'bar')).toBe(true);
    const reserved = {
      'kubernetes.io/service-name': 'bad',
      'endpointslice.kubernetes.io/managed-by': 'actor',
      'service.kubernetes.io/headless': 'invalid',
    };
    expect(sizes(planOf(service({}, reserved), existing, pods))).toEqual({ create: [], update: [], remove: 0 });
  });

  it('that change anyway take new endpoints, the fullest first', () => {
    const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
    const before = [numbers(0, 80), numbers(100, 120)];
    const existing = written(service(), ...before.map((part) => part.map((n) => pod(n))));
    const after = [
      ...before.flat().map((n) => pod(n, { ready: n % 10 !== 0 })),
      ...numbers(200, 215).map((n) => pod(n)),
    ];
    expect(sizes(planOf(service(), existing, after))).toEqual({ create: [], update: [95, 20], remove: 0 });
  });

  it('of an earlier Service of the same name are not taken over', () => {
    const earlier = { ...service(), metadata: { ...service().metadata, uid: 'earlier' } };
    const existing = written(earlier, range(0, 3));
    const moved = service({ ports: [{ name: 'http', port: 80, targetPort: 81, protocol: 'TCP' }] });
    expect(sizes(planOf(moved, existing, range(0, 3)))).toEqual({ create: [3], update: [], remove: 1 });
  });
});

describe('the time of the change that endpoints are written for', () => {
  const at = (seconds: number): number => NOW + seconds * 1000;
  const ready = (name: number, seconds: number): Pod => pod(name, { readySince: at(seconds) });
  const created = (seconds: number): Service => {
    const given = service();
    return { ...given, metadata: { ...given.metadata, creationTimestamp: formatTime(at(seconds)) } };
  };
  /** A Service's age and pods, look by look, and the seconds that come out. */
  type Looks = readonly (readonly [created: number, pods: readonly Pod[], expected: number | undefined])[];

  it.each<[string, Looks]>([
    ['is the creation of a new Service', [[0, [], 0]]],
    ['is so with pods too', [[0, [ready(1, -10), ready(2, 5)], 0]]],
    [
      'is none when nothing has changed',
      [
        [0, [ready(1, 1)], 0],
        [0, [ready(1, 1)], undefined],
      ],
    ],
    [
      'is that of a new pod',
      [
        [0, [ready(1, 1)], 0],
        [0, [ready(1, 1), ready(2, 3)], 3],
      ],
    ],
    [
      'is that of a pod that changed',
      [
        [0, [ready(1, 1), ready(2, 2)], 0],
        [0, [ready(1, 5), ready(2, 2)], 5],
      ],
    ],
    [
      'is the earliest of several',
      [
        [0, [ready(1, 1)], 0],
        [0, [ready(1, 9), ready(2, 7), ready(3, 8)], 7],
      ],
    ],
    [
      'is none when a pod goes',
      [
        [0, [ready(1, 1), ready(2, 2)], 0],
        [0, [ready(1, 1)], undefined],
      ],
    ],
    [
      'is that of a pod that came back',
      [
        [0, [ready(1, 1)], 0],
        [0, [], undefined],
        [0, [ready(1, 6)], 6],
      ],
    ],
    [
      'is that of a Service that was made again',
      [
        [0, [ready(1, 1)], 0],
        [4, [ready(1, 1)], 4],
      ],
    ],
    [
      'is none while no pod tells of its readiness',
      [
        [0, [pod(1)], 0],
        [0, [pod(1), pod(2)], undefined],
      ],
    ],
  ])('%s', (_, looks) => {
    const times = new TriggerTimes();
    for (const [age, pods, expected] of looks) {
      const time = times.next('test/foo', created(age), pods);
      expect(time).toBe(expected === undefined ? undefined : formatTime(at(expected)));
    }
  });

  it('is forgotten with its Service', () => {
    const times = new TriggerTimes();
    times.next('test/foo', created(0), []);
    times.forget('test/foo');
    expect(times.next('test/foo', created(0), [ready(1, 5)])).toBe(formatTime(at(0)));
  });

  it('stands in an annotation that goes when there is none', () => {
    const key = 'endpoints.kubernetes.io/last-change-trigger-time';
    expect(withTriggerTime({ a: 'b' }, 'now')).toEqual({ a: 'b', [key]: 'now' });
    expect(withTriggerTime({ a: 'b', [key]: 'then' }, undefined)).toEqual({ a: 'b' });
  });
});
