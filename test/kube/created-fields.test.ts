import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { createdFields, createdFieldsIfCommon, type CreatedKind } from '../../src/kube/created-fields.ts';
import { emptyObject } from '../../src/kube/decode.ts';
import { withoutIgnored } from '../../src/kube/field-ownership.ts';
import { fieldElement, fieldSetOf, formatFieldSet, unionFieldSets, type FieldSet } from '../../src/kube/field-set.ts';
import { withoutSystemFields } from '../../src/kube/managers.ts';
import type { GroupVersionKind, KubeObject } from '../../src/kube/object.ts';
import { compareTyped, withoutFields } from '../../src/kube/typed-compare.ts';
import { managedType, TypedError } from '../../src/kube/typed-value.ts';

const KINDS: readonly GroupVersionKind[] = [
  { group: '', version: 'v1', kind: 'Pod' },
  { group: '', version: 'v1', kind: 'ConfigMap' },
  { group: '', version: 'v1', kind: 'Service' },
  { group: 'apps', version: 'v1', kind: 'Deployment' },
  { group: 'example.com', version: 'v1', kind: 'Thing' },
];
const STATUS = fieldSetOf([fieldElement('status')]);

function kindOf(gvk: GroupVersionKind, ignoredFields: FieldSet | undefined): CreatedKind {
  return { gvk, type: managedType(gvk), ignoredFields };
}

/** Without any memory. */
function fresh(object: KubeObject, { gvk, type, ignoredFields }: CreatedKind): FieldSet | undefined {
  const { modified, added } = withoutFields(compareTyped(emptyObject(gvk), object, type), ignoredFields);
  const set = withoutSystemFields(withoutIgnored(unionFieldSets(modified, added), ignoredFields));
  return set === undefined ? undefined : formatFieldSet(set);
}

/** Few names and values, so that many objects are almost of one make. */
function randomObject(gvk: GroupVersionKind, random: SeededRandom): KubeObject {
  const one = <T>(...values: readonly T[]): T => values[random.below(values.length)] as T;
  const map = (): unknown =>
    one<unknown>(
      undefined,
      null,
      {},
      { a: 'x' },
      { b: '' },
      { a: 'x', b: 'y' },
      { 'a1:b': '{' },
      { a: { b: one<unknown>(null, 'c', {}) } },
    );
  const port = (): object => ({ containerPort: one(80, 81), protocol: one('TCP', 'UDP'), name: one('', 'http') });
  const container = (): object => ({
    name: one('c', 'd'),
    image: one('', 'i'),
    resources: one<unknown>({}, { limits: { cpu: '1' } }),
    ports: one<unknown>(undefined, null, [], [port()], [port(), port()]),
    args: one<unknown>(undefined, [], ['a'], ['b']),
  });
  const template = { spec: { containers: one<unknown>(null, [container()], [container(), container()]) } };
  return {
    apiVersion: gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`,
    kind: gvk.kind,
    metadata: {
      name: one('p', 'q'),
      labels: map() as Record<string, string>,
      finalizers: one(undefined, [], ['f/g'], ['f/h']),
    },
    data: map(),
    spec: one<unknown>(
      undefined,
      {},
      template.spec,
      {
        replicas: one<unknown>(undefined, null, 0, 1),
        selector: map(),
        template,
        strategy: one<unknown>({}, { type: 'Recreate' }),
      },
      {
        ports: [{ port: one(80, 81), targetPort: one<unknown>(0, 80, 'x'), protocol: 'TCP' }],
        clusterIPs: ['1.2.3.4'],
      },
    ),
    status: one<unknown>(undefined, {}, { phase: 'x' }, { loadBalancer: {} }),
  };
}

describe('fields of new objects', () => {
  test('are those that a comparison finds, whatever came before', () => {
    const random = new SeededRandom(7);
    let known = 0;
    for (let i = 0; i < 1500; i += 1) {
      const gvk = KINDS[i % KINDS.length] as GroupVersionKind;
      const kind = kindOf(gvk, random.below(2) === 0 ? STATUS : undefined);
      // Most makes come again and again.
      const object = randomObject(gvk, new SeededRandom(random.below(100)));
      let expected: FieldSet | undefined;
      try {
        expected = fresh(object, kind);
      } catch (error) {
        expect(error).toBeInstanceOf(TypedError);
        expect(() => createdFields(object, kind)).toThrow(TypedError);
        expect(createdFieldsIfCommon(object, kind)).toBeUndefined();
        continue;
      }
      const early = createdFieldsIfCommon(object, kind);
      if (early !== undefined) {
        known += 1;
        expect({ object, set: early.set }).toEqual({ object, set: expected });
      }
      if (i % 3 === 0) expect({ object, set: createdFields(object, kind).set }).toEqual({ object, set: expected });
    }
    expect(known).toBeGreaterThan(300);
  });

  test('are shared by objects of one make, and worked out early for the second', () => {
    const kind = kindOf({ group: '', version: 'v1', kind: 'ConfigMap' }, undefined);
    const made = (key: string, value: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: value },
      data: { [key]: value },
    });
    expect(createdFieldsIfCommon(made('only-here', 'a'), kind)).toBeUndefined();
    const second = createdFieldsIfCommon(made('only-here', 'b'), kind);
    expect(second?.set).toEqual({ 'f:data': { '.': {}, 'f:only-here': {} } });
    expect(createdFieldsIfCommon(made('only-here', 'c'), kind)).toBe(second);
    expect(createdFields(made('only-here', 'd'), kind)).toBe(second);
    expect(createdFieldsIfCommon(made('x'.repeat(3000), 'a'), kind)).toBeUndefined();
    expect(createdFieldsIfCommon(made('x'.repeat(3000), 'a'), kind)).toBeUndefined();
  });

  test('are none where nothing but fields of the system is set', () => {
    const gvk = { group: '', version: 'v1', kind: 'ConfigMap' };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } };
    const fields = createdFields(object, kindOf(gvk, undefined));
    expect(fields.set).toBeUndefined();
    expect(fields.entries(gvk, { manager: 'm', subresource: '', now: 0 })).toBeUndefined();
  });
});
