import { describe, expect, it } from 'vitest';
import type { StatefulPodControl } from '../../../../src/cluster/controllers/statefulset/stateful-pod-control.ts';
import {
  statefulSetStatus,
  updateStatefulSet,
  type UpdateTask,
} from '../../../../src/cluster/controllers/statefulset/stateful-set-update.ts';
import { formatTime } from '../../../../src/cluster/machinery/time.ts';
import type { StatefulSet, StatefulSetSpec } from '../../../../src/kube/api/apps-v1.generated.ts';
import type { Pod } from '../../../../src/kube/api/core-v1.generated.ts';

// One look at a set in each of the states that pkg/controller/statefulset/stateful_set_control_test.go leads it through.

const NOW = Date.UTC(2025, 0, 2);

/**
 * A pod a letter, by ordinal: `R` running and ready, `r` running and not ready, `P` pending, `F` failed, `S` succeeded, `D` ready
 * and being deleted: of the old revision. `N`, `n`, `p`, `d` are the same of the new one. `-` is not there.
 */
type Pods = string;

interface Shape extends Partial<StatefulSetSpec> {
  readonly start?: number;
}

function set({ start = 0, ...spec }: Shape = {}): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', namespace: 'default', uid: 'web', generation: 3 },
    spec: {
      replicas: 3,
      serviceName: 'web',
      selector: { matchLabels: { app: 'web' } },
      template: {},
      ...(start === 0 ? {} : { ordinals: { start } }),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...spec,
    },
  };
}

const PHASES: Readonly<Record<string, string>> = { p: 'Pending', f: 'Failed', s: 'Succeeded' };

function pod(letter: string, ordinal: number): Pod {
  const name = `web-${ordinal}`;
  const isNew = 'Nnpd'.includes(letter);
  const ready = 'RNDd'.includes(letter);
  const labels = {
    'statefulset.kubernetes.io/pod-name': name,
    'apps.kubernetes.io/pod-index': String(ordinal),
    'controller-revision-hash': isNew ? 'new' : 'old',
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      labels,
      ...('Dd'.includes(letter) ? { deletionTimestamp: formatTime(NOW) } : {}),
    },
    status: {
      phase: PHASES[letter.toLowerCase()] ?? 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: formatTime(NOW - 60_000) }],
    },
  };
}

interface Options {
  readonly refuse?: 'create' | 'delete';
  /** Pods whose claims go with an earlier pod of the name. */
  readonly stale?: readonly string[];
}

function task(pods: Pods, shape: Shape, { refuse, stale = [] }: Options = {}): { task: UpdateTask; done: string[] } {
  const done: string[] = [];
  const note = (verb: 'create' | 'delete', text: string): Promise<void> => {
    if (verb === refuse) return Promise.reject(new Error(`${verb} refused`));
    done.push(text);
    return Promise.resolve();
  };
  const ordinal = ({ metadata }: Pod): string => metadata.name?.slice(4) ?? '';
  const control: Partial<StatefulPodControl> = {
    create: (_set, { metadata, ...rest }) =>
      note('create', `+${ordinal({ metadata, ...rest })} ${metadata.labels?.['controller-revision-hash'] ?? ''}`),
    delete: (_set, gone) => note('delete', `-${ordinal(gone)}`),
    mend: () => Promise.resolve(),
    applyRetention: () => Promise.resolve(),
    createMissingClaims: () => Promise.resolve(false),
    hasStaleClaim: (_set, { metadata }) => stale.includes(metadata.name ?? ''),
    recordRecreation: () => {},
  };
  const made = pods.split('').flatMap((letter, i) => (letter === '-' ? [] : [pod(letter, i + (shape.start ?? 0))]));
  return {
    done,
    task: {
      set: set(shape),
      pods: made,
      current: { name: 'old', template: {} },
      update: { name: 'new', template: {} },
      now: NOW,
      control: control as StatefulPodControl,
    },
  };
}

