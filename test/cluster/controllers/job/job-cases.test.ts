import { describe, expect, test } from 'vitest';
import { compareStrings } from '../../../../src/base/json.ts';
import { indexesOf, parseIndexes } from '../../../../src/cluster/controllers/job/index-intervals.ts';
import { succeededIndexes, surplusIndexPods } from '../../../../src/cluster/controllers/job/job-indexes.ts';
import {
  finishedTime,
  nextBackOffRecord,
  remainingBackOff,
} from '../../../../src/cluster/controllers/job/pod-back-off.ts';
import { matchPodFailurePolicy } from '../../../../src/cluster/controllers/job/pod-failure-policy.ts';
import { matchSuccessPolicy } from '../../../../src/cluster/controllers/job/success-policy.ts';
import type { Job, PodFailurePolicyRule, SuccessPolicyRule } from '../../../../src/kube/api/batch-v1.generated.ts';
import type { ContainerStatus, Pod, PodCondition } from '../../../../src/kube/api/core-v1.generated.ts';

// Inputs and results of the unit tests in kubernetes: pkg/controller/job

const INDEX = 'batch.kubernetes.io/job-completion-index';
const NOON = Date.UTC(2009, 10, 10, 23);
const at = (ms: number): string => new Date(NOON + ms).toISOString();

function ended(name: string, finishedAt: string | undefined, exitCode = 1): ContainerStatus {
  const terminated = { exitCode, ...(finishedAt === undefined ? {} : { finishedAt }) };
  return { name, image: '', imageID: '', ready: false, restartCount: 0, state: { terminated } };
}

function finishedPod(ms: number, phase: 'Failed' | 'Succeeded'): Pod {
  const metadata = { name: 'p', creationTimestamp: at(-3_600_000) };
  return { apiVersion: 'v1', kind: 'Pod', metadata, status: { phase, containerStatuses: [ended('c', at(ms))] } };
}

/** `index` as the annotation says it; `-`: no annotation. */
function indexedPod([index, phase]: readonly [string, string], i: number): Pod {
  const annotations = index === '-' ? {} : { annotations: { [INDEX]: index } };
  const metadata = { name: `p${i}`, finalizers: ['batch.kubernetes.io/job-tracking'], ...annotations };
  return { apiVersion: 'v1', kind: 'Pod', metadata, status: { phase } };
}

const S = 'Succeeded';
const F = 'Failed';
const R = 'Running';
const P = 'Pending';

describe('indexes that have succeeded', () => {
  type Case = readonly [string, string, readonly (readonly [string, string])[], number, string, string];
  test.each<Case>([
    ['one', '', [['1', S]], 2, '', '1'],
    [
      'two, one of them twice',
      '',
      [
        ['2', F],
        ['5', S],
        ['5', S],
        ['10', F],
        ['10', S],
      ],
      11,
      '',
      '5,10',
    ],
    [
      'two intervals',
      '',
      [
        ['0', R],
        ['1', P],
        ['2', S],
        ['3', S],
        ['5', S],
        ['6', S],
        ['7', S],
      ],
      8,
      '',
      '2,3,5-7',
    ],
    [
      'without index or below 0',
      '',
      [
        ['0', S],
        ['1', F],
        ['2', S],
        ['3', S],
        ['-', S],
        ['-2', S],
      ],
      6,
      '',
      '0,2,3',
    ],
    [
      'out of range',
      '',
      [
        ['0', S],
        ['1', S],
        ['2', S],
        ['3', F],
        ['4', S],
        ['5', S],
      ],
      5,
      '',
      '0-2,4',
    ],
    ['known ones out of range', '0-5,8-10', [], 8, '0-5', '0-5'],
    ['known ones partly out of range', '0-5,8-10', [], 10, '0-5,8,9', '0-5,8,9'],
    [
      'known and new apart',
      '0,4,5,10-12',
      [
        ['2', S],
        ['7', S],
        ['8', S],
      ],
      13,
      '0,4,5,10-12',
      '0,2,4,5,7,8,10-12',
    ],
    [
      'known between new',
      '3,4,6',
      [
        ['2', S],
        ['7', S],
        ['8', S],
      ],
      9,
      '3,4,6',
      '2-4,6-8',
    ],
    [
      'new between known',
      '2,7,8',
      [
        ['3', S],
        ['4', S],
        ['6', S],
      ],
      9,
      '2,7,8',
      '2-4,6-8',
    ],
    [
      'new within known',
      '2-7',
      [
        ['0', S],
        ['3', S],
        ['5', S],
        ['9', S],
      ],
      10,
      '2-7',
      '0,2-7,9',
    ],
    ['a text that is no list', '0,1-foo,bar', [['3', S]], 4, '0', '0,3'],
  ])('%s', (_, known, pods, completions, before, now) => {
    const spec = { completions, completionMode: 'Indexed', template: {} };
    const job: Job = { apiVersion: 'batch/v1', kind: 'Job', metadata: {}, spec, status: { completedIndexes: known } };
    expect(succeededIndexes(job, pods.map(indexedPod))).toEqual({
      before: parseIndexes(before, completions),
      now: parseIndexes(now, completions),
    });
  });
});

