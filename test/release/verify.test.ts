import { beforeEach, describe, expect, test } from 'vitest';
import type { ActionContext } from '../../src/actions/context.ts';
import { migrateRecords } from '../../src/actions/migrate-records.ts';
import { type RecordFinding, verifyRecords } from '../../src/actions/verify-records.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { encodeRelease } from '../../src/release/codec.ts';
import { createConfigMapDriver } from '../../src/release/configmap-driver.ts';
import { releaseKey } from '../../src/release/release-key.ts';
import type { Release } from '../../src/release/release.ts';
import { createSecretDriver } from '../../src/release/secret-driver.ts';
import { ReleaseStore } from '../../src/release/store.ts';
import { ObjectClient } from './object-client.ts';
import { sampleRelease } from './sample-release.ts';

let client: ObjectClient;
let context: ActionContext;
let stores: { secret: ReleaseStore; configmap: ReleaseStore };
beforeEach(() => {
  client = new ObjectClient();
  const clock = new VirtualClock({ start: 0 });
  const options = { client, clock, namespace: 'default', logger: silentLogger };
  stores = {
    secret: new ReleaseStore(createSecretDriver(options)),
    configmap: new ReleaseStore(createConfigMapDriver(options)),
  };
  context = { ...options, store: stores.configmap, random: new SeededRandom(1), exclusive: true };
});

function revision(version: number, status: Release['info']['status']): Release {
  const release = sampleRelease();
  return { ...release, name: 'web', version, info: { ...release.info, status } };
}

const verify = (repair = false): Promise<RecordFinding[]> =>
  verifyRecords(context, {
    repair,
    storeOf: (type) => (type.kind === 'Secret' ? stores.secret : stores.configmap),
  });

/** Changes a record behind the store's back. */
function tamper(version: number, change: (object: { metadata: object; data?: object }) => object): void {
  const key = [...client.objects.keys()].find((each) => each.endsWith(`.v${version}`)) ?? '';
  client.objects.set(key, change(structuredClone(client.objects.get(key)) as never) as never);
}

