import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PintleError } from '../../../src/base/errors.ts';
import { openLmdbFile } from '../../../src/cluster/store/lmdb-file.ts';
import { LmdbStore, openLmdbStore } from '../../../src/cluster/store/lmdb-store.ts';
import { storeContract } from '../../contract/store.ts';

const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-store-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

storeContract('LmdbStore', { open: () => openLmdbStore(newFolder()) });

function write(store: LmdbStore, name: string, data: unknown, bucket = '/pods'): void {
  const value = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, resourceVersion: String(store.revision + 1) },
    data,
  };
  store.commit([{ type: 'put', bucket, namespace: 'a', name, value }]);
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof PintleError ? error.code : String(error);
  }
  return 'none';
}

describe('a store that is opened again', () => {
  it('holds what was there, at the same revision', async () => {
    const folder = newFolder();
    const store = await openLmdbStore(folder);
    for (let i = 0; i < 300; i += 1) write(store, `p${i}`, { i });
    write(store, 'd', 1, 'apps/deployments');
    store.commit([
      {
        type: 'delete',
        bucket: '/pods',
        namespace: 'a',
        name: 'p7',
        value: { apiVersion: 'v1', kind: 'Pod', metadata: {} },
      },
    ]);
    store.setMeta('clock', 1_700_000_000_000);
    await store.close();

    const again = await openLmdbStore(folder);
    expect([again.revision, again.compacted, again.meta('clock')]).toEqual([303, 303, 1_700_000_000_000]);
    expect(again.buckets()).toEqual(['/pods', 'apps/deployments']);
    expect(again.count('/pods')).toBe(299);
    expect(again.get('/pods', 'a', 'p299')).toMatchObject({ modRevision: 301, value: { data: { i: 299 } } });
    write(again, 'p0', 'new');
    expect(again.revision).toBe(304);
    await again.close();
  });

  it('can be read while another writes, as it was when opened', async () => {
    const folder = newFolder();
    const store = await openLmdbStore(folder);
    write(store, 'x', 1);
    await store.flush();
    const reader = await openLmdbStore(folder, { readOnly: true });
    write(store, 'x', 2);
    write(store, 'y', 1);
    await store.flush();
    expect(reader.revision).toBe(2);
    expect(reader.list('/pods').map(({ name, value }) => [name, value['data']])).toEqual([['x', 1]]);
    expect(() => write(reader, 'z', 1)).toThrow('reading only');
    await reader.close();
    const later = await openLmdbStore(folder, { readOnly: true });
    expect(later.list('/pods').map(({ name, value }) => [name, value['data']])).toEqual([
      ['x', 2],
      ['y', 1],
    ]);
    await later.close();
    await store.close();
  });

  it('writes in the background, without flush', async () => {
    const folder = newFolder();
    const store = await openLmdbStore(folder);
    write(store, 'x', 1);
    for (let i = 0; i < 40; i += 1) await new Promise((resolve) => setImmediate(resolve));
    const reader = await openLmdbStore(folder, { readOnly: true });
    expect(reader.revision).toBe(2);
    await reader.close();
    await store.close();
  });
});

describe('a store that cannot be used', () => {
  it('tells that it is damaged', async () => {
    const folder = newFolder();
    const path = join(folder, 'store.mdb');
    const store = await openLmdbStore(folder);
    for (let i = 0; i < 100; i += 1) write(store, `p${i}`, 'x'.repeat(3000));
    await store.close();
    const good = readFileSync(path);
    writeFileSync(path, Buffer.alloc(good.length, 'garbage'));
    expect(await failureOf(openLmdbStore(folder))).toBe('store-corrupt');
    writeFileSync(path, good.subarray(0, 6000));
    expect(await failureOf(openLmdbStore(folder))).toBe('store-corrupt');
    writeFileSync(path, good);
    truncateSync(path, 40_960);
    expect(await failureOf(openLmdbStore(folder))).toBe('store-corrupt');
    writeFileSync(path, good);
    expect(await failureOf(openLmdbStore(folder).then((opened) => opened.close()))).toBe('none');
  });

  it('tells of a format of the future', async () => {
    const folder = newFolder();
    await (await openLmdbStore(folder)).close();
    const { open } = await import('lmdb');
    const database = open<Buffer, string>({ path: join(folder, 'store.mdb'), encoding: 'binary', useVersions: true });
    await database.put('!head', Buffer.from('{"format":99,"revision":5,"meta":{}}'), 5);
    await database.close();
    expect(await failureOf(openLmdbStore(folder))).toBe('store-corrupt');
  });

  it('tells that there is none to read', async () => {
    expect(await failureOf(openLmdbStore(newFolder(), { readOnly: true }))).toBe('not-found');
  });

  it('refuses a second writer', async () => {
    const folder = newFolder();
    const [one, other] = [await openLmdbStore(folder), await openLmdbStore(folder)];
    write(one, 'x', 1);
    await one.flush();
    write(other, 'y', 1);
    expect(await failureOf(other.flush())).toBe('io');
    await one.close();
    expect(await failureOf(other.close())).toBe('io');
  });
});

