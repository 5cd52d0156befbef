import { describe, expect, it } from 'vitest';
import { POD_DELETION_COST } from '../../../src/cluster/machinery/constants.ts';
import {
  comparePodsForDeletion,
  deletionCost,
  isPodActive,
  isPodAvailable,
  isPodTerminating,
  nextAvailability,
  withPodCondition,
} from '../../../src/cluster/machinery/pods.ts';
import { formatMicroTime, formatTime, parseTime } from '../../../src/cluster/machinery/time.ts';
import type { Pod } from '../../../src/kube/api/core-v1.generated.ts';
import { fc } from '../../support/property.ts';

const NOW = Date.UTC(2025, 0, 2);

interface Sketch {
  readonly name: string;
  readonly node?: string;
  readonly phase?: string;
  /** Seconds since which it is ready. */
  readonly ready?: number | 'unknown';
  readonly sidecar?: number;
  readonly cost?: string;
  readonly restarts?: number;
  /** Seconds of age. */
  readonly age?: number;
}

function pod({ name, node = 'n1', phase = 'Running', ready, cost, restarts = 0, sidecar, age = 1000 }: Sketch): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      creationTimestamp: formatTime(NOW - age * 1000),
      annotations: cost === undefined ? {} : { [POD_DELETION_COST]: cost },
    },
    spec: {
      containers: [],
      ...(sidecar === undefined ? {} : { initContainers: [{ name: 's', restartPolicy: 'Always' }] }),
      ...(node === '' ? {} : { nodeName: node }),
    },
    status: {
      phase,
      conditions:
        ready === undefined
          ? []
          : [
              {
                type: 'Ready',
                status: 'True',
                ...(ready === 'unknown' ? {} : { lastTransitionTime: formatTime(NOW - ready * 1000) }),
              },
            ],
      containerStatuses: [{ name: 'c', image: '', imageID: '', ready: true, restartCount: restarts }],
      ...(sidecar === undefined
        ? {}
        : { initContainerStatuses: [{ name: 's', image: '', imageID: '', ready: true, restartCount: sidecar }] }),
    },
  };
}

const order = { now: NOW, rank: () => 0 };

