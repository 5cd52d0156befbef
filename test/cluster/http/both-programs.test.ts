import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { testIo } from '../../cli/support.ts';
import { type Run, type ServedFixture, serveForTest } from './served.ts';

const GUESTBOOK = join(import.meta.dirname, '..', '..', '..', 'charts', 'guestbook');

let fixture: ServedFixture;

beforeAll(async () => {
  fixture = await serveForTest({ speed: 20 });
  cpSync(GUESTBOOK, join(fixture.folder, 'guestbook'), { recursive: true });
});
afterAll(() => fixture.close());

/** Runs this program in the test's process, against the served cluster. */
async function pintle(args: readonly string[], driver: string): Promise<Run> {
  const env = { KUBECONFIG: fixture.kubeconfig, PINTLE_HOME: join(fixture.folder, 'home'), HELM_DRIVER: driver };
  const { io, out, err } = testIo({ env, cwd: fixture.folder });
  const code = await main(args, { ...io, now: () => Date.now() });
  return { code, stdout: out(), stderr: err() };
}

async function good(run: Promise<Run>): Promise<string> {
  const { code, stdout, stderr } = await run;
  expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
  return stdout;
}

interface Entry {
  readonly revision: number;
  readonly status: string;
  readonly description: string;
}

function entries(json: string): string[] {
  return (JSON.parse(json) as Entry[]).map((each) => `${each.revision} ${each.status} ${each.description}`);
}

/** `readyReplicas` of the guestbook, and what its records are kept in. */
async function state(release: string, namespace: string): Promise<{ ready: string; records: string[] }> {
  const get = (args: readonly string[]): Promise<string> =>
    good(fixture.kubectl(['get', ...args, '-n', namespace])).then((text) => text.trim());
  const ready = await get(['deployment', `${release}-guestbook`, '-o', 'jsonpath={.status.readyReplicas}']);
  const records = await get(['secrets,configmaps', '-l', `owner=helm,name=${release}`, '-o', 'name']);
  return { ready, records: records.split('\n') };
}

describe.each([
  ['secret', 'secret'],
  ['configmap', 'configmap'],
])('releases kept in a %s', (driver, kind) => {
  const env = { HELM_DRIVER: driver };

  it('begun here, read and upgraded by helm, rolled back here', async () => {
    const namespace = `here-${driver}`;
    const flags = ['-n', namespace];
    await good(
      pintle(['install', 'web', 'guestbook', ...flags, '--create-namespace', '--wait', '--timeout', '60s'], driver),
    );
    expect(await good(fixture.helm(['get', 'notes', 'web', ...flags], { env }))).toContain('is installed as web');
    const manifests = [
      await good(fixture.helm(['get', 'manifest', 'web', ...flags], { env })),
      await good(pintle(['get', 'manifest', 'web', ...flags], driver)),
    ];
    expect(manifests[0]).toBe(manifests[1]);
    await good(fixture.helm(['upgrade', 'web', 'guestbook', ...flags, '--set', 'replicaCount=3', '--wait'], { env }));
    expect((await state('web', namespace)).ready).toBe('3');
    const history = ['history', 'web', ...flags, '-o', 'json'];
    expect(entries(await good(pintle(history, driver)))).toEqual([
      '1 superseded Install complete',
      '2 deployed Upgrade complete',
    ]);
    await good(pintle(['rollback', 'web', '1', ...flags, '--wait'], driver));
    expect(entries(await good(fixture.helm(history, { env })))).toEqual([
      '1 superseded Install complete',
      '2 superseded Upgrade complete',
      '3 deployed Rollback to 1',
    ]);
    const { ready, records } = await state('web', namespace);
    expect(ready).toBe('2');
    expect(records).toEqual([1, 2, 3].map((revision) => `${kind}/sh.helm.release.v1.web.v${revision}`));
    await good(fixture.helm(['uninstall', 'web', ...flags, '--wait'], { env }));
    expect(await good(pintle(['list', '-A', '-q'], driver))).toBe('');
  });

  it('begun by helm, upgraded and rolled back here, read by helm', async () => {
    const namespace = `there-${driver}`;
    const flags = ['-n', namespace];
    await good(fixture.helm(['install', 'web', 'guestbook', ...flags, '--create-namespace', '--wait'], { env }));
    await good(pintle(['upgrade', 'web', 'guestbook', ...flags, '--set', 'replicaCount=3', '--wait'], driver));
    expect((await state('web', namespace)).ready).toBe('3');
    await good(pintle(['rollback', 'web', '1', ...flags, '--wait'], driver));
    const history = ['history', 'web', ...flags, '-o', 'json'];
    expect(entries(await good(fixture.helm(history, { env })))).toEqual([
      '1 superseded Install complete',
      '2 superseded Upgrade complete',
      '3 deployed Rollback to 1',
    ]);
    expect(await good(fixture.helm(['status', 'web', ...flags], { env }))).toContain('STATUS: deployed');
    await good(fixture.helm(['upgrade', 'web', 'guestbook', ...flags, '--reuse-values', '--wait'], { env }));
    await good(pintle(['uninstall', 'web', ...flags, '--wait'], driver));
    expect(await good(fixture.helm(['list', '-A', '-q'], { env }))).toBe('');
  });
});
