import { describe, expect, it } from 'vitest';
import { normalize } from '../../../../src/cluster/controllers/hpa/normalize.ts';
import { longestPeriod, ScalingHistory } from '../../../../src/cluster/controllers/hpa/scaling-history.ts';
import type {
  HorizontalPodAutoscalerBehavior,
  HPAScalingPolicy,
  HPAScalingRules,
} from '../../../../src/kube/api/autoscaling-v2.generated.ts';

// The inputs and results of pkg/controller/podautoscaler/horizontal_test.go, a line a case.

const NOW = Date.UTC(2025, 0, 2);
const FOREVER = 3_600_000;

/** Replicas, and why no others. */
type Result = readonly [replicas: number, reason: string];

const WITHIN = 'DesiredWithinRange';

/** Rules: by number, by per cent, each in so many seconds. */
function rules(pods: number, podsPeriod: number, percent: number, percentPeriod: number): HPAScalingRules {
  const policies: HPAScalingPolicy[] = [
    { type: 'Pods', value: pods, periodSeconds: podsPeriod },
    { type: 'Percent', value: percent, periodSeconds: percentPeriod },
  ];
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: policies.filter(({ value }) => value !== 0),
  };
}

/** Changes spread evenly over the last two minutes. */
interface Changes {
  readonly up?: readonly number[];
  readonly down?: readonly number[];
}

function historyOf({ up = [], down = [] }: Changes): ScalingHistory {
  const history = new ScalingHistory();
  const note = (changes: readonly number[], sign: number): void => {
    const segment = 120 / changes.length;
    changes.forEach((change, i) => {
      const now = NOW - Math.trunc(120 - segment * (i + 1) + segment / 2) * 1000;
      history.scaled(100, 100 + sign * change, { now, keep: FOREVER });
    });
  };
  note(up, 1);
  note(down, -1);
  return history;
}

interface Limits {
  readonly min: number;
  readonly max: number;
  readonly behavior?: HorizontalPodAutoscalerBehavior;
  readonly changes?: Changes;
}

function limited(current: number, desired: number, { min, max, behavior, changes = {} }: Limits): Result {
  const scaleTargetRef = { kind: 'Deployment', name: 'web' };
  const spec = { maxReplicas: max, scaleTargetRef, ...(behavior === undefined ? {} : { behavior }) };
  const history = historyOf(changes);
  const { replicas, limit } = normalize({ spec, history, current, desired, minReplicas: min, now: NOW });
  return [replicas, limit.reason];
}

const wide = { min: 1, max: 1000 };
const up = (scaleUp: HPAScalingRules): HorizontalPodAutoscalerBehavior => ({ scaleUp });
const down = (scaleDown: HPAScalingRules): HorizontalPodAutoscalerBehavior => ({ scaleDown });
/** No window to steady in, so that the bounds alone show. */
const atOnce: HorizontalPodAutoscalerBehavior = { scaleDown: rules(0, 0, 100, 15) };

describe('bounds', () => {
  it.each<[string, number, number, Limits, Result]>([
    ['do not touch what is within', 5, 7, { min: 3, max: 8 }, [7, WITHIN]],
    ['raise to the minimum', 3, 1, { min: 2, max: 8 }, [2, 'TooFewReplicas']],
    ['let a minimum of none be reached', 1, 0, { min: 0, max: 10 }, [0, WITHIN]],
    ['cut to the maximum', 20, 1000, { min: 1, max: 10 }, [10, 'TooManyReplicas']],
    ['cut to the maximum from a large size', 100, 1000, { min: 100, max: 150 }, [150, 'TooManyReplicas']],
  ])('%s', (_, current, desired, limits, expected) => {
    expect(limited(current, desired, limits)).toEqual(expected);
    expect(limited(current, desired, { ...limits, behavior: atOnce })).toEqual(expected);
  });

  it('without rules let the size double, or grow to four', () => {
    expect(limited(3, 1000, { min: 1, max: 2000 })).toEqual([6, 'ScaleUpLimit']);
    expect(limited(1, 1000, { min: 1, max: 2000 })).toEqual([4, 'ScaleUpLimit']);
  });
});