describe('pods of an indexed job that are too many', () => {
  type Indexed = readonly (readonly [string, string])[];
  test.each<[string, Indexed, Indexed, Indexed]>([
    [
      'each index once: those without a valid one go',
      [
        ['-', P],
        ['2', P],
        ['5', R],
        ['6', R],
      ],
      [
        ['-', P],
        ['6', R],
      ],
      [
        ['2', P],
        ['5', R],
      ],
    ],
    [
      'some twice: the better one stays',
      [
        ['5', P],
        ['0', R],
        ['3', P],
        ['0', R],
        ['3', R],
        ['0', P],
        ['6', R],
        ['6', P],
      ],
      [
        ['0', P],
        ['0', R],
        ['3', P],
        ['6', P],
        ['6', R],
      ],
      [
        ['0', R],
        ['3', R],
        ['5', P],
      ],
    ],
    [
      'both',
      [
        ['-', P],
        ['invalid', R],
        ['-2', R],
        ['0', P],
        ['1', P],
        ['1', P],
        ['1', R],
      ],
      [
        ['-', P],
        ['-2', R],
        ['1', P],
        ['1', P],
        ['invalid', R],
      ],
      [
        ['0', P],
        ['1', R],
      ],
    ],
  ])('%s', (_, pods, gone, left) => {
    const worstFirst = (a: Pod, b: Pod): number => compareStrings(a.status?.phase ?? '', b.status?.phase ?? '');
    const { surplus, rest } = surplusIndexPods(pods.map(indexedPod), 6, worstFirst);
    const short = (list: readonly Pod[]): string[] =>
      list.map(({ metadata, status }) => `${metadata.annotations?.[INDEX] ?? '-'} ${status?.phase}`).sort();
    expect(short(surplus)).toEqual(gone.map((pair) => pair.join(' ')).sort());
    expect(short(rest)).toEqual(left.map((pair) => pair.join(' ')).sort());
  });
});

