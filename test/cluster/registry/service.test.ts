import { describe, expect, test } from 'vitest';
import type { Service } from '../../../src/kube/api/core-v1.generated.ts';
import { create, make, set, stored, strategyOf, update, type Json } from './support.ts';
import { PORT_RANGE } from './texts.ts';

function specOf(object: Json): NonNullable<Service['spec']> {
  return object['spec'] as NonNullable<Service['spec']>;
}

function changed(old: Json, values: Json, others: readonly Json[] = []): ReturnType<typeof update> {
  const change = (draft: Json): void => {
    for (const [path, value] of Object.entries(values)) set(draft, path, value);
  };
  return update(old, change, { stored: others });
}

describe('a new Service', () => {
  test('gets the defaults of Kubernetes and an address', () => {
    const service = stored(make.service());
    const { clusterIP = '', ...spec } = specOf(service);
    expect(spec).toEqual({
      type: 'ClusterIP',
      selector: { app: 'web' },
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      clusterIPs: [clusterIP],
    });
    expect(clusterIP).toMatch(/^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+$/);
    expect(service['status']).toEqual({ loadBalancer: {} });
  });

  test('gets the same address from the same numbers, and never one that is taken', () => {
    const first = stored(make.service());
    expect(specOf(stored(make.service())).clusterIP).toBe(specOf(first).clusterIP);
    const second = stored(make.service({ 'metadata.name': 'b' }), { stored: [first] });
    expect(specOf(second).clusterIP).not.toBe(specOf(first).clusterIP);
    expect(specOf(stored(make.service(), { seed: 'another' })).clusterIP).not.toBe(specOf(first).clusterIP);
  });

  test.each(['NodePort', 'LoadBalancer'])('of type %s gets node ports', (type) => {
    const { ports = [], ...spec } = specOf(stored(make.service({ 'spec.type': type })));
    const [{ nodePort = 0 } = {}] = ports;
    expect(nodePort).toBeGreaterThanOrEqual(30000);
    expect(nodePort).toBeLessThanOrEqual(32767);
    expect(spec.externalTrafficPolicy).toBe('Cluster');
    expect(spec.allocateLoadBalancerNodePorts).toBe(type === 'LoadBalancer' ? true : undefined);
  });

  test('with local traffic gets a port for health checks', () => {
    const spec = specOf(stored(make.service({ 'spec.type': 'LoadBalancer', 'spec.externalTrafficPolicy': 'Local' })));
    expect(spec.healthCheckNodePort).toBeGreaterThanOrEqual(30000);
  });

  test('without an address has none', () => {
    expect(specOf(stored(make.service({ 'spec.clusterIP': 'None' })))).toMatchObject({
      clusterIP: 'None',
      clusterIPs: ['None'],
    });
    const external = specOf(stored(make.service({ 'spec.type': 'ExternalName', 'spec.externalName': 'a.example' })));
    expect(external.clusterIP).toBeUndefined();
  });

  test('has a name that DNS knows', () => {
    expect(strategyOf('/services').validateName('9a', false)).toHaveLength(1);
    expect(strategyOf('/services').validateName('a9', false)).toEqual([]);
  });

  test.each<[Json, string]>([
    [{ 'spec.ports': [] }, 'spec.ports: Required value'],
    [
      { 'spec.ports': [{}] },
      `[spec.ports[0].port: Invalid value: 0: ${PORT_RANGE}, spec.ports[0].targetPort: Invalid value: 0: ${PORT_RANGE}]`,
    ],
    [
      { 'spec.ports': [{ port: 80 }, { port: 81 }] },
      '[spec.ports[0].name: Required value, spec.ports[1].name: Required value]',
    ],
    [
      {
        'spec.ports': [
          { name: 'a', port: 80 },
          { name: 'a', port: 81 },
        ],
      },
      'spec.ports[1].name: Duplicate value: "a"',
    ],
    [
      {
        'spec.ports': [
          { name: 'a', port: 80 },
          { name: 'b', port: 80 },
        ],
      },
      'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
    ],
    [
      { 'spec.type': 'x' },
      'spec.type: Unsupported value: "x": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
    [
      { 'spec.ports': [{ port: 80, nodePort: 30000 }] },
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
    [
      { 'spec.type': 'NodePort', 'spec.ports': [{ port: 80, nodePort: 80 }] },
      'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
    [{ 'spec.type': 'ExternalName' }, 'spec.externalName: Required value'],
    [
      { 'spec.clusterIP': 'foo' },
      'spec.clusterIPs[0]: Invalid value: "foo": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      { 'spec.clusterIP': '1.2.3.4' },
      'spec.clusterIPs: Invalid value: ["1.2.3.4"]: failed to allocate IP 1.2.3.4: the provided IP (1.2.3.4) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
    ],
    [
      { 'spec.type': 'LoadBalancer', 'spec.clusterIP': 'None' },
      `spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for LoadBalancer services`,
    ],
    [
      { 'spec.sessionAffinity': 'x' },
      'spec.sessionAffinity: Unsupported value: "x": supported values: "ClientIP", "None"',
    ],
    [
      { 'spec.externalTrafficPolicy': 'Local' },
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
    ],
    [
      { 'spec.ipFamilyPolicy': 'RequireDualStack' },
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    ],
  ])('is refused with %o', (values, message) => {
    expect(create(make.service(values)).message).toBe(`Service "web" is invalid: ${message}`);
  });

  test('is refused with what another has', () => {
    const other = stored(make.service({ 'spec.type': 'NodePort', 'spec.ports': [{ port: 80, nodePort: 30080 }] }));
    const port = { 'metadata.name': 'b', 'spec.type': 'NodePort', 'spec.ports': [{ port: 80, nodePort: 30080 }] };
    expect(create(make.service(port), { stored: [other] }).message).toBe(
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    );
    const { clusterIP = '' } = specOf(other);
    expect(
      create(make.service({ 'metadata.name': 'b', 'spec.clusterIP': clusterIP }), { stored: [other] }).message,
    ).toBe(
      `Service "b" is invalid: spec.clusterIPs: Invalid value: ["${clusterIP}"]: failed to allocate IP ${clusterIP}: provided IP is already allocated`,
    );
  });
});

describe('a changed Service', () => {
  test('keeps its address, even if the client does not know it', () => {
    const service = stored(make.service());
    const { object } = changed(service, { 'spec.clusterIP': undefined, 'spec.clusterIPs': undefined }, [service]);
    expect(specOf(object).clusterIP).toBe(specOf(service).clusterIP);
    expect(changed(service, { 'spec.clusterIP': '10.96.0.50' }).message).toBe(
      'Service "web" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.0.50"]: may not change once set',
    );
  });

  test('keeps its node ports, gets some with a new type, and gives them back', () => {
    const service = stored(make.service({ 'spec.type': 'NodePort' }));
    const [{ nodePort = 0 } = {}] = specOf(service).ports ?? [];
    const again = changed(service, { 'spec.ports': [{ port: 80 }] }, [service]).object;
    expect(specOf(again).ports).toMatchObject([{ nodePort }]);
    const inside = changed(service, { 'spec.type': 'ClusterIP', 'spec.ports': [{ port: 80 }] }, [service]).object;
    expect(specOf(inside).ports?.[0]?.nodePort).toBeUndefined();
    const outside = changed(inside, { 'spec.type': 'NodePort' }, [inside]).object;
    expect(specOf(outside).ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30000);
  });

  test('gives its address back when it becomes a name', () => {
    const service = stored(make.service());
    const { object, message } = changed(service, { 'spec.type': 'ExternalName', 'spec.externalName': 'a.example' });
    expect(message).toBeUndefined();
    expect(specOf(object).clusterIP).toBeUndefined();
  });
});
