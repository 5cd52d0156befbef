import { describe, expect, test } from 'vitest';
import { matchPodFailurePolicy } from '../../../../src/cluster/controllers/job/pod-failure-policy.ts';
import { indexesOf } from '../../../../src/cluster/controllers/job/index-intervals.ts';
import { matchSuccessPolicy } from '../../../../src/cluster/controllers/job/success-policy.ts';
import type { PodFailurePolicyRule, SuccessPolicyRule } from '../../../../src/kube/api/batch-v1.generated.ts';
import type { Pod } from '../../../../src/kube/api/core-v1.generated.ts';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'run-x', namespace: 'ns' },
  status: {
    phase: 'Failed',
    conditions: [{ type: 'DisruptionTarget', status: 'True' }],
    containerStatuses: ['main', 'side'].map((name, i) => ({
      name,
      image: '',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode: i === 0 ? 42 : 0 } },
    })),
  },
};

describe('pod failure policy', () => {
  const exit = (action: string, operator: string, values: number[], containerName?: string): PodFailurePolicyRule => ({
    action,
    onExitCodes: { operator, values, containerName },
  });
  const disrupted = (action: string): PodFailurePolicyRule => ({
    action,
    onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }],
  });

  test.each<[string, readonly PodFailurePolicyRule[], object]>([
    ['no rule', [], { counts: true }],
    ['another code', [exit('FailJob', 'In', [1])], { counts: true }],
    ['0 is no failure', [exit('FailJob', 'NotIn', [42])], { counts: true }],
    ['another container', [exit('FailJob', 'In', [42], 'side')], { counts: true }],
    ['ignored', [exit('Ignore', 'NotIn', [1])], { counts: false, action: 'Ignore' }],
    ['the first rule wins', [disrupted('Ignore'), exit('FailJob', 'In', [42])], { counts: false, action: 'Ignore' }],
    ['counted', [exit('Count', 'In', [42], 'main'), disrupted('Ignore')], { counts: true, action: 'Count' }],
    ['the index', [exit('FailIndex', 'In', [42])], { counts: true, action: 'FailIndex' }],
    [
      'the job, by exit code',
      [exit('Ignore', 'In', [1]), exit('FailJob', 'In', [42])],
      {
        counts: true,
        action: 'FailJob',
        failJobMessage: 'Container main for pod ns/run-x failed with exit code 42 matching FailJob rule at index 1',
      },
    ],
    [
      'the job, by condition',
      [disrupted('FailJob')],
      {
        counts: true,
        action: 'FailJob',
        failJobMessage: 'Pod ns/run-x has condition DisruptionTarget matching FailJob rule at index 0',
      },
    ],
  ])('%s', (_, rules, expected) => {
    expect(matchPodFailurePolicy({ rules }, pod)).toEqual(expected);
  });
});

describe('success policy', () => {
  test.each<[string, readonly SuccessPolicyRule[], readonly number[], string | undefined]>([
    ['nothing has succeeded', [{ succeededCount: 1 }], [], undefined],
    ['enough', [{ succeededCount: 2 }], [1, 4], 'Matched rules at index 0'],
    ['not enough', [{ succeededCount: 3 }], [1, 4], undefined],
    ['all named', [{ succeededIndexes: '0' }, { succeededIndexes: '1,4' }], [1, 4], 'Matched rules at index 1'],
    ['some of the named', [{ succeededIndexes: '1-4', succeededCount: 2 }], [1, 4], 'Matched rules at index 0'],
    ['too few of the named', [{ succeededIndexes: '1-3', succeededCount: 2 }], [1, 4], undefined],
  ])('%s', (_, rules, succeeded, expected) => {
    expect(matchSuccessPolicy({ rules }, 10, indexesOf(succeeded))).toBe(expected);
  });
});
