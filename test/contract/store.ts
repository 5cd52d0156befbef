import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { CompactedError, type Store, type StoreChange, type StoreEvent } from '../../src/cluster/store/store.ts';
import type { KubeObject } from '../../src/kube/object.ts';

/** How a suite gets a store; `reopen` closes it and opens what is kept, where the kind of store keeps anything. */
export interface StoreFixture {
  open(): Promise<Store>;
}

const PODS = '/pods';
const DEPLOYMENTS = 'apps/deployments';

function object(name: string, revision: number, data = 0): KubeObject {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name, resourceVersion: String(revision) }, data };
}

function put(store: Store, bucket: string, namespace: string, name: string, data = 0, expected?: number): StoreChange {
  const value = object(name, store.revision + 1, data);
  return { type: 'put', bucket, namespace, name, value, ...(expected === undefined ? {} : { expected }) };
}

function remove(store: Store, bucket: string, namespace: string, name: string, expected?: number): StoreChange {
  const value = store.get(bucket, namespace, name)?.value ?? object(name, 0);
  return { type: 'delete', bucket, namespace, name, value, ...(expected === undefined ? {} : { expected }) };
}

function names(store: Store, bucket: string, namespace?: string, revision?: number): string[] {
  return store.list(bucket, namespace, revision).map((entry) => `${entry.namespace}/${entry.name}`);
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
}

/** What every {@link Store} does. */
export function storeContract(name: string, fixture: StoreFixture): void {
  const withStore = (run: (store: Store) => Promise<void> | void) => async () => {
    const store = await fixture.open();
    try {
      await run(store);
    } finally {
      await store.close();
    }
  };
  describe(`${name}: reads and commits`, () => readsAndCommits(withStore));
  describe(`${name}: watches`, () => watches(withStore));
  describe(`${name}: history`, () => history(withStore));
}

type WithStore = (run: (store: Store) => Promise<void> | void) => () => Promise<void>;

