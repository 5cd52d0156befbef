import { describe, expect, it } from 'vitest';
import type { KubeClient } from '../../../../src/client/kube-client.ts';
import { maxSurge, maxUnavailable } from '../../../../src/cluster/controllers/deployment/limits.ts';
import {
  newReplicaSetSize,
  syncNewReplicaSet,
} from '../../../../src/cluster/controllers/deployment/new-replica-set.ts';
import { isComplete, writeRolloutStatus } from '../../../../src/cluster/controllers/deployment/progress.ts';
import { splitRevisions } from '../../../../src/cluster/controllers/deployment/replica-sets.ts';
import { revisionAnnotations } from '../../../../src/cluster/controllers/deployment/revisions.ts';
import { Rollout } from '../../../../src/cluster/controllers/deployment/rollout.ts';
import { isScalingEvent, scaleToSize } from '../../../../src/cluster/controllers/deployment/scale.ts';
import { cleanUpHistory, recreateStep, rollingStep } from '../../../../src/cluster/controllers/deployment/steps.ts';
import type { EventRecorder } from '../../../../src/cluster/machinery/interfaces.ts';
import { formatTime } from '../../../../src/cluster/machinery/time.ts';
import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
  ReplicaSet,
  ReplicaSetStatus,
} from '../../../../src/kube/api/apps-v1.generated.ts';
import type { Pod, PodTemplateSpec } from '../../../../src/kube/api/core-v1.generated.ts';

// The inputs and results of pkg/controller/deployment/*_test.go and util/deployment_util_test.go, a line a case.

const NOW = Date.UTC(2025, 0, 2, 12);
const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const MAX = 'deployment.kubernetes.io/max-replicas';
const REVISION = 'deployment.kubernetes.io/revision';
const HISTORY = 'deployment.kubernetes.io/revision-history';

const templateOf = (image: string): PodTemplateSpec => ({
  metadata: { labels: { app: 'foo' } },
  spec: { containers: [{ name: 'c', image }] },
});

interface Shape {
  readonly replicas: number;
  readonly surge?: number | string;
  readonly unavailable?: number | string;
  readonly recreate?: boolean;
  readonly deadline?: number;
  readonly limit?: number;
  readonly status?: DeploymentStatus;
}

function deployment({
  replicas,
  surge = 0,
  unavailable = 0,
  recreate = false,
  deadline,
  limit,
  status,
}: Shape): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'foo', namespace: 'default', uid: 'foo', generation: 1, annotations: { [REVISION]: '3' } },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'foo' } },
      template: templateOf('new'),
      strategy: recreate
        ? { type: 'Recreate' }
        : { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } },
      ...(deadline === undefined ? {} : { progressDeadlineSeconds: deadline }),
      ...(limit === undefined ? {} : { revisionHistoryLimit: limit }),
    },
    ...(status === undefined ? {} : { status }),
  };
}

interface SetShape {
  readonly status?: Partial<ReplicaSetStatus>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly deleted?: boolean;
}

/** `v3` is of the Deployment's template, others are older. Higher numbers are younger. */
function set(name: string, replicas: number, { status, annotations = {}, deleted = false }: SetShape = {}): ReplicaSet {
  const age = 10 - Number(name.slice(1));
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      generation: 1,
      creationTimestamp: formatTime(NOW - age * 60_000),
      annotations: { [REVISION]: name.slice(1), ...annotations },
      ...(deleted ? { deletionTimestamp: formatTime(NOW) } : {}),
    },
    spec: { replicas, selector: { matchLabels: { app: 'foo' } }, template: templateOf(name === 'v3' ? 'new' : name) },
    status: { replicas, observedGeneration: 1, ...status },
  };
}

interface Harness {
  readonly rollout: Rollout;
  readonly deleted: string[];
  readonly events: string[];
  readonly delays: number[];
  readonly sizes: () => Record<string, number | undefined>;
}

