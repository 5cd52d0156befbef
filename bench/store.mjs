// `node bench/store.mjs [ROUNDS]`: the store and the API over it, beside a real etcd on loopback, with every write on disk before it is
// acknowledged. The two take turns; medians of five. Nothing here is a test.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { findEtcd, startEtcd } from './etcd.mjs';

const root = join(import.meta.dirname, '..');
const folder = join(root, `.store-bench-${process.pid}`);
const ROUNDS = Number(process.argv[2] ?? 5);
const KIB = 1024;

async function load() {
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, 'store-cases.mjs');
  const entryPoints = [join(root, 'bench/store-cases.ts')];
  await build({
    entryPoints,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
  });
  return await import(pathToFileURL(outfile).href);
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** How many a second. */
async function rate(count, run) {
  const started = performance.now();
  await run();
  return (count * 1000) / (performance.now() - started);
}

/** So many clients, each of which sends the next when the one before is acknowledged. */
async function concurrently(clients, count, put) {
  let next = 0;
  const client = async () => {
    while (next < count) {
      next += 1;
      await put(next);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

function sequence(prefix) {
  let n = 0;
  return () => {
    n += 1;
    return `${prefix}${n}`;
  };
}

const value = 'x'.repeat(KIB);

function cases({ ours, etcd, api, name }) {
  const { putDurably, createDurably, rangeJson } = api;
  const one = async (count, put) => {
    for (let i = 0; i < count; i += 1) await put();
  };
  return [
    {
      title: 'durable puts of 1 KiB, one client (per second)',
      ours: () => rate(400, () => one(400, () => putDurably(ours, name(), KIB))),
      etcd: () => rate(400, () => one(400, () => etcd[0].put(name(), value))),
    },
    ...[500, 1000].map((clients) => ({
      title: `durable creations of 1 KiB, ${clients} clients (per second)`,
      ours: () => rate(10_000, () => concurrently(clients, 10_000, () => createDurably(ours, name(), KIB))),
      etcd: () => rate(10_000, () => concurrently(clients, 10_000, (i) => etcd[i % etcd.length].put(name(), value))),
    })),
    {
      title: 'ranges of all that was written (MiB per second)',
      ours: async () => {
        let bytes = 0;
        const each = await rate(1, () => {
          bytes = rangeJson(ours);
        });
        return (bytes * each) / 2 ** 20;
      },
      etcd: async () => {
        let bytes = 0;
        const each = await rate(1, async () => {
          bytes = await etcd[0].range('k');
        });
        return (bytes * each) / 2 ** 20;
      },
    },
    {
      title: 'events to 100 watchers (per second)',
      ours: () => {
        let heard = 0;
        const stops = Array.from({ length: 100 }, () =>
          ours.store.watch('/configmaps', ours.store.revision, () => {
            heard += 1;
          }),
        );
        return rate(100_000, async () => {
          await concurrently(100, 1000, () => createDurably(ours, name(), KIB));
          while (heard < 100_000) await new Promise((resolve) => setImmediate(resolve));
        }).finally(() => stops.forEach((stop) => stop()));
      },
      etcd: async () => {
        let heard = 0;
        const stops = Array.from({ length: 100 }, (_, i) =>
          etcd[i % etcd.length].watch('k', (bytes) => {
            heard += bytes;
          }),
        );
        await new Promise((resolve) => setTimeout(resolve, 300));
        heard = 0;
        const wanted = 100 * 1000 * KIB;
        return await rate(100_000, async () => {
          await concurrently(100, 1000, (i) => etcd[i % etcd.length].put(name(), value));
          while (heard < wanted) await new Promise((resolve) => setTimeout(resolve, 1));
        }).finally(() => stops.forEach((stop) => stop()));
      },
    },
  ];
}

const program = findEtcd();
if (program === undefined) process.stdout.write('no etcd here (Debian: etcd-server); ours alone\n');
try {
  const api = await load();
  const server = program === undefined ? undefined : await startEtcd(program);
  const ours = await api.openStore();
  const etcd = server === undefined ? [] : Array.from({ length: 8 }, () => server.connect());
  process.stdout.write(`${'case'.padEnd(54)} ${'ours'.padStart(10)} ${'etcd'.padStart(10)} ${'ratio'.padStart(7)}\n`);
  for (const each of cases({ ours, etcd, api, name: sequence('k') })) {
    const results = { ours: [], etcd: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      results.ours.push(await each.ours());
      if (server !== undefined) results.etcd.push(await each.etcd());
    }
    const mine = median(results.ours);
    const theirs = server === undefined ? Number.NaN : median(results.etcd);
    const columns = [mine, theirs].map((number) => number.toFixed(0).padStart(10));
    process.stdout.write(`${each.title.padEnd(54)} ${columns.join(' ')} ${(mine / theirs).toFixed(2).padStart(6)}×\n`);
  }
  for (const client of etcd) client.close();
  await ours.close();
  await server?.stop();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