describe('rules for growing', () => {
  it.each<[string, number, number, Limits, Result]>([
    ['by default double', 10, 50, { ...wide, behavior: atOnce }, [20, 'ScaleUpLimit']],
    [
      'round up, so that one per cent is a pod',
      3,
      1000,
      { min: 1, max: 2000, behavior: up(rules(0, 0, 1, 60)) },
      [4, 'ScaleUpLimit'],
    ],
    [
      'stay below the maximum, whatever the numbers',
      2_000_000_000,
      Number.MAX_SAFE_INTEGER,
      { min: 1, max: 2_147_483_647, behavior: up(rules(2_147_483_647, 60, 2_147_483_647, 60)) },
      [2_147_483_647, 'TooManyReplicas'],
    ],
    [
      'take the number when it is more',
      10,
      500,
      { ...wide, behavior: up(rules(100, 60, 100, 60)) },
      [110, 'ScaleUpLimit'],
    ],
    ['take the share when it is more', 10, 500, { ...wide, behavior: up(rules(2, 60, 100, 60)) }, [20, 'ScaleUpLimit']],
    ['by number that is enough', 10, 50, { ...wide, behavior: up(rules(100, 60, 0, 0)) }, [50, WITHIN]],
    ['by number that is far too much', 10, 50, { ...wide, behavior: up(rules(10_000, 60, 0, 0)) }, [50, WITHIN]],
    ['by number', 10, 50, { ...wide, behavior: up(rules(30, 60, 0, 0)) }, [40, 'ScaleUpLimit']],
    ['by share', 10, 50, { ...wide, behavior: up(rules(0, 0, 200, 60)) }, [30, 'ScaleUpLimit']],
  ])('%s', (_, current, desired, limits, expected) => expect(limited(current, desired, limits)).toEqual(expected));

  const grown = { up: [1, 5, 9] };
  it.each<[string, HPAScalingRules, number, Result]>([
    ['by number, within the maximum', rules(300, 60, 0, 0), 200, [200, 'TooManyReplicas']],
    ['by share, within the maximum', rules(0, 0, 10_000, 60), 200, [200, 'TooManyReplicas']],
    ['by number that is used up', rules(5, 120, 0, 0), 1000, [100, 'ScaleUpLimit']],
    ['by number from the size two minutes ago', rules(150, 120, 0, 0), 1000, [235, 'ScaleUpLimit']],
    ['by share of the size two minutes ago', rules(0, 0, 200, 120), 1000, [255, 'ScaleUpLimit']],
  ])('count what has grown: %s', (_, scaleUp, max, expected) => {
    expect(limited(100, 500, { min: 1, max, behavior: up(scaleUp), changes: grown })).toEqual(expected);
  });

  it.each([
    ['one period', rules(1000, 60, 0, 0)],
    ['two, the longer by number', rules(1000, 120, 100, 60)],
    ['two, the shorter by number', rules(1000, 30, 100, 60)],
  ])('look back over their own period: %s', (_, scaleUp) => {
    const changes = { up: [8, 12, 9, 11] };
    expect(limited(100, 200, { ...wide, behavior: up(scaleUp), changes })).toEqual([200, WITHIN]);
  });

  it('count what has shrunk meanwhile', () => {
    const changes = { up: [10], down: [20] };
    // 100 - 10 + 20 two minutes ago.
    expect(limited(100, 500, { ...wide, behavior: up(rules(5, 120, 0, 0)), changes })).toEqual([115, 'ScaleUpLimit']);
  });

  it('take the smaller change with Min, none with Disabled', () => {
    const both = rules(2, 60, 50, 60);
    expect(limited(1, 100, { ...wide, behavior: up({ ...both, selectPolicy: 'Min' }) })).toEqual([2, 'ScaleUpLimit']);
    expect(limited(1, 100, { ...wide, behavior: up({ ...both, selectPolicy: 'Disabled' }) })).toEqual([
      1,
      'ScaleUpLimit',
    ]);
  });
});

