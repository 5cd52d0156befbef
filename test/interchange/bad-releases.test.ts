import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { injectFault } from '../../src/cluster/faults/fault-store.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { testIo } from '../cli/support.ts';
import { type Run, type ServedFixture, serveForTest } from '../cluster/http/served.ts';
import { type BadRelease, endFaultsOfApi, FILES, liveObjects, web } from '../support/bad-release.ts';
import { REFUSED_ROWS } from '../support/refused-releases.ts';
import { SHOWN_ROWS } from '../support/shown-releases.ts';

/** Seconds of the cluster's in one of the client's. */
const SPEED = 300;
const TIMEOUT = '2s';

interface Shop {
  readonly fixture: ServedFixture;
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
  return {
    fixture,
    values: (name, values) => writeFileSync(join(fixture.folder, name), JSON.stringify(values)),
    pintle: async (args, now = Date.now) => {
      const env = { KUBECONFIG: fixture.kubeconfig, PINTLE_HOME: join(fixture.folder, 'home') };
      const { io, out, err } = testIo({ env, cwd: fixture.folder });
      const code = await main(args, { ...io, now });
      return { code, stdout: out(), stderr: err() };
    },
  };
}

const WAITING = ['--rollback-on-failure', '--wait-for-jobs', '--timeout', TIMEOUT];

async function installGood({ pintle, values }: Shop, good: object): Promise<void> {
  values('good.json', good);
  const { code, stderr } = await pintle(['install', 'web', './web', '-f', 'good.json', ...WAITING.slice(1), '--wait']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
}

/** Rows whose faults last as long as requests are tried, or waits take, in the client's time. */
const TIMED: readonly BadRelease[] = [
  {
    title: '26: a server that fails',
    bad: { pod: web({ image: 'nginx:1.28' }) },
    meanwhile: ({ cluster: { client, clock } }) => {
      const where = { verbs: ['patch'], resources: ['deployments'], clients: ['user'] } as const;
      void injectFault(client, { kind: 'api-errors', failure: 500, ...where }, clock.now() + 5500 * SPEED);
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
    meanwhile: ({ cluster: { client, clock } }) => {
      const end = clock.now() + 2600 * SPEED;
      void ['pintle-1', 'pintle-2', 'pintle-3'].reduce(
        (before, node) => before.then(() => injectFault(client, { kind: 'node-down', node }, end)),
        Promise.resolve<unknown>(undefined),
      );
    },
    message: /web not ready/,
  },
];
const ROWS = [...SHOWN_ROWS.filter(({ title }) => !/^2[67]:/.test(title)), ...TIMED, ...REFUSED_ROWS];

describe.concurrent('upgrade --rollback-on-failure over HTTP', () => {
  it.each(ROWS.map((row) => [row.title, row] as const))('%s', async (_, row) => {
    const shop = await openShop(row);
    const { fixture, pintle, values } = shop;
    try {
      await row.setup?.(fixture.embedded);
      const { good = {}, bad } = row;
      await installGood(shop, good);
      const before = await liveObjects(fixture.embedded);
      row.meanwhile?.(fixture.embedded);
      values('bad.json', { ...good, greeting: 'goodbye', ...bad });
      const run = await pintle(['upgrade', 'web', './web', '-f', 'bad.json', ...WAITING]);
      await endFaultsOfApi(fixture.embedded);
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(row.message);
      if (row.title.startsWith('19:')) return;
      expect(await liveObjects(fixture.embedded)).toEqual(before);
      const history = JSON.parse((await pintle(['history', 'web', '-o', 'json'])).stdout) as { status: string }[];
      expect(history.at(-1)?.status).toBe('deployed');
    } finally {
      await fixture.close();
    }
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
      const drain = await fixture.kubectl(['drain', node, '--ignore-daemonsets', '--force', '--timeout=1s']);
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
