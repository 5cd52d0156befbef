import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { KubeClient, WatchObserver } from '../../src/client/kube-client.ts';
import { isTransient, retryTransient } from '../../src/client/retry.ts';
import { PintleError } from '../../src/base/errors.ts';
import { createObjects } from '../../src/deploy/apply.ts';
import { buildResources } from '../../src/deploy/resource.ts';
import { waitReady } from '../../src/deploy/wait.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { failure } from '../release/object-client.ts';
import { lightCluster } from './light-cluster.ts';

const broken = (code: string): Error => Object.assign(new Error(code), { code });

describe('isTransient', () => {
  test.each<[string, unknown, boolean]>([
    ['too many requests', failure(429, 'TooManyRequests', ''), true],
    ['a failing server', failure(500, 'InternalError', ''), true],
    ['a server that is not there yet', failure(503, 'ServiceUnavailable', ''), true],
    ['a missing object', failure(404, 'NotFound', ''), false],
    ['a conflict', failure(409, 'Conflict', ''), false],
    ['a broken connection', broken('ECONNRESET'), true],
    ['a broken connection underneath', new PintleError('target', 'x', { cause: broken('ECONNREFUSED') }), true],
    ['a name that is none', broken('ENOTFOUND'), false],
    ['a mistake', new TypeError('x'), false],
    ['no error', 'x', false],
  ])('%s', (_, error, expected) => {
    expect(isTransient(error)).toBe(expected);
  });
});

describe('retryTransient', () => {
  const failing = (times: number): (() => Promise<number>) => {
    let tries = 0;
    return () => {
      tries += 1;
      return tries <= times ? Promise.reject(failure(503, 'ServiceUnavailable', 'busy')) : Promise.resolve(tries);
    };
  };

  test('waits longer each time, and gives up', async () => {
    const clock = new VirtualClock({ start: 0 });
    expect(await retryTransient(clock, failing(4))).toBe(5);
    expect(clock.now()).toBe(3750);
    await expect(retryTransient(clock, failing(5))).rejects.toThrow('busy');
  });

  test('gives up at once on what does not pass', async () => {
    const clock = new VirtualClock({ start: 0 });
    await expect(retryTransient(clock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(clock.now()).toBe(0);
  });
});

const MAP = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}';

/** A client that does as it is told before it does what it is asked. */
function tampered(client: KubeClient, change: Partial<KubeClient>): KubeClient {
  return new Proxy(client, {
    get: (target, key) => {
      const own = Reflect.get(change, key) as unknown;
      if (own !== undefined) return own;
      const value = Reflect.get(target, key) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

test('an apply is sent again, and a creation that may not have come through', async () => {
  const cluster = await lightCluster();
  let failures = 2;
  const fail = (): Promise<never> | undefined => {
    failures -= 1;
    return failures >= 0 ? Promise.reject(failure(500, 'InternalError', 'etcd is busy')) : undefined;
  };
  const client = tampered(cluster.client, {
    patch: (...args) => fail() ?? cluster.client.patch(...args),
    create: (...args) => fail() ?? cluster.client.create(...args),
  });
  const resources = await buildResources(cluster.client, MAP, { namespace: 'default' });
  await createObjects({ ...cluster, client }, resources, { serverSide: true });
  expect(await cluster.names(RESOURCES.configMaps)).toEqual(['a']);
  failures = 1;
  await cluster.client.delete(RESOURCES.configMaps, { namespace: 'default', name: 'a' });
  await createObjects({ ...cluster, client }, resources, { serverSide: false });
  expect(await cluster.names(RESOURCES.configMaps)).toEqual(['a']);
});

test('a creation whose answer got lost is done, one of somebody else is not', async () => {
  const cluster = await lightCluster();
  let losses = 1;
  const client = tampered(cluster.client, {
    create: async (...args) => {
      const created = await cluster.client.create(...args);
      losses -= 1;
      if (losses >= 0) throw broken('ECONNRESET');
      return created as never;
    },
  });
  const resources = await buildResources(cluster.client, MAP, { namespace: 'default' });
  await createObjects({ ...cluster, client }, resources, { serverSide: false });
  expect(await cluster.names(RESOURCES.configMaps)).toEqual(['a']);
  await expect(createObjects({ ...cluster, client }, resources, { serverSide: false })).rejects.toThrow(
    'already exists',
  );
});

test('a quota that somebody changed meanwhile is no reason to stop', async () => {
  const cluster = await lightCluster();
  let failures = 3;
  const client = tampered(cluster.client, {
    create: (...args) => {
      failures -= 1;
      return failures >= 0
        ? Promise.reject(failure(409, 'Conflict', 'Operation cannot be fulfilled on resourcequotas "q"'))
        : cluster.client.create(...args);
    },
  });
  const resources = await buildResources(cluster.client, MAP, { namespace: 'default' });
  await createObjects({ ...cluster, client }, resources, { serverSide: false });
  expect(await cluster.names(RESOURCES.configMaps)).toEqual(['a']);
});

describe('a watch', () => {
  test('that the server ends is started again, and misses nothing', async () => {
    const cluster = await lightCluster();
    const ends = [
      undefined,
      failure(410, 'Expired', 'too old'),
      failure(503, 'ServiceUnavailable', 'busy'),
      broken('ECONNRESET'),
    ];
    let started = 0;
    const client = tampered(cluster.client, {
      watch: (type, options, observer) => {
        started += 1;
        const watch = cluster.client.watch(type, options, observer);
        if (ends.length > 0) {
          const end = ends.shift();
          cluster.clock.setTimer(1000, () => {
            watch.stop();
            (observer as WatchObserver).closed?.(end);
          });
        }
        return watch;
      },
    });
    const [resource] = await buildResources(cluster.client, MAP, { namespace: 'default' });
    // Created between two watches: only a new start can tell.
    cluster.clock.setTimer(3500, () => void cluster.client.create(RESOURCES.configMaps, resource?.object ?? {}));
    await waitReady({ ...cluster, client }, resource === undefined ? [] : [resource], {
      timeout: 30_000,
      mode: 'ready',
    });
    expect(started).toBe(4);
    expect(cluster.clock.now() - Date.UTC(2026, 0, 15, 12)).toBe(4000);
  });

  test('that may not be had ends the wait', async () => {
    const cluster = await lightCluster();
    const client = tampered(cluster.client, {
      watch: (_, __, observer) => {
        cluster.clock.setTimer(0, () => (observer as WatchObserver).closed?.(failure(403, 'Forbidden', 'no')));
        return { stop: () => {} };
      },
    });
    const resources = await buildResources(cluster.client, MAP, { namespace: 'default' });
    await expect(waitReady({ ...cluster, client }, resources, { timeout: 30_000, mode: 'ready' })).rejects.toThrow(
      'no',
    );
  });
});