async function look(pods: Pods, shape: Shape = {}, options: Options = {}): Promise<string> {
  const { task: given, done } = task(pods, shape, options);
  try {
    await updateStatefulSet(given);
  } catch (error) {
    done.push(error instanceof Error ? error.message : 'failed');
  }
  return done.join(' ');
}

/** An update that is not under way: all pods are of the only revision that there is. */
const rolled = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 9 } } };
const parallel = { podManagementPolicy: 'Parallel' };

describe('in order', () => {
  it.each<[Pods, number, string]>([
    ['---', 3, '+0 old'],
    ['P--', 3, ''],
    ['r--', 3, ''],
    ['R--', 3, '+1 old'],
    ['RR-', 3, '+2 old'],
    ['RRR', 3, ''],
    ['-RR', 3, '+0 old'],
    ['R-R', 3, '+1 old'],
    ['r-R', 3, ''],
    ['D--', 3, ''],
    ['DRR', 3, ''],
    ['F--', 3, '-0'],
    ['S--', 3, '-0'],
    ['RFR', 3, '-1'],
    ['RRF', 3, '-2'],
    ['RRR', 1, '-2'],
    ['RRR', 0, '-2'],
    ['RRD', 1, ''],
    ['RRr', 1, '-2'],
    ['RrR', 1, '-2'],
    ['Rrr', 1, ''],
    ['rRR', 1, ''],
    ['RRP', 2, '-2'],
    ['-RR', 1, '+0 old'],
  ])('%s of %d: %s', async (pods, replicas, expected) => {
    expect(await look(pods, { replicas, ...rolled })).toBe(expected);
  });

  it('waits for pods to be available, not only ready', async () => {
    expect(await look('R--', { ...rolled, minReadySeconds: 30 })).toBe('+1 old');
    expect(await look('R--', { ...rolled, minReadySeconds: 90 })).toBe('');
  });

  it('counts from the first ordinal', async () => {
    expect(
      await look('--', {
        replicas: 2,
        start: 5,
        ...rolled,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      }),
    ).toBe('+5 new');
    expect(await look('RRR', { replicas: 2, start: 5, updateStrategy: { type: 'OnDelete' } })).toBe('-7');
  });

  it('stops at a failure', async () => {
    expect(await look('R--', rolled, { refuse: 'create' })).toBe('create refused');
    expect(await look('RRR', { ...rolled, replicas: 1 }, { refuse: 'delete' })).toBe('delete refused');
    expect(await look('FRR', rolled, { refuse: 'delete' })).toBe('delete refused');
  });

  it('waits for claims that go with an earlier pod', async () => {
    expect(await look('R--', rolled, { stale: ['web-1'] })).toBe('');
  });

  it('does nothing for a set that is being deleted', async () => {
    const { task: given, done } = task('R--', rolled);
    const metadata = { ...given.set.metadata, deletionTimestamp: formatTime(NOW) };
    await updateStatefulSet({ ...given, set: { ...given.set, metadata } });
    expect(done).toEqual([]);
  });
});

describe('all at once', () => {
  it.each<[Pods, number, string]>([
    ['---', 3, '+0 old +1 old +2 old'],
    ['P-R', 3, '+1 old'],
    ['r-r', 3, '+1 old'],
    ['F--', 3, '-0 +1 old +2 old'],
    ['RRR', 3, ''],
    ['RRR', 1, '-2 -1'],
    ['RRD', 1, '-1'],
    ['Rrr', 1, '-2 -1'],
    ['rRR', 0, '-2 -1 -0'],
    ['FRR', 1, '-0 -2 -1'],
  ])('%s of %d: %s', async (pods, replicas, expected) => {
    expect(await look(pods, { replicas, ...rolled, ...parallel })).toBe(expected);
  });

  it('goes on where claims must be waited for', async () => {
    expect(await look('-RRR', { replicas: 3, ...rolled, ...parallel }, { stale: ['web-0'] })).toBe('-3');
  });
});

