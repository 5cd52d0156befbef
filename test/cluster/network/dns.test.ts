import { describe, expect, it } from 'vitest';
import { answerQuestion, type DnsType } from '../../../src/cluster/network/dns.ts';
import { clusterFirst, lookUpHost, resolverOf } from '../../../src/cluster/network/resolver.ts';
import { endpoint, namespace, network, pod, service, slice } from './support.ts';

const WEB_PORTS = [
  { name: 'http', port: 80, protocol: 'TCP' },
  { name: 'dns', port: 53, protocol: 'UDP' },
];

const state = network({
  namespaces: [namespace('shop'), namespace('empty')],
  services: [
    service('shop/web', { clusterIP: '10.96.4.4', clusterIPs: ['10.96.4.4', 'fd00::4'], ports: WEB_PORTS }),
    service('shop/db', { clusterIP: 'None', ports: [{ name: 'pg', port: 5432 }] }),
    service('shop/idle', { clusterIP: 'None', ports: [{ name: 'pg', port: 5432 }] }),
    service('shop/api', { type: 'ExternalName', externalName: 'api.vendor.io' }),
    service('shop/alias', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' }),
  ],
  slices: [
    slice(
      'shop/db',
      [
        endpoint('10.244.0.7', { hostname: 'db-0' }),
        endpoint('10.244.1.8', { hostname: 'db-1', conditions: { ready: false } }),
        endpoint('10.244.2.9'),
      ],
      [{ name: 'pg', port: 5432, protocol: 'TCP' }],
    ),
  ],
});

/** Name, type, and code with the records' values. */
const ANSWERS: readonly (readonly [string, DnsType, string])[] = [
  ['web.shop.svc.cluster.local.', 'A', 'NOERROR 10.96.4.4'],
  ['WEB.shop.svc.cluster.local', 'A', 'NOERROR 10.96.4.4'],
  ['web.shop.svc.cluster.local', 'AAAA', 'NOERROR fd00::4'],
  [
    'web.shop.svc.cluster.local',
    'SRV',
    'NOERROR 0 100 80 web.shop.svc.cluster.local.,0 100 53 web.shop.svc.cluster.local.',
  ],
  ['_http._tcp.web.shop.svc.cluster.local', 'SRV', 'NOERROR 0 100 80 web.shop.svc.cluster.local.'],
  ['_http._udp.web.shop.svc.cluster.local', 'SRV', 'NXDOMAIN'],
  ['_dns._udp.web.shop.svc.cluster.local', 'SRV', 'NOERROR 0 100 53 web.shop.svc.cluster.local.'],
  ['db.shop.svc.cluster.local', 'A', 'NOERROR 10.244.0.7,10.244.2.9'],
  ['db-0.db.shop.svc.cluster.local', 'A', 'NOERROR 10.244.0.7'],
  ['db-1.db.shop.svc.cluster.local', 'A', 'NXDOMAIN'],
  ['10-244-2-9.db.shop.svc.cluster.local', 'A', 'NOERROR 10.244.2.9'],
  [
    '_pg._tcp.db.shop.svc.cluster.local',
    'SRV',
    'NOERROR 0 100 5432 db-0.db.shop.svc.cluster.local.,0 100 5432 10-244-2-9.db.shop.svc.cluster.local.',
  ],
  ['idle.shop.svc.cluster.local', 'A', 'NXDOMAIN'],
  ['api.shop.svc.cluster.local', 'CNAME', 'NOERROR api.vendor.io.'],
  ['api.shop.svc.cluster.local', 'A', 'NOERROR api.vendor.io.,203.0.113.10'],
  ['alias.shop.svc.cluster.local', 'A', 'NOERROR web.shop.svc.cluster.local.,10.96.4.4'],
  ['nobody.shop.svc.cluster.local', 'A', 'NXDOMAIN'],
  ['web.elsewhere.svc.cluster.local', 'A', 'NXDOMAIN'],
  ['shop.svc.cluster.local', 'A', 'NOERROR'],
  ['svc.cluster.local', 'A', 'NOERROR'],
  ['cluster.local', 'A', 'NOERROR'],
  ['10-244-0-7.shop.pod.cluster.local', 'A', 'NOERROR 10.244.0.7'],
  ['10-244-0-7.elsewhere.pod.cluster.local', 'A', 'NXDOMAIN'],
  ['word.shop.pod.cluster.local', 'A', 'NXDOMAIN'],
  ['4.4.96.10.in-addr.arpa', 'PTR', 'NOERROR web.shop.svc.cluster.local.'],
  ['7.0.244.10.in-addr.arpa', 'PTR', 'NOERROR db-0.db.shop.svc.cluster.local.'],
  ['1.1.1.1.in-addr.arpa', 'PTR', 'NXDOMAIN'],
  ['vendor.io', 'A', 'NOERROR 203.0.113.10'],
  ['nowhere.invalid', 'A', 'NXDOMAIN'],
];

describe('answers of the DNS', () => {
  it.each(ANSWERS)('%s %s', (name, type, expected) => {
    const { code, records } = answerQuestion(state, name, type);
    expect([code, ...(records.length === 0 ? [] : [records.map(({ value }) => value).join(',')])].join(' ')).toBe(
      expected,
    );
  });
});

describe('look-ups', () => {
  it('follows the search path of the namespace', () => {
    expect(lookUpHost(state, 'web', clusterFirst('shop'))).toEqual({
      addresses: ['10.96.4.4'],
      name: 'web.shop.svc.cluster.local',
      alias: undefined,
      questions: [{ name: 'web.shop.svc.cluster.local.', code: 'NOERROR' }],
    });
    const other = lookUpHost(state, 'web.shop', clusterFirst('empty'));
    expect(other.questions.map(({ name }) => name)).toEqual([
      'web.shop.empty.svc.cluster.local.',
      'web.shop.svc.cluster.local.',
    ]);
    expect(lookUpHost(state, 'web', clusterFirst('empty')).addresses).toEqual([]);
  });

  it('asks for names with a dot at the end, or with many dots, as they are', () => {
    expect(lookUpHost(state, 'vendor.io.', clusterFirst('shop')).questions).toHaveLength(1);
    expect(lookUpHost(state, 'vendor.io', clusterFirst('shop')).questions).toHaveLength(4);
    expect(lookUpHost(state, 'a.b.c.d.vendor.io', clusterFirst('shop')).questions).toHaveLength(1);
  });

  it('goes by dnsPolicy and dnsConfig', () => {
    const host = (spec: Parameters<typeof pod>[3]): readonly string[] =>
      lookUpHost(state, 'web', resolverOf(pod('shop/p', '10.244.0.2', {}, spec))).addresses;
    expect(host({})).toEqual(['10.96.4.4']);
    expect(host({ dnsPolicy: 'Default' })).toEqual([]);
    expect(host({ hostNetwork: true })).toEqual([]);
    expect(host({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' })).toEqual(['10.96.4.4']);
    expect(host({ dnsPolicy: 'None' })).toEqual([]);
    const dnsConfig = { nameservers: ['10.96.0.10'], searches: ['shop.svc.cluster.local'] };
    expect(host({ dnsPolicy: 'None', dnsConfig })).toEqual(['10.96.4.4']);
    const ndots = { options: [{ name: 'ndots', value: '1' }] };
    expect(
      lookUpHost(state, 'vendor.io', resolverOf(pod('shop/p', '', {}, { dnsConfig: ndots }))).questions,
    ).toHaveLength(1);
  });
});