describe('verify', () => {
  test('finds nothing where all is well', async () => {
    await stores.configmap.create(revision(1, 'superseded'));
    await stores.configmap.create(revision(2, 'deployed'));
    expect(await verify()).toEqual([]);
  });

  test('finds and repairs what tells two stories', async () => {
    await stores.configmap.create(revision(1, 'deployed'));
    await stores.configmap.create(revision(2, 'pending-upgrade'));
    await stores.configmap.create(revision(3, 'deployed'));
    tamper(3, (object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { owner: 'helm', name: 'web', status: 'failed', version: '3' } },
    }));
    expect((await verify()).map(({ text, repaired }) => [text, repaired])).toEqual([
      ['its labels do not say what it holds: status is failed, not deployed', false],
      ['it is deployed, and so is revision 3', false],
      ['it is pending-upgrade, but is not the last', false],
    ]);
    expect((await verify(true)).every(({ repaired }) => repaired)).toBe(true);
    expect(await verify()).toEqual([]);
    const history = await stores.configmap.history('web');
    expect(history.map(({ info }) => info.status)).toEqual(['superseded', 'failed', 'deployed']);
  });

  test.each(['secret', 'configmap'] as const)(
    'puts aside what cannot be read, so that its %s is free',
    async (kind) => {
      await stores[kind].create(revision(1, 'superseded'));
      await stores[kind].create(revision(2, 'deployed'));
      tamper(2, (object) => ({ ...object, data: { release: btoa('H4sIAAAA') } }));
      const [found] = await verify();
      expect(found).toMatchObject({
        repaired: false,
        repair: expect.stringMatching(/^keep it as .*v2\.unreadable-/) as string,
      });
      expect(await verify(true)).toHaveLength(1);
      expect(client.objects.size).toBe(2);
      expect(await verify()).toEqual([]);
      await stores[kind].create(revision(2, 'deployed'));
      expect((await stores[kind].history('web')).map(({ version }) => version)).toEqual([1, 2]);
    },
  );

  test('leaves what is encrypted, or lies in parts, where it is', async () => {
    await stores.configmap.create(revision(1, 'superseded'));
    await stores.configmap.create(revision(2, 'deployed'));
    tamper(1, (object) => ({ ...object, data: { release: 'pintle-aes256gcm:abc:AAAA' } }));
    tamper(2, (object) => ({ ...object, data: { release: `pintle-parts:2:${'0'.repeat(64)}` } }));
    const before = [...client.objects.keys()];
    expect((await verify(true)).map(({ repaired, repair }) => [repaired, repair])).toEqual([
      [false, undefined],
      [false, undefined],
    ]);
    expect([...client.objects.keys()]).toEqual(before);
  });

  test('a release of which nothing can be read is not one that is not there', async () => {
    await stores.secret.create(revision(1, 'deployed'));
    tamper(1, (object) => ({ ...object, data: { release: btoa('pintle-aes256gcm:abc:AAAA') } }));
    await expect(stores.secret.historyOrEmpty('web')).rejects.toMatchObject({
      code: 'release-corrupt',
      message: 'cannot read Secret default/sh.helm.release.v1.web.v1: it is encrypted',
      hint: 'name the file of its key in PINTLE_RECORD_KEY_FILE',
    });
    expect(await stores.secret.list()).toEqual([]);
  });

  test('finds records that lost their labels', async () => {
    await stores.secret.create(revision(1, 'deployed'));
    tamper(1, (object) => ({ ...object, metadata: { ...object.metadata, labels: {} } }));
    expect(await stores.secret.historyOrEmpty('web')).toEqual([]);
    expect(await verify(true)).toMatchObject([
      { text: expect.stringContaining('owner is absent, not helm') as string, repaired: true },
    ]);
    expect(await stores.secret.historyOrEmpty('web')).toHaveLength(1);
  });

  test('a record that tells of another revision counts for nothing until it is repaired', async () => {
    await stores.configmap.create(revision(1, 'superseded'));
    await stores.configmap.create(revision(2, 'deployed'));
    const held = { ...revision(2, 'deployed'), version: 7, namespace: 'elsewhere' };
    tamper(2, (object) => ({ ...object, data: { release: encodeRelease(held) } }));
    expect((await stores.configmap.history('web')).map(({ version }) => version)).toEqual([1]);
    await expect(stores.configmap.get('web', 2)).rejects.toMatchObject({
      code: 'release-corrupt',
      message: expect.stringMatching(/it holds revision \d of "\w+"$/) as string,
      hint: expect.stringContaining('release verify web --repair') as string,
    });
    expect(await verify(true)).toMatchObject([{ repair: 'make it revision 2 of "web"', repaired: true }]);
    expect(await verify()).toEqual([]);
    expect((await stores.configmap.history('web')).map(({ name, version }) => `${name} ${version}`)).toEqual([
      'web 1',
      'web 2',
    ]);
    expect((await stores.configmap.get('web', 2)).namespace).toBe('default');
  });

  test.each(['secret', 'configmap'] as const)(
    'what another release holds never becomes this one, in a %s',
    async (kind) => {
      await stores[kind].create(revision(1, 'superseded'));
      await stores[kind].create(revision(2, 'deployed'));
      const text = encodeRelease({ ...revision(7, 'deployed'), name: 'api' });
      const release = kind === 'secret' ? btoa(text) : text;
      tamper(2, (object) => ({ ...object, data: { release } }));
      expect(await verify(true)).toMatchObject([
        {
          text: 'it holds revision 7 of "api"',
          repair: expect.stringMatching(/^keep it as sh\.helm\.release\.v1\.web\.v2\.unreadable-/) as string,
          repaired: true,
        },
      ]);
      expect(await verify()).toEqual([]);
      expect((await stores[kind].history('web')).map(({ version }) => version)).toEqual([1]);
      const aside = [...client.objects].find(([key]) => key.includes('.unreadable-'))?.[1];
      expect(aside).toMatchObject({ metadata: { labels: { owner: 'pintle-unreadable' } }, data: { release } });
    },
  );

  test('what another release holds in parts stays where it is, with its parts', async () => {
    const noise = Array.from({ length: 400_000 }, (_, i) => (Math.imul(i, 0x9e3779b1) >>> 0).toString(36)).join('');
    const { chart } = revision(1, 'deployed');
    const files = [{ name: 'f', data: noise }];
    // Kept under the name of another, as by a backup that was put back by hand.
    const wrong = { ...revision(1, 'deployed'), name: 'api', chart: { ...chart, files } };
    const driver = createConfigMapDriver({ client, clock: context.clock, namespace: 'default', logger: silentLogger });
    await driver.create(releaseKey('web', 1), wrong);
    const before = [...client.objects.keys()];
    expect((await verify(true)).map(({ text, repaired }) => [text, repaired])).toEqual([
      ['it holds revision 1 of "api"', false],
    ]);
    expect([...client.objects.keys()]).toEqual(before);
  });

  test('deletes parts that belong to no record', async () => {
    const noise = Array.from({ length: 400_000 }, (_, i) => (Math.imul(i, 0x9e3779b1) >>> 0).toString(36)).join('');
    const release = revision(1, 'deployed');
    await stores.secret.create({ ...release, chart: { ...release.chart, files: [{ name: 'f', data: noise }] } });
    expect(await verify()).toEqual([]);
    const key = [...client.objects.keys()].find((each) => each.endsWith('.v1')) ?? '';
    client.objects.delete(key);
    expect((await verify()).every(({ text }) => text === 'it is a part of no record')).toBe(true);
    await verify(true);
    expect(client.objects.size).toBe(0);
  });
});

test('migrate brings every revision over, with its labels', async () => {
  await stores.configmap.create({ ...revision(1, 'superseded'), labels: { team: 'a' } });
  await stores.configmap.create(revision(2, 'deployed'));
  expect(await migrateRecords({ from: stores.configmap, to: stores.secret })).toEqual(['web 1', 'web 2']);
  expect(await stores.configmap.historyOrEmpty('web')).toEqual([]);
  expect((await stores.secret.get('web', 1)).labels).toEqual({ team: 'a' });
  expect((await stores.secret.history('web')).map(({ info }) => info.status)).toEqual(['superseded', 'deployed']);
  expect(await migrateRecords({ from: stores.configmap, to: stores.secret })).toEqual([]);
});