function harness(shape: Shape, sets: readonly ReplicaSet[], pods: readonly Pod[] = [], now = NOW): Harness {
  const deleted: string[] = [];
  const events: string[] = [];
  const delays: number[] = [];
  const client: Pick<KubeClient, 'update' | 'create' | 'delete'> = {
    update: (_type, object) => Promise.resolve(object as never),
    create: (_type, object) =>
      Promise.resolve({ ...object, metadata: { ...(object as Deployment).metadata, uid: 'created' } } as never),
    delete: (_type, { name }) => {
      deleted.push(name);
      return Promise.resolve({} as never);
    },
  };
  const recorder: EventRecorder = {
    event: (_object, _type, reason, message) => {
      events.push(`${reason}: ${message}`);
    },
  };
  const rollout = new Rollout(
    {
      client: client as KubeClient,
      now,
      recorder,
      podsOf: (owner) => pods.filter(({ metadata }) => metadata.labels?.['of'] === owner.metadata.name),
      lookAgain: (delay) => delays.push(delay),
    },
    deployment(shape),
    sets,
  );
  const sizes = (): Record<string, number | undefined> =>
    Object.fromEntries(rollout.sets.map(({ metadata, spec }) => [metadata.name ?? '', spec?.replicas]));
  return { rollout, deleted, events, delays, sizes };
}

describe('maxSurge and maxUnavailable', () => {
  it.each<[string | number, string | number, number, number, number]>([
    ['0%', '0%', 0, 0, 0],
    ['39%', '39%', 10, 4, 3],
    [0, '39%', 10, 0, 3],
    ['39%', 0, 10, 4, 0],
    [0, 0, 10, 0, 1],
    ['25%', '25%', 1, 1, 0],
    [1, 5, 10, 1, 5],
    [1, 10, 10, 1, 10],
    [1, 10, 5, 1, 5],
    [1, 10, 0, 1, 0],
    [1, '50%', 10, 1, 5],
    [1, '60%', 10, 1, 6],
    [1, '100%', 5, 1, 5],
  ])('%s and %s of %d come to %d and %d', (surge, unavailable, replicas, above, below) => {
    const given = deployment({ replicas, surge, unavailable });
    expect([maxSurge(given), maxUnavailable(given)]).toEqual([above, below]);
  });

  it('are none with Recreate', () => {
    const given = deployment({ replicas: 10, recreate: true });
    expect([maxSurge(given), maxUnavailable(given)]).toEqual([0, 0]);
  });
});

describe('the size of the new ReplicaSet', () => {
  it.each<[string, Shape, number, number, number]>([
    ['has no room', { replicas: 1, surge: 1 }, 5, 5, 5],
    ['is what is wanted, where there is room', { replicas: 6, surge: 10 }, 5, 2, 6],
    ['is what is wanted with Recreate', { replicas: 3, recreate: true }, 5, 1, 3],
  ])('%s', (_, shape, others, size, expected) => {
    expect(newReplicaSetSize(deployment(shape), others, size)).toBe(expected);
  });
});

describe('a step of a rolling update grows the new ReplicaSet', () => {
  it.each<[string, number, number, number, number, number]>([
    ['not while the old one has all', 10, 0, 10, 0, 0],
    ['by the surge', 10, 2, 10, 0, 2],
    ['by the surge and what is missing', 10, 2, 5, 0, 7],
    ['not beyond the surge', 10, 2, 10, 2, 2],
    ['down to what is wanted', 10, 2, 2, 11, 10],
  ])('%s', async (_, replicas, surge, old, size, expected) => {
    const { rollout, sizes } = harness({ replicas, surge }, [set('v2', old), set('v3', size)]);
    await rollingStep(rollout);
    expect(sizes()['v3']).toBe(expected);
  });
});

