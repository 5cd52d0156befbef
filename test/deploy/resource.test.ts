import { beforeEach, describe, expect, test } from 'vitest';
import { findAdoptable, withOwner } from '../../src/deploy/ownership.ts';
import { buildResources, describeResource, resourceId } from '../../src/deploy/resource.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { type LightCluster, lightCluster } from './light-cluster.ts';

let cluster: LightCluster;
beforeEach(async () => {
  cluster = await lightCluster();
});

describe('buildResources', () => {
  test('gives namespaced objects their namespace, and takes lists apart', async () => {
    const manifest = `
# a comment
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
  - {apiVersion: v1, kind: Namespace, metadata: {name: b}}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: other}
---
`;
    const resources = await buildResources(cluster.client, manifest, { namespace: 'default' });
    expect(resources.map(resourceId)).toEqual(['/ConfigMap/default/a', '/Namespace//b', '/Secret/other/s']);
    expect(resources.map(({ object }) => object.metadata.namespace)).toEqual(['default', undefined, 'other']);
    expect(resources[0] === undefined ? '' : describeResource(resources[0])).toBe(
      'ConfigMap "a" in namespace "default"',
    );
  });

  test('tells of all kinds that there are not, or leaves them out', async () => {
    const manifest = ['a', 'b']
      .map((name) => `apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: ${name}}\n`)
      .join('---\n');
    await expect(buildResources(cluster.client, manifest, { namespace: 'default' })).rejects.toMatchObject({
      code: 'no-kind-match',
      message: `[${['a', 'b']
        .map(
          (name) =>
            `resource mapping not found for name: "${name}" namespace: "" from "": no matches for kind "Thing" in version "example.com/v1"\nensure CRDs are installed first`,
        )
        .join(', ')}]`,
    });
    expect(await buildResources(cluster.client, manifest, { namespace: 'default', skipUnknown: true })).toEqual([]);
  });

  test.each([
    ['kind: ConfigMap\nmetadata: {name: a}\n', 'apiVersion not set'],
    ['apiVersion: v1\nmetadata: {name: a}\n', "Object 'Kind' is missing in the manifest"],
    ['- a\n', 'a manifest must be an object with apiVersion, kind and metadata'],
  ])('refuses %j', async (manifest, message) => {
    await expect(buildResources(cluster.client, manifest, { namespace: 'default' })).rejects.toMatchObject({
      code: 'manifest-invalid',
      message,
    });
  });
});

describe('ownership', () => {
  const MINE = { name: 'web', namespace: 'default' };
  const OWN = '{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {x: "y"}}}';
  const put = (labels: object, annotations: object): Promise<unknown> =>
    cluster.client.create(RESOURCES.configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'default', labels, annotations },
    });
  const adoptable = async (take = false): Promise<number> =>
    (
      await findAdoptable(
        cluster.client,
        await buildResources(cluster.client, OWN, { namespace: 'default' }),
        MINE,
        take,
      )
    ).length;

  test('is written into label and annotations', async () => {
    const [resource] = await buildResources(cluster.client, OWN, { namespace: 'default' });
    expect(resource === undefined ? undefined : withOwner(resource, MINE).object.metadata).toEqual({
      name: 'a',
      namespace: 'default',
      labels: { x: 'y', 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'default' },
    });
  });

  test('nothing is there: nothing is adopted', async () => {
    expect(await adoptable()).toBe(0);
  });

  test('what carries the release may be taken over', async () => {
    await put(
      { 'app.kubernetes.io/managed-by': 'Helm' },
      { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'default' },
    );
    expect(await adoptable()).toBe(1);
  });

  test('what belongs to nobody may not, unless it is asked for', async () => {
    await put({}, {});
    await expect(adoptable()).rejects.toMatchObject({
      code: 'ownership-conflict',
      message:
        'ConfigMap "a" in namespace "default" exists and cannot be imported into the current release: invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"; annotation validation error: missing key "meta.helm.sh/release-name": must be set to "web"; annotation validation error: missing key "meta.helm.sh/release-namespace": must be set to "default"',
    });
    expect(await adoptable(true)).toBe(1);
  });

  test('whose it is, is told', async () => {
    await put(
      { 'app.kubernetes.io/managed-by': 'Helm' },
      { 'meta.helm.sh/release-name': 'api', 'meta.helm.sh/release-namespace': 'prod' },
    );
    await expect(adoptable()).rejects.toMatchObject({
      message: expect.stringContaining(
        'annotation validation error: key "meta.helm.sh/release-name" must equal "web": current value is "api"',
      ) as unknown,
      hint: expect.stringContaining('belongs to release "api" in namespace "prod"') as unknown,
    });
  });

  test('generated names are never there', async () => {
    const generated = '{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-}}';
    const resources = await buildResources(cluster.client, generated, { namespace: 'default' });
    expect(await findAdoptable(cluster.client, resources, MINE, false)).toEqual([]);
    const both = '{apiVersion: v1, kind: ConfigMap, metadata: {name: a, generateName: a-}}';
    await expect(
      findAdoptable(cluster.client, await buildResources(cluster.client, both, { namespace: 'default' }), MINE, false),
    ).rejects.toThrow('metadata.name and metadata.generateName cannot both be set');
  });
});
