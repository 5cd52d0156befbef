import { beforeEach, describe, expect, test } from 'vitest';
import { type Hook, type HookEvent, runHooks } from '../../src/deploy/hooks.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { type LightCluster, lightCluster } from './light-cluster.ts';

let cluster: LightCluster;
let recorded: string[];
beforeEach(async () => {
  cluster = await lightCluster();
  cluster.react();
  recorded = [];
});

const POD_SPEC = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] };

function hook(name: string, change: Partial<Hook> & { readonly object?: object } = {}): Hook {
  const { object, ...rest } = change;
  const kind = rest.kind ?? 'Job';
  const fields =
    kind === 'Job'
      ? { apiVersion: 'batch/v1', spec: { template: { spec: POD_SPEC } } }
      : { apiVersion: 'v1', spec: POD_SPEC };
  return {
    name,
    kind,
    path: `web/templates/${name}.yaml`,
    manifest: JSON.stringify({ kind, metadata: { name }, ...fields, ...object }),
    events: ['pre-install'],
    last_run: { phase: '' },
    ...rest,
  };
}

async function run(
  hooks: readonly Hook[],
  event: HookEvent = 'pre-install',
  output?: (text: string) => void,
): Promise<void> {
  await runHooks(cluster, hooks, event, {
    namespace: 'default',
    timeout: 10_000,
    serverSide: true,
    record: (state) => {
      recorded.push(`${state.name} ${state.last_run.phase}`);
      return Promise.resolve();
    },
    ...(output === undefined ? {} : { output }),
  });
}

const jobs = (): Promise<string[]> => cluster.names(RESOURCES.jobs);