describe('failures that the back-off counts', () => {
  test.each<[string, number, readonly number[], readonly number[], object]>([
    ['one failure', 0, [], [0], { failures: 1, lastFailure: NOON }],
    ['two failures', 0, [], [0, -1], { failures: 2, lastFailure: NOON }],
    ['two failures, then a success', 0, [0], [-2, -1], { failures: 0 }],
    ['failures on both sides of a success', 0, [-2], [0, -4, -3, -1], { failures: 2, lastFailure: NOON }],
    ['one more', 2, [], [0], { failures: 3, lastFailure: NOON }],
    ['success and failure at the same instant', 0, [0], [0], { failures: 0 }],
    ['nothing', 0, [], [], { failures: 0 }],
    ['a success', 0, [0], [], { failures: 0 }],
  ])('%s', (_, before, succeeded, failed, expected) => {
    const known = before === 0 ? undefined : { failures: before };
    const pods = (times: readonly number[], phase: 'Failed' | 'Succeeded'): Pod[] =>
      times.map((time) => finishedPod(time, phase));
    expect(nextBackOffRecord(known, pods(succeeded, 'Succeeded'), pods(failed, 'Failed'))).toEqual(expected);
  });

  test.each([
    ['none', 0, 0, 0],
    ['one, just now', 1, 0, 10],
    ['one, a second ago', 1, 1, 9],
    ['one, as long ago as the back-off', 1, 10, 0],
    ['one, longer ago', 1, 11, 0],
    ['three', 3, 0, 40],
    ['six', 6, 0, 320],
    ['more than the longest back-off', 7, 0, 600],
  ])('how long is waited: %s', (_, failures, secondsLater, wait) => {
    expect(remainingBackOff({ failures, lastFailure: NOON }, NOON + secondsLater * 1000)).toBe(wait * 1000);
  });
});

describe('the instant at which a pod ended', () => {
  const running: ContainerStatus = { ...ended('r', undefined), state: { running: {} } };
  const ready = (status: string, ms: number): PodCondition => ({ type: 'Ready', status, lastTransitionTime: at(ms) });
  const deleted = { deletionTimestamp: at(0) };
  test.each<[string, Pick<Pod, 'spec' | 'status'>, object, number]>([
    [
      'the last of its containers',
      { status: { containerStatuses: [ended('a', at(-1000)), ended('b', at(0)), ended('c', at(-2000))] } },
      {},
      0,
    ],
    ['one still runs: the deletion', { status: { containerStatuses: [ended('a', at(-1000)), running] } }, deleted, 0],
    ['all run: the deletion', { status: { containerStatuses: [running] } }, deleted, 0],
    [
      'the deletion, without the grace period',
      { status: { containerStatuses: [running] } },
      { ...deleted, deletionGracePeriodSeconds: 30 },
      -30_000,
    ],
    [
      'it stopped being ready',
      { status: { containerStatuses: [ended('a', undefined)], conditions: [ready('False', 0)] } },
      {},
      0,
    ],
    [
      'it is still called ready: the deletion',
      { status: { containerStatuses: [ended('a', undefined)], conditions: [ready('True', -30_000)] } },
      deleted,
      0,
    ],
    ['nothing known: the creation', { status: { containerStatuses: [ended('a', undefined)] } }, {}, -3_600_000],
    [
      'a sidecar that ends after the others',
      {
        spec: { containers: [], initContainers: [{ name: 's', restartPolicy: 'Always' }] },
        status: { containerStatuses: [ended('a', at(-1000))], initContainerStatuses: [ended('s', at(0))] },
      },
      {},
      0,
    ],
  ])('%s', (_, pod, metadata, expected) => {
    const full = { name: 'p', creationTimestamp: at(-3_600_000), ...metadata };
    expect(finishedTime({ apiVersion: 'v1', kind: 'Pod', metadata: full, ...pod })).toBe(NOON + expected);
  });
});