describe('a step of a rolling update shrinks old ReplicaSets', () => {
  it.each<[string, number, number, number, number, number, number]>([
    // Title, maxUnavailable, old, available of it, new, available of it, old afterwards.
    ['by one where neither bound is given', 0, 10, 10, 0, 0, 9],
    ['by as many as may be missing', 2, 10, 10, 0, 0, 8],
    ['by those that are not available', 2, 10, 8, 0, 0, 8],
    ['by one that is not available and one that is', 2, 10, 9, 0, 0, 8],
    ['not while the new pods are not available', 2, 8, 8, 2, 0, 8],
    ['not below the minimum', 2, 10, 5, 0, 0, 8],
    ['by as many as became available', 2, 8, 8, 2, 1, 7],
  ])('%s', async (_, unavailable, old, oldAvailable, size, available, expected) => {
    const { rollout, sizes } = harness({ replicas: 10, unavailable }, [
      set('v2', old, { status: { availableReplicas: oldAvailable } }),
      set('v3', size, { status: { availableReplicas: available } }),
    ]);
    await rollingStep(rollout);
    expect(sizes()['v2']).toBe(expected);
  });

  it('the oldest first', async () => {
    const { rollout, sizes, events } = harness({ replicas: 10, unavailable: 4 }, [
      set('v2', 5, { status: { availableReplicas: 5 } }),
      set('v1', 3, { status: { availableReplicas: 3 } }),
      set('v3', 2, { status: { availableReplicas: 2 } }),
    ]);
    await rollingStep(rollout);
    expect(sizes()).toEqual({ v2: 4, v1: 0, v3: 2 });
    expect(events).toEqual([
      'ScalingReplicaSet: Scaled down replica set v1 from 3 to 0',
      'ScalingReplicaSet: Scaled down replica set v2 from 5 to 4',
    ]);
  });
});

describe('another size', () => {
  const sized = (name: string, replicas: number, desired: number, max = desired): ReplicaSet =>
    set(name, replicas, { annotations: { [DESIRED]: String(desired), [MAX]: String(max) } });

  /** From and to, as the members `v1`, `v2` and `v3` say it; `before` is the Deployment's size until now. */
  it.each<[string, Shape, number, Record<string, number>, Record<string, number>, number?]>([
    ['goes to the only one: up', { replicas: 12 }, 10, { v3: 10 }, { v3: 12 }],
    ['goes to the only one: down', { replicas: 5 }, 10, { v3: 10 }, { v3: 5 }],
    ['is shared: 5 to 10', { replicas: 10 }, 5, { v3: 2, v2: 3 }, { v3: 4, v2: 6 }],
    ['is shared: 5 to 3', { replicas: 3 }, 5, { v3: 2, v2: 3 }, { v3: 1, v2: 2 }],
    ['is shared: 9 to 4', { replicas: 4 }, 9, { v3: 8, v2: 1 }, { v3: 4, v2: 0 }],
    ['is shared by three: 7 to 10', { replicas: 10 }, 7, { v3: 2, v2: 3, v1: 2 }, { v3: 3, v2: 4, v1: 3 }],
    ['is shared by three: 13 to 8', { replicas: 8 }, 13, { v3: 2, v2: 8, v1: 3 }, { v3: 1, v2: 5, v1: 2 }],
    ['leaves a rest to the newest: 3 to 4', { replicas: 4 }, 3, { v3: 1, v2: 1, v1: 1 }, { v3: 2, v2: 1, v1: 1 }],
    ['takes a rest from the oldest: 3 to 2', { replicas: 2 }, 3, { v3: 1, v2: 1, v1: 1 }, { v3: 1, v2: 1, v1: 0 }],
    ['without a new one goes to the newest of the old: 4 to 5', { replicas: 5 }, 4, { v2: 2, v1: 2 }, { v2: 3, v1: 2 }],
    ['of none empties all', { replicas: 0 }, 6, { v3: 3, v2: 2, v1: 1 }, { v3: 0, v2: 0, v1: 0 }],
    ['after none goes to the newest', { replicas: 6 }, 6, { v3: 0, v2: 0, v1: 0 }, { v3: 6, v2: 0, v1: 0 }],
    ['counts with the surge', { replicas: 20, surge: 2 }, 10, { v3: 6, v2: 6 }, { v3: 11, v2: 11 }, 12],
    ['comes with another surge', { replicas: 50, surge: 6 }, 10, { v3: 5, v2: 8 }, { v3: 22, v2: 34 }, 13],
    ['comes with another template', { replicas: 14 }, 10, { v2: 7, v1: 3 }, { v2: 10, v1: 4 }],
  ])('%s', async (_, shape, before, from, to, max = before) => {
    const sets = Object.entries(from).map(([name, size]) => sized(name, size, before, max));
    const { rollout, sizes } = harness(shape, sets);
    await scaleToSize(rollout);
    expect(sizes()).toEqual(to);
  });

  it('that was not written everywhere is made good', async () => {
    const { rollout, sizes } = harness({ replicas: 5 }, [sized('v3', 2, 5), sized('v2', 1, 3), sized('v1', 1, 5)]);
    expect(isScalingEvent(rollout)).toBe(true);
    await scaleToSize(rollout);
    expect(sizes()).toEqual({ v3: 2, v2: 2, v1: 1 });
    expect(isScalingEvent(rollout)).toBe(false);
  });

  it('of a new ReplicaSet that is whole but broken leaves the old pods', async () => {
    const { rollout, sizes } = harness({ replicas: 2, surge: 1, unavailable: 1 }, [
      set('v3', 2, { status: { availableReplicas: 0 }, annotations: { [DESIRED]: '2', [MAX]: '3' } }),
      sized('v2', 1, 2, 3),
    ]);
    await scaleToSize(rollout);
    expect(sizes()).toEqual({ v3: 2, v2: 1 });
  });

  it('of a new ReplicaSet that has all empties the old ones', async () => {
    const { rollout, sizes } = harness({ replicas: 2, surge: 1 }, [
      set('v3', 2, { status: { availableReplicas: 2 }, annotations: { [DESIRED]: '2', [MAX]: '3' } }),
      sized('v2', 1, 2, 3),
    ]);
    await scaleToSize(rollout);
    expect(sizes()).toEqual({ v3: 2, v2: 0 });
  });

  /** Of one of two ReplicaSets; the other one is far larger, so that nothing is left over for this one. */
  it.each<[string, Shape, number, string | undefined, number]>([
    ['of none', { replicas: 0 }, 10, undefined, 0],
    ['larger by a fifth, without annotation', { replicas: 120, status: { replicas: 100 } }, 30, undefined, 36],
    ['larger by a fifth, with annotation 0', { replicas: 120, status: { replicas: 100 } }, 30, '0', 36],
    ['larger by a fifth', { replicas: 120 }, 30, '100', 36],
    ['larger by a fifth, with a surge', { replicas: 120, surge: 10 }, 50, '110', 59],
    ['smaller by a sixth', { replicas: 100 }, 18, '120', 15],
    ['smaller by a sixth, with a surge', { replicas: 100, surge: 10 }, 50, '130', 42],
    ['with an annotation that is no number', { replicas: 120, status: { replicas: 100 } }, 30, 'many', 36],
    ['with a negative annotation', { replicas: 120, status: { replicas: 100 } }, 30, '-1', 36],
    ['with an annotation out of range', { replicas: 120, status: { replicas: 100 } }, 30, '2147483648', 36],
  ])('in proportion: %s', async (_, shape, size, max, expected) => {
    const annotations = max === undefined ? {} : { [MAX]: max };
    const before = Number(max ?? 0) || (shape.status?.replicas ?? 100);
    const other = Math.max((Number.isNaN(before) || before < 0 || before > 1000 ? 100 : before) - size, size + 1);
    const { rollout, sizes } = harness(shape, [set('v3', other, { annotations }), set('v2', size, { annotations })]);
    await scaleToSize(rollout);
    expect(sizes()['v2']).toBe(expected);
  });
});

