import { describe, expect, it } from 'vitest';
import {
  endpointKey,
  type PortGroup,
  portsKey,
} from '../../../../src/cluster/controllers/endpointslice/slice-endpoints.ts';
import {
  MAX_ENDPOINTS,
  planSlices,
  serviceParent,
  sliceLabels,
} from '../../../../src/cluster/controllers/endpointslice/slice-plan.ts';
import type { Service } from '../../../../src/kube/api/core-v1.generated.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../../src/kube/api/discovery-v1.generated.ts';
import { fc } from '../../../support/property.ts';

const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', uid: 'u', labels: { app: 'web' } },
  spec: { selector: { app: 'web' } },
};
const parent = serviceParent(service);
const OWNER = { apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'u', controller: true, blockOwnerDeletion: true };
const ports: readonly EndpointPort[] = [{ name: '', port: 80, protocol: 'TCP' }];

function endpoint(n: number, ready = true): Endpoint {
  return { addresses: [`10.0.${n >> 8}.${n & 255}`], conditions: { ready, serving: ready, terminating: false } };
}

function groups(...numbers: number[]): Map<string, PortGroup> {
  const endpoints = new Map(numbers.map((n) => [endpointKey(endpoint(n)), endpoint(n)]));
  return new Map([[portsKey(ports), { ports, endpoints }]]);
}

function slice(name: string, ...numbers: number[]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'default', labels: sliceLabels(service), ownerReferences: [OWNER] },
    addressType: 'IPv4',
    endpoints: numbers.map((n) => endpoint(n)),
    ports,
  };
}

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

function counts(plan: ReturnType<typeof planSlices>): object {
  return {
    create: plan.create.map(({ endpoints }) => endpoints.length),
    update: plan.update.map(({ metadata, endpoints }) => `${metadata.name ?? ''}:${endpoints.length}`),
    remove: plan.remove.map(({ metadata }) => metadata.name),
  };
}

describe('slice plan', () => {
  it('makes an empty slice for a Service without pods, once', () => {
    const plan = planSlices(parent, 'IPv4', [], new Map());
    expect(counts(plan)).toEqual({ create: [0], update: [], remove: [] });
    const placeholder = { ...slice('p'), ports: [] };
    expect(counts(planSlices(parent, 'IPv4', [placeholder], new Map()))).toEqual({
      create: [],
      update: [],
      remove: [],
    });
  });

  it('turns the empty slice into the first real one, and back', () => {
    const placeholder = { ...slice('p'), ports: [] };
    expect(counts(planSlices(parent, 'IPv4', [placeholder], groups(1, 2)))).toEqual({
      create: [],
      update: ['p:2'],
      remove: [],
    });
    expect(counts(planSlices(parent, 'IPv4', [slice('s', 1)], new Map()))).toEqual({
      create: [],
      update: ['s:0'],
      remove: [],
    });
  });

  it('does nothing when all is there', () => {
    expect(counts(planSlices(parent, 'IPv4', [slice('s', 1, 2)], groups(2, 1)))).toEqual({
      create: [],
      update: [],
      remove: [],
    });
  });

  it('splits at 100 endpoints', () => {
    expect(counts(planSlices(parent, 'IPv4', [], groups(...range(0, 250))))).toEqual({
      create: [100, 100, 50],
      update: [],
      remove: [],
    });
  });

  it('fills slices that change anyway before others', () => {
    const existing = [slice('a', ...range(0, 60)), slice('b', ...range(100, 90))];
    // One endpoint of `a` goes, two come.
    const wanted = groups(...range(1, 59), ...range(100, 90), 300, 301);
    expect(counts(planSlices(parent, 'IPv4', existing, wanted))).toEqual({ create: [], update: ['a:61'], remove: [] });
  });

  it('fills the fullest slice that has room when none changes', () => {
    const existing = [slice('a', ...range(0, 60)), slice('b', ...range(100, 97)), slice('c', ...range(200, 99))];
    const wanted = groups(...range(0, 60), ...range(100, 97), ...range(200, 99), 500, 501);
    expect(counts(planSlices(parent, 'IPv4', existing, wanted))).toEqual({ create: [], update: ['b:99'], remove: [] });
  });

  it('writes slices whose labels are out of date', () => {
    const old = { ...slice('s', 1), metadata: { name: 's', namespace: 'default', labels: {} } };
    const plan = planSlices(parent, 'IPv4', [old], groups(1));
    expect(plan.update.map(({ metadata }) => metadata.labels)).toEqual([sliceLabels(service)]);
  });

  it('always ends with exactly the endpoints wanted, in slices that are not too large', () => {
    const numbers = fc.uniqueArray(fc.nat({ max: 400 }), { maxLength: 300 });
    fc.assert(
      fc.property(numbers, numbers, (before, after) => {
        let names = 0;
        let slices: EndpointSlice[] = [];
        for (const wanted of [before, after]) {
          const group = wanted.length === 0 ? new Map<string, PortGroup>() : groups(...wanted);
          const plan = planSlices(parent, 'IPv4', slices, group);
          const gone = new Set([...plan.remove, ...plan.update].map(({ metadata }) => metadata.name));
          slices = [...slices.filter(({ metadata }) => !gone.has(metadata.name)), ...plan.update];
          for (const created of plan.create) {
            names += 1;
            slices.push({ ...created, metadata: { ...created.metadata, name: `s${names}` } });
          }
          const found = slices.flatMap(({ endpoints }) => endpoints.map(endpointKey)).sort();
          expect(found).toEqual(wanted.map((n) => endpointKey(endpoint(n))).sort());
          expect(slices.every(({ endpoints }) => endpoints.length <= MAX_ENDPOINTS)).toBe(true);
          const settled = planSlices(parent, 'IPv4', slices, group);
          expect(counts(settled)).toEqual({ create: [], update: [], remove: [] });
        }
      }),
    );
  });
});
