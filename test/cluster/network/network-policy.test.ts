import { describe, expect, it } from 'vitest';
import { inNetwork, peerOfPod, policyDenial } from '../../../src/cluster/network/network-policy.ts';
import type { NetworkPolicySpec } from '../../../src/kube/api/networking-v1.generated.ts';
import { namespace, network, pod, policy } from './support.ts';

const PORTS = { containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080 }] }] };
const web = pod('shop/web', '10.244.0.5', { app: 'web' }, PORTS);
const client = pod('shop/client', '10.244.0.6', { app: 'client' });
const stranger = pod('other/client', '10.244.1.7', { app: 'client' });
const host = pod('shop/host', '172.18.0.2', { app: 'client' }, { hostNetwork: true });

const WEB = { podSelector: { matchLabels: { app: 'web' } } };
const ALL = { podSelector: {} };

interface Row {
  readonly title: string;
  readonly policies: readonly NetworkPolicySpec[];
  readonly from?: typeof web;
  readonly to?: typeof web;
  readonly port?: number;
  readonly expected: 'allowed' | 'ingress' | 'egress';
}

const ROWS: readonly Row[] = [
  { title: 'all without policies', policies: [], expected: 'allowed' },
  { title: 'nothing to an isolated pod', policies: [WEB], expected: 'ingress' },
  { title: 'what selects others', policies: [{ podSelector: { matchLabels: { app: 'db' } } }], expected: 'allowed' },
  { title: 'all by an empty rule', policies: [{ ...WEB, ingress: [{}] }], expected: 'allowed' },
  {
    title: 'pods of the namespace',
    policies: [{ ...WEB, ingress: [{ from: [{ podSelector: {} }] }] }],
    expected: 'allowed',
  },
  {
    title: 'no pods of other namespaces',
    policies: [{ ...WEB, ingress: [{ from: [{ podSelector: {} }] }] }],
    from: stranger,
    expected: 'ingress',
  },
  {
    title: 'namespaces by label',
    policies: [{ ...WEB, ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'b' } } }] }] }],
    from: stranger,
    expected: 'allowed',
  },
  {
    title: 'both selectors together',
    policies: [
      { ...WEB, ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'x' } } }] }] },
    ],
    from: stranger,
    expected: 'ingress',
  },
  { title: 'the port', policies: [{ ...WEB, ingress: [{ ports: [{ port: 8080 }] }] }], expected: 'allowed' },
  { title: 'no other port', policies: [{ ...WEB, ingress: [{ ports: [{ port: 9090 }] }] }], expected: 'ingress' },
  { title: 'the port by name', policies: [{ ...WEB, ingress: [{ ports: [{ port: 'http' }] }] }], expected: 'allowed' },
  {
    title: 'a range of ports',
    policies: [{ ...WEB, ingress: [{ ports: [{ port: 8000, endPort: 8100 }] }] }],
    expected: 'allowed',
  },
  {
    title: 'no other protocol',
    policies: [{ ...WEB, ingress: [{ ports: [{ port: 8080, protocol: 'UDP' }] }] }],
    expected: 'ingress',
  },
  { title: 'what any policy allows', policies: [WEB, { ...WEB, ingress: [{}] }], expected: 'allowed' },
  {
    title: 'networks',
    policies: [{ ...WEB, ingress: [{ from: [{ ipBlock: { cidr: '172.18.0.0/16' } }] }] }],
    from: host,
    expected: 'allowed',
  },
  {
    title: 'networks with exceptions',
    policies: [{ ...WEB, ingress: [{ from: [{ ipBlock: { cidr: '172.18.0.0/16', except: ['172.18.0.2/32'] } }] }] }],
    from: host,
    expected: 'ingress',
  },
  {
    title: 'no pods of nodes by label',
    policies: [{ ...WEB, ingress: [{ from: [{ podSelector: {} }] }] }],
    from: host,
    expected: 'ingress',
  },
  { title: 'nothing from a pod without egress', policies: [{ ...ALL, policyTypes: ['Egress'] }], expected: 'egress' },
  {
    title: 'egress by its rules',
    policies: [{ ...ALL, egress: [{ to: [{ podSelector: { matchLabels: { app: 'web' } } }] }], ingress: [{}] }],
    expected: 'allowed',
  },
  { title: 'both ends', policies: [{ ...ALL, policyTypes: ['Ingress', 'Egress'], egress: [{}] }], expected: 'ingress' },
  {
    title: 'pods on the network of a node',
    policies: [{ ...ALL, policyTypes: ['Egress', 'Ingress'] }],
    from: host,
    to: host,
    expected: 'allowed',
  },
];

describe('network policies allow', () => {
  it.each(ROWS)('$title', ({ policies, from = client, to = web, port = 8080, expected }) => {
    const state = network({
      namespaces: [namespace('shop'), namespace('other', { team: 'b' })],
      policies: policies.map((spec, i) => policy(`shop/p${i}`, spec)),
    });
    const denial = policyDenial(state, { from: peerOfPod(from), to: peerOfPod(to), port, protocol: 'TCP' });
    expect(denial?.direction ?? 'allowed').toBe(expected);
  });

  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['10.1.2.129', '10.1.2.128/25', true],
    ['10.1.2.127', '10.1.2.128/25', false],
    ['fd00:1::1', 'fd00:1::/32', true],
    ['fd01:1::1', 'fd00::/16', false],
    ['10.1.2.3', 'fd00::/16', false],
  ])('%s in %s: %s', (address, cidr, expected) => {
    expect(inNetwork(address, cidr)).toBe(expected);
  });
});