function readsAndCommits(withStore: WithStore): void {
  it(
    'counts revisions from 1, one a commit',
    withStore((store) => {
      expect(store.revision).toBe(1);
      expect(store.commit([put(store, PODS, 'a', 'x')])).toEqual({ ok: true, revision: 2 });
      expect(store.commit([put(store, PODS, 'a', 'y'), put(store, DEPLOYMENTS, 'a', 'y')])).toEqual({
        ok: true,
        revision: 3,
      });
      expect(store.get(DEPLOYMENTS, 'a', 'y')?.modRevision).toBe(3);
      expect(store.commit([])).toEqual({ ok: true, revision: 3 });
    }),
  );

  it(
    'lists in order, by bucket and by namespace',
    withStore((store) => {
      for (const [namespace, key] of [
        ['b', 'z'],
        ['a', 'k'],
        ['b', 'a'],
        ['a-b', 'c'],
        ['', 'n'],
      ] as const) {
        store.commit([put(store, PODS, namespace, key)]);
      }
      store.commit([put(store, DEPLOYMENTS, 'a', 'other')]);
      expect(names(store, PODS)).toEqual(['/n', 'a/k', 'a-b/c', 'b/a', 'b/z']);
      expect(names(store, PODS, 'b')).toEqual(['b/a', 'b/z']);
      expect(names(store, PODS, 'none')).toEqual([]);
      expect([store.count(PODS), store.count(PODS, 'b'), store.count('/none')]).toEqual([5, 2, 0]);
      expect(store.buckets()).toEqual([PODS, DEPLOYMENTS]);
    }),
  );

  it(
    'hands out lists that do not change',
    withStore((store) => {
      store.commit([put(store, PODS, 'a', 'x', 1), put(store, PODS, 'b', 'x', 1)]);
      const [all, one] = [store.list(PODS), store.list(PODS, 'a')];
      store.commit([put(store, PODS, 'a', 'x', 2)]);
      store.commit([put(store, PODS, 'a', 'w')]);
      store.commit([remove(store, PODS, 'b', 'x')]);
      expect(all.map((entry) => entry.value['data'])).toEqual([1, 1]);
      expect(one.map((entry) => entry.value['data'])).toEqual([1]);
      expect(names(store, PODS)).toEqual(['a/w', 'a/x']);
    }),
  );

  it(
    'commits nothing when one key is not as expected',
    withStore((store) => {
      store.commit([put(store, PODS, 'a', 'x', 1, 0)]);
      const again = store.commit([put(store, PODS, 'a', 'y'), put(store, PODS, 'a', 'x', 2, 0)]);
      expect(again).toMatchObject({ ok: false, failed: { name: 'x' }, current: { modRevision: 2 } });
      expect(store.commit([put(store, PODS, 'a', 'x', 2, 7)]).ok).toBe(false);
      expect(store.commit([remove(store, PODS, 'a', 'x', 7)]).ok).toBe(false);
      expect(store.commit([remove(store, PODS, 'a', 'missing')]).ok).toBe(false);
      expect([store.revision, ...names(store, PODS)]).toEqual([2, 'a/x']);
      expect(store.commit([remove(store, PODS, 'a', 'x', 2)])).toEqual({ ok: true, revision: 3 });
      expect(store.get(PODS, 'a', 'x')).toBeUndefined();
      expect(store.buckets()).toEqual([]);
    }),
  );

  it(
    'keeps facts about itself',
    withStore(async (store) => {
      expect(store.meta('clock')).toBeUndefined();
      store.setMeta('clock', 17);
      store.setMeta('seed', { a: [1, 'x'] });
      await store.flush();
      expect([store.meta('clock'), store.meta('seed')]).toEqual([17, { a: [1, 'x'] }]);
    }),
  );

  it(
    'keeps odd names and values',
    withStore((store) => {
      const value = JSON.parse('{"apiVersion":"v1","kind":"T","metadata":{"labels":{"__proto__":"x"}},"é":"\\u0000"}');
      for (const key of ['system:node a', 'constructor', '__proto__', 'ü']) {
        store.commit([{ type: 'put', bucket: PODS, namespace: 'n', name: key, value: value as KubeObject }]);
      }
      expect(store.list(PODS).map((entry) => entry.name)).toEqual(['__proto__', 'constructor', 'system:node a', 'ü']);
      expect(store.get(PODS, 'n', '__proto__')?.value).toEqual(value);
    }),
  );
}

