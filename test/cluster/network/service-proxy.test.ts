import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import {
  BackendChooser,
  findEntry,
  routeToService,
  type ServiceClient,
} from '../../../src/cluster/network/service-proxy.ts';
import type { ServiceSpec } from '../../../src/kube/api/core-v1.generated.ts';
import type { Endpoint } from '../../../src/kube/api/discovery-v1.generated.ts';
import { endpoint, network, node, service, slice } from './support.ts';

const NODES = [node('node-1', '172.18.0.2', 'a'), node('node-2', '172.18.0.3', 'b'), node('node-3', '172.18.0.4', 'b')];
const ON_1 = { nodeName: 'node-1' };
const ON_2 = { nodeName: 'node-2' };
const UNREADY = { conditions: { ready: false, serving: false, terminating: false } };
const DRAINING = { conditions: { ready: false, serving: true, terminating: true } };
const INSIDE: ServiceClient = { address: '10.244.0.9', node: 'node-1' };
const INSIDE_2: ServiceClient = { address: '10.244.1.9', node: 'node-2' };
const OUTSIDE: ServiceClient = { address: '203.0.113.77', node: undefined };

interface Row {
  readonly title: string;
  readonly spec?: Partial<ServiceSpec>;
  readonly endpoints: readonly Endpoint[];
  readonly client?: ServiceClient;
  /** Default: the cluster address. */
  readonly address?: string;
  readonly port?: number;
  /** The addresses of the backends, or what becomes of the connection. */
  readonly expected: string;
}

const BOTH = [endpoint('10.244.0.5', ON_1), endpoint('10.244.1.6', ON_2)];
const hinted = (address: string, nodeName: string, zone: string): Endpoint =>
  endpoint(address, { nodeName, zone, hints: { forZones: [{ name: zone }] } });

const ROWS: readonly Row[] = [
  { title: 'all ready endpoints', endpoints: BOTH, expected: '10.244.0.5 10.244.1.6' },
  {
    title: 'none that are not ready',
    endpoints: [BOTH[0] ?? endpoint(''), endpoint('10.244.1.6', UNREADY)],
    expected: '10.244.0.5',
  },
  { title: 'a refusal without endpoints', endpoints: [endpoint('10.244.1.6', UNREADY)], expected: 'reject' },
  {
    title: 'terminating ones that serve when there are no others',
    endpoints: [endpoint('10.244.0.5', DRAINING), endpoint('10.244.1.6', UNREADY)],
    expected: '10.244.0.5',
  },
  {
    title: 'no terminating one beside a ready one',
    endpoints: [endpoint('10.244.0.5', DRAINING), endpoint('10.244.1.6', ON_2)],
    expected: '10.244.1.6',
  },
  {
    title: 'those of the node for internal Local',
    spec: { internalTrafficPolicy: 'Local' },
    endpoints: BOTH,
    client: INSIDE_2,
    expected: '10.244.1.6',
  },
  {
    title: 'silence where internal Local has none',
    spec: { internalTrafficPolicy: 'Local' },
    endpoints: [endpoint('10.244.1.6', ON_2)],
    expected: 'drop',
  },
  {
    title: 'a refusal for Local without any endpoint',
    spec: { internalTrafficPolicy: 'Local' },
    endpoints: [],
    expected: 'reject',
  },
  {
    title: 'a node port of any node',
    endpoints: BOTH,
    client: OUTSIDE,
    address: '172.18.0.4',
    port: 30_080,
    expected: '10.244.0.5 10.244.1.6',
  },
  {
    title: 'those of the node for external Local',
    spec: { externalTrafficPolicy: 'Local' },
    endpoints: BOTH,
    client: OUTSIDE,
    address: '172.18.0.3',
    port: 30_080,
    expected: '10.244.1.6',
  },
  {
    title: 'silence where external Local has none',
    spec: { externalTrafficPolicy: 'Local' },
    endpoints: BOTH,
    client: OUTSIDE,
    address: '172.18.0.4',
    port: 30_080,
    expected: 'drop',
  },
  {
    title: 'a short cut for pods',
    spec: { externalTrafficPolicy: 'Local' },
    endpoints: BOTH,
    client: INSIDE,
    address: '172.18.0.4',
    port: 30_080,
    expected: '10.244.0.5 10.244.1.6',
  },
  {
    title: 'a balancer that knows where endpoints are',
    spec: { externalTrafficPolicy: 'Local' },
    endpoints: [endpoint('10.244.1.6', ON_2)],
    client: OUTSIDE,
    address: '172.18.200.1',
    expected: '10.244.1.6',
  },
  {
    title: 'source ranges of a balancer',
    spec: { loadBalancerSourceRanges: ['198.51.100.0/24'] },
    endpoints: BOTH,
    client: OUTSIDE,
    address: '172.18.200.1',
    expected: 'drop',
  },
  {
    title: 'source ranges that fit',
    spec: { loadBalancerSourceRanges: ['203.0.113.0/24'] },
    endpoints: BOTH,
    client: OUTSIDE,
    address: '172.18.200.1',
    expected: '10.244.0.5 10.244.1.6',
  },
  {
    title: 'an external address',
    spec: { externalIPs: ['198.51.100.7'] },
    endpoints: BOTH,
    client: OUTSIDE,
    address: '198.51.100.7',
    expected: '10.244.0.5 10.244.1.6',
  },
  {
    title: 'hints for the zone',
    endpoints: [hinted('10.244.0.5', 'node-1', 'a'), hinted('10.244.1.6', 'node-2', 'b')],
    client: INSIDE_2,
    expected: '10.244.1.6',
  },
  {
    title: 'no hints unless all have them',
    endpoints: [hinted('10.244.0.5', 'node-1', 'a'), endpoint('10.244.1.6', ON_2)],
    expected: '10.244.0.5 10.244.1.6',
  },
  {
    title: 'all when no hint is for the zone',
    endpoints: [hinted('10.244.1.6', 'node-2', 'b')],
    client: INSIDE,
    expected: '10.244.1.6',
  },
];

