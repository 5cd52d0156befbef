import { beforeEach, describe, expect, test } from 'vitest';
import { RESOURCES } from '../../src/kube/resources.ts';
import { chartOf } from '../support/chart-of.ts';
import { hookJob, type ReleaseWorld, releaseWorld, sampleChart } from './release-world.ts';

let world: ReleaseWorld;
beforeEach(async () => {
  world = await releaseWorld();
});

const maps = async (): Promise<string[]> =>
  (await world.cluster.names(RESOURCES.configMaps)).filter((name) => !name.startsWith('sh.helm'));

describe('install', () => {
  test('applies the chart and keeps the record', async () => {
    const release = await world.install(await sampleChart(), { values: { replicas: 3 }, labels: { team: 'a' } });
    expect(release).toMatchObject({
      name: 'web',
      version: 1,
      namespace: 'default',
      config: { replicas: 3 },
      apply_method: 'ssa',
      info: {
        status: 'deployed',
        description: 'Install complete',
        notes: 'Revision 1.\n',
        first_deployed: '2026-01-15T12:00:00.000Z',
        last_deployed: '2026-01-15T12:00:00.000Z',
      },
    });
    expect(release.manifest).toMatch(/^---\n# Source: web\/templates\/config.yaml\n/);
    const stored = await world.context.store.get('web', 1);
    expect(stored.labels).toEqual({ team: 'a' });
    expect(stored.manifest).toBe(release.manifest);
    const live = await world.cluster.find(RESOURCES.deployments, 'web');
    expect(live?.['spec']).toMatchObject({ replicas: 3 });
    expect(live?.metadata).toMatchObject({
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'default' },
    });
    expect(await maps()).toEqual(['a']);
  });

  test('waits when asked to, and not otherwise', async () => {
    await world.install(await sampleChart());
    expect(world.cluster.clock.now()).toBe(Date.UTC(2026, 0, 15, 12));
    const other = await releaseWorld();
    await other.install(await sampleChart(), { wait: true });
    expect(other.cluster.clock.now()).toBe(Date.UTC(2026, 0, 15, 12, 0, 1));
  });

  test('a failure leaves a failed revision', async () => {
    const promise = world.install(await sampleChart('image: bad\n'.replace('image', 'unused')), {
      values: { image: 'bad' },
      wait: true,
      timeout: 60_000,
    });
    await expect(promise).rejects.toMatchObject({
      code: 'wait-timeout',
      message:
        'resource Deployment/default/web not ready. status: InProgress, message: Available: 0/2\ncontext deadline exceeded',
    });
    expect(await world.history()).toEqual([
      '1 failed: Release "web" failed: resource Deployment/default/web not ready. status: InProgress, message: Available: 0/2',
    ]);
    expect(await world.cluster.names(RESOURCES.deployments)).toEqual(['web']);
  });

  test('with atomic, a failure leaves nothing', async () => {
    const promise = world.install(await sampleChart(), {
      values: { image: 'bad' },
      wait: true,
      atomic: true,
      timeout: 60_000,
    });
    await expect(promise).rejects.toMatchObject({
      code: 'rolled-back',
      message: expect.stringMatching(
        /^release web failed, and has been uninstalled due to rollback-on-failure being set: resource Deployment\/default\/web not ready/,
      ) as unknown,
    });
    expect(await world.history()).toEqual([]);
    expect(await world.cluster.names(RESOURCES.deployments)).toEqual([]);
    expect(await maps()).toEqual([]);
  });

  test('dry runs change nothing', async () => {
    for (const dryRun of ['client', 'server'] as const) {
      const release = await world.install(await sampleChart(), { dryRun });
      expect(release.info).toMatchObject({ status: 'pending-install', description: 'Dry run complete' });
      expect(release.manifest).toContain('kind: Deployment');
    }
    expect(await world.cluster.names(RESOURCES.configMaps)).toEqual([]);
    expect(await world.cluster.names(RESOURCES.deployments)).toEqual([]);
  });

  test('refuses a name in use', async () => {
    await world.install(await sampleChart());
    await expect(world.install(await sampleChart())).rejects.toMatchObject({
      code: 'release-exists',
      message: 'release name check failed: cannot reuse a name that is still in use',
    });
    await expect(world.install(await sampleChart(), { name: 'Web' })).rejects.toMatchObject({ code: 'release-name' });
  });

  test('reuses the name of a release that is gone, when it is told to', async () => {
    await world.install(await sampleChart());
    await world.uninstall({ keepHistory: true });
    await expect(world.install(await sampleChart())).rejects.toMatchObject({ code: 'release-exists' });
    expect((await world.install(await sampleChart(), { replace: true })).version).toBe(2);
    expect(await world.history()).toEqual(['1 superseded: superseded by new release', '2 deployed: Install complete']);
  });

  test('refuses to take what belongs to others, before anything is written', async () => {
    await world.cluster.client.create(RESOURCES.configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'default' },
      data: { mine: 'yes' },
    });
    await expect(world.install(await sampleChart())).rejects.toMatchObject({
      code: 'ownership-conflict',
      message: expect.stringMatching(
        /^unable to continue with install: ConfigMap "a" in namespace "default" exists/,
      ) as unknown,
    });
    expect(await world.history()).toEqual([]);
    await world.install(await sampleChart(), { takeOwnership: true });
    expect((await world.cluster.find(RESOURCES.configMaps, 'a'))?.['data']).toEqual({ mine: 'yes', x: '1' });
  });

  test('refuses kinds that the cluster has not', async () => {
    const chart = await chartOf({
      'templates/a.yaml': 'apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\n',
    });
    await expect(world.install(chart)).rejects.toMatchObject({ code: 'no-kind-match' });
    expect(await world.history()).toEqual([]);
  });

  test('makes the namespace when asked to, and takes one that is there', async () => {
    const fresh = await releaseWorld({ namespace: 'fresh' });
    await expect(fresh.install(await sampleChart())).rejects.toThrow('namespaces "fresh" not found');
    await fresh.install(await sampleChart(), { createNamespace: true });
    expect((await fresh.cluster.find(RESOURCES.namespaces, 'fresh'))?.metadata.labels).toMatchObject({ name: 'fresh' });
    expect(await fresh.cluster.names(RESOURCES.deployments, 'fresh')).toEqual(['web']);
    await world.install(await sampleChart(), { createNamespace: true });
  });

  test('runs hooks around it, and keeps how they went', async () => {
    const chart = await sampleChart('', {
      'templates/pre.yaml': hookJob('before', 'pre-install'),
      'templates/post.yaml': hookJob('after', 'post-install', '    helm.sh/hook-delete-policy: hook-succeeded\n'),
    });
    const release = await world.install(chart);
    expect(release.hooks?.map(({ name, last_run }) => `${name} ${last_run.phase}`).sort()).toEqual([
      'after Succeeded',
      'before Succeeded',
    ]);
    expect(await world.cluster.names(RESOURCES.jobs)).toEqual(['before']);
    expect(
      (await world.context.store.get('web', 1)).hooks?.every(({ last_run }) => last_run.phase === 'Succeeded'),
    ).toBe(true);
    expect(release.manifest).not.toContain('kind: Job');
  });

  test('a hook that fails fails the release before anything is applied', async () => {
    const chart = await sampleChart('', { 'templates/pre.yaml': hookJob('bad', 'pre-install') });
    await expect(world.install(chart)).rejects.toMatchObject({
      code: 'hook-failed',
      message: expect.stringMatching(/^failed pre-install: resource Job\/default\/bad not ready/) as unknown,
    });
    expect((await world.history())[0]).toMatch(/^1 failed: Release "web" failed: failed pre-install/);
    expect(await world.cluster.names(RESOURCES.deployments)).toEqual([]);
    const quiet = await releaseWorld();
    await quiet.install(chart, { noHooks: true });
    expect(await quiet.cluster.names(RESOURCES.jobs)).toEqual([]);
  });

  test('client-side apply is kept in the record', async () => {
    const release = await world.install(await sampleChart(), { serverSide: 'false' });
    expect(release.apply_method).toBe('csa');
  });

  test('values of subcharts are in the record, as they were imported', async () => {
    const chart = await chartOf({
      'Chart.yaml':
        'apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies:\n  - {name: db, version: 0.1.0, import-values: [{child: out, parent: from}]}\n',
      'values.yaml': 'own: 1\n',
      'charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 0.1.0\n',
      'charts/db/values.yaml': 'out: {port: 5432}\n',
      'templates/a.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {port: {{ .Values.from.port | quote }}}\n',
    });
    const release = await world.install(chart);
    expect(release.manifest).toContain('port: "5432"');
    expect(release.chart.values).toEqual({ own: 1, db: { out: { port: 5432 }, global: {} }, from: { port: 5432 } });
  });
});