describe('an update', () => {
  const rolling = (partition: number, maxUnavailable?: number | string): Shape => ({
    updateStrategy: {
      type: 'RollingUpdate',
      rollingUpdate: { partition, ...(maxUnavailable === undefined ? {} : { maxUnavailable }) },
    },
  });

  it.each<[Pods, number, string]>([
    ['RRR', 0, '-2'],
    ['RRN', 0, '-1'],
    ['RNN', 0, '-0'],
    ['NNN', 0, ''],
    ['RRn', 0, ''],
    ['RRp', 0, ''],
    ['RRd', 0, ''],
    ['RRD', 0, ''],
    ['RR-', 0, '+2 new'],
    ['RRN', 2, ''],
    ['RR-', 2, '+2 new'],
    ['-RN', 2, '+0 old'],
    ['RRR', 2, '-2'],
    ['RRR', 3, ''],
    ['rRR', 0, ''],
  ])('in order: %s from %d: %s', async (pods, partition, expected) => {
    expect(await look(pods, rolling(partition))).toBe(expected);
  });

  it.each<[Pods, string, number | string, string]>([
    ['RRR', 'in order', 2, '-2 -1'],
    ['RRRR', 'in order', '50%', '-3 -2'],
    ['RRRR', 'in order', '30%', '-3'],
    ['RRRR', 'in order', '10%', '-3'],
    ['RRn', 'in order', 2, ''],
    ['RRN', 'in order', 2, '-1 -0'],
    ['RRR', 'at once', 2, '-2 -1'],
    ['RRn', 'at once', 2, '-1'],
    ['Rrn', 'at once', 2, '-1'],
    ['rrr', 'at once', 1, '-2 -1 -0'],
    ['RRD', 'at once', 1, ''],
  ])('%s %s, %s unavailable: %s', async (pods, how, maxUnavailable, expected) => {
    const shape = { replicas: pods.length, ...rolling(0, maxUnavailable), ...(how === 'at once' ? parallel : {}) };
    expect(await look(pods, shape)).toBe(expected);
  });

  it('at once goes on below a pod that is not ready', async () => {
    expect(await look('rRR', { ...rolling(0), ...parallel })).toBe('-2');
    expect(await look('RRn', { ...rolling(0), ...parallel })).toBe('');
  });

  it('happens by hand with OnDelete', async () => {
    const byHand = { updateStrategy: { type: 'OnDelete' } };
    expect(await look('RRR', byHand)).toBe('');
    expect(await look('RR-', byHand)).toBe('+2 new');
  });

  it('waits until there are neither too few nor too many pods', async () => {
    expect(await look('RRRR', rolling(0))).toBe('-3');
    expect(await look('R-R', rolling(0))).toBe('+1 new');
  });
});

describe('the status', () => {
  const counts = (pods: Pods, deleted = 0, shape: Shape = {}): unknown[] => {
    const { task: given } = task(pods, shape);
    const status = statefulSetStatus(given, deleted, undefined);
    const { replicas, readyReplicas, availableReplicas, currentReplicas, updatedReplicas, currentRevision } = status;
    return [replicas, readyReplicas, availableReplicas, currentReplicas, updatedReplicas, currentRevision];
  };

  it.each<[string, Pods, number, unknown[]]>([
    ['without pods', '---', 0, [0, undefined, 0, undefined, undefined, 'old']],
    ['before an update', 'RRR', 0, [3, 3, 3, 3, undefined, 'old']],
    ['of pods that are not ready', 'RrP', 0, [3, 1, 1, 3, undefined, 'old']],
    ['after a deletion for an update', 'RRR', 1, [3, 3, 3, 2, undefined, 'old']],
    ['amid an update', 'RRn', 0, [3, 2, 2, 2, 1, 'old']],
    ['of pods that go', 'RRD', 0, [3, 3, 3, 2, undefined, 'old']],
    ['after an update', 'NNN', 0, [3, 3, 3, 3, 3, 'new']],
    ['not after it while one is not ready', 'NNn', 0, [3, 2, 2, undefined, 3, 'old']],
  ])('%s', (_, pods, deleted, expected) => expect(counts(pods, deleted)).toEqual(expected));
});
