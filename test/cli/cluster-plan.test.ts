import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clusterPlan, forgetPlan, givenPlan, keepPlan, keptScheduler } from '../../src/cli/cluster-plan.ts';
import { Cluster } from '../../src/embed/cluster.ts';
import type { Pod } from '../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { type CommandLine, commandLine } from './run.ts';

const TEXT = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: packer
`;

describe('the configuration of the scheduler', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pintle-plan-'));
    writeFileSync(join(folder, 'given.yaml'), TEXT);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const names = (plan: { readonly scheduler: { readonly profiles: readonly object[] } | undefined }): unknown =>
    plan.scheduler?.profiles.map((profile) => 'schedulerName' in profile && profile.schedulerName);

  it('is kept until another, or default, takes its place', async () => {
    const kept = join(folder, 'cluster');
    expect(names(await clusterPlan(kept, {}))).toBeUndefined();
    const given = await givenPlan({ cwd: folder }, { schedulerConfig: 'given.yaml' });
    expect(names(await clusterPlan(kept, {}, given))).toEqual(['packer']);
    await keepPlan(kept, given);
    expect(readFileSync(join(kept, 'scheduler.yaml'), 'utf8')).toBe(TEXT);
    await keepPlan(kept, {});
    expect(names(await clusterPlan(kept, {}))).toEqual(['packer']);
    const usual = await givenPlan({ cwd: folder }, { schedulerConfig: 'default' });
    expect(names(await clusterPlan(kept, {}, usual))).toBeUndefined();
    await keepPlan(kept, usual);
    expect(existsSync(join(kept, 'scheduler.yaml'))).toBe(false);
    await keepPlan(kept, given);
    await forgetPlan(kept);
    expect(await keptScheduler(kept)).toBeUndefined();
  });

  it('tells its faults with their places', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), TEXT.replace('packer', '""'));
    await expect(givenPlan({ cwd: folder }, { schedulerConfig: 'wrong.yaml' })).rejects.toMatchObject({
      code: 'manifest-invalid',
      message: 'wrong.yaml: profiles[0].schedulerName: Required value',
      location: { file: 'wrong.yaml', line: 4, column: 3 },
      hint: 'See docs/scheduler.md.',
    });
    await expect(givenPlan({ cwd: folder }, { schedulerConfig: 'away.yaml' })).rejects.toMatchObject({ code: 'io' });
  });
});

const POD = `apiVersion: v1
kind: Pod
metadata: {name: packed}
spec: {schedulerName: packer, containers: [{name: c, image: "shop/web:1"}]}
`;

describe('a cluster with profiles', () => {
  let line: CommandLine;
  let chart: string;
  beforeEach(() => {
    line = commandLine();
    chart = join(line.home, 'chart');
    mkdirSync(join(chart, 'templates'), { recursive: true });
    writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: web\nversion: 0.1.0\n');
    writeFileSync(join(chart, 'templates', 'pod.yaml'), POD);
    writeFileSync(join(line.home, 'given.yaml'), TEXT);
  });
  afterEach(() => line.close());

  it('has them from its reset on, in rehearsals and snapshots, too', async () => {
    const given = ['--scheduler-config', join(line.home, 'given.yaml')];
    const kept = join(line.home, 'clusters', 'default', 'scheduler.yaml');
    const rehearse = ['rehearse', 'install', 'web', chart, '--wait', '--timeout', '30s'];
    expect((await line.run('cluster', 'reset', ...given)).code).toBe(0);
    expect((await line.run(...rehearse)).code).toBe(0);
    expect((await line.run(...rehearse, '--scheduler-config', 'default')).code).toBe(3);
    const file = join(line.home, 'snapshot');
    expect((await line.run('cluster', 'snapshot', file)).code).toBe(0);
    const cluster = await Cluster.create({ snapshot: readFileSync(file) });
    await cluster.client.create(RESOURCES.pods, podNamed('after'));
    await cluster.advance(1000);
    const pod = await cluster.client.get<Pod>(RESOURCES.pods, { namespace: 'default', name: 'after' });
    expect(pod.spec?.nodeName).toMatch(/./);
    await cluster.stop();
    rmSync(kept);
    expect((await line.run('cluster', 'restore', file, '--force')).code).toBe(0);
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toMatchObject({ profiles: [{ schedulerName: 'packer' }] });
  });
});

function podNamed(name: string): object {
  return {
    metadata: { name, namespace: 'default' },
    spec: { schedulerName: 'packer', containers: [{ name: 'c', image: 'shop/web:1' }] },
  };
}
