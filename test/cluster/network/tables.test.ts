import { describe, expect, it } from 'vitest';
import { iptablesTables } from '../../../src/cluster/network/tables/iptables.ts';
import { ipvsTables } from '../../../src/cluster/network/tables/ipvs.ts';
import { nodeRoutes } from '../../../src/cluster/network/tables/routes.ts';
import type { NetworkState } from '../../../src/cluster/network/network-state.ts';
import type { ServiceSpec } from '../../../src/kube/api/core-v1.generated.ts';
import { endpoint, network, node, pod, service, slice } from './support.ts';

const ON_1 = { nodeName: 'node-1' };
const ON_2 = { nodeName: 'node-2' };
const NODES = [
  { ...node('node-1', '172.18.0.2'), spec: { podCIDR: '10.244.0.0/24' } },
  { ...node('node-2', '172.18.0.3'), spec: { podCIDR: '10.244.1.0/24' } },
];

function stateOf(
  spec: ServiceSpec,
  endpoints = [endpoint('10.244.0.5', ON_1), endpoint('10.244.1.6', ON_2)],
): NetworkState {
  const whole = { clusterIP: '10.96.0.20', ports: [{ port: 80 }], ...spec };
  return network({
    nodes: NODES,
    services: [service('shop/web', whole, balanced(spec))],
    slices: [slice('shop/web', endpoints)],
    pods: [pod('shop/web-1', '10.244.0.5'), pod('shop/web-2', '10.244.1.6', {}, { nodeName: 'node-2' })],
  });
}

function balanced({ type }: ServiceSpec): object {
  return type === 'LoadBalancer' ? { loadBalancer: { ingress: [{ ip: '172.18.200.1' }] } } : {};
}

const rules = (state: NetworkState, on = 'node-1'): readonly string[] =>
  iptablesTables(state, { node: on, podRange: '10.244.0.0/16' })
    .split('\n')
    .filter((line) => line.includes('shop/web'));