describe('runHooks', () => {
  test('runs by weight, then name, each to its end before the next', async () => {
    await run([hook('c'), hook('b'), hook('a', { weight: 5 }), hook('z', { weight: -1 })]);
    expect(recorded).toEqual(['z', 'b', 'c', 'a'].flatMap((name) => [`${name} Running`, `${name} Succeeded`]));
    expect(await jobs()).toEqual(['a', 'b', 'c', 'z']);
  });

  test('runs only those of the event', async () => {
    await run(
      [hook('a', { events: ['post-install', 'test'] }), hook('b', { events: ['pre-install', 'test'] })],
      'test',
    );
    await run([hook('a', { events: ['post-install'] })], 'pre-upgrade');
    expect(recorded).toEqual(['a Running', 'a Succeeded', 'b Running', 'b Succeeded']);
  });

  test('keeps the times of a run', async () => {
    const states: Hook[] = [];
    await runHooks(cluster, [hook('a')], 'pre-install', {
      namespace: 'default',
      timeout: 10_000,
      serverSide: false,
      record: (state) => {
        states.push(state);
        return Promise.resolve();
      },
    });
    expect(states.map(({ last_run }) => last_run)).toEqual([
      { started_at: '2026-01-15T12:00:00.000Z', phase: 'Running' },
      { started_at: '2026-01-15T12:00:00.000Z', completed_at: '2026-01-15T12:00:01.000Z', phase: 'Succeeded' },
    ]);
  });

  test('deletes what an earlier run left before it begins', async () => {
    await run([hook('a')]);
    const first = await cluster.find(RESOURCES.jobs, 'a');
    await run([hook('a')]);
    const second = await cluster.find(RESOURCES.jobs, 'a');
    expect(second?.metadata.uid).not.toBe(first?.metadata.uid);
  });

  test('does not when another policy is given, and does not touch what is there', async () => {
    const policy = { delete_policies: ['hook-succeeded', 'hook-failed'] };
    await cluster.client.create(RESOURCES.configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'default' },
      data: { x: 'precious' },
      immutable: true,
    });
    const object = { apiVersion: 'v1', data: { x: 'other' }, spec: undefined };
    await expect(run([hook('a', { kind: 'ConfigMap', object, ...policy })])).rejects.toMatchObject({
      code: 'hook-failed',
      message: expect.stringMatching(/^warning: Hook pre-install web\/templates\/a.yaml failed: /) as unknown,
    });
    expect((await cluster.find(RESOURCES.configMaps, 'a'))?.['data']).toEqual({ x: 'precious' });
    expect(recorded).toEqual(['a Running', 'a Failed']);
  });

  test('deletes those that succeeded as their policies say, after all have run', async () => {
    const policy = { delete_policies: ['hook-succeeded'] };
    await run([hook('a', policy), hook('b'), hook('c', { ...policy, kind: 'Pod' })]);
    expect(await jobs()).toEqual(['b']);
    expect(await cluster.names(RESOURCES.pods)).toEqual([]);
  });

  test('a failure ends it, names the hook and its cause, and follows the policies', async () => {
    const hooks = [
      hook('a', { delete_policies: ['hook-succeeded'] }),
      hook('b'),
      hook('bad', { delete_policies: ['hook-failed'] }),
      hook('never'),
    ];
    await expect(run(hooks)).rejects.toMatchObject({
      code: 'hook-failed',
      message: expect.stringMatching(
        /^resource Job\/default\/bad not ready. status: Failed, message: Job Failed. failed: 1\/1 \(BackoffLimitExceeded/,
      ) as unknown,
    });
    expect(recorded.at(-1)).toBe('bad Failed');
    expect(await jobs()).toEqual(['b']);
  });

  test('a hook that does not end in time fails', async () => {
    const quiet = await lightCluster();
    const promise = runHooks(quiet, [hook('a')], 'pre-install', {
      namespace: 'default',
      timeout: 10_000,
      serverSide: true,
      record: () => Promise.resolve(),
    });
    await expect(promise).rejects.toMatchObject({
      code: 'hook-failed',
      message: expect.stringMatching(/Job in progress.*\ncontext deadline exceeded$/) as unknown,
    });
    expect(quiet.clock.now()).toBe(Date.UTC(2026, 0, 15, 12, 0, 10));
  });

  test('other kinds are done when they are there', async () => {
    await run([hook('a', { kind: 'ConfigMap', object: { apiVersion: 'v1', spec: undefined, data: { x: '1' } } })]);
    expect(recorded).toEqual(['a Running', 'a Succeeded']);
  });

  test('a manifest that is none is told of', async () => {
    const broken = { ...hook('a'), manifest: 'kind: Thing\napiVersion: example.com/v1\nmetadata: {name: a}' };
    await expect(run([broken])).rejects.toMatchObject({
      code: 'hook-failed',
      message: expect.stringMatching(
        /^unable to build kubernetes object for pre-install hook web\/templates\/a.yaml: /,
      ) as unknown,
    });
  });

  test('an interruption is no failure of the hook', async () => {
    const quiet = await lightCluster();
    const abort = new AbortController();
    quiet.clock.setTimer(2000, () => abort.abort());
    const promise = runHooks(quiet, [hook('a')], 'pre-install', {
      namespace: 'default',
      timeout: 10_000,
      serverSide: true,
      signal: abort.signal,
      record: () => Promise.resolve(),
    });
    await expect(promise).rejects.toMatchObject({ code: 'interrupted' });
  });

  test.each(['b Running', 'b Succeeded'])(
    'what an interrupt at "%s" leaves is not in the way of the next run',
    async (state) => {
      const abort = new AbortController();
      const once = { delete_policies: ['hook-succeeded'] };
      const promise = runHooks(cluster, [hook('a', once), hook('b', once), hook('c', once)], 'pre-install', {
        namespace: 'default',
        timeout: 10_000,
        serverSide: true,
        signal: abort.signal,
        record: async ({ name, last_run: { phase } }) => {
          if (`${name} ${phase}` === state) abort.abort();
        },
      });
      await expect(promise).rejects.toMatchObject({ code: 'interrupted' });
      expect(await jobs()).toEqual([]);
      await run([hook('a', once), hook('b', once), hook('c', once)]);
    },
  );
});
