import { describe, expect, test } from 'vitest';
import { type GraphNode, planRemoval, type Wave } from '../../src/deploy/operation-graph.ts';
import type { Resource } from '../../src/deploy/resource.ts';
import { type GraphOutcome, runGraph } from '../../src/deploy/run-graph.ts';

function thing(name: string, annotations: Readonly<Record<string, string>> = {}): Resource {
  const type = { group: '', version: 'v1', kind: 'Thing', plural: 'things', namespaced: true };
  const object = { apiVersion: 'v1', kind: 'Thing', metadata: { name, namespace: 'default', annotations } };
  return { type: type as unknown as Resource['type'], object, key: { namespace: 'default', name } };
}

/** `b<a,c` is b after a and c. */
function wave(number: number, text: string): Wave {
  const nodes = text.split(' ').map((word): GraphNode => {
    const [name = '', after] = word.split('<');
    return {
      resource: thing(name),
      after: (after ?? '')
        .split(',')
        .filter(Boolean)
        .map((each) => thing(each)),
    };
  });
  return { number, nodes };
}

/** A graph at whose steps a test decides. */
class Stage {
  readonly log: string[] = [];
  readonly #ready = new Map<string, (error?: Error) => void>();
  readonly outcome: Promise<GraphOutcome>;

  constructor(waves: readonly Wave[], failing: readonly string[] = []) {
    this.outcome = runGraph(waves, {
      write: async (resources, listener) => {
        for (const resource of resources) {
          const { name } = resource.key;
          listener.begun(resource);
          await Promise.resolve();
          if (failing.includes(name)) throw new Error(`${name} is refused`);
          this.log.push(name);
          listener.done(resource);
        }
      },
      settled: (resources, signal) =>
        new Promise((resolve, reject) => {
          const names = resources.map(({ key }) => key.name).join();
          const stop = (): void => reject(new Error('stopped'));
          signal.addEventListener('abort', stop);
          this.#ready.set(names, (error) => {
            signal.removeEventListener('abort', stop);
            if (error === undefined) resolve();
            else reject(error);
          });
        }),
    });
  }

  async ready(names: string, error?: Error): Promise<void> {
    for (let i = 0; i < 50 && !this.#ready.has(names); i += 1) await Promise.resolve();
    const settle = this.#ready.get(names);
    if (settle === undefined)
      throw new Error(`${names} is not waited for, but ${[...this.#ready.keys()].join(' and ')}`);
    settle(error);
    await this.quiet();
  }

  async quiet(): Promise<void> {
    for (let i = 0; i < 50; i += 1) await Promise.resolve();
  }
}

describe('a graph of operations', () => {
  test('each begins when what it waits for is ready, whatever the others do', async () => {
    const stage = new Stage([wave(0, 'db queue web<db worker<queue x<web,worker')]);
    await stage.quiet();
    expect(stage.log).toEqual(['db', 'queue']);
    await stage.ready('queue');
    expect(stage.log).toEqual(['db', 'queue', 'worker']);
    await stage.ready('db');
    await stage.ready('web');
    expect(stage.log).toEqual(['db', 'queue', 'worker', 'web']);
    await stage.ready('worker');
    expect(await stage.outcome).toEqual({ undone: [] });
    expect(stage.log).toEqual(['db', 'queue', 'worker', 'web', 'x']);
  });

  test('a wave begins when all of the one before are ready', async () => {
    const stage = new Stage([wave(0, 'a b<a'), wave(1, 'c')]);
    await stage.ready('a');
    expect(stage.log).toEqual(['a', 'b']);
    await stage.ready('a,b');
    await stage.outcome;
    expect(stage.log).toEqual(['a', 'b', 'c']);
  });

  test('what cannot be ready stops what depends on it, and all that is not begun is named', async () => {
    const stage = new Stage([wave(0, 'db queue web<db worker<queue page<web'), wave(2, 'last')]);
    await stage.ready('queue');
    await stage.ready('db', new Error('db is not ready'));
    expect(await stage.outcome).toMatchObject({
      failure: { message: 'db is not ready' },
      undone: ['web (needs Thing/db)', 'page (needs Thing/web)', 'last (wave 2)'].map((text) => `Thing/${text}`),
    });
    expect(stage.log).toEqual(['db', 'queue', 'worker']);
  });

  test('what is refused is not waited for', async () => {
    const stage = new Stage([wave(0, 'a b c d<a')], ['b']);
    expect(await stage.outcome).toMatchObject({
      failure: { message: 'b is refused' },
      undone: ['Thing/c', 'Thing/d (needs Thing/a)'],
    });
  });

  test('a hundred in a row', async () => {
    const names = Array.from({ length: 100 }, (_, i) => (i === 0 ? 'n0' : `n${i}<n${i - 1}`));
    const stage = new Stage([wave(0, names.join(' '))]);
    for (let i = 0; i < 99; i += 1) await stage.ready(`n${i}`);
    expect(await stage.outcome).toEqual({ undone: [] });
    expect(stage.log).toHaveLength(100);
  });
});

test('a removal goes backwards; faulty annotations count for nothing', () => {
  const depends = (on: string, number = 0) => ({ 'pintle.dev/depends-on': on, 'pintle.dev/wave': String(number) });
  const order = planRemoval([
    thing('db'),
    thing('web', depends('Thing/db')),
    thing('late', depends('Thing/web', 3)),
    thing('odd', { 'pintle.dev/wave': 'x', 'pintle.dev/depends-on': 'nothing' }),
    thing('one', depends('Thing/two')),
    thing('two', depends('Thing/one')),
  ]);
  expect(
    order.map(({ number, nodes }) => [
      number,
      nodes.map(({ resource, after }) => [resource.key.name, after.map(({ key }) => key.name).join()].join('<')),
    ]),
  ).toEqual([
    [3, ['late<']],
    [0, ['db<web', 'web<late', 'odd<', 'one<', 'two<']],
  ]);
});