describe('rules for shrinking', () => {
  it.each<[string, number, number, Limits, Result]>([
    ['by number', 1000, 3, { min: 3, max: 2000, behavior: down(rules(20, 60, 0, 0)) }, [980, 'ScaleDownLimit']],
    [
      'take the number when it is more',
      100,
      2,
      { ...wide, behavior: down(rules(20, 60, 1, 60)) },
      [80, 'ScaleDownLimit'],
    ],
    [
      'take a small number when it is more',
      100,
      2,
      { ...wide, behavior: down(rules(2, 60, 1, 60)) },
      [98, 'ScaleDownLimit'],
    ],
    [
      'by a large number end at the minimum',
      10,
      0,
      { ...wide, behavior: down(rules(100, 60, 0, 0)) },
      [1, 'TooFewReplicas'],
    ],
    [
      'by a large share end at the minimum',
      10,
      2,
      { min: 5, max: 1000, behavior: down(rules(0, 0, 100, 60)) },
      [5, 'TooFewReplicas'],
    ],
    ['by a small number', 10, 2, { ...wide, behavior: down(rules(5, 60, 0, 0)) }, [5, 'ScaleDownLimit']],
    ['by a share that is just enough', 10, 5, { ...wide, behavior: down(rules(0, 0, 50, 60)) }, [5, WITHIN]],
    ['round down', 5, 0, { ...wide, behavior: down(rules(0, 0, 50, 60)) }, [2, 'ScaleDownLimit']],
  ])('%s', (_, current, desired, limits, expected) => expect(limited(current, desired, limits)).toEqual(expected));

  it.each<[string, number, number, number, Changes, HPAScalingRules, Result]>([
    ['without limits', 10, 5, 1, { down: [1, 5, 9] }, rules(0, 0, 100, 15), [5, WITHIN]],
    ['by a large number', 100, 0, 1, { down: [1, 5, 9] }, rules(115, 120, 0, 0), [1, 'TooFewReplicas']],
    ['by a larger one', 100, 0, 5, { down: [1, 5, 9] }, rules(130, 120, 0, 0), [5, 'TooFewReplicas']],
    ['by all', 100, 2, 5, { down: [1, 5, 9] }, rules(0, 0, 100, 120), [5, 'TooFewReplicas']],
    ['by number that is used up', 100, 2, 1, { down: [1, 5, 9] }, rules(5, 120, 0, 0), [100, 'ScaleDownLimit']],
    [
      'by share of the size two minutes ago',
      100,
      0,
      1,
      { down: [2, 4, 6] },
      rules(0, 0, 50, 120),
      [56, 'ScaleDownLimit'],
    ],
    ['by share that is used up', 100, 0, 1, { down: [10, 10, 10] }, rules(0, 0, 10, 120), [100, 'ScaleDownLimit']],
    ['by more than all', 10, 5, 1, { down: [10, 10, 10] }, rules(0, 0, 1000, 120), [5, WITHIN]],
    ['one period', 100, 5, 1, { down: [8, 12, 9, 11] }, rules(1000, 60, 0, 0), [5, WITHIN]],
    ['two, the longer by number', 100, 5, 1, { down: [8, 12, 9, 11] }, rules(1000, 120, 100, 60), [5, WITHIN]],
    ['two, the shorter by number', 100, 5, 1, { down: [8, 12, 9, 11] }, rules(1000, 30, 100, 60), [5, WITHIN]],
  ])('count what has shrunk: %s', (_, current, desired, min, changes, scaleDown, expected) => {
    expect(limited(current, desired, { min, max: 1000, behavior: down(scaleDown), changes })).toEqual(expected);
  });

  it('take the smaller change with Min, none with Disabled', () => {
    const both = rules(2, 60, 50, 60);
    expect(limited(5, 1, { ...wide, behavior: down({ ...both, selectPolicy: 'Min' }) })).toEqual([3, 'ScaleDownLimit']);
    expect(limited(5, 1, { ...wide, behavior: down({ ...both, selectPolicy: 'Disabled' }) })).toEqual([
      5,
      'ScaleDownLimit',
    ]);
  });
});

/** What was recommended, and how many minutes ago. */
type Recommended = readonly (readonly [replicas: number, minutes: number])[];

function steadied(
  recommended: Recommended,
  current: number,
  desired: number,
  behavior?: HorizontalPodAutoscalerBehavior,
): readonly [replicas: number, reason: string] {
  const history = new ScalingHistory();
  for (const [replicas, minutes] of recommended.toSorted((a, b) => b[1] - a[1])) {
    history.recommend(replicas, NOW - minutes * 60_000, 100 * 60_000 + 1);
  }
  const spec = {
    maxReplicas: 1000,
    scaleTargetRef: { kind: 'Deployment', name: 'web' },
    ...(behavior && { behavior }),
  };
  const { replicas, able } = normalize({ spec, history, current, desired, minReplicas: 1, now: NOW });
  return [replicas, able.reason];
}

describe('the highest of what was recommended within five minutes', () => {
  it.each<[string, Recommended, number, Result]>([
    ['nothing before', [], 5, [5, 'ReadyForNewScale']],
    [
      'higher before',
      [
        [4, 2],
        [5, 1],
      ],
      3,
      [5, 'ScaleDownStabilized'],
    ],
    [
      'lower before',
      [
        [1, 2],
        [2, 1],
      ],
      3,
      [3, 'ReadyForNewScale'],
    ],
    [
      'higher long before',
      [
        [10, 10],
        [9, 9],
      ],
      3,
      [3, 'ReadyForNewScale'],
    ],
    [
      'higher before and long before',
      [
        [10, 10],
        [4, 1],
        [5, 2],
        [9, 9],
      ],
      3,
      [5, 'ScaleDownStabilized'],
    ],
  ])('%s', (_, recommended, desired, expected) => {
    expect(steadied(recommended, 10, desired)).toEqual(expected);
  });
});