describe('the tables of kube-proxy', () => {
  it('are whole tables', () => {
    const text = iptablesTables(stateOf({}), { node: 'node-1', podRange: '10.244.0.0/16' });
    expect(text).toMatch(/^\*filter\n(?::KUBE-[A-Z-]+ - \[0:0\]\n){5}[^*]*COMMIT\n\*nat\n[^*]*COMMIT\n$/);
    for (const [, chain = ''] of text.matchAll(/-j (KUBE-(?:SVC|SVL|SEP|EXT|FW)-\w+)/g)) {
      expect(text).toContain(`:${chain} - [0:0]`);
    }
  });

  it('name chains as kube-proxy does', () => {
    // The chains of the Services that every cluster has, as they stand in the iptables of any of them.
    const state = network({
      nodes: NODES,
      services: [
        service('default/kubernetes', { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443 }] }),
        service('kube-system/kube-dns', {
          clusterIP: '10.96.0.10',
          ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
        }),
      ],
      slices: [
        slice('default/kubernetes', [endpoint('172.18.0.2')], [{ name: 'https', port: 6443 }]),
        slice('kube-system/kube-dns', [endpoint('10.244.0.2')], [{ name: 'dns', port: 53, protocol: 'UDP' }]),
      ],
    });
    const text = iptablesTables(state, { node: 'node-1', podRange: '10.244.0.0/16' });
    expect(text).toContain('-d 10.96.0.1 --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y');
    expect(text).toContain('-d 10.96.0.10 --dport 53 -j KUBE-SVC-TCOU7JCQXEZGVUNU');
  });

  it('spread connections evenly', () => {
    const three = [endpoint('10.244.0.5', ON_1), endpoint('10.244.0.6', ON_1), endpoint('10.244.1.6', ON_2)];
    expect(
      rules(stateOf({}, three))
        .filter((line) => line.includes('->'))
        .map(tail),
    ).toEqual([
      '-m statistic --mode random --probability 0.3333333333',
      '-m statistic --mode random --probability 0.5000000000',
      '',
    ]);
  });

  it('refuse a Service without endpoints, and drop what has none on the node', () => {
    expect(rules(stateOf({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }, []))).toEqual([
      '-A KUBE-SERVICES -m comment --comment "shop/web has no endpoints" -m tcp -p tcp -d 10.96.0.20 --dport 80 -j REJECT',
      '-A KUBE-EXTERNAL-SERVICES -m comment --comment "shop/web has no endpoints" -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30080 -j REJECT',
    ]);
    const elsewhere = stateOf({ internalTrafficPolicy: 'Local' }, [endpoint('10.244.1.6', ON_2)]);
    expect(rules(elsewhere)).toEqual([
      '-A KUBE-SERVICES -m comment --comment "shop/web has no local endpoints" -m tcp -p tcp -d 10.96.0.20 --dport 80 -j DROP',
    ]);
    expect(rules(elsewhere, 'node-2').join('\n')).toContain('-j DNAT --to-destination 10.244.1.6:8080');
  });

  it('keep local traffic to external addresses in the cluster when the policy is Local', () => {
    const spec: ServiceSpec = {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 31000,
      ports: [{ port: 80, nodePort: 30080 }],
    };
    const text = rules(stateOf(spec)).join('\n');
    expect(text).toMatch(/-A KUBE-EXT-\w+ .*"pod traffic for .* -s 10\.244\.0\.0\/16 -j KUBE-SVC-\w+/);
    expect(text).toMatch(/-A KUBE-SVL-\w+ .*-> 10\.244\.0\.5:8080" -j KUBE-SEP-\w+/);
    expect(text).not.toMatch(/-A KUBE-SVL-\w+ .*-> 10\.244\.1\.6/);
    expect(text).toContain('"shop/web health check node port" -m tcp -p tcp --dport 31000 -j ACCEPT');
  });

  it('let source ranges through, and keep clients with their endpoint', () => {
    const text = rules(
      stateOf({
        type: 'LoadBalancer',
        loadBalancerSourceRanges: ['203.0.113.0/24', '172.18.0.0/16'],
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
      }),
    ).join('\n');
    expect(text).toMatch(/-A KUBE-FW-\w+ .* -s 203\.0\.113\.0\/24 -j KUBE-EXT-\w+/);
    expect(text).toMatch(/-A KUBE-FW-\w+ .* -s 172\.18\.200\.1 -j KUBE-EXT-\w+/);
    expect(text).toMatch(/-A KUBE-PROXY-FIREWALL .* -d 172\.18\.200\.1 --dport 80 -j DROP/);
    expect(text).toMatch(/-m recent --name KUBE-SEP-\w+ --rcheck --seconds 60 --reap -j KUBE-SEP-\w+/);
  });

  it('are virtual servers in mode ipvs', () => {
    const state = stateOf({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }], externalTrafficPolicy: 'Local' });
    expect(ipvsTables(state, { node: 'node-2', podRange: '' }).split('\n').slice(3)).toEqual([
      'TCP  10.96.0.20:80 rr',
      '  -> 10.244.0.5:8080              Masq    1      0          0',
      '  -> 10.244.1.6:8080              Masq    1      0          0',
      'TCP  172.18.0.3:30080 rr',
      '  -> 10.244.1.6:8080              Masq    1      0          0',
      '',
    ]);
  });
});

describe('routes of a node', () => {
  it('go over VXLAN with flannel', () => {
    expect(nodeRoutes(stateOf({}), 'node-1', 'flannel')).toBe(
      [
        'default via 172.18.0.1 dev eth0',
        '10.244.0.0/24 dev cni0 proto kernel scope link src 10.244.0.1',
        '10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink',
        '172.18.0.0/16 dev eth0 proto kernel scope link src 172.18.0.2',
        '',
      ].join('\n'),
    );
  });

  it('go to each pod and over IP in IP with calico', () => {
    expect(nodeRoutes(stateOf({}), 'node-1', 'calico')).toMatch(
      /^default .*\nblackhole 10\.244\.0\.0\/24 proto bird\n10\.244\.0\.5 dev cali[\da-f]{11} scope link\n10\.244\.1\.0\/24 via 172\.18\.0\.3 dev tunl0 proto bird onlink\n172\.18\.0\.0\/16 /,
    );
  });
});

function tail(rule: string): string {
  return /"( -m statistic .*)? -j/.exec(rule)?.[1]?.trim() ?? '';
}
