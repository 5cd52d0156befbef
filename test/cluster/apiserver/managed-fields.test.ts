import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../src/kube/api/core-v1.generated.ts';
import { isDeferred } from '../../../src/kube/deferred-managed-fields.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { pod, refusal, testServer } from './support.ts';

const KEY = { namespace: 'default', name: 'web' };
const STATUS = { subresource: 'status', fieldManager: 'kubelet' } as const;

const shown = ({ metadata }: Pod) =>
  (metadata.managedFields ?? []).map(({ manager, subresource = '', time }) => `${manager} ${subresource} ${time}`);

async function podWithStatus() {
  const bench = await testServer();
  const { client, clock } = bench;
  const created = await client.create<Pod>(RESOURCES.pods, pod('web'));
  await clock.advance(60_000);
  const status = { ...created.status, message: 'one' };
  const first = await client.update<Pod>(RESOURCES.pods, { ...created, status }, STATUS);
  return { ...bench, first };
}

describe('managedFields of stored objects', () => {
  test('wait through writes, patches and the deletion until somebody reads them', async () => {
    const { client, clock, first } = await podWithStatus();
    const patch = { metadata: { finalizers: ['example.com/hold'] } };
    const patched = await client.patch(RESOURCES.pods, KEY, 'merge', patch, { fieldManager: 'holder' });
    const json = [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }];
    const labelled = await client.patch(RESOURCES.pods, KEY, 'json', json, { fieldManager: 'labeller' });
    await client.delete(RESOURCES.pods, KEY);
    const marked = await client.get(RESOURCES.pods, KEY);
    expect([first as object as KubeObject, patched, labelled, marked].map(isDeferred)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(clock.now()).toBeGreaterThan(0);
    expect(shown(marked as object as Pod)).toEqual([
      'test  2024-05-01T12:00:00Z',
      'holder  2024-05-01T12:01:00Z',
      'kubelet status 2024-05-01T12:01:00Z',
      'labeller  2024-05-01T12:01:00Z',
    ]);
  });

  test('bear the time of the last write that changed something; one that changes nothing is none', async () => {
    const { client, clock, first } = await podWithStatus();
    await clock.advance(60_000);
    const same = await client.update<Pod>(RESOURCES.pods, first, STATUS);
    expect(same.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(shown(same)).toEqual(['test  2024-05-01T12:00:00Z', 'kubelet status 2024-05-01T12:01:00Z']);
    const status = { ...first.status, message: 'two' };
    const second = await client.update<Pod>(RESOURCES.pods, { ...same, status }, STATUS);
    expect(shown(second)).toEqual(['test  2024-05-01T12:00:00Z', 'kubelet status 2024-05-01T12:02:00Z']);
  });

  test('can be read and reset by patches', async () => {
    const { client } = await podWithStatus();
    const test1 = [{ op: 'test', path: '/metadata/managedFields/0/manager', value: 'nobody' }];
    expect((await refusal(client.patch(RESOURCES.pods, KEY, 'json', test1))).code).toBe(422);
    const reset = { metadata: { managedFields: [{}] } };
    const done = await client.patch<Pod>(RESOURCES.pods, KEY, 'merge', reset);
    expect(done.metadata.managedFields).toBeUndefined();
  });
});
