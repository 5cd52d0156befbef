import { describe, expect, test } from 'vitest';
import type { ActionContext } from '../../src/actions/context.ts';
import { holdRelease } from '../../src/actions/recover.ts';
import { SeededRandom } from '../../src/base/random.ts';
import type { KubeClient } from '../../src/client/kube-client.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { failure } from '../release/object-client.ts';
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

describe('an operation whose client died', () => {
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
    expect((await world.history()).slice(1)).toEqual([
      '2 failed: Upgrade "web" failed: context canceled',
      ...(atomic ? ['3 deployed: Rollback to 1'] : []),
    ]);
    const deployment = await world.cluster.find(RESOURCES.deployments, 'web');
    expect(JSON.stringify(deployment?.['spec'])).toContain('nginx:1');
  });
});
