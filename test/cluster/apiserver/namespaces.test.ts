import { describe, expect, it } from 'vitest';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { refusal, testServer } from './support.ts';

const NAMESPACES = RESOURCES.namespaces;
const MAPS = RESOURCES.configMaps;

describe('namespaces', () => {
  it('end when what is in them is gone', async () => {
    const { client } = await testServer();
    await client.create(NAMESPACES, { metadata: { name: 'shop' } });
    await client.create(MAPS, { metadata: { name: 'a', namespace: 'shop' } });
    const marked = await client.delete(NAMESPACES, { name: 'shop' });
    expect(marked).toMatchObject({ spec: { finalizers: ['kubernetes'] }, status: { phase: 'Terminating' } });
    expect(marked?.metadata.deletionTimestamp).toBeDefined();
    expect(await refusal(client.create(MAPS, { metadata: { name: 'b', namespace: 'shop' } }))).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message:
        'configmaps "b" is forbidden: unable to create new content in namespace shop because it is being terminated',
      details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] },
    });
    await client.delete(MAPS, { namespace: 'shop', name: 'a' });
    await client.update(NAMESPACES, { ...marked, spec: { finalizers: [] } }, { subresource: 'finalize' });
    expect((await refusal(client.get(NAMESPACES, { name: 'shop' }))).code).toBe(404);
  });

  it('stay where the cluster needs them', async () => {
    const { client } = await testServer();
    expect(await refusal(client.delete(NAMESPACES, { name: 'default' }))).toMatchObject({
      code: 403,
      message: 'namespaces "default" is forbidden: this namespace may not be deleted',
    });
  });

  it('are no namespace for what has none', async () => {
    const { client } = await testServer();
    expect(await refusal(client.create(MAPS, { metadata: { name: 'a' } }))).toMatchObject({ code: 422 });
    const made = await client.create(NAMESPACES, { metadata: { name: 'x', namespace: 'default' } });
    expect(made.metadata.namespace).toBeUndefined();
  });
});
