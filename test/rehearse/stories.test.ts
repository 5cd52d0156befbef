import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { breachesOf } from '../../src/rehearse/breaches.ts';
import { formatRehearsal } from '../../src/rehearse/format-rehearsal.ts';
import type { Rehearsal } from '../../src/rehearse/rehearsal.ts';
import { timelineSvg } from '../../src/rehearse/timeline-svg.ts';
import { formatTable } from '../../src/terminal/table.ts';
import { type RehearsalStage, rehearsalStage } from './stage.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs', 'rehearse');

/** Compares with a file of the documentation; UPDATE_GOLDEN=1 writes it. */
function expectFile(name: string, text: string): void {
  const path = join(docs, name);
  const named = withNamesInOrder(text);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, named);
  expect(named).toBe(readFileSync(path, 'utf8'));
}

const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** Gives pods names in the order in which they come, since the random ones change with everything that asks for chance before. */
function withNamesInOrder(text: string): string {
  const names = new Map<string, string>();
  return text.replaceAll(/(?<=\bweb-[a-z\d]{8,10}-)[a-z\d]{5}\b/g, (name) => {
    const known =
      names.get(name) ?? [1, 7, 11, 3, 5].map((step) => LETTERS[(names.size * step + step) % LETTERS.length]).join('');
    names.set(name, known);
    return known;
  });
}

function textOf(rehearsal: Rehearsal): string {
  return formatRehearsal(rehearsal, {
    timelineLines: 40,
    paint: (_, each) => each,
    table: (rows) => formatTable(rows),
  });
}

let stage: RehearsalStage;
afterEach(() => stage.embedded.stop());

describe('three stories', () => {
  it('fits', async () => {
    stage = await rehearsalStage();
    const rehearsal = await stage.upgrade({ image: 'shop/web:2' }, { wait: true, atomic: true });
    expect(rehearsal).toMatchObject({
      succeeds: true,
      unnoticed: false,
      unplaced: [],
      undo: { action: 'nothing', given: true },
      surge: { pods: { before: 4, after: 4 }, cpuMillis: { before: 2000, after: 2000 } },
      budgets: [{ name: 'default/web', breached: false, least: 3, desired: 3 }],
      workloads: [{ id: 'Deployment default/web', ofRelease: true, before: 4, desired: 4, after: 4, least: 3 }],
    });
    expect(rehearsal.rolloutDuration).toBeGreaterThan(8000);
    expect(rehearsal.rolloutDuration).toBeLessThan(30_000);
    expect(breachesOf(rehearsal, { amount: 75, percent: true })).toEqual([]);
    expect(breachesOf(rehearsal, { amount: 4, percent: false })).toHaveLength(1);
    expectFile('fits.svg', timelineSvg(rehearsal));
    expectFile('fits.txt', textOf(rehearsal));
  });

  it('cannot be placed', async () => {
    stage = await rehearsalStage();
    const rehearsal = await stage.upgrade({ image: 'shop/web:2', cpu: '9' }, { wait: true, timeout: 120_000 });
    expect(rehearsal).toMatchObject({
      succeeds: false,
      unnoticed: false,
      rolloutDuration: 120_000,
      failure: { code: 'wait-timeout' },
      firstSign: { at: 0 },
      undo: { action: 'rollback', given: false, revision: 1 },
      workloads: [{ before: 4, least: 3, after: 3 }],
    });
    expect(rehearsal.unplaced).toHaveLength(2);
    expect(rehearsal.unplaced[0]?.message).toMatch(/^0\/3 nodes are available: 3 Insufficient cpu/);
    expect(rehearsal.unplaced[0]?.until).toBeUndefined();
    expect(rehearsal.undo.failure).toBeUndefined();
    expect(rehearsal.undo.duration).toBeGreaterThan(3000);
    expectFile('unplaced.svg', timelineSvg(rehearsal));
    expectFile('unplaced.txt', textOf(rehearsal));
  });

  it("breaks a budget's promise", async () => {
    stage = await rehearsalStage();
    const rehearsal = await stage.upgrade({ image: 'shop/web:2', maxUnavailable: 3 }, { wait: true });
    expect(rehearsal).toMatchObject({
      succeeds: true,
      budgets: [{ name: 'default/web', breached: true, least: 1, desired: 3, leastAt: 0 }],
      workloads: [{ before: 4, least: 1, after: 4 }],
    });
    expect(rehearsal.budgets[0]?.breachedFor).toBeGreaterThan(3000);
    expect(breachesOf(rehearsal, undefined)).toEqual(['PodDisruptionBudget default/web is broken (1 of 3 healthy)']);
    expectFile('budget.svg', timelineSvg(rehearsal));
    expectFile('budget.txt', textOf(rehearsal));
  });
});