describe('the pod failure policy', () => {
  const exit = (action: string, operator: string, values: number[], containerName?: string): PodFailurePolicyRule => ({
    action,
    onExitCodes: { operator, values, containerName },
  });
  const on = (action: string, status?: string, type = 'DisruptionTarget'): PodFailurePolicyRule => ({
    action,
    onPodConditions: [{ type, ...(status === undefined ? {} : { status }) }],
  });
  const message = (code: number, rule: number, name = 'main'): string =>
    `Container ${name} for pod default/mypod failed with exit code ${code} matching FailJob rule at index ${rule}`;
  const failJob = (text: string): object => ({ counts: true, action: 'FailJob', failJobMessage: text });
  const codes = (...list: number[]): Pick<Pod, 'status'> => ({
    status: { containerStatuses: list.map((code, i) => ended(i === 0 ? 'main' : 'support', at(0), code)) },
  });
  const disrupted = (status: string): Pick<Pod, 'status'> => ({
    status: { conditions: [{ type: 'DisruptionTarget', status }] },
  });
  const counted = { counts: true };
  const ignored = { counts: false, action: 'Ignore' };
  test.each<[string, readonly PodFailurePolicyRule[] | undefined, Pick<Pod, 'status'>, object]>([
    [
      'an action nobody knows, by code',
      [exit('Unknown', 'In', [1, 2]), exit('FailJob', 'In', [2, 3])],
      codes(2),
      failJob(message(2, 1)),
    ],
    ['an action nobody knows, by condition', [on('Unknown', 'True'), on('Ignore', 'True')], disrupted('True'), ignored],
    [
      'an operator nobody knows',
      [exit('Ignore', 'Unknown', [1, 2]), exit('FailJob', 'In', [2, 3])],
      codes(2),
      failJob(message(2, 1)),
    ],
    ['no policy', undefined, codes(2), counted],
    ['ignored by code', [exit('Ignore', 'In', [1, 2, 3])], codes(2), ignored],
    ['ignored by a code below 0', [exit('Ignore', 'In', [-1073741676, -1073741510])], codes(-1073741510), ignored],
    ['fails the job by code', [exit('FailJob', 'In', [1, 2, 3])], codes(2), failJob(message(2, 0))],
    ['containers that succeeded do not count', [exit('FailJob', 'NotIn', [111])], codes(111, 0), counted],
    ['fails the index by code', [exit('FailIndex', 'In', [1, 2, 3])], codes(2), { counts: true, action: 'FailIndex' }],
    ['not in 0', [exit('FailJob', 'NotIn', [0])], codes(1, 0), failJob(message(1, 0))],
    [
      'the second rule',
      [exit('Count', 'In', [1, 2, 3]), exit('FailJob', 'In', [4, 5, 6])],
      codes(6),
      failJob(message(6, 1)),
    ],
    ['counted by code', [exit('Count', 'In', [1, 2, 3])], codes(0, 2), { counts: true, action: 'Count' }],
    [
      'fails the index by condition',
      [on('FailIndex', 'True')],
      disrupted('True'),
      { counts: true, action: 'FailIndex' },
    ],
    ['ignored by condition', [on('Ignore', 'True')], disrupted('True'), ignored],
    ['by a condition that is false', [on('Ignore', 'False')], disrupted('False'), ignored],
    ['by a condition that is unknown', [on('Ignore', 'Unknown')], disrupted('Unknown'), ignored],
    ['not by another status', [on('Ignore', 'False')], disrupted('True'), counted],
    ['not by another status either', [on('Ignore', 'Unknown')], disrupted('False'), counted],
    ['True is meant when nothing is said', [on('Ignore')], disrupted('True'), ignored],
    ['not by another type', [on('Ignore', 'True', 'Other')], disrupted('True'), counted],
    [
      'fails the job by condition',
      [on('FailJob', 'True')],
      disrupted('True'),
      failJob('Pod default/mypod has condition DisruptionTarget matching FailJob rule at index 0'),
    ],
    ['counted by condition', [on('Count', 'True')], disrupted('True'), { counts: true, action: 'Count' }],
    ['no rule matches', [exit('Count', 'In', [8])], codes(32), counted],
    ['an empty rule', [{ action: 'FailJob' }], codes(1), counted],
    ['of one container alone', [exit('FailJob', 'In', [3], 'support')], codes(3, 1), counted],
    ['of one container', [exit('FailJob', 'In', [3], 'support')], codes(1, 3), failJob(message(3, 0, 'support'))],
  ])('%s', (_, rules, pod, expected) => {
    const metadata = { namespace: 'default', name: 'mypod' };
    const status = { phase: 'Failed', ...pod.status };
    expect(matchPodFailurePolicy(rules && { rules }, { apiVersion: 'v1', kind: 'Pod', metadata, status })).toEqual(
      expected,
    );
  });

  test('an init container fails the job too', () => {
    const metadata = { namespace: 'default', name: 'mypod' };
    const status = { phase: 'Failed', initContainerStatuses: [ended('init', at(0), 5)] };
    const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata, status };
    expect(matchPodFailurePolicy({ rules: [exit('FailJob', 'In', [5])] }, pod)).toEqual(failJob(message(5, 0, 'init')));
  });
});

