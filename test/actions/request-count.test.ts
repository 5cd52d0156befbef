import { describe, expect, test } from 'vitest';
import type { KubeClient } from '../../src/client/kube-client.ts';
import type { ObjectKey, ResourceType } from '../../src/kube/object.ts';
import { releaseActions, type ReleaseActions, releaseWorld, sampleChart } from './release-world.ts';

const READS = new Set(['get', 'list']);
const WRITES = new Set(['create', 'update', 'patch', 'delete']);

/** Counts the requests about each ConfigMap that the release has, by `read` and `write`. */
class Counter {
  readonly #counts = new Map<string, { reads: number; writes: number }>();
  readonly client: KubeClient;

  constructor(inner: KubeClient) {
    this.client = new Proxy(inner, {
      get: (target, method) => {
        const value = Reflect.get(target, method) as unknown;
        if (typeof value !== 'function') return value;
        const call = value.bind(target) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          this.#note(String(method), args);
          return call(...args);
        };
      },
    });
  }

  #note(method: string, [type, given]: unknown[]): void {
    const isCounted = READS.has(method) || WRITES.has(method);
    if (!isCounted || (type as ResourceType | undefined)?.kind !== 'ConfigMap') return;
    const object = given as Partial<ObjectKey> & { readonly metadata?: ObjectKey };
    const name = object.metadata?.name ?? object.name ?? '*';
    if (name.startsWith('sh.helm.')) return;
    const count = this.#counts.get(name) ?? { reads: 0, writes: 0 };
    if (READS.has(method)) count.reads += 1;
    if (WRITES.has(method)) count.writes += 1;
    this.#counts.set(name, count);
  }

  /** Each count with how many objects have it: `1 read, 1 write: 30`. */
  summary(): string[] {
    const out = new Map<string, number>();
    for (const { reads, writes } of this.#counts.values()) {
      const text = `${reads} read, ${writes} written`;
      out.set(text, (out.get(text) ?? 0) + 1);
    }
    this.#counts.clear();
    return [...out].map(([text, count]) => `${text}: ${count}`).sort();
  }
}

const OBJECTS = 30;

function maps(changed: number): { maps: Record<string, { x: string }> } {
  const entries = Array.from({ length: OBJECTS }, (_, i) => [`m${i}`, { x: i < changed ? '2' : '1' }] as const);
  return { maps: Object.fromEntries([...entries, ['a', { x: '1' }]]) };
}

describe.each(['true', 'false'] as const)('server-side %s: each object of a release', (serverSide) => {
  async function world(): Promise<{ actions: ReleaseActions; counter: Counter }> {
    const { context } = await releaseWorld();
    const counter = new Counter(context.client);
    const actions = releaseActions({ ...context, client: counter.client });
    await actions.install(await sampleChart(), { serverSide, values: maps(0) });
    return { actions, counter };
  }

  test('is looked for and written once by an installation', async () => {
    const { counter } = await world();
    expect(counter.summary()).toEqual([`1 read, 1 written: ${OBJECTS + 1}`]);
  });

  test('is read once by an upgrade, and written at most once', async () => {
    const { actions, counter } = await world();
    counter.summary();
    await actions.upgrade(await sampleChart(), { values: maps(3) });
    // Patches made here are empty where nothing changes; the server finds that out itself.
    expect(counter.summary()).toEqual(
      serverSide === 'true'
        ? [`1 read, 1 written: ${OBJECTS + 1}`]
        : [`1 read, 0 written: ${OBJECTS - 2}`, '1 read, 1 written: 3'],
    );
  });

  test('is read once by a rollback, and written at most once', async () => {
    const { actions, counter } = await world();
    await actions.upgrade(await sampleChart(), { values: maps(3) });
    counter.summary();
    await actions.rollback(1);
    expect(counter.summary()).toEqual(
      serverSide === 'true'
        ? [`1 read, 1 written: ${OBJECTS + 1}`]
        : [`1 read, 0 written: ${OBJECTS - 2}`, '1 read, 1 written: 3'],
    );
  });

  test('is deleted once by an uninstallation', async () => {
    const { actions, counter } = await world();
    counter.summary();
    await actions.uninstall({ wait: false });
    expect(counter.summary()).toEqual([`0 read, 1 written: ${OBJECTS + 1}`]);
  });
});
