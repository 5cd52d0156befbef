import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bringDefinitions } from '../../src/actions/definitions.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { chartOf } from '../support/chart-of.ts';
import { embeddedCluster, type EmbeddedCluster } from '../support/embedded-cluster.ts';

let cluster: EmbeddedCluster;
beforeEach(async () => {
  cluster = await embeddedCluster();
});
afterEach(() => cluster.stop());

const text = { type: 'string' };

function definition(properties: object, versions: readonly object[] = [], scope = 'Namespaced'): string {
  const schema = {
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
  };
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope,
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
      versions:
        versions.length > 0
          ? versions.map((each) => ({ ...each, schema }))
          : [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
}

async function bring(crd: string, policy: 'skip' | 'create' | 'create-replace' = 'create-replace'): Promise<void> {
  await bringDefinitions(cluster.context(), await chartOf({ 'crds/widget.json': crd }), { policy, serverSide: false });
}

async function widget(): Promise<KubeObject> {
  const { client } = cluster.cluster;
  const type = await client.resourceFor({ group: 'example.com', version: 'v1', kind: 'Widget' });
  if (type === undefined) throw new Error('there are no widgets');
  return await client.create(type, {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', namespace: 'default' },
    spec: { size: '1', colour: 'red' },
  });
}

describe('definitions of a chart', () => {
  test('skip leaves them out, create leaves those that are there', async () => {
    await bring(definition({ size: text }), 'skip');
    await expect(widget()).rejects.toThrow('there are no widgets');
    await bring(definition({ size: text, colour: text }), 'create');
    await bring(definition({}), 'create');
    expect((await widget())['spec']).toEqual({ size: '1', colour: 'red' });
  });

  test('create-replace brings new fields', async () => {
    await bring(definition({ size: text }));
    await bring(definition({ size: text, colour: text }));
    expect((await widget())['spec']).toEqual({ size: '1', colour: 'red' });
  });

  test.each<[string, string, RegExp]>([
    ['a field that is in use', definition({ size: text }), /field \.spec\.colour goes, and default\/w use it/],
    [
      'a version in which objects are stored',
      definition({ size: text, colour: text }, [{ name: 'v2', served: true, storage: true }]),
      /version v1 is removed/,
    ],
    [
      'a version that is no longer served',
      definition({ size: text, colour: text }, [
        { name: 'v1', served: false, storage: false },
        { name: 'v2', served: true, storage: true },
      ]),
      /version v1 is no longer served, and there are 1 objects/,
    ],
    [
      'another scope',
      definition({ size: text, colour: text }, [], 'Cluster'),
      /scope changes from Namespaced to Cluster/,
    ],
  ])('create-replace refuses to lose %s', async (_, crd, message) => {
    await bring(definition({ size: text, colour: text }));
    await widget();
    await expect(bring(crd)).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: expect.stringMatching(message) as unknown,
    });
  });
});