describe('the success policy', () => {
  const first = 'Matched rules at index 0';
  test.each<[string, readonly SuccessPolicyRule[] | undefined, string, string | undefined]>([
    ['none', undefined, '0', undefined],
    ['no rules', [], '0', undefined],
    ['indexes that are no list', [{ succeededIndexes: 'invalid-form' }], '0', undefined],
    ['the indexes', [{ succeededIndexes: '0-2' }], '0-2,4-7', first],
    ['other indexes', [{ succeededIndexes: '3' }], '0-2', undefined],
    ['enough', [{ succeededCount: 2 }], '0-2', first],
    ['not enough', [{ succeededCount: 4 }], '0-2', undefined],
    [
      'the second of two rules',
      [{ succeededIndexes: '9' }, { succeededIndexes: '4,6' }],
      '0-2,4-7',
      'Matched rules at index 1',
    ],
    ['both of two rules', [{ succeededIndexes: '0,1' }, { succeededIndexes: '5' }], '0-2,4-7', first],
    ['enough of the indexes', [{ succeededIndexes: '3-6', succeededCount: 2 }], '0-2,4-7', first],
    ['not enough of the indexes', [{ succeededIndexes: '3-6', succeededCount: 2 }], '0-2,6,7', undefined],
    ['nothing has succeeded', [{ succeededCount: 4 }], '', undefined],
    ['a part of what has succeeded', [{ succeededIndexes: '2-4,6-8' }], '1-5,6-9', first],
    ['all that has succeeded', [{ succeededIndexes: '2-4,6-9' }], '2-4,6-9', first],
    ['no indexes named', [{ succeededIndexes: '' }], '1-3', undefined],
    ['no indexes named, none succeeded', [{ succeededIndexes: '' }], '', undefined],
    ['indexes out of range', [{ succeededIndexes: '10-12,14-16' }], '1-3,5-7', undefined],
    ['overlap at the beginning', [{ succeededIndexes: '1-3,5-7' }], '2-4,6-8', undefined],
    ['overlap at the beginning that is enough', [{ succeededIndexes: '1-3,5-7', succeededCount: 4 }], '2-4,6-8', first],
    ['overlap at the end', [{ succeededIndexes: '2-4,6-9' }], '1-3,5-7', undefined],
    ['overlap at the end that is enough', [{ succeededIndexes: '2-4,6-9', succeededCount: 4 }], '1-3,5-7', first],
    ['more than has succeeded', [{ succeededIndexes: '0-4,6-9' }], '1-3,7,8', undefined],
    ['more than has succeeded, and enough', [{ succeededIndexes: '0-4,6-9', succeededCount: 5 }], '1-3,7,8', first],
    ['over several intervals', [{ succeededIndexes: '0-6,8-9' }], '1-3,5-9', undefined],
    ['over several intervals, and enough', [{ succeededIndexes: '0-6,8-9', succeededCount: 7 }], '1-3,5-9', first],
    ['over one interval, not its beginning', [{ succeededIndexes: '0-3,6-9' }], '1-10', undefined],
    ['over one interval, and enough', [{ succeededIndexes: '0-3,6-9', succeededCount: 7 }], '1-10', first],
  ])('%s', (_, rules, succeeded, expected) => {
    const intervals = succeeded === '' ? indexesOf([]) : parseIndexes(succeeded, 20);
    expect(matchSuccessPolicy(rules && { rules }, 10, intervals)).toBe(expected);
  });
});
