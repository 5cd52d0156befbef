import { describe, expect, test } from 'vitest';
import { deepEqual } from '../../src/kube/equality.ts';
import { PatchError } from '../../src/kube/patch-error.ts';
import {
  applyStrategicMergePatch,
  createThreeWayMergePatch,
  createTwoWayMergePatch,
} from '../../src/kube/strategic-merge-patch.ts';
import { fc } from '../support/property.ts';

const POD = { group: '', version: 'v1', kind: 'Pod' };
const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment' };

const live = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', finalizers: ['x/a', 'x/b'], labels: { a: '1' } },
  spec: {
    containers: [
      { name: 'c1', image: 'i1', ports: [{ containerPort: 80 }] },
      { name: 'c2', image: 'i2' },
    ],
    volumes: [{ name: 'v1', emptyDir: {} }],
    tolerations: [{ key: 'a' }],
  },
};

describe('applying', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      'lists merge by key; what is new comes before what it cannot be compared with',
      {
        containers: [
          { name: 'c3', image: 'i3' },
          { name: 'c2', image: 'n2' },
        ],
      },
      { containers: [{ name: 'c3', image: 'i3' }, live.spec.containers[0], { name: 'c2', image: 'n2' }] },
    ],
    [
      'elements are deleted',
      { containers: [{ name: 'c1', $patch: 'delete' }] },
      { containers: [{ name: 'c2', image: 'i2' }] },
    ],
    ['lists are replaced', { containers: [{ $patch: 'replace' }, { name: 'c9' }] }, { containers: [{ name: 'c9' }] }],
    [
      'order is set',
      { '$setElementOrder/containers': [{ name: 'c2' }, { name: 'c1' }] },
      { containers: [live.spec.containers[1], live.spec.containers[0]] },
    ],
    [
      'fields are retained',
      { volumes: [{ name: 'v1', $retainKeys: ['name', 'secret'], secret: { secretName: 's' } }] },
      {
        volumes: [{ name: 'v1', secret: { secretName: 's' } }],
      },
    ],
    ['atomic lists are replaced', { tolerations: [{ key: 'b' }] }, { tolerations: [{ key: 'b' }] }],
    ['nulls delete', { volumes: null, tolerations: null }, { volumes: undefined, tolerations: undefined }],
    ['nulls in what is new are dropped', { affinity: { nodeAffinity: null } }, { affinity: {} }],
    ['maps are replaced', { securityContext: { $patch: 'replace', runAsUser: 1 } }, { securityContext: undefined }],
  ])('%s', (_, patch, expected) => {
    const before = JSON.stringify([live, patch]);
    const result = applyStrategicMergePatch(POD, live, { spec: patch });
    expect(result['spec']).toEqual({ ...live.spec, ...expected });
    expect(JSON.stringify([live, patch])).toBe(before);
  });

  test('lists of scalars', () => {
    const patch = (metadata: object) => applyStrategicMergePatch(POD, live, { metadata })['metadata'];
    expect(patch({ finalizers: ['x/c'] })).toMatchObject({ finalizers: ['x/c', 'x/a', 'x/b'] });
    expect(patch({ '$deleteFromPrimitiveList/finalizers': ['x/a'] })).toMatchObject({ finalizers: ['x/b'] });
    expect(patch({ labels: { $patch: 'replace', b: '2' } })).toMatchObject({ labels: { b: '2' } });
    expect(patch({ labels: { $patch: 'delete' } })).toMatchObject({ labels: {} });
  });

  test.each<[string, Record<string, unknown>, string, number]>([
    [
      'no merge key',
      { containers: [{ image: 'x' }] },
      'map: map[image:x] does not contain declared merge key: name',
      500,
    ],
    [
      'unknown directive',
      { containers: [{ name: 'c1', $patch: 'x' }] },
      'unknown patch type: x in map: map[$patch:x name:c1]',
      422,
    ],
    [
      'retained keys that are not in the patch',
      { volumes: [{ name: 'v1', $retainKeys: ['name'], emptyDir: {} }] },
      'invalid patch format of retainKeys',
      400,
    ],
    [
      'order that is no list',
      { '$setElementOrder/containers': 'x' },
      'expected a []interface {}, but received a string',
      500,
    ],
    ['order of something else', { $setElementOrderX: [] }, 'invalid patch format of setElementOrder list', 400],
    [
      'unknown struct',
      { foo: [], '$setElementOrder/foo': [] },
      'unable to find api field in struct PodSpec for the json field "foo"',
      500,
    ],
  ])('%s', (_, spec, message, code) => {
    expect(() => applyStrategicMergePatch(POD, live, { spec })).toThrow(new PatchError(message, code as 400));
  });

  test('only for kinds that are built in', () => {
    const gvk = { group: 'example.com', version: 'v1', kind: 'Thing' };
    expect(() => applyStrategicMergePatch(gvk, {}, {})).toThrow('strategic merge patch format is not supported');
    expect(createTwoWayMergePatch(gvk, {}, {})).toBeUndefined();
    expect(createThreeWayMergePatch({ gvk, original: {}, modified: {}, current: {} })).toBeUndefined();
  });
});

