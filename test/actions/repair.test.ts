import { describe, expect, test } from 'vitest';
import { diffDrift } from '../../src/actions/diff.ts';
import { repair, type RepairOptions } from '../../src/actions/repair.ts';
import type { ObjectDiff } from '../../src/deploy/diff-release.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { type ReleaseWorld, releaseWorld, sampleChart } from './release-world.ts';

const CONFIGS = RESOURCES.configMaps;
const WEB = { namespace: 'default', name: 'web' };
const MAP = { namespace: 'default', name: 'a' };

async function installed(serverSide: 'true' | 'false'): Promise<ReleaseWorld> {
  const world = await releaseWorld();
  await world.install(await sampleChart(), { serverSide, wait: true });
  return world;
}

function repaired(world: ReleaseWorld, options: Partial<RepairOptions> = {}): Promise<readonly ObjectDiff[]> {
  return repair(world.context, { name: 'web', ignore: [], dryRun: false, showSecrets: false, ...options });
}

/** Somebody scales, changes data and adds a field that the release does not name. */
async function meddle({ cluster }: ReleaseWorld): Promise<void> {
  const other = cluster.clientOf('somebody');
  await other.patch(RESOURCES.deployments, WEB, 'merge', { spec: { replicas: 9, paused: true } });
  await other.patch(CONFIGS, MAP, 'merge', { data: { x: 'changed', own: 'kept' } });
}

describe.each(['true', 'false'] as const)('a release applied with --server-side=%s', (serverSide) => {
  test('gets back what others changed, and nothing else', async () => {
    const world = await installed(serverSide);
    await meddle(world);
    const drifted = await repaired(world, { wait: 60_000 });
    expect(drifted.map(({ kind, drift }) => `${kind} ${drift.map(({ path }) => path).join(',')}`).sort()).toEqual([
      'ConfigMap data.x',
      'Deployment spec.replicas',
    ]);
    const web = await world.cluster.find(RESOURCES.deployments, 'web');
    expect(web?.['spec']).toMatchObject({ replicas: 2, paused: true });
    expect((await world.cluster.find(CONFIGS, 'a'))?.['data']).toEqual({ x: '1', own: 'kept' });
    expect(await repaired(world)).toEqual([]);
    expect(await world.history()).toEqual(['1 deployed: Install complete']);
  });

  test('gets back what others deleted', async () => {
    const world = await installed(serverSide);
    await world.cluster.client.delete(CONFIGS, MAP);
    const [diff, ...rest] = await repaired(world);
    expect(rest).toEqual([]);
    expect(diff).toMatchObject({ kind: 'ConfigMap', name: 'a', gone: true });
    const again = await world.cluster.find(CONFIGS, 'a');
    expect(again?.['data']).toEqual({ x: '1' });
    expect(again?.metadata.annotations).toMatchObject({ 'meta.helm.sh/release-name': 'web' });
  });

  test('leaves alone what rules say', async () => {
    const world = await installed(serverSide);
    await meddle(world);
    const ignore = [{ kind: 'Deployment', paths: ['spec.replicas'] }, { kind: 'Secret' }];
    const drifted = await repaired(world, { ignore });
    expect(drifted.map(({ kind }) => kind)).toEqual(['ConfigMap']);
    expect((await world.cluster.find(RESOURCES.deployments, 'web'))?.['spec']).toMatchObject({ replicas: 9 });
    expect(await repaired(world, { ignore, dryRun: true })).toEqual([]);
    const all = await diffDrift(world.context, 'web', { showSecrets: false, ignore: [{ name: '*' }] });
    expect(all.every(({ change, gone }) => change === 'unchanged' && !gone)).toBe(true);
  });

  test('keeps ignored fields also where others of the object are put back', async () => {
    const world = await installed(serverSide);
    const other = world.cluster.clientOf('somebody');
    await other.patch(RESOURCES.deployments, WEB, 'merge', { spec: { replicas: 9 } });
    const container = { name: 'web', image: 'evil:1' };
    await other.patch(RESOURCES.deployments, WEB, 'strategic', {
      spec: { template: { spec: { containers: [container] } } },
    });
    await repaired(world, { ignore: [{ paths: ['spec.replicas'] }] });
    expect((await world.cluster.find(RESOURCES.deployments, 'web'))?.['spec']).toMatchObject({
      replicas: 9,
      template: { spec: { containers: [{ image: 'nginx:1' }] } },
    });
    // The next upgrade has the last word.
    await world.upgrade(await sampleChart(), { forceConflicts: serverSide === 'true', values: { replicas: 3 } });
    expect((await world.cluster.find(RESOURCES.deployments, 'web'))?.['spec']).toMatchObject({ replicas: 3 });
  });

  test('a dry run only tells', async () => {
    const world = await installed(serverSide);
    await meddle(world);
    expect(await repaired(world, { dryRun: true })).toHaveLength(2);
    expect((await world.cluster.find(RESOURCES.deployments, 'web'))?.['spec']).toMatchObject({ replicas: 9 });
  });
});

test('nothing is put back while nobody knows what is right', async () => {
  const world = await installed('true');
  await expect(repaired(world, { name: 'none' })).rejects.toMatchObject({ code: 'release-not-found' });
  const release = await world.context.store.last('web');
  await world.context.store.update({ ...release, info: { ...release.info, status: 'pending-upgrade' } });
  await expect(repaired(world)).rejects.toMatchObject({ code: 'release-pending' });
});
