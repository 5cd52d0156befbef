import { beforeEach, describe, expect, test } from 'vitest';
import { withStatus } from '../../src/release/release.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { hookJob, type ReleaseWorld, releaseWorld, sampleChart } from './release-world.ts';

let world: ReleaseWorld;
beforeEach(async () => {
  world = await releaseWorld();
});

const dataOf = async (name: string): Promise<unknown> =>
  (await world.cluster.find(RESOURCES.configMaps, name))?.['data'];
const imageOf = async (): Promise<unknown> => {
  const live = await world.cluster.find(RESOURCES.deployments, 'web');
  const spec = live?.['spec'] as { template: { spec: { containers: { image: string }[] } } } | undefined;
  return spec?.template.spec.containers[0]?.image;
};

describe('upgrade', () => {
  test('makes a new revision and supersedes the last one', async () => {
    await world.install(await sampleChart());
    await world.cluster.clock.advance(60_000);
    const release = await world.upgrade(await sampleChart(), {
      values: { image: 'nginx:2', maps: { a: null, b: { y: '2' } } },
    });
    expect(release.info).toMatchObject({
      status: 'deployed',
      description: 'Upgrade complete',
      notes: 'Revision 2, upgraded.\n',
      first_deployed: '2026-01-15T12:00:00Z',
      last_deployed: '2026-01-15T12:01:00.000Z',
    });
    expect(await world.history()).toEqual(['1 superseded: Install complete', '2 deployed: Upgrade complete']);
    expect(await imageOf()).toBe('nginx:2');
    expect(await dataOf('a')).toBeUndefined();
    expect(await dataOf('b')).toEqual({ y: '2' });
  });

  test('misses a release that is not there', async () => {
    await expect(world.upgrade(await sampleChart())).rejects.toMatchObject({
      code: 'release-not-found',
      message: '"web" has no deployed releases',
    });
  });

  test('a failure leaves the last good revision deployed', async () => {
    await world.install(await sampleChart());
    await expect(world.upgrade(await sampleChart(), { values: { image: 'bad' }, wait: true })).rejects.toMatchObject({
      code: 'wait-timeout',
    });
    expect(await world.history()).toEqual([
      '1 deployed: Install complete',
      '2 failed: Upgrade "web" failed: resource Deployment/default/web not ready. status: InProgress, message: Available: 0/2',
    ]);
    await world.upgrade(await sampleChart(), { values: { image: 'nginx:3' }, wait: true });
    expect((await world.history()).map((line) => line.split(':')[0])).toEqual([
      '1 superseded',
      '2 failed',
      '3 deployed',
    ]);
  });

  test('with atomic, a failure brings the last good revision back', async () => {
    await world.install(await sampleChart());
    const before = await world.cluster.find(RESOURCES.deployments, 'web');
    const promise = world.upgrade(await sampleChart(), {
      values: { image: 'bad', maps: { a: { x: '9' }, extra: { z: '1' } } },
      wait: true,
      atomic: true,
    });
    await expect(promise).rejects.toMatchObject({
      code: 'rolled-back',
      message: expect.stringMatching(
        /^release web failed, and has been rolled back due to rollback-on-failure being set: /,
      ) as unknown,
    });
    expect((await world.history()).map((line) => line.split(' "')[0])).toEqual([
      '1 superseded: Install complete',
      '2 failed: Upgrade',
      '3 deployed: Rollback to 1',
    ]);
    expect((await world.cluster.find(RESOURCES.deployments, 'web'))?.['spec']).toEqual(before?.['spec']);
    expect(await dataOf('a')).toEqual({ x: '1' });
    expect(await dataOf('extra')).toBeUndefined();
  });

  test('with cleanupOnFail, what a failed upgrade created goes', async () => {
    await world.install(await sampleChart());
    const options = { values: { image: 'bad', maps: { extra: { z: '1' } } }, wait: true, cleanupOnFail: true };
    await expect(world.upgrade(await sampleChart(), options)).rejects.toMatchObject({ code: 'wait-timeout' });
    expect(await dataOf('extra')).toBeUndefined();
    expect(await dataOf('a')).toEqual({ x: '1' });
  });

  test('what a failed upgrade created is taken over by the next', async () => {
    await world.install(await sampleChart());
    const values = { image: 'bad', maps: { extra: { z: '1' } } };
    await expect(world.upgrade(await sampleChart(), { values, wait: true })).rejects.toThrow();
    await world.upgrade(await sampleChart());
    expect(await dataOf('extra')).toBeUndefined();
  });

  test('dry runs change nothing', async () => {
    await world.install(await sampleChart());
    for (const dryRun of ['client', 'server'] as const) {
      const release = await world.upgrade(await sampleChart(), { values: { image: 'nginx:2' }, dryRun });
      expect(release).toMatchObject({ version: 2, info: { description: 'Dry run complete' } });
    }
    expect(await world.history()).toEqual(['1 deployed: Install complete']);
    expect(await imageOf()).toBe('nginx:1');
  });

  test.each<[string, 'default' | 'reset' | 'reuse' | 'reset-then-reuse', Record<string, unknown>, unknown, string]>([
    ['no values: those of the last revision', 'default', {}, { image: 'nginx:2' }, 'nginx:2'],
    ['values: these alone', 'default', { replicas: 4 }, { replicas: 4 }, 'nginx:9'],
    ['reset: the chart alone', 'reset', {}, {}, 'nginx:9'],
    [
      'reuse: the old chart, old values, then these',
      'reuse',
      { replicas: 4 },
      { image: 'nginx:2', replicas: 4 },
      'nginx:2',
    ],
    [
      'reset, then reuse: the new chart, old values, then these',
      'reset-then-reuse',
      { replicas: 4 },
      { image: 'nginx:2', replicas: 4 },
      'nginx:2',
    ],
  ])('values: %s', async (_, reuse, values, config, image) => {
    await world.install(await sampleChart(), { values: { image: 'nginx:2' } });
    const newer = await sampleChart().then((chart) => ({ ...chart, values: { ...chart.values, image: 'nginx:9' } }));
    const release = await world.upgrade(newer, { reuse, values });
    expect(release.config).toEqual(config);
    expect(await imageOf()).toBe(image);
  });

  test('labels are added and taken away', async () => {
    await world.install(await sampleChart(), { labels: { team: 'a', tier: 'x' } });
    await world.upgrade(await sampleChart(), { labels: { tier: 'null', extra: '1' } });
    expect((await world.context.store.get('web', 2)).labels).toEqual({ team: 'a', extra: '1' });
  });

  test('runs hooks around it; a failed one fails the upgrade', async () => {
    await world.install(await sampleChart());
    const files = { 'templates/post.yaml': hookJob('bad', 'post-upgrade') };
    await expect(world.upgrade(await sampleChart('', files))).rejects.toMatchObject({
      message: expect.stringMatching(/^post-upgrade hooks failed: resource /) as unknown,
    });
    expect((await world.history()).map((line) => line.split(':')[0])).toEqual(['1 deployed', '2 failed']);
  });

  test('goes on with the way of applying that the release has', async () => {
    await world.install(await sampleChart(), { serverSide: 'false' });
    expect((await world.upgrade(await sampleChart())).apply_method).toBe('csa');
    expect((await world.upgrade(await sampleChart(), { serverSide: 'true' })).apply_method).toBe('ssa');
    await world.upgrade(await sampleChart(), { values: { maps: { a: { y: '1' } } } });
    expect(await dataOf('a')).toEqual({ x: '1', y: '1' });
  });

  test('keeps as many revisions as it is told to', async () => {
    const small = await releaseWorld({ maxHistory: 2 });
    await small.install(await sampleChart());
    for (const image of ['nginx:2', 'nginx:3', 'nginx:4'])
      await small.upgrade(await sampleChart(), { values: { image } });
    expect((await small.history()).map((line) => line.split(':')[0])).toEqual(['3 superseded', '4 deployed']);
  });

  test('a release that somebody works on is left alone', async () => {
    const shared = await releaseWorld({ exclusive: false });
    const release = await shared.install(await sampleChart());
    await shared.context.store.create({ ...withStatus(release, 'pending-upgrade'), version: 2 });
    await expect(shared.upgrade(await sampleChart())).rejects.toMatchObject({
      code: 'release-pending',
      message: 'another operation (install/upgrade/rollback) is in progress',
    });
    await shared.rollback(1);
    await shared.upgrade(await sampleChart());
    expect((await shared.history()).at(-1)).toBe('4 deployed: Upgrade complete');
  });

  test('what a client that died left behind is settled', async () => {
    const release = await world.install(await sampleChart());
    await world.context.store.create({ ...withStatus(release, 'pending-upgrade'), version: 2 });
    await world.upgrade(await sampleChart());
    expect(await world.history()).toEqual([
      '1 superseded: Install complete',
      '2 failed: Interrupted: the client died during the upgrade',
      '3 deployed: Upgrade complete',
    ]);
    expect(world.cluster.log.join()).toContain('was left pending-upgrade by a client that died');
  });

  test('an object that appeared meanwhile is not taken', async () => {
    await world.install(await sampleChart());
    await world.cluster.client.create(RESOURCES.configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'b', namespace: 'default' },
    });
    await expect(world.upgrade(await sampleChart(), { values: { maps: { b: { x: '1' } } } })).rejects.toMatchObject({
      code: 'ownership-conflict',
      message: expect.stringMatching(/^unable to continue with update: ConfigMap "b"/) as unknown,
    });
    expect(await world.history()).toEqual(['1 deployed: Install complete']);
  });
});