const names = (all: readonly string[]) => fc.shuffledSubarray([...all]);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const container = (name: string) =>
  fc.record({
    name: fc.constant(name),
    image: fc.constantFrom('i1', 'i2'),
    env: optional(
      names(['A', 'B', 'C']).chain((keys) =>
        fc.tuple(...keys.map((key) => fc.record({ name: fc.constant(key), value: fc.constantFrom('1', '2') }))),
      ),
    ),
    args: optional(names(['x', 'y'])),
  });
const podArbitrary = fc
  .record({
    labels: optional(
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { noNullPrototype: true }),
    ),
    finalizers: optional(names(['x/a', 'x/b', 'x/c'])),
    containers: names(['c1', 'c2', 'c3']).chain((all) => fc.tuple(...all.map(container))),
    volumes: optional(
      names(['v1', 'v2']).chain((all) =>
        fc.tuple(...all.map((name) => fc.constantFrom({ name, emptyDir: {} }, { name, hostPath: { path: '/x' } }))),
      ),
    ),
    restartPolicy: optional(fc.constantFrom('Always', 'Never')),
  })
  .map(({ labels, finalizers, ...spec }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', labels, finalizers },
    spec,
  }));

/**
 * Lists in any order, empty lists as absent: what a patch of an object with lists by key promises.
 * `$retainKeys` and nulls stay behind in elements that are new; decoding drops them.
 */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(normal).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, normal(item)] as const);
  return Object.fromEntries(
    entries
      .filter(
        ([key, item]) =>
          item !== undefined && item !== null && key !== '$retainKeys' && !(Array.isArray(item) && item.length === 0),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

describe('making', () => {
  test('a two-way patch brings one object to the other', () => {
    fc.assert(
      fc.property(podArbitrary, podArbitrary, (original, modified) => {
        const patch = createTwoWayMergePatch(POD, original, modified) ?? {};
        expect(normal(applyStrategicMergePatch(POD, original, patch))).toEqual(normal(modified));
        expect(createTwoWayMergePatch(POD, modified, modified)).toEqual({});
      }),
    );
  });

  test('a three-way patch sets what is wanted and removes what was and is not wanted', () => {
    fc.assert(
      fc.property(podArbitrary, podArbitrary, podArbitrary, (original, modified, current) => {
        const before = JSON.stringify([original, modified, current]);
        const patch = createThreeWayMergePatch({ original, modified, current }) ?? {};
        const result = applyStrategicMergePatch(POD, current, patch) as typeof modified;
        expect(JSON.stringify([original, modified, current])).toBe(before);
        for (const { name, image } of modified.spec.containers) {
          expect(result.spec.containers.find((other) => other.name === name)?.image).toBe(image);
        }
        const wanted = new Set(modified.spec.containers.map(({ name }) => name));
        for (const { name } of original.spec.containers) {
          if (!wanted.has(name)) expect(result.spec.containers.some((other) => other.name === name)).toBe(false);
        }
        expect(createThreeWayMergePatch({ original: modified, modified, current: result })).toSatisfy((again: object) =>
          deepEqual(normal(applyStrategicMergePatch(POD, result, again)), normal(result)),
        );
      }),
    );
  });

  test('directives are written as kubectl writes them', () => {
    const modified = {
      ...live,
      metadata: { name: 'p', finalizers: ['x/b', 'x/c'], labels: {} },
      spec: { ...live.spec, containers: [{ name: 'c2', image: 'n2' }], volumes: [{ name: 'v1', secret: {} }] },
    };
    expect(createTwoWayMergePatch(POD, live, modified)).toEqual({
      metadata: {
        finalizers: ['x/c'],
        '$deleteFromPrimitiveList/finalizers': ['x/a'],
        '$setElementOrder/finalizers': ['x/b', 'x/c'],
        labels: { a: null },
      },
      spec: {
        containers: [
          { name: 'c2', image: 'n2' },
          { $patch: 'delete', name: 'c1' },
        ],
        '$setElementOrder/containers': [{ name: 'c2' }],
        volumes: [{ name: 'v1', $retainKeys: ['name', 'secret'], emptyDir: null, secret: {} }],
        '$setElementOrder/volumes': [{ name: 'v1' }],
      },
    });
  });

  test('a change of strategy keeps only its own fields', () => {
    const deployment = (strategy: object) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {},
      spec: { strategy },
    });
    const original = deployment({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } });
    const patch = createTwoWayMergePatch(DEPLOYMENT, original, deployment({ type: 'Recreate' }));
    expect(patch).toEqual({ spec: { strategy: { $retainKeys: ['type'], type: 'Recreate', rollingUpdate: null } } });
    expect(applyStrategicMergePatch(DEPLOYMENT, original, patch)).toEqual(deployment({ type: 'Recreate' }));
  });
});
