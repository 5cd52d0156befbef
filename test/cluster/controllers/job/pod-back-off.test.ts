import { describe, expect, test } from 'vitest';
import {
  finishedTime,
  nextBackOffRecord,
  remainingBackOff,
} from '../../../../src/cluster/controllers/job/pod-back-off.ts';
import type { Pod } from '../../../../src/kube/api/core-v1.generated.ts';

function ended(seconds: number, phase: 'Failed' | 'Succeeded' = 'Failed'): Pod {
  const finishedAt = new Date(seconds * 1000).toISOString();
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p${seconds}`, creationTimestamp: '1970-01-01T00:00:00Z' },
    status: {
      phase,
      containerStatuses: [
        {
          name: 'c',
          image: '',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { terminated: { exitCode: 1, finishedAt } },
        },
      ],
    },
  };
}

test.each([
  [0, 0],
  [1, 10],
  [2, 20],
  [3, 40],
  [6, 320],
  [7, 600],
  [60, 600],
])('%i failures wait %i s', (failures, seconds) => {
  expect(remainingBackOff({ failures, lastFailure: 0 }, 0)).toBe(seconds * 1000);
  expect(remainingBackOff({ failures, lastFailure: 0 }, seconds * 1000)).toBe(0);
});

describe('failures since the last success', () => {
  test.each<[string, readonly Pod[], readonly Pod[], object]>([
    ['nothing new', [], [], { failures: 2, lastFailure: 5000 }],
    ['more failures', [], [ended(8), ended(7)], { failures: 4, lastFailure: 8000 }],
    ['a success', [ended(9, 'Succeeded')], [], { failures: 0 }],
    ['a success after failures', [ended(9, 'Succeeded')], [ended(8)], { failures: 0 }],
    [
      'failures after a success',
      [ended(9, 'Succeeded')],
      [ended(8), ended(11), ended(10)],
      { failures: 2, lastFailure: 11_000 },
    ],
  ])('%s', (_, succeeded, failed, expected) => {
    expect(nextBackOffRecord({ failures: 2, lastFailure: 5000 }, succeeded, failed)).toEqual(expected);
  });
});

test('when a pod ended', () => {
  const metadata = { name: 'p', creationTimestamp: '2026-01-01T00:00:00Z' };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata };
  expect(finishedTime(pod)).toBe(Date.UTC(2026, 0, 1));
  const deleted = { ...metadata, deletionTimestamp: '2026-01-01T01:00:30Z', deletionGracePeriodSeconds: 30 };
  expect(finishedTime({ ...pod, metadata: deleted })).toBe(Date.UTC(2026, 0, 1, 1));
  const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:10:00Z' }];
  expect(finishedTime({ ...pod, metadata: deleted, status: { conditions } })).toBe(Date.UTC(2026, 0, 1, 0, 10));
});
