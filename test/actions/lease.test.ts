import { describe, expect, test, vi } from 'vitest';
import type { ActionContext } from '../../src/actions/context.ts';
import { holdRelease } from '../../src/actions/recover.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { exitCodeOf } from '../../src/cli/error-text.ts';
import type { KubeClient } from '../../src/client/kube-client.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { failure } from '../release/object-client.ts';
import { embeddedCluster } from '../support/embedded-cluster.ts';
import { faultPoint } from './faulty-client.ts';
import { releaseActions, releaseWorld, type ReleaseWorld, sampleChart } from './release-world.ts';

/** The same cluster as another program sees it, which may not be alone. */
function another(world: ReleaseWorld, change: Partial<ActionContext> = {}) {
  return releaseActions({ ...world.context, exclusive: false, random: new SeededRandom(2), ...change });
}

/** Runs an upgrade whose client dies at a call. */
async function diesAt(world: ReleaseWorld, at: number, atomic: boolean): Promise<void> {
  const faulty = faultPoint('death', at);
  const actions = another(world, {
    client: faulty.client(world.cluster.client),
    random: new SeededRandom(3),
    holder: 'eve@host (pid 7)',
  });
  const work = actions.upgrade(await sampleChart(), { values: { maps: { b: { x: '1' } } }, atomic });
  expect(await Promise.race([work, faulty.death])).toBe('died');
}

const request = { name: 'web', verb: 'upgrade', atomic: false };

describe('the lease of a release', () => {
  test('names who is at work', async () => {
    const world = await releaseWorld({ exclusive: false });
    await world.install(await sampleChart());
    const holder = { ...world.context, holder: 'alice@host (pid 1)' };
    await holdRelease(holder, request, async () => {
      await world.cluster.clock.advance(1000);
      await expect(another(world).upgrade(await sampleChart())).rejects.toMatchObject({
        code: 'release-pending',
        message: 'another operation (install/upgrade/rollback) is in progress',
        hint: expect.stringMatching(/upgrade by alice@host \(pid 1\), heard of \w+ ago, at: preparing/) as unknown,
      });
    });
    await another(world).upgrade(await sampleChart());
    expect(await world.cluster.names(RESOURCES.leases)).toEqual([]);
  });

  test('is waited for', async () => {
    const world = await releaseWorld({ exclusive: false });
    await world.install(await sampleChart());
    let done = false;
    const first = holdRelease(world.context, request, async () => {
      await world.cluster.clock.blockOn(
        new Promise<void>((resolve) => {
          world.cluster.clock.setTimer(100_000, resolve);
        }),
      );
      done = true;
    });
    await another(world).upgrade(await sampleChart(), { lockTimeout: 200_000 });
    expect(done).toBe(true);
    await first;
  });

  test('is done without where it may not be written', async () => {
    const world = await releaseWorld({ exclusive: false });
    const client = new Proxy(world.cluster.client, {
      get: (target, key) => {
        const value = Reflect.get(target, key) as unknown;
        if (typeof value !== 'function') return value;
        if (key !== 'create') return value.bind(target) as unknown;
        return (...args: Parameters<KubeClient['create']>) =>
          args[0].kind === 'Lease'
            ? Promise.reject(failure(403, 'Forbidden', 'leases is forbidden'))
            : target.create(...args);
      },
    });
    await another(world, { client }).install(await sampleChart());
    expect(await world.history()).toEqual(['1 deployed: Install complete']);
  });
});

