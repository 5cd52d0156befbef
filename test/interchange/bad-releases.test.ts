import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { Fault } from '../../src/cluster/faults/fault.ts';
import { clearFaults, injectFault } from '../../src/cluster/faults/fault-store.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { testIo } from '../cli/support.ts';
import { type Run, type ServedFixture, serveForTest } from '../cluster/http/served.ts';
import { type BadRelease, endFaultsOfApi, FILES, liveObjects, web } from '../support/bad-release.ts';
import type { EmbeddedCluster } from '../support/embedded-cluster.ts';
import { REFUSED_ROWS } from '../support/refused-releases.ts';
import { SHOWN_ROWS } from '../support/shown-releases.ts';

/** Seconds of the cluster's in one of the client's. */
const SPEED = 300;
const TIMEOUT = '6s';

type ProgramName = 'pintle' | 'helm';

interface Shop {
  readonly fixture: ServedFixture;
  /** Runs either program. */
  readonly run: (program: ProgramName, args: readonly string[]) => Promise<Run>;
  readonly pintle: (args: readonly string[], now?: () => number) => Promise<Run>;
  readonly values: (name: string, values: object) => void;
}

async function openShop(release: Pick<BadRelease, 'cluster'>): Promise<Shop> {
  const fixture = await serveForTest({ ...release.cluster, speed: SPEED });
  const chart = { 'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n', ...FILES };
  for (const [name, text] of Object.entries(chart)) {
    const path = join(fixture.folder, 'web', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const pintle = async (args: readonly string[], now = Date.now): Promise<Run> => {
    const env = { KUBECONFIG: fixture.kubeconfig, PINTLE_HOME: join(fixture.folder, 'home') };
    const { io, out, err } = testIo({ env, cwd: fixture.folder });
    const code = await main(args, { ...io, now });
    return { code, stdout: out(), stderr: err() };
  };
  return {
    fixture,
    values: (name, values) => writeFileSync(join(fixture.folder, name), JSON.stringify(values)),
    pintle,
    run: (program, args) => (program === 'helm' ? fixture.helm(args) : pintle(args)),
  };
}

const WAITING = ['--rollback-on-failure', '--wait-for-jobs', '--timeout', TIMEOUT];

async function installGood({ run, values }: Shop, good: object, program: ProgramName = 'pintle'): Promise<void> {
  values('good.json', good);
  const flags = ['--wait', '--wait-for-jobs', '--timeout', '60s'];
  const { code, stderr } = await run(program, ['install', 'web', './web', '-f', 'good.json', ...flags]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
}

/** Puts a fault in force until the record says that the upgrade has failed. */
function whileUpgrading({ cluster: { client } }: EmbeddedCluster, ...faults: readonly Fault[]): void {
  void faults.reduce((before, fault) => before.then(() => injectFault(client, fault)), Promise.resolve<unknown>(0));
  const watch = client.watch(
    RESOURCES.secrets,
    { namespace: 'default', labelSelector: 'owner=helm,name=web,version=2,status=failed' },
    {
      event: ({ type }) => {
        if (type === 'BOOKMARK') return;
        watch.stop();
        void clearFaults(client);
      },
    },
  );
}

/** Rows whose faults last until the upgrade has failed. */
const TIMED: readonly BadRelease[] = [
  {
    title: '26: a server that fails',
    bad: { pod: web({ image: 'nginx:1.28' }) },
    meanwhile: (fixture) => {
      const where = { verbs: ['patch'], resources: ['deployments'], clients: ['user'] } as const;
      whileUpgrading(fixture, { kind: 'api-errors', failure: 500, ...where });
    },
    message: /Internal error occurred/,
  },
  {
    title: '27: nodes that go away in the middle',
    bad: {
      pod: web({
        image: 'nginx:1.28',
        readinessProbe: { httpGet: { path: '/', port: 'http' }, initialDelaySeconds: 120, periodSeconds: 2 },
      }),
    },
    meanwhile: (fixture) => {
      const nodes = ['pintle-1', 'pintle-2', 'pintle-3'];
      whileUpgrading(fixture, ...nodes.map((node) => ({ kind: 'node-down', node }) as const));
    },
    message: /web not ready/,
  },
];
const ROWS = [...SHOWN_ROWS.filter(({ title }) => !/^2[67]:/.test(title)), ...TIMED, ...REFUSED_ROWS];

/** Helm tries the first row of each number. */
const OF_HELM = ROWS.filter(
  ({ title }, i) => i === ROWS.findIndex((other) => numberOf(other.title) === numberOf(title)),
);

function numberOf(title: string): string {
  return title.slice(0, title.indexOf(':'));
}

/** Upgrades to a bad release and expects that all is as before. */
async function expectUndone(row: BadRelease, program: ProgramName): Promise<Run> {
  const shop = await openShop(row);
  const { fixture, run, values } = shop;
  try {
    await row.setup?.(fixture.embedded);
    const { good = {}, bad } = row;
    await installGood(shop, good, program);
    const before = await liveObjects(fixture.embedded);
    row.meanwhile?.(fixture.embedded);
    values('bad.json', { ...good, greeting: 'goodbye', ...bad });
    const outcome = await run(program, ['upgrade', 'web', './web', '-f', 'bad.json', ...WAITING]);
    await endFaultsOfApi(fixture.embedded);
    expect(outcome.code, outcome.stderr).toBe(1);
    // The field that the other manager has is its own on the way back, too.
    if (row.title.startsWith('19:')) return outcome;
    expect(await liveObjects(fixture.embedded), outcome.stderr).toEqual(before);
    const history = JSON.parse((await run(program, ['history', 'web', '-o', 'json'])).stdout) as { status: string }[];
    expect(history.at(-1)?.status).toBe('deployed');
    return outcome;
  } finally {
    await fixture.close();
  }
}

describe.concurrent('helm upgrade --rollback-on-failure', () => {
  it.each(OF_HELM.map((row) => [row.title, row] as const))('%s', async (_, row) => {
    await expectUndone(row, 'helm');
  });
});

describe.concurrent('upgrade --rollback-on-failure over HTTP', () => {
  it.each(ROWS.map((row) => [row.title, row] as const))('%s', async (_, row) => {
    expect((await expectUndone(row, 'pintle')).stderr).toMatch(row.message);
  });

  it('25: a budget that blocks every eviction', async () => {
    const shop = await openShop({});
    const { fixture, pintle, values } = shop;
    try {
      await installGood(shop, {});
      const spec = { maxUnavailable: 0, selector: { matchLabels: { app: 'web' } } };
      const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web' }, spec };
      values('bad.json', { extra: [budget] });
      expect((await pintle(['upgrade', 'web', './web', '-f', 'bad.json', ...WAITING])).code).toBe(0);
      const pods = await fixture.embedded.cluster.client.list(RESOURCES.pods, { namespace: 'default' });
      const node = (pods.items[0]?.['spec'] as { readonly nodeName?: string } | undefined)?.nodeName ?? '';
      const drain = await fixture.kubectl(['drain', node, '--ignore-daemonsets', '--force', '--timeout=10s']);
      expect(drain.code).toBe(1);
      expect(drain.stderr).toMatch(/Cannot evict pod as it would violate the pod's disruption budget/);
    } finally {
      await fixture.close();
    }
  });

  it('28: a client that is killed in the middle', async () => {
    const shop = await openShop({});
    const { fixture, pintle, values } = shop;
    try {
      await installGood(shop, {});
      const before = await liveObjects(fixture.embedded);
      values('bad.json', { pod: web({ image: 'nginx:does-not-exist' }) });
      const bin = join(import.meta.dirname, '..', '..', 'bin', 'pintle.js');
      const args = ['upgrade', 'web', './web', '-f', 'bad.json', '--rollback-on-failure', '--timeout', '60s'];
      const child = spawn(process.execPath, [bin, ...args], { cwd: fixture.folder, env: fixture.env });
      const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
      await changed(fixture);
      child.kill('SIGKILL');
      expect(await ended).toBe('SIGKILL');
      // A minute later nobody has heard of the one that died.
      const later = (): number => Date.now() + 60_000;
      const next = await pintle(['upgrade', 'web', './web', '-f', 'good.json', ...WAITING], later);
      expect(next).toMatchObject({ code: 0 });
      expect(next.stderr).toMatch(/was left pending-upgrade by a client that died/);
      expect(await liveObjects(fixture.embedded)).toEqual(before);
    } finally {
      await fixture.close();
    }
  });
});

/** Resolves when the Deployment has its new image. */
async function changed({ embedded }: ServedFixture): Promise<void> {
  const { client } = embedded.cluster;
  await new Promise<void>((resolve) => {
    const watch = client.watch(
      RESOURCES.deployments,
      { namespace: 'default' },
      {
        event: (event) => {
          if (event.type !== 'BOOKMARK' && JSON.stringify(event.object).includes('nginx:does-not-exist')) {
            watch.stop();
            resolve();
          }
        },
      },
    );
  });
}
