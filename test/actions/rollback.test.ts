import { beforeEach, describe, expect, test } from 'vitest';
import { RESOURCES } from '../../src/kube/resources.ts';
import { hookJob, type ReleaseWorld, releaseWorld, sampleChart } from './release-world.ts';

let world: ReleaseWorld;
beforeEach(async () => {
  world = await releaseWorld();
});

const dataOf = async (name: string): Promise<unknown> =>
  (await world.cluster.find(RESOURCES.configMaps, name))?.['data'];

describe.each(['true', 'false'] as const)('rollback, server-side %s', (serverSide) => {
  test('brings objects, values and notes back as a new revision', async () => {
    await world.install(await sampleChart(), { serverSide, labels: { team: 'a' } });
    await world.upgrade(await sampleChart(), {
      serverSide,
      values: { maps: { a: { x: '2', added: '1' }, b: { y: '1' } } },
    });
    const release = await world.rollback(1);
    expect(release).toMatchObject({
      version: 3,
      apply_method: serverSide === 'true' ? 'ssa' : 'csa',
      info: { status: 'deployed', description: 'Rollback to 1', notes: 'Revision 1.\n' },
    });
    expect(await dataOf('a')).toEqual({ x: '1' });
    expect(await dataOf('b')).toBeUndefined();
    expect(await world.history()).toEqual([
      '1 superseded: Install complete',
      '2 superseded: Upgrade complete',
      '3 deployed: Rollback to 1',
    ]);
    expect((await world.context.store.get('web', 3)).labels).toMatchObject({ team: 'a' });
  });
});

describe('rollback', () => {
  test('goes to the revision before the last by itself', async () => {
    await world.install(await sampleChart());
    await world.upgrade(await sampleChart(), { values: { maps: { a: { x: '2' } } } });
    await world.upgrade(await sampleChart(), { values: { maps: { a: { x: '3' } } } });
    expect((await world.rollback(0)).info.description).toBe('Rollback to 2');
    expect(await dataOf('a')).toEqual({ x: '2' });
  });

  test('misses revisions that there are not', async () => {
    await expect(world.rollback(1)).rejects.toMatchObject({ code: 'release-not-found', message: 'release: not found' });
    await world.install(await sampleChart());
    await expect(world.rollback(7)).rejects.toMatchObject({
      code: 'release-not-found',
      message: 'release has no 7 version',
    });
    await expect(world.rollback(0)).rejects.toMatchObject({ message: 'release has no 0 version' });
    await expect(world.rollback(-1)).rejects.toMatchObject({ code: 'usage' });
  });

  test('takes back what was deleted and changed by hand', async () => {
    await world.install(await sampleChart('', {}), { values: { maps: { a: { x: '1' }, b: { y: '1' } } } });
    await world.cluster.client.delete(RESOURCES.configMaps, { namespace: 'default', name: 'b' });
    await world.rollback(1);
    expect(await dataOf('b')).toEqual({ y: '1' });
  });

  test('a dry run changes nothing', async () => {
    await world.install(await sampleChart());
    await world.upgrade(await sampleChart(), { values: { maps: { a: { x: '2' } } } });
    expect((await world.rollback(1, { dryRun: true })).version).toBe(3);
    expect(await world.history()).toHaveLength(2);
    expect(await dataOf('a')).toEqual({ x: '2' });
  });

  test('a failure is a failed revision', async () => {
    await world.install(await sampleChart(), { values: { image: 'bad' } });
    await world.upgrade(await sampleChart());
    await expect(world.rollback(1, { wait: true })).rejects.toMatchObject({
      code: 'wait-timeout',
      message: expect.stringMatching(/^release web failed: resource Deployment\/default\/web not ready/) as unknown,
    });
    expect((await world.history()).map((line) => line.split(':')[0])).toEqual([
      '1 superseded',
      '2 deployed',
      '3 failed',
    ]);
  });

  test('runs its hooks', async () => {
    const chart = await sampleChart('', { 'templates/h.yaml': hookJob('hook', 'pre-rollback,post-rollback') });
    await world.install(chart);
    await world.upgrade(chart);
    expect((await world.rollback(1)).hooks?.[0]?.last_run.phase).toBe('Succeeded');
    expect(await world.cluster.names(RESOURCES.jobs)).toEqual(['hook']);
  });
});
