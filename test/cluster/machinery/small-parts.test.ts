import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { Expectations } from '../../../src/cluster/machinery/expectations.ts';
import { canonicalJson, safeEncode, stableSuffix, templateHash } from '../../../src/cluster/machinery/hash.ts';
import { joinKey, keyOf, splitKey } from '../../../src/cluster/machinery/keys.ts';
import { podFromTemplate } from '../../../src/cluster/machinery/pod-control.ts';
import { podLimits, podRequests } from '../../../src/cluster/machinery/pod-resources.ts';
import { selectedPods } from '../../../src/cluster/machinery/service-selector.ts';
import { slowStart } from '../../../src/cluster/machinery/slow-start.ts';
import { nonZero } from '../../../src/cluster/machinery/status-writer.ts';
import type { Pod } from '../../../src/kube/api/core-v1.generated.ts';

describe('expectations', () => {
  it('hold back until all was seen, or for five minutes', async () => {
    const clock = new VirtualClock({ start: 0 });
    const expectations = new Expectations(clock);
    expect(expectations.satisfied('a')).toBe(true);
    expectations.expectCreations('a', 2);
    expectations.creationObserved('a');
    expect(expectations.satisfied('a')).toBe(false);
    expectations.creationObserved('a');
    expect(expectations.satisfied('a')).toBe(true);
    expectations.expectDeletions('a', ['u1', 'u2']);
    expectations.deletionObserved('a', 'u1');
    expectations.deletionObserved('a', 'u1');
    expect(expectations.satisfied('a')).toBe(false);
    await clock.advance(300_001);
    expect(expectations.satisfied('a')).toBe(true);
    expectations.forget('a');
    expectations.creationObserved('a');
    expect(expectations.satisfied('a')).toBe(true);
  });
});

describe('slow start', () => {
  it('doubles its batches', async () => {
    const batches: number[] = [];
    let running = 0;
    await slowStart(10, async () => {
      running += 1;
      await Promise.resolve();
      if (running > 0) batches.push(running);
      running = 0;
    });
    expect(batches).toEqual([1, 2, 4, 3]);
  });

  it('stops after a batch with a failure', async () => {
    let calls = 0;
    const result = await slowStart(100, async (index) => {
      calls += 1;
      if (index === 2) throw new Error('quota');
    });
    expect(calls).toBe(3);
    expect(result).toEqual({ succeeded: 2, error: new Error('quota') });
    expect(await slowStart(0, async () => {})).toEqual({ succeeded: 0, error: undefined });
  });
});

describe('the pods of a Service', () => {
  const pods = (['a/web', 'a/db', 'b/web'] as const).map((key) => {
    const { namespace, name } = splitKey(key);
    return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, labels: { app: name } } };
  });

  it.each([
    ['a selector', { selector: { app: 'web' } }, ['a/web']],
    ['no selector', {}, []],
    ['an empty selector', { selector: {} }, []],
    ['a name outside', { selector: { app: 'web' }, type: 'ExternalName' }, []],
  ])('follow from %s', (_, spec, expected) => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'a', name: 's' }, spec };
    expect(selectedPods(service, pods).map(keyOf)).toEqual(expected);
  });
});

describe('hash', () => {
  it('is the same for the same template and has the right letters', () => {
    const hash = templateHash({ spec: { b: 1, a: [1, 'x'] } });
    expect(templateHash({ spec: { a: [1, 'x'], b: 1, c: undefined } })).toBe(hash);
    expect(templateHash({ spec: { a: [1, 'x'], b: 2 } })).not.toBe(hash);
    expect(templateHash({ spec: {} }, 1)).not.toBe(templateHash({ spec: {} }));
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
    expect(stableSuffix('a')).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(stableSuffix('a')).not.toBe(stableSuffix('b'));
    expect(safeEncode('0123456789')).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{10}$/);
    expect(canonicalJson({ b: null, a: 'ä' })).toBe('{"a":"ä","b":null}');
  });
});

describe('keys', () => {
  it('join and split', () => {
    expect([joinKey('ns', 'a'), joinKey('', 'a'), joinKey(undefined, 'a')]).toEqual(['ns/a', 'a', 'a']);
    expect([splitKey('ns/a'), splitKey('a')]).toEqual([{ namespace: 'ns', name: 'a' }, { name: 'a' }]);
  });
});

describe('pods from templates', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'web', namespace: 'ns', uid: 'u' } };

  it('belong to their owner', () => {
    const template = { metadata: { labels: { app: 'web' }, finalizers: ['f'] }, spec: { containers: [] } };
    expect(
      podFromTemplate(template, owner, { labels: { n: '1' }, annotations: { a: 'b' }, finalizers: ['g'] }),
    ).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        generateName: 'web-',
        namespace: 'ns',
        labels: { app: 'web', n: '1' },
        annotations: { a: 'b' },
        finalizers: ['f', 'g'],
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'ReplicaSet',
            name: 'web',
            uid: 'u',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: { containers: [] },
    });
    expect(podFromTemplate(template, owner, { name: 'web-0' }).metadata).toMatchObject({ name: 'web-0' });
  });
});

describe('pod resources', () => {
  it('are the greater of the containers together and the greediest start', () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {},
      spec: {
        containers: [
          { name: 'a', resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: 1 } } },
          { name: 'b', resources: { requests: { cpu: '200m' } } },
        ],
        initContainers: [
          { name: 'side', restartPolicy: 'Always', resources: { requests: { cpu: '50m' } } },
          { name: 'init', resources: { requests: { cpu: '1', memory: '32Mi' } } },
        ],
        overhead: { cpu: '10m' },
      },
    } as Pod;
    const texts = (amounts: ReturnType<typeof podRequests>): object =>
      Object.fromEntries([...amounts].map(([name, { text }]) => [name, text]));
    expect(texts(podRequests(pod))).toEqual({ cpu: '1060m', memory: '64Mi' });
    expect(texts(podLimits(pod))).toEqual({ cpu: '1010m' });
  });
});

describe('nonZero', () => {
  it('leaves out zeros and what is absent', () => {
    expect(nonZero({ a: 0, b: 2, c: undefined })).toEqual({ b: 2 });
  });
});