describe('windows of the rules', () => {
  const windows = (upSeconds: number, downSeconds: number): HorizontalPodAutoscalerBehavior => ({
    scaleUp: { ...rules(0, 0, 100_000, 15), stabilizationWindowSeconds: upSeconds },
    scaleDown: { ...rules(0, 0, 100, 15), stabilizationWindowSeconds: downSeconds },
  });
  const long: Recommended = [
    [10, 10],
    [9, 9],
  ];
  it.each<[string, Recommended, number, number, [up: number, down: number], Result]>([
    ['shrink with nothing before', [], 100, 5, [0, 0], [5, 'ReadyForNewScale']],
    [
      'shrink to the highest',
      [
        [4, 2],
        [5, 1],
      ],
      100,
      3,
      [0, 180],
      [5, 'ScaleDownStabilized'],
    ],
    [
      'grow to the lowest',
      [
        [4, 2],
        [5, 1],
      ],
      1,
      7,
      [300, 0],
      [4, 'ScaleUpStabilized'],
    ],
    [
      'shrink at once without a window for it',
      [
        [1, 2],
        [2, 1],
      ],
      100,
      3,
      [300, 0],
      [3, 'ReadyForNewScale'],
    ],
    [
      'grow at once without a window for it',
      [
        [4, 2],
        [5, 1],
      ],
      1,
      3,
      [0, 300],
      [3, 'ReadyForNewScale'],
    ],
    ['shrink when it was long before', long, 100, 3, [0, 0], [3, 'ReadyForNewScale']],
    ['grow when it was long before', long, 1, 100, [0, 0], [100, 'ReadyForNewScale']],
    [
      'shrink by the recent ones',
      [
        [10, 10],
        [4, 1],
        [5, 2],
        [9, 9],
      ],
      100,
      3,
      [0, 180],
      [5, 'ScaleDownStabilized'],
    ],
    [
      'grow by the recent ones',
      [
        [10, 100],
        [6, 1],
        [5, 2],
        [9, 3],
      ],
      1,
      100,
      [300, 0],
      [5, 'ScaleUpStabilized'],
    ],
    [
      'stay between both',
      [
        [4, 2],
        [8, 1],
      ],
      5,
      6,
      [300, 300],
      [5, 'ScaleUpStabilized'],
    ],
  ])('%s', (_, recommended, current, desired, [upSeconds, downSeconds], expected) => {
    expect(steadied(recommended, current, desired, windows(upSeconds, downSeconds))).toEqual(expected);
  });
});

describe('what is remembered of changes', () => {
  /** Changes and how many seconds ago. */
  type Before = readonly (readonly [change: number, seconds: number])[];

  it.each<[string, Before, HPAScalingRules, number, number]>([
    ['nothing', [], rules(10, 60, 100, 60), 0, 5],
    ['nothing that is older than the period', [[7, 61]], rules(10, 60, 100, 60), 0, 5],
    ['a change within the period', [[7, 58]], rules(10, 60, 100, 60), 7, 12],
    [
      'of two the one within the period',
      [
        [7, 61],
        [6, 59],
      ],
      rules(10, 60, 0, 0),
      6,
      11,
    ],
    [
      'of four those within the period',
      [
        [8, 29],
        [6, 59],
        [7, 61],
        [9, 61],
      ],
      rules(10, 60, 100, 30),
      14,
      19,
    ],
    [
      'both',
      [
        [7, 58],
        [6, 59],
      ],
      rules(10, 120, 100, 30),
      13,
      18,
    ],
  ])('%s', (_, before, given, sum, after) => {
    for (const sign of [1, -1]) {
      const history = new ScalingHistory();
      const keep = longestPeriod(given);
      for (const [change, seconds] of before) {
        history.scaled(100, 100 + sign * change, { now: NOW - seconds * 1000, keep: FOREVER });
      }
      expect(history.atStartOf(60, 100, NOW)).toBe(100 - sign * sum);
      history.scaled(10, 10 + sign * 5, { now: NOW, keep });
      expect(history.atStartOf(60, 100, NOW)).toBe(100 - sign * after);
    }
  });

  it('is kept as long as the longest period', () => {
    expect(longestPeriod(rules(10, 120, 100, 30))).toBe(120_000);
    expect(longestPeriod(undefined)).toBe(0);
  });
});