describe('old ReplicaSets', () => {
  const empty = (name: string, revision = name.slice(1)): ReplicaSet =>
    set(name, 0, { annotations: revision === '' ? {} : { [REVISION]: revision } });
  const bare = (name: string): ReplicaSet => ({
    ...set(name, 0),
    metadata: { ...set(name, 0).metadata, annotations: {} },
  });
  const busy = (name: string): ReplicaSet => set(name, 1);
  const unobserved = (name: string): ReplicaSet => set(name, 0, { status: { observedGeneration: 0 } });

  it.each<[string, number, ReplicaSet[], string[]]>([
    ['beyond the limit go', 1, [empty('v0'), empty('v1'), empty('v2')], ['v0', 'v1']],
    [
      'with pods, wanted or there, stay',
      0,
      [empty('v0'), set('v1', 0, { status: { replicas: 1 } }), set('v2', 1, { status: { replicas: 0 } }), busy('v4')],
      ['v0'],
    ],
    ['all go with limit 0', 0, [empty('v1'), empty('v2')], ['v1', 'v2']],
    ['with pods stay whatever the limit', 0, [busy('v1'), busy('v2')], []],
    ['that go already are left alone', 0, [set('v1', 0, { deleted: true })], []],
    ['all stay without limit', 0x7fff_ffff, [empty('v0'), empty('v1'), empty('v2')], []],
    ['that were changed since they were looked at stay', 0, [unobserved('v1')], []],
    ['go by revision', 1, [empty('v1', '1'), empty('v2', '2')], ['v1']],
    ['go by revision, not by age', 1, [empty('v1', '2'), empty('v2', '1')], ['v2']],
    ['without revision go first: the younger', 1, [empty('v1', '1'), bare('v2')], ['v2']],
    ['without revision go first: the older', 1, [bare('v1'), empty('v2', '2')], ['v1']],
    ['with pods keep their place in the order', 1, [busy('v1'), empty('v2'), empty('v4')], ['v2']],
    ['behind the limit with pods save the others', 1, [busy('v1'), busy('v2'), empty('v4')], []],
    [
      'go by revision, several of them',
      2,
      [empty('v0', '3'), empty('v1', '1'), empty('v2', '4'), empty('v4', '2')],
      ['v1', 'v4'],
    ],
  ])('%s', async (_, limit, sets, expected) => {
    const { rollout, deleted } = harness({ replicas: 1, limit }, sets);
    await cleanUpHistory(rollout);
    expect(deleted.toSorted()).toEqual(expected);
  });
});

