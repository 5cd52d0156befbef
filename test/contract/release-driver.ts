import { describe, expect, test } from 'vitest';
import type { ReleaseDriver } from '../../src/release/release-driver.ts';
import { releaseKey } from '../../src/release/release-key.ts';
import { sampleRelease } from '../release/sample-release.ts';

/** Drivers on one place of records, one a namespace; '' is all of them. The namespaces `default` and `other` are there. */
export type DriverFactory = () => Promise<(namespace: string) => ReleaseDriver>;

/** What the tests' clocks say, seconds since the epoch. */
export const START_SECONDS = Date.UTC(2026, 0, 15, 12) / 1000;

const key = (revision: number, name = 'web'): string => releaseKey(name, revision);

/** What every {@link ReleaseDriver} does. */
export function releaseDriverContract(factory: DriverFactory): void {
  const open = async (): Promise<ReleaseDriver> => (await factory())('default');

  describe('create and get', () => {
    test('gives back the release with the labels of its user', async () => {
      const driver = await open();
      await driver.create(key(1), sampleRelease({ labels: { team: 'a' } }));
      const found = await driver.get(key(1));
      expect(found.labels).toEqual({ team: 'a' });
      expect(found.manifest).toBe(sampleRelease().manifest);
      expect(found.config).toEqual({ replicas: 3 });
      expect(found.version).toBe(1);
    });

    test('refuses a key that is there', async () => {
      const driver = await open();
      await driver.create(key(1), sampleRelease());
      await expect(driver.create(key(1), sampleRelease())).rejects.toMatchObject({
        code: 'release-exists',
        message: 'release: already exists',
      });
    });

    test('does not keep what the caller changes afterwards, nor hands out what changes with it', async () => {
      const driver = await open();
      await driver.create(key(1), sampleRelease());
      const first = await driver.get(key(1));
      await driver.update(key(1), sampleRelease({ status: 'failed' }));
      expect(first.info.status).toBe('deployed');
    });

    test('misses a key that is not there', async () => {
      await expect((await open()).get(key(1))).rejects.toMatchObject({
        code: 'release-not-found',
        message: 'release: not found',
      });
    });
  });

  describe('update', () => {
    test('replaces the release', async () => {
      const driver = await open();
      await driver.create(key(1), sampleRelease({ status: 'pending-install' }));
      await driver.update(key(1), sampleRelease({ status: 'deployed' }));
      expect((await driver.get(key(1))).info.status).toBe('deployed');
      expect(await driver.query({ name: 'web', status: 'pending-install' })).toEqual([]);
    });

    test('misses a key that is not there', async () => {
      await expect((await open()).update(key(1), sampleRelease())).rejects.toMatchObject({ code: 'release-not-found' });
    });
  });

  describe('delete', () => {
    test('answers with what was there', async () => {
      const driver = await open();
      await driver.create(key(1), sampleRelease());
      expect((await driver.delete(key(1))).name).toBe('web');
      await expect(driver.get(key(1))).rejects.toMatchObject({ code: 'release-not-found' });
    });

    test('misses a key that is not there', async () => {
      await expect((await open()).delete(key(1))).rejects.toMatchObject({ code: 'release-not-found' });
    });
  });

  describe('query and list', () => {
    test('find by labels, and tell the labels of the driver too', async () => {
      const driver = await open();
      await driver.create(key(1), sampleRelease({ status: 'superseded' }));
      await driver.create(key(2), sampleRelease({ version: 2, labels: { team: 'a' } }));
      await driver.create(key(1, 'db'), sampleRelease({ name: 'db' }));
      expect(
        (await driver.query({ name: 'web', owner: 'helm' })).map((each) => each.version).sort((a, b) => a - b),
      ).toEqual([1, 2]);
      const [found, ...others] = await driver.query({ name: 'web', status: 'deployed' });
      expect(others).toEqual([]);
      expect(found?.labels).toEqual({
        team: 'a',
        name: 'web',
        owner: 'helm',
        status: 'deployed',
        version: '2',
        createdAt: String(START_SECONDS),
      });
      expect(await driver.query({ team: 'a' })).toHaveLength(1);
      expect(await driver.query({ name: 'nobody' })).toEqual([]);
    });

    test('an update is stamped', async () => {
      const driver = await open();
      await driver.create(key(1), sampleRelease());
      const [created] = await driver.query({ name: 'web' });
      await driver.update(key(1), created ?? sampleRelease());
      const [updated] = await driver.query({ name: 'web' });
      expect(updated?.labels).toMatchObject({
        createdAt: String(START_SECONDS),
        modifiedAt: String(START_SECONDS),
      });
    });

    test('list all, or what a filter takes', async () => {
      const driver = await open();
      await driver.create(key(1), sampleRelease());
      await driver.create(key(1, 'db'), sampleRelease({ name: 'db', status: 'failed' }));
      expect((await driver.list()).map((each) => each.name).sort()).toEqual(['db', 'web']);
      expect((await driver.list(({ info }) => info.status === 'failed')).map((each) => each.name)).toEqual(['db']);
    });

    test.each([true, false])('tell of records before they are read (ahead: %s)', async (ahead) => {
      const driver = await open();
      const labels = { team: 'a' };
      await driver.create(key(1), sampleRelease({ status: 'superseded' }));
      await driver.create(key(2), sampleRelease({ version: 2, status: 'superseded', labels }));
      await driver.create(key(3), sampleRelease({ version: 3, status: 'failed' }));
      await driver.create(key(1, 'db'), sampleRelease({ name: 'db' }));
      for (const newest of [true, false]) {
        const all = await driver.headers({ newest, ahead });
        expect(all.map(({ namespace, name, revision }) => `${namespace}/${name} ${revision}`).sort()).toEqual([
          'default/db 1',
          'default/web 1',
          'default/web 2',
          'default/web 3',
        ]);
        const second = all.find(({ name, revision }) => name === 'web' && revision === 2);
        const summary = await second?.summary();
        expect(summary).toMatchObject({
          name: 'web',
          namespace: 'default',
          version: 2,
          labels: { ...labels, owner: 'helm' },
        });
        expect(summary?.info).toEqual({ ...(await second?.release())?.info });
        expect(summary?.info.status).toBe('superseded');
        expect(summary?.chart.metadata).toEqual(sampleRelease().chart.metadata);
        const release = await second?.release();
        expect(release?.manifest).toBe(sampleRelease().manifest);
        expect(release?.labels).toMatchObject({ ...labels, status: 'superseded' });
      }
      const own = await driver.headers({ name: 'web', newest: true, ahead });
      expect(own.map(({ revision }) => revision).sort((a, b) => a - b)).toEqual([1, 2, 3]);
      expect(await driver.headers({ name: 'nobody', newest: false, ahead })).toEqual([]);
    });

    test('keep to their namespace, unless they are about all', async () => {
      const drivers = await factory();
      await drivers('default').create(key(1), sampleRelease());
      await drivers('other').create(key(1), sampleRelease({ namespace: 'other' }));
      expect(await drivers('default').list()).toHaveLength(1);
      expect(await drivers('other').query({ name: 'web' })).toHaveLength(1);
      expect((await drivers('').list()).map((each) => each.namespace).sort()).toEqual(['default', 'other']);
      await expect(drivers('third').get(key(1))).rejects.toMatchObject({ code: 'release-not-found' });
    });
  });
}