describe('routes to Services', () => {
  it.each(ROWS)('$title', ({ spec, endpoints, client = INSIDE, address = '10.96.0.20', port = 80, expected }) => {
    const state = network({
      nodes: NODES,
      services: [
        service(
          'shop/web',
          { type: 'LoadBalancer', clusterIP: '10.96.0.20', ports: [{ port: 80, nodePort: 30_080 }], ...spec },
          { loadBalancer: { ingress: [{ ip: '172.18.200.1' }] } },
        ),
      ],
      slices: [slice('shop/web', endpoints)],
    });
    const entry = findEntry(state, { address, port });
    if (entry === undefined || entry === 'no-port') throw new Error('no such Service');
    const routing = routeToService(state, entry, client);
    expect(routing.kind === 'backends' ? routing.backends.map((each) => each.address).join(' ') : routing.kind).toBe(
      expected,
    );
  });

  it('tells a port that a Service does not have', () => {
    const state = network({ services: [service('shop/web', { clusterIP: '10.96.0.20', ports: [{ port: 80 }] })] });
    expect(findEntry(state, { address: '10.96.0.20', port: 81 })).toBe('no-port');
    expect(findEntry(state, { address: '10.96.0.21', port: 80 })).toBeUndefined();
  });
});

describe('the choice among endpoints', () => {
  const port = { port: 80 };
  const backends = BOTH.map((each, i) => ({ address: each.addresses[0] ?? '', port: 8080 + i, endpoint: each }));
  const spread = (spec: Partial<ServiceSpec>, step: number): number => {
    const chooser = new BackendChooser(new SeededRandom(3));
    const web = service('shop/web', { clusterIP: '10.96.0.20', ports: [port], ...spec });
    const seen = new Set<string>();
    for (let i = 0; i < 30; i += 1) {
      seen.add(
        chooser.choose({ service: web, port }, backends, { client: '10.244.0.9', now: i * step })?.address ?? '',
      );
    }
    return seen.size;
  };

  it('is random, and kept for a client with affinity until its time is over', () => {
    expect(spread({}, 1000)).toBe(2);
    expect(spread({ sessionAffinity: 'ClientIP' }, 1000)).toBe(1);
    const sessionAffinityConfig = { clientIP: { timeoutSeconds: 10 } };
    expect(spread({ sessionAffinity: 'ClientIP', sessionAffinityConfig }, 9000)).toBe(1);
    expect(spread({ sessionAffinity: 'ClientIP', sessionAffinityConfig }, 11_000)).toBe(2);
  });

  it('leaves an endpoint that is gone', () => {
    const chooser = new BackendChooser(new SeededRandom(3));
    const web = service('shop/web', { ports: [port], sessionAffinity: 'ClientIP' });
    const client = { client: '10.244.0.9', now: 0 };
    const first = chooser.choose({ service: web, port }, backends, client);
    const rest = backends.filter((each) => each !== first);
    expect(chooser.choose({ service: web, port }, rest, client)).toBe(rest[0]);
  });
});