describe('the ReplicaSet of the template', () => {
  const twin = (name: string): ReplicaSet => ({ ...set('v3', 1), metadata: set(name, 1).metadata });
  const found = (sets: readonly ReplicaSet[]): [string | undefined, string[]] => {
    const { current, old } = splitRevisions(deployment({ replicas: 1 }), sets);
    return [current?.metadata.name, old.map(({ metadata }) => metadata.name ?? '').toSorted()];
  };

  it('is found among the others, the oldest of several', () => {
    expect(found([set('v3', 1), set('v1', 1)])).toEqual(['v3', ['v1']]);
    expect(found([twin('v5'), set('v1', 1), twin('v4')])).toEqual(['v4', ['v1', 'v5']]);
    expect(found([set('v1', 1)])).toEqual([undefined, ['v1']]);
    expect(found([set('v3', 1)])).toEqual(['v3', []]);
  });

  it('remembers the revisions that it was', () => {
    let current = set('v3', 1, { annotations: { [REVISION]: '10' } });
    for (let revision = 11; revision <= 20; revision += 1) {
      const annotations = revisionAnnotations(deployment({ replicas: 1 }), current, revision);
      current = { ...current, metadata: { ...current.metadata, annotations } };
      expect(annotations[REVISION]).toBe(String(revision));
    }
    expect(current.metadata.annotations?.[HISTORY]).toBe('10,11,12,13,14,15,16,17,18,19');
  });

  it('gets the number above all others, and gives it to the Deployment', async () => {
    const { rollout } = harness({ replicas: 1 }, [
      set('v3', 1, { annotations: { [REVISION]: '1' } }),
      set('v4', 0),
      set('v2', 0),
    ]);
    await syncNewReplicaSet(rollout);
    expect(rollout.revisions.current?.metadata.annotations).toMatchObject({ [REVISION]: '5', [HISTORY]: '1' });
    await syncNewReplicaSet(rollout);
    expect(rollout.deployment.metadata.annotations?.[REVISION]).toBe('5');
  });
});

describe('Recreate', () => {
  const pod = (phase: string): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: phase, labels: { of: 'v2' } },
    status: { phase },
  });

  it('first empties the old ones', async () => {
    const { rollout, sizes } = harness({ replicas: 3, recreate: true }, [set('v2', 3)]);
    await recreateStep(rollout);
    expect(sizes()).toEqual({ v2: 0 });
  });

  it.each<[string, number, readonly string[], boolean]>([
    ['no pods', 0, [], true],
    ['pods by its status', 1, [], false],
    ['pods that have ended', 0, ['Failed', 'Succeeded'], true],
    ['a pod in an unknown phase', 0, ['Unknown'], false],
    ['a pending pod', 0, ['Pending'], false],
    ['a running pod', 0, ['Running'], false],
    ['pods that have ended, and a pending one', 0, ['Failed', 'Succeeded', 'Pending'], false],
  ])('goes on or not while an old one has %s', async (_, replicas, phases, goesOn) => {
    const { rollout, sizes } = harness(
      { replicas: 3, recreate: true },
      [set('v2', 0, { status: { replicas } })],
      phases.map(pod),
    );
    await recreateStep(rollout);
    expect(Object.values(sizes()).includes(3)).toBe(goesOn);
  });
});