function watches(withStore: WithStore): void {
  it(
    'tells of events in order, in promise jobs',
    withStore(async (store) => {
      const seen: string[] = [];
      const note = (event: StoreEvent): void => {
        seen.push(`${event.revision} ${event.bucket} ${event.type} ${event.name}`);
      };
      store.watch(PODS, store.revision, note);
      store.watch(DEPLOYMENTS, store.revision, note);
      store.commit([put(store, DEPLOYMENTS, 'a', 'd')]);
      store.commit([put(store, PODS, 'a', 'x')]);
      store.commit([put(store, DEPLOYMENTS, 'a', 'd', 1)]);
      expect(seen).toEqual([]);
      await settle();
      store.commit([remove(store, PODS, 'a', 'x')]);
      await settle();
      expect(seen).toEqual([
        '2 apps/deployments put d',
        '3 /pods put x',
        '4 apps/deployments put d',
        '5 /pods delete x',
      ]);
    }),
  );

  it(
    'gives the state before and after',
    withStore(async (store) => {
      const seen: unknown[] = [];
      store.commit([put(store, PODS, 'a', 'x', 1)]);
      store.watch(PODS, 1, ({ type, value, previous }) => seen.push([type, value['data'], previous?.['data']]));
      store.commit([put(store, PODS, 'a', 'x', 2)]);
      store.commit([{ ...remove(store, PODS, 'a', 'x'), value: object('x', 4, 9) }]);
      await settle();
      expect(seen).toEqual([
        ['put', 1, undefined],
        ['put', 2, 1],
        ['delete', 9, 2],
      ]);
    }),
  );

  it(
    'starts after any revision and tells each event once',
    withStore(async (store) => {
      for (let i = 0; i < 3; i += 1) store.commit([put(store, PODS, 'a', `x${i}`)]);
      await settle();
      const seen: Record<string, number[]> = { first: [], third: [], now: [], inside: [] };
      const note = (list: string) => (event: StoreEvent) => void seen[list]?.push(event.revision);
      store.watch(PODS, 1, note('first'));
      store.commit([put(store, PODS, 'a', 'y')]);
      store.watch(PODS, 3, note('third'));
      store.watch(PODS, store.revision, note('now'));
      let begun = false;
      store.watch(PODS, store.revision - 1, () => {
        if (!begun) store.watch(PODS, 2, note('inside'));
        begun = true;
      });
      await settle();
      store.commit([put(store, PODS, 'a', 'z')]);
      await settle();
      expect(seen).toEqual({ first: [2, 3, 4, 5, 6], third: [4, 5, 6], now: [6], inside: [3, 4, 5, 6] });
    }),
  );

  it(
    'is silent once stopped, and lets listeners write',
    withStore(async (store) => {
      const seen: number[] = [];
      const stop = store.watch(PODS, store.revision, (event) => {
        seen.push(event.revision);
        if (event.revision < 4) store.commit([put(store, PODS, 'a', 'x', event.revision)]);
        if (event.revision === 4) stop();
      });
      store.commit([put(store, PODS, 'a', 'x')]);
      await settle();
      store.commit([put(store, PODS, 'a', 'y')]);
      await settle();
      expect(seen).toEqual([2, 3, 4]);
      const unborn = store.watch(PODS, 1, () => seen.push(-1));
      unborn();
      await settle();
      expect(seen).toEqual([2, 3, 4]);
    }),
  );
}

function history(withStore: WithStore): void {
  it(
    'lists as of any revision that is not compacted',
    withStore((store) => {
      const random = new SeededRandom('history');
      const states = [{ revision: 1, keys: [] as string[] }];
      for (let i = 0; i < 200; i += 1) {
        const [namespace, key] = [`n${random.below(3)}`, `k${random.below(12)}`];
        const known = store.get(PODS, namespace, key) !== undefined;
        store.commit([
          known && random.next() < 0.5 ? remove(store, PODS, namespace, key) : put(store, PODS, namespace, key, i),
        ]);
        states.push({ revision: store.revision, keys: store.list(PODS).map(print) });
      }
      for (const { revision, keys } of states) expect(store.list(PODS, undefined, revision).map(print)).toEqual(keys);
      expect(store.list(PODS, 'n1', 50).map(print)).toEqual(states[49]?.keys.filter((key) => key.startsWith('n1/')));
      store.compact(100);
      expect(store.compacted).toBe(100);
      expect(() => store.list(PODS, undefined, 99)).toThrow(CompactedError);
      expect(store.list(PODS, undefined, 100).map(print)).toEqual(states[99]?.keys);
    }),
  );

  it(
    'refuses to watch what is compacted',
    withStore(async (store) => {
      for (let i = 0; i < 5; i += 1) store.commit([put(store, PODS, 'a', 'x', i)]);
      const seen: number[] = [];
      store.compact(4);
      store.compact(3);
      expect(() => store.watch(PODS, 3, () => {})).toThrow(CompactedError);
      store.watch(PODS, 4, (event) => seen.push(event.revision));
      await settle();
      expect(seen).toEqual([5, 6]);
      store.compact(1000);
      expect(store.compacted).toBe(6);
    }),
  );
}

function print(entry: { namespace: string; name: string; value: KubeObject; modRevision: number }): string {
  return `${entry.namespace}/${entry.name}=${String(entry.value['data'])}@${entry.modRevision}`;
}
