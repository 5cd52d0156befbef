import { describe, expect, it } from 'vitest';
import type { KubeClient } from '../../../src/client/kube-client.ts';
import type { ResourceType } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { parseJsonPath } from '../../../src/kube/json-path.ts';
import { refusal, START, testServer } from './support.ts';

const DEFINITIONS = RESOURCES.customResourceDefinitions;

const SCHEMA = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 9 },
        color: { type: 'string', enum: ['red', 'blue'], default: 'red' },
        replicas: { type: 'integer', default: 1 },
        port: { 'x-kubernetes-int-or-string': true },
        parts: {
          type: 'array',
          maxItems: 2,
          items: { type: 'object', properties: { name: { type: 'string', pattern: '^[a-z]+$' } } },
        },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, phase: { type: 'string' } } },
  },
};

function definition(more: Record<string, unknown> = {}, versions: object[] = [version('v1')]): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', shortNames: ['wd'], categories: ['all'] },
      versions,
      ...more,
    },
  };
}

function version(name: string, storage = true): object {
  return {
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: SCHEMA },
    subresources: {
      status: {},
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
    },
    selectableFields: [{ jsonPath: '.spec.color' }],
  };
}

async function widgets(client: KubeClient, apiVersion = 'v1'): Promise<ResourceType> {
  const type = await client.resourceFor({ group: 'example.com', version: apiVersion, kind: 'Widget' });
  if (type === undefined) throw new Error('the resource is not served');
  return type;
}

function widget(name: string, spec: unknown = { size: 1 }): object {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, namespace: 'default' }, spec };
}

describe('definitions', () => {
  it('are established at once', async () => {
    const { client } = await testServer();
    await client.create(DEFINITIONS, definition());
    const made = await client.get(DEFINITIONS, { name: 'widgets.example.com' });
    expect(made['status']).toMatchObject({
      acceptedNames: { plural: 'widgets', kind: 'Widget', listKind: 'WidgetList' },
      storedVersions: ['v1'],
      conditions: [
        { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts' },
        { type: 'Established', status: 'True', reason: 'InitialNamesAccepted' },
      ],
    });
    expect(await widgets(client)).toMatchObject({
      resource: 'widgets',
      singular: 'widget',
      shortNames: ['wd'],
      categories: ['all'],
      subresources: ['status', 'scale'],
      namespaced: true,
    });
  });

  it('wait while another has their names', async () => {
    const { client } = await testServer();
    await client.create(DEFINITIONS, definition());
    const names = { plural: 'gadgets', singular: 'gadget', kind: 'Widget' };
    const other = { ...definition({ names }), metadata: { name: 'gadgets.example.com' } };
    await client.create(DEFINITIONS, other);
    const waiting = await client.get(DEFINITIONS, { name: 'gadgets.example.com' });
    expect(waiting['status']).toMatchObject({
      conditions: [
        { type: 'NamesAccepted', status: 'False', reason: 'KindConflict', message: '"Widget" is already in use' },
        { type: 'Established', status: 'False', reason: 'NotAccepted' },
      ],
    });
    await client.delete(DEFINITIONS, { name: 'widgets.example.com' });
    const ready = await client.get(DEFINITIONS, { name: 'gadgets.example.com' });
    expect(ready['status']).toMatchObject({ conditions: [{ status: 'True' }, { status: 'True' }] });
  });

  it('take their objects with them', async () => {
    const { client } = await testServer();
    await client.create(DEFINITIONS, definition());
    const type = await widgets(client);
    await client.create(type, widget('a'));
    const held = widget('b') as { metadata: object };
    await client.create(type, { ...held, metadata: { ...held.metadata, finalizers: ['example.com/hold'] } });
    const marked = await client.delete(DEFINITIONS, { name: 'widgets.example.com' });
    expect(marked?.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    expect((await client.list(type)).items.map((item) => item.metadata.name)).toEqual(['b']);
    await client.patch(type, { namespace: 'default', name: 'b' }, 'merge', { metadata: { finalizers: null } });
    expect((await refusal(client.get(DEFINITIONS, { name: 'widgets.example.com' }))).code).toBe(404);
    expect((await refusal(client.list(type))).code).toBe(404);
  });
});

describe('custom resources', () => {
  async function served(): Promise<{ client: KubeClient; type: ResourceType }> {
    const { client } = await testServer();
    await client.create(DEFINITIONS, definition());
    return { client, type: await widgets(client) };
  }

  it('are pruned and completed by their schema', async () => {
    const { client, type } = await served();
    const spec = { size: 2, unknown: 1, free: { any: 1 }, labels: { a: 'b' }, parts: [{ name: 'x', more: 1 }] };
    const made = await client.create(type, { ...widget('a', spec), status: { phase: 'x' }, extra: true });
    expect(made).toMatchObject({
      spec: { size: 2, color: 'red', replicas: 1, free: { any: 1 }, labels: { a: 'b' }, parts: [{ name: 'x' }] },
      metadata: { generation: 1 },
    });
    expect([made['status'], made['extra']]).toEqual([undefined, undefined]);
    expect(made['spec']).not.toHaveProperty('unknown');
    const strict = await refusal(client.create(type, widget('b', spec), { fieldValidation: 'Strict' }));
    expect(strict.message).toContain('unknown field "spec.unknown", unknown field "spec.parts[0].more"');
  });

  it('are checked by their schema', async () => {
    const { client, type } = await served();
    const spec = { size: 'big', color: 'green', port: true, parts: [{ name: 'X' }, {}, {}] };
    const { message, code, details } = await refusal(client.create(type, widget('a', spec)));
    expect(code).toBe(422);
    expect(details).toMatchObject({ group: 'example.com', kind: 'Widget', name: 'a' });
    for (const part of [
      'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
      'spec.color: Unsupported value: "green": supported values: "red", "blue"',
      'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
      'spec.parts: Too many: 3: must have at most 2 items',
      'spec.parts[0].name: Invalid value: "X": spec.parts[0].name in body should match \'^[a-z]+$\'',
    ]) {
      expect(message).toContain(part);
    }
    const missing = await refusal(client.create(type, { ...widget('a'), spec: { color: 'red' } }));
    expect(missing.message).toBe('Widget.example.com "a" is invalid: spec.size: Required value');
    const range = await refusal(client.create(type, widget('a', { size: 10 })));
    expect(range.message).toContain('spec.size in body should be less than or equal to 9');
  });

  it('have status and scale', async () => {
    const { client, type } = await served();
    await client.create(type, widget('a'));
    const key = { namespace: 'default', name: 'a' };
    const status = await client.patch(
      type,
      key,
      'merge',
      { status: { replicas: 1 }, spec: { size: 5 } },
      {
        subresource: 'status',
      },
    );
    expect(status).toMatchObject({ spec: { size: 1 }, status: { replicas: 1 }, metadata: { generation: 1 } });
    const scale = await client.patch(type, key, 'merge', { spec: { replicas: 3 } }, { subresource: 'scale' });
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 3 }, status: { replicas: 1 } });
    expect(await client.get(type, key)).toMatchObject({ spec: { replicas: 3 }, metadata: { generation: 2 } });
    const selected = await client.list(type, { fieldSelector: 'spec.color=red' });
    expect(selected.items).toHaveLength(1);
  });

  it('need a version to be replaced', async () => {
    const { client, type } = await served();
    await client.create(type, widget('a'));
    expect((await refusal(client.update(type, widget('a', { size: 3 })))).message).toBe(
      'widgets.example.com "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
  });

  it('refuse strategic patches and take the others', async () => {
    const { client, type } = await served();
    const key = { namespace: 'default', name: 'a' };
    const applied = await client.patch(type, key, 'apply', widget('a', { size: 4 }), {
      fieldManager: 'me',
    });
    expect(applied['spec']).toMatchObject({ size: 4, color: 'red' });
    expect((await refusal(client.patch(type, key, 'strategic', {}))).code).toBe(415);
    expect(await client.patch(type, key, 'merge', { spec: { size: 5 } })).toMatchObject({ spec: { size: 5 } });
  });

  it('are shown in each served version', async () => {
    const { client } = await testServer();
    await client.create(DEFINITIONS, definition({}, [version('v1'), version('v2', false)]));
    const [v1, v2] = [await widgets(client), await widgets(client, 'v2')];
    await client.create(v1, widget('a'));
    const key = { namespace: 'default', name: 'a' };
    expect((await client.get(v2, key)).apiVersion).toBe('example.com/v2');
    expect((await client.list(v2)).items[0]?.apiVersion).toBe('example.com/v2');
    expect((await client.patch(v2, key, 'merge', { spec: { size: 2 } })).apiVersion).toBe('example.com/v2');
    expect(await client.get(v1, key)).toMatchObject({ apiVersion: 'example.com/v1', spec: { size: 2 } });
  });
});

