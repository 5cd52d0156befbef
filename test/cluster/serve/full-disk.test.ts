import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { PintleError } from '../../../src/base/errors.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { Cluster } from '../../../src/cluster/cluster.ts';
import { createCatalogue } from '../../../src/cluster/kubelet/images/catalogue.ts';
import { openLmdbFile } from '../../../src/cluster/store/lmdb-file.ts';
import { LmdbStore, openLmdbStore } from '../../../src/cluster/store/lmdb-store.ts';
import { get } from '../http/raw-request.ts';
import { wallClock } from '../http/served.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

it('answers 507 while the disk is full, and opens again with all that was acknowledged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pintle-full-'));
  const file = await openLmdbFile(folder);
  const store = new LmdbStore(file, false);
  const cluster = new Cluster({
    store,
    clock: new VirtualClock({ start: Date.now() }),
    random: new SeededRandom(1),
    logger: silentLogger,
    nodes: [],
    catalogue: createCatalogue({}),
    description: 'test',
  });
  await cluster.start();
  const served = await cluster.serve({ wallClock, speed: 1 });
  closing.push(async () => {
    await served.close();
    cluster.stop();
  });
  const headers = { authorization: `Bearer ${served.keys.token}` };
  const create = (name: string): ReturnType<typeof get> =>
    get({ served }, '/api/v1/namespaces/default/configmaps', headers, {
      method: 'POST',
      body: JSON.stringify({ metadata: { name } }),
    });
  expect((await create('before')).code).toBe(201);
  const real = file.write.bind(file);
  file.write = () => {
    throw new PintleError('store-full', 'the disk has no room');
  };
  for (const name of ['first', 'second']) {
    const refused = await create(name);
    expect(refused.code).toBe(507);
    expect(JSON.parse(refused.text)).toMatchObject({
      kind: 'Status',
      status: 'Failure',
      reason: 'InsufficientStorage',
      message: 'the disk has no room',
      code: 507,
    });
  }
  expect((await get({ served }, '/api/v1/namespaces/default/configmaps/before', headers)).code).toBe(200);
  file.write = real;
  expect((await create('after')).code).toBe(201);
  // The write that finds the disk full is answered with 507 too, but is kept and written once there is room; which one that is, is open:
  // clients read whether it is there.
  const list = JSON.parse((await get({ served }, '/api/v1/namespaces/default/configmaps', headers)).text) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  const shown = list.items.map(({ metadata }) => metadata.name);
  expect(shown).toEqual(expect.arrayContaining(['after', 'before']));
  expect(shown).not.toContain('second');
  await served.close();
  cluster.stop();
  closing.length = 0;
  await store.close();
  const again = await openLmdbStore(folder);
  const names = again.list('/configmaps', 'default').map(({ name }) => name);
  expect(names.toSorted()).toEqual(shown.toSorted());
  await again.close();
});
