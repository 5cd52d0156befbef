import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { MemoryDriver } from '../../src/release/memory-driver.ts';
import type { ReleaseStatus } from '../../src/release/release.ts';
import { ReleaseStore } from '../../src/release/store.ts';
import { sampleRelease } from './sample-release.ts';

async function storeWith(statuses: readonly ReleaseStatus[], maxHistory = 0): Promise<ReleaseStore> {
  const driver = new MemoryDriver({ clock: new VirtualClock({ start: 0 }), namespace: 'default' });
  const store = new ReleaseStore(driver);
  // Written from the newest to the oldest: the order of writing must not matter.
  for (const [i, status] of [...statuses.entries()].reverse()) {
    await store.create(sampleRelease({ version: i + 1, status }));
  }
  return new ReleaseStore(driver, { maxHistory });
}

const revisions = async (store: ReleaseStore): Promise<number[]> =>
  (await store.historyOrEmpty('web')).map((release) => release.version);

describe('ReleaseStore', () => {
  test('tells the history from the oldest to the newest', async () => {
    const store = await storeWith([...Array.from({ length: 11 }, (): ReleaseStatus => 'superseded'), 'deployed']);
    expect(await revisions(store)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect((await store.last('web')).version).toBe(12);
    expect((await store.get('web', 7)).version).toBe(7);
  });

  test('misses what is not there', async () => {
    const store = await storeWith([]);
    const missing = { code: 'release-not-found', message: 'release: not found' };
    await expect(store.history('web')).rejects.toMatchObject(missing);
    await expect(store.last('web')).rejects.toMatchObject(missing);
    await expect(store.get('web', 1)).rejects.toMatchObject(missing);
    await expect(store.deployed('web')).rejects.toMatchObject({
      code: 'release-not-found',
      message: '"web" has no deployed releases',
    });
    expect(await store.historyOrEmpty('web')).toEqual([]);
  });

  test('takes the newest where several are deployed', async () => {
    const store = await storeWith(['deployed', 'deployed', 'failed']);
    expect((await store.deployed('web')).version).toBe(2);
  });

  test('lists all releases', async () => {
    const store = await storeWith(['superseded', 'deployed']);
    await store.create(sampleRelease({ name: 'db' }));
    expect(await store.list()).toHaveLength(3);
    expect(await store.list((release) => release.name === 'db')).toHaveLength(1);
  });

  test.each<[string, ReleaseStatus[], number, number[]]>([
    ['no limit', ['superseded', 'deployed'], 0, [1, 2, 3]],
    ['room enough', ['superseded', 'deployed'], 3, [1, 2, 3]],
    ['one too many', ['superseded', 'superseded', 'deployed'], 3, [2, 3, 4]],
    ['many too many', ['superseded', 'superseded', 'superseded', 'deployed'], 2, [4, 5]],
    ['never the deployed one', ['superseded', 'deployed', 'failed', 'failed'], 3, [2, 4, 5]],
    ['not even to keep the limit', ['deployed', 'failed', 'failed'], 1, [1, 4]],
    ['the newest of two deployed ones', ['deployed', 'deployed', 'failed'], 2, [2, 4]],
    ['all where none is deployed', ['failed', 'failed', 'failed'], 1, [4]],
  ])('makes room for a new revision: %s', async (_, statuses, maximum, left) => {
    const store = await storeWith(statuses, maximum);
    await store.create(sampleRelease({ version: statuses.length + 1, status: 'pending-upgrade' }));
    expect(await revisions(store)).toEqual(left);
  });
});