describe('who comes between', () => {
  test('an interrupt ends the wait for somebody else', async () => {
    const world = await releaseWorld({ exclusive: false });
    await world.install(await sampleChart());
    const controller = new AbortController();
    await holdRelease(world.context, request, async () => {
      world.cluster.clock.setTimer(5000, () => controller.abort());
      const waiting = another(world, { signal: controller.signal }).upgrade(await sampleChart(), {
        lockTimeout: 200_000,
      });
      await expect(waiting).rejects.toMatchObject({
        code: 'interrupted',
        hint: expect.stringContaining('upgrade by') as unknown,
      });
    });
    expect(await world.history()).toHaveLength(1);
  });

  test('a lease that is deleted while its holder is alive is written again', async () => {
    const world = await releaseWorld({ exclusive: false });
    const key = { namespace: 'default', name: 'pintle.web' };
    await holdRelease(world.context, request, async ({ lease }) => {
      await world.cluster.client.delete(RESOURCES.leases, key);
      await lease?.step('one');
      await lease?.step('two');
      expect(await world.cluster.names(RESOURCES.leases)).toEqual(['pintle.web']);
      expect(lease?.isLost).toBe(false);
    });
    expect(await world.cluster.names(RESOURCES.leases)).toEqual([]);
  });

  test('who slept too long neither goes on nor undoes what others have done since', async () => {
    const world = await releaseWorld({ exclusive: false });
    await world.install(await sampleChart());
    // The machine sleeps while objects are written: no renewal, and much time.
    const asleep = new Proxy(world.cluster.clock, {
      get: (target, key) => {
        if (key === 'setTimer') return () => ({ stop: () => undefined });
        const value = Reflect.get(target, key) as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    let slept = false;
    const client = new Proxy(world.cluster.client, {
      get: (target, key) => {
        const value = Reflect.get(target, key) as unknown;
        if (typeof value !== 'function') return value;
        return async (...args: Parameters<KubeClient['patch']>) => {
          if (key === 'patch' && args[0].kind === 'ConfigMap' && !slept) {
            slept = true;
            await world.cluster.clock.advance(60_000);
            await another(world).upgrade(await sampleChart(), { values: { image: 'nginx:3' } });
          }
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
    const sleeper = another(world, { client, clock: asleep, random: new SeededRandom(3) });
    await expect(
      sleeper.upgrade(await sampleChart(), { values: { image: 'nginx:2' }, atomic: true, wait: true }),
    ).rejects.toMatchObject({ code: 'release-pending', message: expect.stringContaining('has ended') as unknown });
    expect((await world.history()).map((line) => line.slice(0, 12))).toEqual([
      '1 superseded',
      '2 failed: In',
      '3 superseded',
      '4 deployed: ',
    ]);
  });
});

describe('an operation whose client died', () => {
  test('left a hook that takes its time to go, and whose name the next run needs', async () => {
    const embedded = await embeddedCluster();
    const { client: real } = embedded.cluster;
    const hook = `apiVersion: v1
kind: Pod
metadata:
  name: slow
  annotations: {helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: hook-succeeded}
spec:
  restartPolicy: Never
  containers: [{name: main, image: busybox, command: [sh, -c, "trap '' TERM; sleep 60"]}]
`;
    const chart = await sampleChart('', { 'templates/hook.yaml': hook });
    await releaseActions(embedded.context()).install(chart);
    const client = new Proxy(real, {
      get: (target, key) => {
        const value = Reflect.get(target, key) as unknown;
        if (typeof value !== 'function') return value;
        return async (...args: Parameters<KubeClient['patch']>) => {
          const answer: unknown = await Reflect.apply(value, target, args);
          if (key !== 'patch' || args[0].kind !== 'Pod') return answer;
          died();
          return await new Promise(() => undefined);
        };
      },
    });
    let died: () => void = () => undefined;
    const death = new Promise<void>((resolve) => {
      died = resolve;
    });
    void releaseActions({ ...embedded.context(), client }).upgrade(chart);
    await death;
    await embedded.advance(5000);
    await releaseActions(embedded.context()).upgrade(chart);
    expect(await real.list(RESOURCES.pods, { fieldSelector: 'metadata.name=slow' })).toMatchObject({
      items: [],
    });
    embedded.stop();
  });

  test('in a namespace that it made itself is known by its lease', async () => {
    const world = await releaseWorld({ exclusive: false, namespace: 'fresh' });
    const faulty = faultPoint('death', 7);
    const first = another(world, { client: faulty.client(world.cluster.client), holder: 'eve@host (pid 7)' });
    const work = first.install(await sampleChart(), { createNamespace: true });
    expect(await Promise.race([work, faulty.death])).toBe('died');
    expect(await world.history()).toEqual(['1 pending-install: Initial install underway']);
    await world.cluster.clock.advance(60_000);
    await another(world).upgradeOrInstall(await sampleChart());
    expect(world.cluster.log.join('\n')).toContain('(install by eve@host (pid 7)');
    expect((await world.history()).at(-1)).toBe('2 deployed: Upgrade complete');
  });

  test('stays known as that until somebody has dealt with it', async () => {
    const world = await releaseWorld({ exclusive: false });
    await world.install(await sampleChart());
    await diesAt(world, 7, true);
    await world.cluster.clock.advance(60_000);
    for (let i = 0; i < 2; i += 1) {
      await expect(another(world).upgrade(await sampleChart(), { onInterrupted: 'fail' })).rejects.toMatchObject({
        message: expect.stringContaining('(upgrade by eve@host (pid 7)') as unknown,
      });
    }
    await another(world).upgrade(await sampleChart());
    expect((await world.history()).slice(2)).toEqual(['3 superseded: Rollback to 1', '4 deployed: Upgrade complete']);
    expect(await world.cluster.names(RESOURCES.leases)).toEqual([]);
  });

  test('whose failure could not be recorded is recovered all the same', async () => {
    const world = await releaseWorld({ exclusive: false });
    await world.install(await sampleChart());
    vi.spyOn(world.context.store, 'update').mockRejectedValue(failure(403, 'Forbidden', 'a policy forbids it'));
    const actions = another(world, { holder: 'eve@host (pid 7)' });
    await expect(actions.rollback(1)).rejects.toMatchObject({ code: 'api-error' });
    vi.restoreAllMocks();
    expect((await world.history()).at(-1)).toBe('2 pending-rollback: Rollback to 1');
    await expect(another(world).upgrade(await sampleChart())).rejects.toMatchObject({
      hint: expect.stringContaining('rollback by eve@host (pid 7)') as unknown,
    });
    await world.cluster.clock.advance(60_000);
    await another(world).upgrade(await sampleChart());
    expect((await world.history()).at(-1)).toBe('3 deployed: Upgrade complete');
  });

  test('is not taken for the one of a client without leases that came long after it', async () => {
    const world = await releaseWorld({ exclusive: false });
    await world.install(await sampleChart());
    // It died once its work was done, before it could give its lease back.
    const { client } = world.cluster;
    const metadata = { name: 'pintle.web', namespace: 'default' };
    const renewTime = '2026-01-15T12:00:00.000000Z';
    const spec = { holderIdentity: 'eve@host 1', leaseDurationSeconds: 45, renewTime };
    await client.create(RESOURCES.leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
    await world.cluster.clock.advance(3_600_000);
    const [one] = await world.context.store.history('web');
    if (one === undefined) throw new Error('there is no release');
    const info = {
      ...one.info,
      status: 'pending-upgrade',
      last_deployed: new Date(world.cluster.clock.now()).toISOString(),
    } as const;
    await world.context.store.create({ ...one, version: 2, info });
    await expect(another(world).upgrade(await sampleChart())).rejects.toMatchObject({
      code: 'release-pending',
      hint: expect.stringContaining('revision 2 of "web" is pending-upgrade') as unknown,
    });
    expect((await world.history()).at(-1)).toMatch(/^2 pending-upgrade/);
  });

  test.each([
    [true, undefined, 'Rollback to 1'],
    [false, undefined, undefined],
    [true, 'resume', undefined],
    [false, 'rollback', 'Rollback to 1'],
  ] as const)('atomic %s, policy %s', async (atomic, onInterrupted, third) => {
    const world = await releaseWorld({ exclusive: false });
    await world.install(await sampleChart());
    await diesAt(world, 7, atomic);
    await expect(another(world).upgrade(await sampleChart())).rejects.toMatchObject({ code: 'release-pending' });
    await world.cluster.clock.advance(60_000);
    await another(world).upgrade(await sampleChart(), { onInterrupted });
    const history = await world.history();
    expect(history[1]).toMatch(/^2 failed: Interrupted: the client died during the upgrade, at: \w+/);
    expect(history.slice(2)).toEqual(
      third === undefined
        ? ['3 deployed: Upgrade complete']
        : [`3 superseded: ${third}`, '4 deployed: Upgrade complete'],
    );
    expect(await world.cluster.names(RESOURCES.configMaps)).not.toContain('b');
    expect(world.cluster.log.join('\n')).toContain('upgrade by eve@host (pid 7)');
  });

  test('is recovered at once where its process is known to have ended', async () => {
    const world = await releaseWorld({ exclusive: false });
    await world.install(await sampleChart());
    const faulty = faultPoint('death', 7);
    const first = { identity: 'host boot 7 100', hasEnded: () => false };
    const actions = another(world, {
      client: faulty.client(world.cluster.client),
      process: first,
      random: new SeededRandom(3),
    });
    const work = actions.upgrade(await sampleChart(), { values: { maps: { b: { x: '1' } } } });
    expect(await Promise.race([work, faulty.death])).toBe('died');
    const elsewhere = { identity: 'other boot 8 200', hasEnded: () => false };
    await expect(another(world, { process: elsewhere }).upgrade(await sampleChart())).rejects.toMatchObject({
      code: 'release-pending',
    });
    const here = { identity: 'host boot 9 300', hasEnded: (identity: string) => identity === first.identity };
    await another(world, { process: here }).upgrade(await sampleChart());
    expect((await world.history()).at(-1)).toBe('3 deployed: Upgrade complete');
  });

  test('stops whoever wants it so', async () => {
    const world = await releaseWorld({ exclusive: false });
    await world.install(await sampleChart());
    await diesAt(world, 7, true);
    await world.cluster.clock.advance(60_000);
    await expect(another(world).upgrade(await sampleChart(), { onInterrupted: 'fail' })).rejects.toMatchObject({
      code: 'release-pending',
      message: expect.stringMatching(/^revision 2 of "web" was left pending-upgrade by a client that died/) as unknown,
    });
  });
});

describe('an interrupt', () => {
  test.each([true, false])('while objects are written, atomic %s', async (atomic) => {
    const world = await releaseWorld();
    await world.install(await sampleChart());
    const controller = new AbortController();
    const client = new Proxy(world.cluster.client, {
      get: (target, key) => {
        const value = Reflect.get(target, key) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: Parameters<KubeClient['patch']>) => {
          if (key === 'patch' && args[0].kind === 'ConfigMap') controller.abort();
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
    const actions = another(world, { client, signal: controller.signal });
    const error = await actions
      .upgrade(await sampleChart(), { values: { image: 'nginx:2' }, atomic })
      .catch((each: unknown) => each);
    expect(error).toMatchObject({ code: atomic ? 'rolled-back' : 'interrupted' });
    expect(exitCodeOf(error)).toBe(130);
    expect((await world.history()).slice(1)).toEqual([
      '2 failed: Upgrade "web" failed: context canceled',
      ...(atomic ? ['3 deployed: Rollback to 1'] : []),
    ]);
    const deployment = await world.cluster.find(RESOURCES.deployments, 'web');
    expect(JSON.stringify(deployment?.['spec'])).toContain('nginx:1');
  });
});
