import { describe, expect, test } from 'vitest';
import { customResourceType } from '../../src/kube/custom-resource-type.ts';
import { decodeObject } from '../../src/kube/decode.ts';
import { fieldElement, fieldSetOf } from '../../src/kube/field-set.ts';
import { upgradeManagedFieldsPatch } from '../../src/kube/managed-fields.ts';
import type { GroupVersionKind, KubeObject } from '../../src/kube/object.ts';
import { applyServerSide, updateManagedFields } from '../../src/kube/server-side-apply.ts';

const POD: GroupVersionKind = { group: '', version: 'v1', kind: 'Pod' };
const NOW = Date.parse('2026-01-01T00:00:00.900Z');

function pod(spec: object, rest: object = {}, metadata: object = {}): KubeObject {
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid: 'u', ...metadata }, spec, ...rest };
  return decodeObject(POD, body, 'Strict').object;
}

interface Write {
  readonly before?: KubeObject;
  readonly manager?: string;
  readonly at?: number;
  readonly subresource?: string;
}

function write(after: KubeObject, { before, manager = 'm', at = 0, subresource }: Write = {}): KubeObject {
  return updateManagedFields({ gvk: POD, before, after, manager, subresource, now: NOW + at * 1000 });
}

const shown = (object: KubeObject) =>
  (object.metadata.managedFields ?? []).map(({ manager, time, fieldsV1 }) => [manager, time?.slice(11, 19), fieldsV1]);

const plain = pod({ containers: [{ name: 'c', image: 'i' }] });

describe('ordinary writes', () => {
  test('a create owns all but the fields of the system', () => {
    expect(
      write(pod({ containers: [{ name: 'c', image: 'i' }], nodeSelector: { a: 'b' } }, {}, { labels: { x: 'y' } }))
        .metadata.managedFields,
    ).toEqual([
      {
        manager: 'm',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } },
          'f:spec': {
            'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {}, 'f:resources': {} } },
            'f:nodeSelector': {},
          },
        },
      },
    ]);
  });

  test('a change moves fields; what goes is owned by nobody', () => {
    const created = write(pod({ containers: [{ name: 'c', image: 'i' }], hostname: 'h', priority: 1 }));
    const changed = write(pod({ containers: [{ name: 'c', image: 'j' }], priority: 1 }), {
      before: created,
      manager: 'n',
      at: 5,
    });
    expect(shown(changed)).toEqual([
      [
        'm',
        '00:00:00',
        {
          'f:spec': {
            'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:resources': {} } },
            'f:priority': {},
          },
        },
      ],
      ['n', '00:00:05', { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { 'f:image': {} } } } }],
    ]);
  });

  test('a write that only takes away keeps the time', () => {
    const created = write(pod({ containers: [{ name: 'c' }], hostname: 'h' }));
    const changed = write(pod({ containers: [{ name: 'c' }] }), { before: created, at: 60 });
    expect(changed.metadata.managedFields?.[0]?.time).toBe('2026-01-01T00:00:00Z');
    expect(JSON.stringify(shown(changed))).not.toContain('hostname');
  });

  test('a write that changes nothing is none', () => {
    const created = write(plain);
    expect(write(plain, { before: created, manager: 'other', at: 60 })).toBe(created);
  });

  test('subresources are managers of their own', () => {
    const created = write(plain);
    const status = { conditions: [{ type: 'Ready', status: 'True' }], phase: 'Running' };
    const updated = write({ ...plain, status }, { before: created, subresource: 'status', at: 1 });
    expect(updated.metadata.managedFields?.[1]).toMatchObject({
      manager: 'm',
      subresource: 'status',
      fieldsV1: {
        'f:status': {
          'f:conditions': { '.': {}, 'k:{"type":"Ready"}': { '.': {}, 'f:status': {}, 'f:type': {} } },
          'f:phase': {},
        },
      },
    });
  });

  test('ignored fields count for nothing', () => {
    const object = updateManagedFields({
      gvk: POD,
      before: undefined,
      after: { ...plain, status: { phase: 'Running' } },
      manager: '',
      now: NOW,
      ignoredFields: fieldSetOf([fieldElement('status')]),
    });
    expect(shown(object)[0]?.[0]).toBe('unknown');
    expect(JSON.stringify(shown(object))).not.toContain('status');
  });

  test('objects that were stored without stay without', () => {
    expect(write(pod({ containers: [], hostname: 'h' }), { before: plain }).metadata.managedFields).toBeUndefined();
  });

  test('clients may forget managers or bring their own', () => {
    const created = write(plain);
    const forget = write({ ...plain, metadata: { ...plain.metadata, managedFields: [] } }, { before: created });
    expect(forget.metadata.managedFields).toBeUndefined();
    const entry = { ...created.metadata.managedFields?.[0], manager: 'renamed' };
    const renamed = write({ ...plain, metadata: { ...plain.metadata, managedFields: [entry] } }, { before: created });
    expect(shown(renamed)[0]?.[0]).toBe('renamed');
  });

  test('the oldest of many updaters become one', () => {
    let object = write(plain);
    for (let i = 0; i < 14; i += 1) {
      const after = {
        ...object,
        metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [`a${i}`]: '1' } },
      };
      object = write(after, { before: object, manager: `m${i}`, at: i + 1 });
    }
    const managers = shown(object).map(([manager]) => manager);
    expect(managers).toHaveLength(10);
    expect(managers[0]).toBe('ancient-changes');
    expect(managers.at(-1)).toBe('m13');
  });

  test('lists whose elements are there twice are owned as they are', () => {
    const twice = {
      ...plain,
      spec: {
        containers: [
          { name: 'c', image: '1' },
          { name: 'c', image: '2' },
        ],
      },
    };
    expect(JSON.stringify(shown(write(twice)))).toContain('"k:{\\"name\\":\\"c\\"}":{}');
  });
});