describe('a rollout is at its end', () => {
  it.each<[string, number, number, number, number, boolean]>([
    ['when all are new and available', 5, 5, 5, 5, true],
    ['not when one is not available', 5, 5, 5, 4, false],
    ['not when more are not available', 5, 5, 5, 3, false],
    ['not when one is old', 5, 5, 4, 5, false],
    ['not when an old one still runs', 1, 2, 1, 1, false],
    ['not when its only pod does not come up', 1, 1, 1, 0, false],
  ])('%s', (_, wanted, replicas, updatedReplicas, availableReplicas, expected) => {
    const status = { replicas, updatedReplicas, availableReplicas, observedGeneration: 1 };
    expect(isComplete(deployment({ replicas: wanted }), status)).toBe(expected);
  });
});

describe('progress', () => {
  /** Replicas, new ones, ready and available ones. */
  type Counts = readonly [replicas: number, updated: number, ready: number, available: number];
  const statusOf = ([replicas, updatedReplicas, readyReplicas, availableReplicas]: Counts): DeploymentStatus => ({
    replicas,
    updatedReplicas,
    readyReplicas,
    availableReplicas,
  });
  const setsOf = ([replicas, updated, readyReplicas, availableReplicas]: Counts): ReplicaSet[] => [
    set('v2', replicas - updated, { status: { replicas: replicas - updated } }),
    set('v3', updated, { status: { replicas: updated, readyReplicas, availableReplicas } }),
  ];
  const condition = (status: 'True' | 'False', reason: string, at = NOW - 60_000): DeploymentCondition => ({
    type: 'Progressing',
    status,
    reason,
    lastUpdateTime: formatTime(at),
    lastTransitionTime: formatTime(at),
  });

  interface Look {
    readonly before: Counts;
    readonly now: Counts;
    readonly wanted?: number;
    readonly deadline?: number | undefined;
    readonly known?: DeploymentCondition;
    /** ms since {@link NOW} */
    readonly later?: number;
    readonly alone?: boolean;
  }

  async function look({ before, now, wanted = 20, deadline = 60, known, later = 0, alone = false }: Look): Promise<{
    readonly condition: DeploymentCondition | undefined;
    readonly delays: number[];
  }> {
    const status = { ...statusOf(before), ...(known === undefined ? {} : { conditions: [known] }) };
    const sets = setsOf(now).filter(({ metadata }) => !alone || metadata.name === 'v3');
    const shape = { replicas: wanted, surge: 1, status, ...(deadline === 0 ? {} : { deadline }) };
    const { rollout, delays } = harness(shape, sets, [], NOW + later);
    await writeRolloutStatus(rollout);
    return { condition: rollout.status.conditions?.find(({ type }) => type === 'Progressing'), delays };
  }

  it.each<[string, Counts, Counts, boolean]>([
    ['more new pods are', [10, 4, 4, 4], [10, 6, 4, 4], true],
    ['the same is not', [10, 4, 4, 4], [10, 4, 4, 4], false],
    ['fewer old pods are', [10, 4, 6, 6], [8, 4, 6, 6], true],
    ['fewer new pods are not', [10, 7, 3, 3], [10, 6, 3, 3], false],
    ['fewer pods but more new ones are', [10, 4, 7, 7], [8, 8, 5, 5], true],
    ['more ready pods are', [10, 10, 9, 8], [10, 10, 10, 8], true],
    ['more available pods are', [10, 10, 10, 9], [10, 10, 10, 10], true],
  ])('%s', async (_, before, now, expected) => {
    const { condition: found } = await look({ before, now });
    expect(found?.reason).toBe(expected ? 'ReplicaSetUpdated' : undefined);
  });

  const resting = { before: [3, 3, 3, 1], now: [3, 3, 3, 1], wanted: 3 } as const;
  it.each<[string, Look, string | undefined, 'True' | 'False' | undefined]>([
    [
      'is not told of without a deadline',
      { ...resting, deadline: 0, known: condition('True', 'ReplicaSetUpdated') },
      undefined,
      undefined,
    ],
    [
      'is not told of with an endless one',
      { ...resting, deadline: 0x7fff_ffff, known: condition('True', 'ReplicaSetUpdated') },
      undefined,
      undefined,
    ],
    ['has time until the deadline', { ...resting, known: condition('True', 'X', NOW - 59_000) }, 'X', 'True'],
    [
      'is late after it',
      { ...resting, known: condition('True', 'X', NOW - 61_000) },
      'ProgressDeadlineExceeded',
      'False',
    ],
    [
      'stays late',
      { ...resting, known: condition('False', 'ProgressDeadlineExceeded', NOW - 1000) },
      'ProgressDeadlineExceeded',
      'False',
    ],
    [
      'has no deadline after its end',
      { ...resting, known: condition('True', 'NewReplicaSetAvailable', 0) },
      'NewReplicaSetAvailable',
      'True',
    ],
    [
      'after lateness counts again',
      { before: [3, 2, 2, 2], now: [3, 3, 3, 2], wanted: 3, known: condition('False', 'ProgressDeadlineExceeded') },
      'ReplicaSetUpdated',
      'True',
    ],
    [
      'after lateness comes to its end',
      { before: [3, 3, 3, 2], now: [3, 3, 3, 3], wanted: 3, known: condition('False', 'ProgressDeadlineExceeded') },
      'NewReplicaSetAvailable',
      'True',
    ],
    ['comes to its end', { before: [3, 3, 3, 2], now: [3, 3, 3, 3], wanted: 3 }, 'NewReplicaSetAvailable', 'True'],
  ])('%s', async (_, input, reason, status) => {
    const { condition: found } = await look(input);
    expect([found?.reason, found?.status]).toEqual([reason, status]);
  });

  it('renews its time, and keeps the time at which it began to be true', async () => {
    const known = condition('True', 'ReplicaSetUpdated');
    const { condition: found } = await look({ before: [3, 2, 2, 2], now: [3, 3, 3, 2], wanted: 3, known });
    expect(found).toMatchObject({ lastUpdateTime: formatTime(NOW), lastTransitionTime: formatTime(NOW - 60_000) });
  });

  it('comes to an end without a ReplicaSet of the template', async () => {
    const { rollout } = harness({ replicas: 0, deadline: 60, status: statusOf([3, 3, 3, 3]) }, [set('v2', 0)]);
    await writeRolloutStatus(rollout);
    expect(rollout.status.conditions?.find(({ type }) => type === 'Progressing')).toMatchObject({
      reason: 'NewReplicaSetAvailable',
      message: 'Deployment "foo" has successfully progressed.',
    });
  });

  it.each<[string, Look, number[]]>([
    ['without a deadline', { ...resting, deadline: 0 }, []],
    ['without a condition', resting, []],
    ['at its end', { ...resting, now: [3, 3, 3, 3] }, []],
    ['when it is late already', { ...resting, known: condition('False', 'ProgressDeadlineExceeded') }, []],
    ['30 s before', { ...resting, known: condition('True', 'X', NOW - 30_000) }, [31_000]],
    ['1 s before', { ...resting, known: condition('True', 'X', NOW - 59_000) }, [2000]],
  ])('is looked at again a second after the deadline, or not: %s', async (_, input, expected) => {
    expect((await look(input)).delays).toEqual(expected);
  });

  it('counts pods that are being deleted, as far as ReplicaSets tell', async () => {
    const told = async (...statuses: Partial<ReplicaSetStatus>[]): Promise<number | undefined> => {
      const sets = statuses.map((status, i) => set(`v${i + 1}`, 1, { status }));
      const { rollout } = harness({ replicas: 3 }, sets);
      await writeRolloutStatus(rollout);
      return rollout.status.terminatingReplicas;
    };
    const first = { terminatingReplicas: 3 };
    const unseen = { observedGeneration: 0 };
    expect(await told(first)).toBe(3);
    expect(await told(first, { terminatingReplicas: 1 })).toBe(4);
    expect(await told(unseen)).toBe(0);
    expect(await told(first, { terminatingReplicas: 1 }, unseen)).toBe(4);
    expect(await told({})).toBeUndefined();
    expect(await told(first, {}, unseen)).toBeUndefined();
  });
});