const bundle = join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  'node_modules',
  '.cache',
  `pintle-writer-${process.pid}.mjs`,
);
beforeAll(() => {
  const entryPoints = [join(import.meta.dirname, 'writer.ts')];
  buildSync({ entryPoints, outfile: bundle, bundle: true, platform: 'node', format: 'esm', packages: 'external' });
});
afterAll(() => rmSync(bundle, { force: true }));

describe('a process that ends badly', () => {
  it('leaves the state of one revision, not older than the last flush, when it is killed', async () => {
    for (let round = 1; round <= 3; round += 1) {
      const folder = newFolder();
      const writer = spawn(process.execPath, [bundle, folder, 'endless'], { stdio: ['ignore', 'pipe', 'inherit'] });
      let [durable, reports] = [0, 0];
      writer.stdout.on('data', (text: Buffer) => {
        durable = Number(text.toString().trim().split('\n').at(-1));
        reports += 1;
        if (reports === round * 5) writer.kill('SIGKILL');
      });
      await once(writer, 'close');
      const store = await openLmdbStore(folder);
      const newest = (bucket: string): number =>
        Math.max(...store.list(bucket).map(({ value }) => Number(value['data'])));
      expect(store.revision).toBeGreaterThanOrEqual(durable);
      // Each commit writes its revision into both buckets.
      expect([newest('/pods'), newest('/twins')]).toEqual([store.revision, store.revision]);
      await store.close();
    }
  });

  it.skipIf(!canMount())('says that the disk is full and has written nothing by halves', async () => {
    const folder = newFolder();
    const inside = `mount -t tmpfs -o size=3m tmpfs "${folder}" && "${process.execPath}" "${bundle}" "${folder}" full`;
    const copy = `cp "${folder}"/store.mdb "${folder}.copy"`;
    const run = spawnSync('unshare', ['-rm', 'bash', '-c', `${inside} && ${copy}`], { encoding: 'utf8' });
    const { code, durable } = JSON.parse(run.stdout) as { code: string; durable: number };
    expect(code).toBe('store-full');
    renameSync(`${folder}.copy`, join(folder, 'store.mdb'));
    const store = await openLmdbStore(folder);
    expect(store.revision).toBeGreaterThanOrEqual(durable);
    const newest = (bucket: string): number =>
      Math.max(...store.list(bucket).map(({ value }) => Number(value['data'])));
    expect([newest('/pods'), newest('/twins')]).toEqual([store.revision, store.revision]);
    await store.close();
  });

  it('does not begin where there is no room to work in, but goes on with what is there', async () => {
    const folder = newFolder();
    const freeBytes = (): number => 8192;
    expect(await failureOf(openLmdbStore(folder, { freeBytes }))).toBe('store-full');
    await (await openLmdbStore(folder)).close();
    await (await openLmdbStore(folder, { freeBytes })).close();
  });

  it('refuses commits while the disk is full, and goes on when there is room', async () => {
    const folder = newFolder();
    const file = await openLmdbFile(folder);
    const store = new LmdbStore(file, false);
    const real = file.write.bind(file);
    file.write = () => {
      throw new PintleError('store-full', 'no room');
    };
    write(store, 'x', 1);
    expect(await failureOf(store.flush())).toBe('store-full');
    expect(() => write(store, 'y', 1)).toThrow('no room');
    expect(store.get('/pods', 'a', 'y')).toBeUndefined();
    file.write = real;
    await store.flush();
    write(store, 'y', 1);
    await store.close();
    const again = await openLmdbStore(folder);
    expect(again.list('/pods').map((entry) => entry.name)).toEqual(['x', 'y']);
    await again.close();
  });
});

function canMount(): boolean {
  return spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0;
}
