import { beforeEach, describe, expect, test, vi } from 'vitest';
import { list } from '../../src/actions/list.ts';
import { testRelease } from '../../src/actions/test-release.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { interruptedAt } from './faulty-client.ts';
import { hookJob, releaseActions, type ReleaseWorld, releaseWorld, sampleChart } from './release-world.ts';

let world: ReleaseWorld;
beforeEach(async () => {
  world = await releaseWorld();
});

const maps = async (): Promise<string[]> =>
  (await world.cluster.names(RESOURCES.configMaps)).filter((name) => !name.startsWith('sh.helm'));

describe('uninstall', () => {
  test('takes everything away, the records too', async () => {
    await world.install(await sampleChart());
    await world.upgrade(await sampleChart());
    const { release, kept } = await world.uninstall();
    expect(release.info).toMatchObject({ status: 'uninstalled', description: 'Uninstallation complete' });
    expect(release.info.deleted).toBe('2026-01-15T12:00:00.000Z');
    expect(kept).toEqual([]);
    expect(await world.cluster.names(RESOURCES.deployments)).toEqual([]);
    expect(await world.cluster.names(RESOURCES.configMaps)).toEqual([]);
  });

  test('keeps the history when asked to', async () => {
    await world.install(await sampleChart());
    await world.upgrade(await sampleChart());
    await world.uninstall({ keepHistory: true, description: 'bye' });
    expect(await world.history()).toEqual(['1 superseded: Install complete', '2 uninstalled: bye']);
    await expect(world.uninstall({ keepHistory: true })).rejects.toThrow('the release named "web" is already deleted');
    await world.uninstall();
    expect(await world.history()).toEqual([]);
  });

  test('deletes what hooks left when asked to, but for what is kept or belongs to others', async () => {
    const hook = (name: string, annotations = ''): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  annotations:\n    helm.sh/hook: pre-install,pre-upgrade\n${annotations}`;
    const hooks = {
      'templates/left.yaml': hook('left'),
      'templates/kept.yaml': hook('kept', '    helm.sh/resource-policy: keep\n'),
      'templates/foreign.yaml': hook('foreign'),
      'templates/test.yaml': hook('never').replace('pre-install,pre-upgrade', 'test'),
    };
    await world.install(await sampleChart('', hooks));
    const key = { namespace: 'default', name: 'foreign' };
    const annotations = { 'meta.helm.sh/release-name': 'other', 'meta.helm.sh/release-namespace': 'default' };
    await world.cluster.client.patch(RESOURCES.configMaps, key, 'merge', { metadata: { annotations } });
    expect(await maps()).toEqual(['a', 'foreign', 'kept', 'left']);
    await world.uninstall({ cleanupHooks: true });
    expect(await maps()).toEqual(['foreign', 'kept']);
  });

  test('leaves what somebody else made, whatever a hook was called', async () => {
    const key = { namespace: 'default', name: 'theirs' };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: key, data: { x: '1' } };
    await world.cluster.client.create(RESOURCES.configMaps, object, { fieldManager: 'kubectl-create' });
    const hook = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: theirs\n  annotations: {helm.sh/hook: post-install, helm.sh/hook-delete-policy: hook-succeeded}\n`;
    await expect(
      world.install(await sampleChart('', { 'templates/hook.yaml': hook }), { serverSide: 'false' }),
    ).rejects.toMatchObject({ hint: expect.stringContaining('--take-ownership') as unknown });
    await world.uninstall({ cleanupHooks: true });
    expect(await maps()).toEqual(['theirs']);
  });

  test.each(['true', 'false'] as const)('takes away what hooks have adopted, server-side %s', async (serverSide) => {
    const key = { namespace: 'default', name: 'theirs' };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: key, data: { x: '1', y: '1' } };
    await world.cluster.client.create(RESOURCES.configMaps, object, { fieldManager: 'kubectl-create' });
    const policy = '    helm.sh/hook-delete-policy: hook-failed\n';
    const job = hookJob('job', 'pre-install,pre-upgrade', policy);
    const map = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: theirs\n  annotations:\n    helm.sh/hook: post-install,post-upgrade\n${policy}data: {x: "2"}\n`;
    const chart = await sampleChart('', { 'templates/map.yaml': map, 'templates/job.yaml': job });
    await world.install(chart, { serverSide, takeOwnership: true });
    const live = await world.cluster.client.get(RESOURCES.configMaps, key);
    expect(live).toMatchObject({
      metadata: { annotations: { 'meta.helm.sh/release-name': 'web' } },
      data: { x: '2', y: '1' },
    });
    const first = (await world.cluster.find(RESOURCES.jobs, 'job'))?.metadata.uid;
    await world.upgrade(chart, { takeOwnership: true });
    const second = (await world.cluster.find(RESOURCES.jobs, 'job'))?.metadata.uid;
    expect(second).not.toBe(first);
    await world.uninstall({ cleanupHooks: true });
    expect(await maps()).toEqual([]);
    expect(await world.cluster.names(RESOURCES.jobs)).toEqual([]);
  });

  test('leaves what hooks left, as helm does', async () => {
    await world.install(await sampleChart('', { 'templates/job.yaml': hookJob('job', 'pre-install') }));
    await world.uninstall();
    expect(await world.cluster.names(RESOURCES.jobs)).toEqual(['job']);
  });

  test('keeps what is marked to be kept', async () => {
    const kept =
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kept\n  annotations: {helm.sh/resource-policy: keep}\n';
    await world.install(await sampleChart('', { 'templates/kept.yaml': kept }));
    const result = await world.uninstall();
    expect(result.kept.map(({ key }) => key.name)).toEqual(['kept']);
    expect(await maps()).toEqual(['kept']);
  });

  test('misses a release that is not there', async () => {
    await expect(world.uninstall()).rejects.toMatchObject({
      code: 'release-not-found',
      message: 'uninstall: Release not loaded: web: release: not found',
    });
  });

  test('a dry run changes nothing', async () => {
    await world.install(await sampleChart());
    await world.uninstall({ dryRun: true });
    expect(await world.history()).toEqual(['1 deployed: Install complete']);
    expect(await maps()).toEqual(['a']);
  });

  test('takes away what a failed upgrade left', async () => {
    await world.install(await sampleChart());
    const values = { image: 'bad', maps: { extra: { z: '1' } } };
    await expect(world.upgrade(await sampleChart(), { values, wait: true })).rejects.toThrow();
    await world.uninstall();
    expect(await world.cluster.names(RESOURCES.configMaps)).toEqual([]);
  });

  test('runs its hooks, before and after', async () => {
    const chart = await sampleChart('', { 'templates/h.yaml': hookJob('hook', 'pre-delete,post-delete') });
    await world.install(chart);
    await world.uninstall();
    expect(await world.cluster.names(RESOURCES.jobs)).toEqual(['hook']);
    expect(await world.history()).toEqual([]);
  });

  test('an interrupt stops it before the next object, before what comes after the deletion, and before the records go', async () => {
    const chart = await sampleChart('maps: {a: {x: "1"}, b: {x: "1"}}', {
      'templates/h.yaml': hookJob('after', 'post-delete'),
    });
    for (const at of ['b', 'web']) {
      const controller = new AbortController();
      await world.upgradeOrInstall(chart);
      const client = interruptedAt(world.cluster.client, (verb, name) => verb === 'delete' && name === at, controller);
      const other = releaseActions({ ...world.context, client, signal: controller.signal });
      await expect(other.uninstall()).rejects.toMatchObject({ code: 'interrupted' });
      expect((await world.history()).at(-1)).toMatch(/failed: Uninstallation interrupted$/);
      expect(await world.cluster.names(RESOURCES.jobs)).toEqual([]);
    }
    expect(await world.cluster.names(RESOURCES.deployments)).toEqual([]);
    await world.uninstall();
    expect(await maps()).toEqual([]);
    expect(await world.history()).toEqual([]);
  });

  test('a hook that fails before it stops it', async () => {
    const chart = await sampleChart('', { 'templates/h.yaml': hookJob('bad', 'pre-delete') });
    await world.install(chart);
    await expect(world.uninstall()).rejects.toMatchObject({ code: 'hook-failed' });
    expect(await maps()).toEqual(['a']);
    await world.uninstall({ noHooks: true });
    expect(await maps()).toEqual([]);
  });
});

describe('list', () => {
  const names = async (options: Partial<Parameters<typeof list>[1]> = {}): Promise<string[]> =>
    (await list(world.context, { statuses: [], byDate: false, reverse: false, max: 0, offset: 0, ...options })).map(
      ({ name, version }) => `${name} ${version}`,
    );

  test('tells the newest revision of each release', async () => {
    const empty = await sampleChart('', { 'templates/web.yaml': '', 'templates/config.yaml': '' });
    await world.install(empty, { name: 'b', labels: { team: 'x' } });
    await world.cluster.clock.advance(1000);
    await world.install(empty, { name: 'a' });
    await world.upgrade(empty, { name: 'b' });
    expect(await names()).toEqual(['a 1', 'b 2']);
    expect(await names({ reverse: true })).toEqual(['b 2', 'a 1']);
    expect(await names({ byDate: true })).toEqual(['a 1', 'b 2']);
    expect(await names({ filter: '^b' })).toEqual(['b 2']);
    expect(await names({ selector: 'team=x' })).toEqual(['b 2']);
    expect(await names({ selector: 'name=a,owner=helm' })).toEqual(['a 1']);
    expect(await names({ max: 1, offset: 1 })).toEqual(['b 2']);
    expect(await names({ statuses: ['failed'] })).toEqual([]);
    await expect(names({ filter: '(' })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('test', () => {
  test('runs the tests of a release and keeps how they went', async () => {
    const chart = await sampleChart('', {
      'templates/a.yaml': hookJob('good', 'test'),
      'templates/b.yaml': hookJob('other', 'test'),
    });
    await world.install(chart);
    expect(await world.cluster.names(RESOURCES.jobs)).toEqual([]);
    const options = { name: 'web', timeout: 10_000, filters: ['!name=other'], logs: false };
    const { release, failure } = await testRelease(world.context, options);
    expect(failure).toBeUndefined();
    expect(release.hooks?.map(({ name, last_run }) => `${name} ${last_run.phase}`).sort()).toEqual([
      'good Succeeded',
      'other ',
    ]);
    expect(await world.cluster.names(RESOURCES.jobs)).toEqual(['good']);
  });

  test('keeps the hooks that it does not run in the record all the while', async () => {
    await world.install(
      await sampleChart('', {
        'templates/a.yaml': hookJob('good', 'test'),
        'templates/b.yaml': hookJob('x', 'pre-delete'),
      }),
    );
    const kept: number[] = [];
    const update = vi.spyOn(world.context.store, 'update');
    update.mockImplementation(async ({ hooks }) => void kept.push(hooks?.length ?? 0));
    await testRelease(world.context, { name: 'web', timeout: 10_000, filters: ['name=good'], logs: false });
    expect(kept).toEqual([2, 2, 2]);
  });

  test('leaves alone what an upgrade makes of the revision while they run', async () => {
    const chart = await sampleChart('', { 'templates/a.yaml': hookJob('good', 'test') });
    await world.install(chart);
    let upgraded: Promise<unknown> | undefined;
    world.cluster.clock.setTimer(500, () => {
      upgraded = world.upgrade(chart);
    });
    const { failure } = await testRelease(world.context, { name: 'web', timeout: 10_000, filters: [], logs: false });
    expect(failure).toBeUndefined();
    await upgraded;
    expect(await world.history()).toEqual(['1 superseded: Install complete', '2 deployed: Upgrade complete']);
    expect((await world.context.store.get('web', 1)).hooks?.[0]?.last_run.phase).toBe('Succeeded');
  });

  test('tells which failed', async () => {
    await world.install(await sampleChart('', { 'templates/a.yaml': hookJob('bad', 'test') }));
    const { failure } = await testRelease(world.context, { name: 'web', timeout: 10_000, filters: [], logs: false });
    expect(failure).toMatchObject({
      code: 'hook-failed',
      message: expect.stringContaining('Job/default/bad') as unknown,
    });
    expect((await world.context.store.get('web', 1)).hooks?.[0]?.last_run.phase).toBe('Failed');
    expect((await world.context.store.get('web', 1)).info.status).toBe('deployed');
  });
});