describe('what else may happen', () => {
  it('tells of images that do not exist, and that nobody would notice without --wait', async () => {
    stage = await rehearsalStage();
    const rehearsal = await stage.upgrade({ image: 'registry.invalid/web:2' });
    expect(rehearsal).toMatchObject({ succeeds: false, unnoticed: true, commandDuration: 0 });
    expect(rehearsal.failure?.message).toContain('ImagePullBackOff');
    expect(rehearsal.firstSign?.text).toContain('ErrImagePull');
    expect(textOf(rehearsal)).toContain('would report success after 0s: add --wait');
  });

  it('gives up early with --fail-fast', async () => {
    stage = await rehearsalStage();
    const rehearsal = await stage.upgrade({ image: 'registry.invalid/web:2' }, { wait: true, failFast: 20_000 });
    expect(rehearsal.failure?.code).toBe('wait-failed');
    expect(rehearsal.rolloutDuration).toBeLessThan(60_000);
  });

  it('goes back by itself with --atomic', async () => {
    stage = await rehearsalStage();
    const options = { wait: true, atomic: true, timeout: 60_000 };
    const rehearsal = await stage.upgrade({ image: 'registry.invalid/web:2' }, options);
    expect(rehearsal).toMatchObject({
      succeeds: false,
      failure: { code: 'rolled-back' },
      undo: { action: 'rollback', given: true, revision: 1 },
      workloads: [{ after: 4 }],
    });
  });

  it('knows the quotas of the namespace', async () => {
    stage = await rehearsalStage();
    const { client } = stage.context;
    const quota = await client.resourceFor({ group: '', version: 'v1', kind: 'ResourceQuota' });
    if (quota === undefined) throw new Error('no quotas');
    await client.create(quota, { metadata: { name: 'small', namespace: 'default' }, spec: { hard: { pods: '5' } } });
    await stage.embedded.advance(10_000);
    const rehearsal = await stage.upgrade({ image: 'shop/web:2', replicas: 8 }, { wait: true, timeout: 60_000 });
    expect(rehearsal.succeeds).toBe(false);
    expect(rehearsal.failure?.message).toContain('exceeded quota: small');
    expect(rehearsal.timeline.some(({ kind, text }) => kind === 'warning' && text.includes('exceeded quota'))).toBe(
      true,
    );
    expect(rehearsal.surge.pods.peak).toBe(5);
  });

  it('installs what is not there with --install, and takes it away again when it fails', async () => {
    stage = await rehearsalStage({ values: { replicas: 1, minAvailable: 0 } });
    const rehearsal = await stage.rehearse({
      verb: 'install',
      options: {
        ...(await import('../actions/release-world.ts')).installDefaults(stage.chart, {
          values: { image: 'registry.invalid/x:1' },
          timeout: 30_000,
          wait: true,
        }),
        name: 'other',
      },
    });
    expect(rehearsal).toMatchObject({ verb: 'install', revision: 1, succeeds: false, undo: { action: 'uninstall' } });
    expect(rehearsal.undo.failure).toBeUndefined();
  });

  it('rehearses rollbacks', async () => {
    stage = await rehearsalStage();
    const { releaseActions } = await import('../actions/release-world.ts');
    await releaseActions(stage.context).upgrade(stage.chart, { values: { image: 'shop/web:2' }, wait: true });
    const options = { name: 'web', revision: 0, dryRun: false, cleanupOnFail: false, timeout: 300_000 };
    const rehearsal = await stage.rehearse({
      verb: 'rollback',
      options: {
        ...options,
        wait: true,
        waitForJobs: false,
        noHooks: false,
        serverSide: 'auto',
        forceConflicts: false,
        forceReplace: false,
      },
    });
    expect(rehearsal).toMatchObject({ verb: 'rollback', revision: 3, succeeds: true });
  });
});