describe('deletion order', () => {
  const cases: [string, Sketch, Sketch][] = [
    ['without a node', { name: 'z', node: '' }, { name: 'a' }],
    ['pending before running', { name: 'z', phase: 'Pending' }, { name: 'a' }],
    ['unknown before running', { name: 'z', phase: 'Unknown' }, { name: 'a' }],
    ['not ready before ready', { name: 'z' }, { name: 'a', ready: 10 }],
    ['cheap before dear', { name: 'z', ready: 9, cost: '-1' }, { name: 'a', ready: 9 }],
    ['ready for less long, by order of magnitude', { name: 'z', ready: 10 }, { name: 'a', ready: 1000 }],
    ['more restarts', { name: 'z', ready: 9, restarts: 3 }, { name: 'a', ready: 9 }],
    ['younger, by order of magnitude', { name: 'z', ready: 9, age: 10 }, { name: 'a', ready: 9, age: 1000 }],
    ['pending before unknown', { name: 'z', phase: 'Pending' }, { name: 'a', phase: 'Unknown' }],
    ['ready since nobody knows when before ready', { name: 'z', ready: 'unknown' }, { name: 'a', ready: 0 }],
    ['ready now before ready for a month', { name: 'z', ready: 0 }, { name: 'a', ready: 2_592_000 }],
    ['ready 2 hours before ready 5 hours', { name: 'z', ready: 7200 }, { name: 'a', ready: 18_000 }],
    ['ready 5 hours like ready 8 hours', { name: 'a', ready: 28_800 }, { name: 'z', ready: 18_000 }],
    ['the readiness of a like age before restarts', { name: 'a', ready: 520 }, { name: 'z', ready: 510, restarts: 9 }],
    ['many restarts before few', { name: 'z', ready: 0, restarts: 9001 }, { name: 'a', ready: 0 }],
    ['restarts of sidecars after those of others', { name: 'z', ready: 9, sidecar: 2 }, { name: 'a', ready: 9 }],
    ['restarts before those of sidecars', { name: 'z', ready: 9, restarts: 1 }, { name: 'a', ready: 9, sidecar: 5 }],
    ['restarts before age', { name: 'z', ready: 9, restarts: 1, age: 5000 }, { name: 'a', ready: 9, age: 10 }],
    ['name between equals', { name: 'a', ready: 520 }, { name: 'z', ready: 510 }],
  ];
  it.each(cases)('%s', (_, first, second) => {
    expect(comparePodsForDeletion(pod(first), pod(second), order)).toBeLessThan(0);
    expect(comparePodsForDeletion(pod(second), pod(first), order)).toBeGreaterThan(0);
  });

  it('prefers crowded nodes', () => {
    const crowded = { now: NOW, rank: ({ spec }: Pod) => (spec?.nodeName === 'full' ? 3 : 1) };
    const first = pod({ name: 'z', node: 'full', ready: 9 });
    expect(comparePodsForDeletion(first, pod({ name: 'a', ready: 9 }), crowded)).toBeLessThan(0);
  });

  it('is an order', () => {
    const sketch = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      node: fc.constantFrom('', 'n1'),
      phase: fc.constantFrom('Pending', 'Running', 'Unknown'),
      ready: fc.option(fc.constantFrom(1, 3, 1000, 1001, 'unknown'), { nil: undefined }),
      restarts: fc.constantFrom(0, 1),
      sidecar: fc.option(fc.constantFrom(0, 2), { nil: undefined }),
      age: fc.constantFrom(10, 11, 5000),
    });
    fc.assert(
      fc.property(sketch, sketch, sketch, (a, b, c) => {
        const [x, y, z] = [a, b, c].map((each) => pod(each as Sketch)) as [Pod, Pod, Pod];
        const xy = comparePodsForDeletion(x, y, order);
        expect(Math.sign(xy) + Math.sign(comparePodsForDeletion(y, x, order))).toBe(0);
        if (xy <= 0 && comparePodsForDeletion(y, z, order) <= 0) {
          expect(comparePodsForDeletion(x, z, order)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  it.each([
    ['7', 7],
    ['-3', -3],
    ['+3', 0],
    ['03', 0],
    ['2147483648', 0],
    ['x', 0],
  ])('reads the cost %s as %d', (text, cost) => {
    expect(deletionCost(pod({ name: 'a', cost: text }))).toBe(cost);
  });
});

describe('availability', () => {
  it('begins when a pod has been ready for long enough', () => {
    const ready = pod({ name: 'a', ready: 10 });
    expect(isPodAvailable(ready, 10, NOW)).toBe(true);
    expect(isPodAvailable(ready, 11, NOW)).toBe(false);
    expect(isPodAvailable(pod({ name: 'a' }), 0, NOW)).toBe(false);
    const pods = [ready, pod({ name: 'b', ready: 4 }), pod({ name: 'c' })];
    expect(nextAvailability(pods, 15, NOW)).toBe(5000);
    expect(nextAvailability(pods, 3, NOW)).toBeUndefined();
    expect(nextAvailability(pods, 0, NOW)).toBeUndefined();
  });
});

describe('pod state', () => {
  it('tells active, finished and terminating pods apart', () => {
    const running = pod({ name: 'a' });
    const deleted = { ...running, metadata: { ...running.metadata, deletionTimestamp: formatTime(NOW) } };
    expect([isPodActive(running), isPodTerminating(running)]).toEqual([true, false]);
    expect([isPodActive(deleted), isPodTerminating(deleted)]).toEqual([false, true]);
    expect(isPodActive(pod({ name: 'a', phase: 'Failed' }))).toBe(false);
  });

  it('keeps the transition time of a condition whose status stays', () => {
    const first = withPodCondition(undefined, { type: 'Ready', status: 'False', lastTransitionTime: 't1' });
    expect(withPodCondition(first, { type: 'Ready', status: 'False', lastTransitionTime: 't2' })).toBe(first);
    const said = withPodCondition(first, { type: 'Ready', status: 'False', reason: 'R', lastTransitionTime: 't2' });
    expect(said).toEqual([{ type: 'Ready', status: 'False', reason: 'R', lastTransitionTime: 't1' }]);
    const turned = withPodCondition(said, { type: 'Ready', status: 'True', lastTransitionTime: 't3' });
    expect(turned).toEqual([{ type: 'Ready', status: 'True', lastTransitionTime: 't3' }]);
  });
});

describe('time', () => {
  it('is written in whole seconds or microseconds', () => {
    expect(formatTime(NOW + 1999)).toBe('2025-01-02T00:00:01Z');
    expect(formatMicroTime(NOW + 1999)).toBe('2025-01-02T00:00:01.999000Z');
    expect(parseTime('2025-01-02T00:00:01.999000Z')).toBe(NOW + 1999);
    expect(parseTime('')).toBeUndefined();
    expect(parseTime('soon')).toBeUndefined();
  });
});