describe('printer columns', () => {
  it('show what the definition says', async () => {
    const { client, server } = await testServer();
    const additionalPrinterColumns = [
      { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
      { name: 'Color', type: 'string', jsonPath: '.spec.color', priority: 1 },
      { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: 'Since', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ];
    await client.create(DEFINITIONS, definition({}, [{ ...version('v1'), additionalPrinterColumns }]));
    const type = await widgets(client);
    const made = await client.create(type, widget('a', { size: 3 }));
    const columns = server.columnsOf(type) ?? [];
    expect(columns.map((column) => [column.name, column.type, column.priority])).toEqual([
      ['Name', 'string', 0],
      ['Size', 'integer', 0],
      ['Color', 'string', 1],
      ['Ready', 'string', 0],
      ['Since', 'date', 0],
    ]);
    const cells = columns.map((column) => column.cell(made, { now: START + 90_000 }));
    expect(cells).toEqual(['a', 3, 'red', '', '90s']);
    expect(server.columnsOf(RESOURCES.pods)).toBeUndefined();
  });

  it.each([
    ['.a.b', [1]],
    ['{.a.b}', [1]],
    ['.list[*].n', ['x', 'y']],
    ['.list[1].n', ['y']],
    ['.list[-1].n', ['y']],
    [".m['p.q']", [2]],
    ['.m.p\\.q', [2]],
    ['.list[?(@.n=="x")].v', [true]],
    ['.list[?(@.n!="x")].n', ['y']],
    ['.none.b', []],
  ])('read %s', (path, expected) => {
    const value = { a: { b: 1 }, list: [{ n: 'x', v: true }, { n: 'y' }], m: { 'p.q': 2 } };
    expect(parseJsonPath(path)?.(value)).toEqual(expected);
  });
});
