import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyPlan, makePlan, type Plan, readPlan } from '../../src/actions/plan.ts';
import { holdRelease } from '../../src/actions/recover.ts';
import { sleep } from '../../src/base/clock.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { Chart } from '../../src/chart/chart.ts';
import { main } from '../../src/cli/main.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { testIo } from '../cli/support.ts';
import { embeddedCluster, type EmbeddedCluster } from '../support/embedded-cluster.ts';
import { installDefaults, releaseActions, type ReleaseActions, sampleChart, upgradeDefaults } from './release-world.ts';

let cluster: EmbeddedCluster;
let actions: ReleaseActions;
beforeEach(async () => {
  cluster = await embeddedCluster();
  actions = releaseActions(cluster.context());
});
afterEach(() => cluster.stop());

async function plan(chart: Chart, values: Record<string, unknown> = {}): Promise<Plan> {
  const request = { upgrade: upgradeDefaults(chart, { values }), install: installDefaults(chart, { values }) };
  const { plan: made } = await makePlan(cluster.context(), request);
  return readPlan(JSON.stringify(made));
}

describe('a plan', () => {
  test('changes nothing when it is made, and does what it says when it is applied', async () => {
    const install = await plan(await sampleChart());
    expect(await actions.history()).toEqual([]);
    await applyPlan(cluster.context(), install);
    const next = await plan(await sampleChart(), { maps: { a: { x: '2' } } });
    expect(next).toMatchObject({ verb: 'upgrade', base: { revision: 1, status: 'deployed' } });
    expect(await actions.history()).toHaveLength(1);
    const release = await applyPlan(cluster.context(), next);
    expect(release.config).toEqual({ maps: { a: { x: '2' } } });
    expect(await actions.history()).toEqual(['1 superseded: Install complete', '2 deployed: Upgrade complete']);
    const map = await cluster.cluster.client.get(RESOURCES.configMaps, { namespace: 'default', name: 'a' });
    expect(map['data']).toEqual({ x: '2' });
  });

  test('renders nothing again', async () => {
    const chart = await sampleChart('', {
      'templates/random.yaml':
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: random}\ndata: {x: {{ randAlphaNum 9 | quote }}}\n',
    });
    await actions.install(await sampleChart());
    const made = await plan(chart);
    const release = await applyPlan(cluster.context(), made);
    const live = await cluster.cluster.client.get(RESOURCES.configMaps, { namespace: 'default', name: 'random' });
    expect(release.manifest).toContain((live['data'] as { readonly x: string }).x);
  });

  test('is refused when a revision or an object has changed', async () => {
    await actions.install(await sampleChart());
    const made = await plan(await sampleChart(), { image: 'nginx:2' });
    await cluster.advance(60_000);
    await cluster.cluster.client.patch(RESOURCES.configMaps, { namespace: 'default', name: 'a' }, 'merge', {
      data: { x: 'other' },
    });
    await expect(applyPlan(cluster.context(), made)).rejects.toMatchObject({
      code: 'plan-stale',
      message: expect.stringMatching(/ConfigMap default\/a was changed$/) as unknown,
    });
    await actions.upgrade(await sampleChart(), { forceConflicts: true });
    await expect(applyPlan(cluster.context(), made)).rejects.toThrow(
      'it starts from revision 1 (deployed), and there is revision 2 (deployed)',
    );
  });

  test('is refused when somebody changes the release while it waits for them', async () => {
    await actions.install(await sampleChart());
    const made = await plan(await sampleChart(), { image: 'nginx:2' });
    const { clock } = cluster.cluster;
    const first = holdRelease(cluster.context(), { name: 'web', verb: 'upgrade', atomic: false }, async (held) => {
      await clock.blockOn(sleep(clock, 5000));
      await releaseActions(held).upgrade(await sampleChart(), { values: { image: 'nginx:3' } });
    });
    const late = { ...cluster.context(), exclusive: false, random: new SeededRandom(2) };
    const waiting = { ...made, options: { ...made.options, lockTimeout: 60_000 } };
    await expect(applyPlan(late, waiting)).rejects.toMatchObject({ code: 'plan-stale' });
    await first;
    expect(await actions.history()).toHaveLength(2);
  });

  test('is not stale because pods came up meanwhile', async () => {
    await actions.install(await sampleChart());
    const made = await plan(await sampleChart(), { image: 'nginx:2' });
    await cluster.advance(600_000);
    await applyPlan(cluster.context(), made);
    expect(await actions.history()).toHaveLength(2);
  });

  test('is not made of objects that the cluster refuses; all of them are named', async () => {
    await actions.install(await sampleChart());
    const error = await plan(await sampleChart(), { maps: { Bad_Name: { x: '1' }, a: { x: '1' }, 'B!': {} } }).catch(
      (each: unknown) => each,
    );
    expect(error).toMatchObject({ code: 'api-error', message: 'the cluster refuses 2 of 4 objects' });
    expect((error as { related: unknown[] }).related).toHaveLength(2);
  });

  test('is not made of objects that wait for each other: the template is named', async () => {
    const map = (name: string, other: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  annotations:\n    pintle.dev/depends-on: ConfigMap/${other}\n`;
    const files = { 'templates/x.yaml': `# first\n${map('x', 'y')}`, 'templates/y.yaml': map('y', 'x') };
    await actions.install(await sampleChart());
    await expect(plan(await sampleChart('', files))).rejects.toMatchObject({
      code: 'manifest-invalid',
      location: { file: expect.stringMatching(/templates\/x\.yaml$/) as string, line: 7 },
    });
  });

  test('is read only when it is one', () => {
    expect(() => readPlan('x')).toThrow('it is not JSON');
    expect(() => readPlan('{"format": "y"}')).toThrow('no plan of the format pintle-plan/1');
  });
});

test('pintle plan and pintle apply', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-plan-'));
  try {
    const pintle = async (...args: string[]): Promise<[number, string]> => {
      const { io, out, err } = testIo({ cwd: folder, env: { PINTLE_HOME: join(folder, 'home') } });
      return [await main(args, io), out() + err()];
    };
    expect((await pintle('create', 'demo'))[0]).toBe(0);
    expect(await pintle('plan', 'web', 'demo', '--out', 'a.plan', '--detailed-exitcode')).toEqual([
      2,
      expect.stringContaining('Plan: 3 to add, 0 to change, 0 to destroy.') as unknown,
    ]);
    expect(statSync(join(folder, 'a.plan')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'a.plan'), 'utf8')).toContain('"verb": "install"');
    expect((await pintle('apply', 'a.plan'))[1]).toContain('STATUS: deployed\nREVISION: 1');
    expect((await pintle('apply', 'a.plan'))[1]).toContain('it starts from no release, and there is revision 1');
    const [, page] = await pintle('diff', 'upgrade', 'web', 'demo', '--set', 'replicaCount=3', '-o', 'markdown');
    expect(page).toContain('**Plan: 0 to add, 1 to change, 0 to destroy.**');
    expect(page).toContain('```diff\n');
    expect((await pintle('diff', 'local', 'demo', 'demo'))[1]).toBe('');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