describe('custom resources', () => {
  const gvk = { group: 'example.com', version: 'v1', kind: 'Thing' };
  const thing = (spec: unknown): KubeObject => ({
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 't' },
    spec,
  });

  test('without a schema maps merge and lists are atomic', () => {
    const after = thing({ a: { b: 1 }, list: [{ name: 'x' }], empty: {} });
    const object = updateManagedFields({ gvk, before: undefined, after, manager: 'm', now: NOW });
    expect(object.metadata.managedFields?.[0]?.fieldsV1).toEqual({
      'f:spec': { '.': {}, 'f:a': { '.': {}, 'f:b': {} }, 'f:list': {}, 'f:empty': {} },
    });
    const applied = applyServerSide({
      gvk,
      live: object,
      config: thing({ a: { c: 2 } }),
      manager: 'n',
      force: false,
      now: NOW,
    });
    expect(applied.object['spec']).toEqual({ a: { b: 1, c: 2 }, list: [{ name: 'x' }], empty: {} });
  });

  test('a schema names the kinds of lists', () => {
    const type = customResourceType({
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: {
            list: {
              type: 'array',
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': ['name'],
              items: { type: 'object', properties: { name: { type: 'string' }, value: { type: 'integer' } } },
            },
            tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
            one: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: { type: 'string' } } },
            free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            port: { 'x-kubernetes-int-or-string': true },
          },
        },
      },
    });
    const live = applyServerSide({
      gvk,
      type,
      live: undefined,
      config: thing({
        list: [{ name: 'x', value: 1 }],
        tags: ['a'],
        one: { a: 'b' },
        free: { z: { y: 1 } },
        port: 'http',
      }),
      manager: 'm',
      force: false,
      now: NOW,
    }).object;
    expect(live.metadata.managedFields?.[0]?.fieldsV1).toEqual({
      'f:spec': {
        'f:free': { 'f:z': { '.': {}, 'f:y': {} } },
        'f:list': { 'k:{"name":"x"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
        'f:one': {},
        'f:port': {},
        'f:tags': { 'v:"a"': {} },
      },
    });
    const next = applyServerSide({
      gvk,
      type,
      live,
      config: thing({ list: [{ name: 'y' }], tags: ['b'] }),
      manager: 'n',
      force: false,
      now: NOW,
    }).object;
    expect(next['spec']).toMatchObject({ list: [{ name: 'x', value: 1 }, { name: 'y' }], tags: ['a', 'b'] });
    expect(() =>
      applyServerSide({ gvk, type, live, config: thing({ other: 1 }), manager: 'n', force: false, now: NOW }),
    ).toThrow('.spec.other: field not declared in schema');
  });
});

describe('upgrade of client-side appliers', () => {
  const fields = (...names: string[]) => ({ 'f:spec': Object.fromEntries(names.map((name) => [`f:${name}`, {}])) });
  const entry = (manager: string, operation: string, fieldsV1: object, rest: object = {}) => ({
    manager,
    operation,
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: fieldsV1 as Record<string, unknown>,
    ...rest,
  });
  const object = (...managedFields: ReturnType<typeof entry>[]): KubeObject => ({
    ...plain,
    metadata: { ...plain.metadata, resourceVersion: '7', managedFields },
  });

  test('an updater becomes the applier', () => {
    const annotated = {
      'f:metadata': { 'f:annotations': { 'f:kubectl.kubernetes.io/last-applied-configuration': {} } },
      ...fields('a'),
    };
    expect(
      upgradeManagedFieldsPatch(
        object(entry('helm', 'Update', annotated), entry('x', 'Update', fields('b'))),
        ['helm'],
        'helm',
      ),
    ).toEqual([
      {
        op: 'replace',
        path: '/metadata/managedFields',
        value: [entry('helm', 'Apply', fields('a')), entry('x', 'Update', fields('b'))],
      },
      { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
    ]);
  });

  test('an updater is merged into the applier that is there', () => {
    const patch = upgradeManagedFieldsPatch(
      object(
        entry('helm', 'Apply', fields('a')),
        entry('old', 'Update', fields('b')),
        entry('old', 'Update', fields('s'), { subresource: 'status' }),
      ),
      ['old'],
      'helm',
    );
    expect(patch?.[0]?.value).toEqual([
      entry('helm', 'Apply', fields('a', 'b')),
      entry('old', 'Update', fields('s'), { subresource: 'status' }),
    ]);
  });

  test('nothing to do', () => {
    expect(upgradeManagedFieldsPatch(object(entry('x', 'Update', fields('a'))), ['helm'], 'helm')).toBeUndefined();
    expect(upgradeManagedFieldsPatch(plain, ['helm'], 'helm')).toBeUndefined();
  });
});
