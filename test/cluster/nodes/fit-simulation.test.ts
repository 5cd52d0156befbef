import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { type FitContext, FitSimulation } from '../../../src/cluster/nodes/fit-simulation.ts';
import type { PlacedPod } from '../../../src/cluster/nodes/pod-lookup.ts';
import { isUnneeded } from '../../../src/cluster/nodes/scale-down.ts';
import { planScaleUp } from '../../../src/cluster/nodes/scale-up.ts';
import { PodInfo } from '../../../src/cluster/scheduler/pod-info.ts';
import type { Node, PodSpec } from '../../../src/kube/api/core-v1.generated.ts';
import { nodeOf, NO_VOLUMES, type PodLine, podOf } from '../scheduler/world.ts';

const CONTEXT: FitContext = { namespaceLabels: () => ({}), volumes: NO_VOLUMES };
const ZONE = 'topology.kubernetes.io/zone';

function node(name: string, cpu: number, zone = 'a'): Node {
  return nodeOf(name, { labels: { 'kubernetes.io/hostname': name, [ZONE]: zone }, allocatable: { cpu } });
}

const infoOf = (line: PodLine): PodInfo => new PodInfo(podOf(line));

/** Rules about other pods, of which some hold for a pod of this app. */
function rules(app: string): readonly Partial<PodSpec>[] {
  const labelSelector = { matchLabels: { app } };
  const term = (topologyKey: string): object[] => [{ labelSelector, topologyKey }];
  const affinity = (kind: string, topologyKey: string): Partial<PodSpec> => ({
    affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: term(topologyKey) } },
  });
  const topologySpreadConstraints = [
    { topologyKey: ZONE, maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', labelSelector },
  ];
  return [
    {},
    {},
    affinity('podAntiAffinity', 'kubernetes.io/hostname'),
    affinity('podAffinity', ZONE),
    { topologySpreadConstraints },
    { nodeSelector: { [ZONE]: 'b' } },
  ];
}

/** A few nodes in three zones with pods on them, and pods that look for a place. */
function randomWorld(random: SeededRandom): {
  readonly nodes: readonly Node[];
  readonly placed: readonly PlacedPod[];
  readonly pods: readonly PodInfo[];
} {
  const pick = <T>(all: readonly T[]): T => all[random.below(all.length)] as T;
  const nodes = Array.from({ length: 6 }, (_, i) => node(`n${i}`, 2 + random.below(3), pick(['a', 'b', 'c'])));
  const pod = (): PodInfo => {
    const app = pick(['x', 'y', 'z']);
    const ports = random.below(6) === 0 ? [{ hostPort: 80, containerPort: 80 }] : [];
    const line: PodLine = { labels: { app }, spec: pick(rules(app)), asks: [{ cpu: pick(['200m', '500m', '1']) }] };
    const { spec, ...rest } = podOf(line);
    const containers = (spec?.containers ?? []).map((container) => ({ ...container, ports }));
    return new PodInfo({ ...rest, spec: { ...spec, containers } });
  };
  return {
    nodes,
    placed: Array.from({ length: 14 }, (): PlacedPod => [`n${random.below(6)}`, pod()]),
    pods: Array.from({ length: 10 }, pod),
  };
}

/** Names of the pods that find a place one after the other, by looking at each node anew for each. */
function placedByHand(simulation: FitSimulation, nodes: readonly Node[], pods: readonly PodInfo[]): readonly string[] {
  return pods
    .filter((pod) => {
      const fits = nodes.some(({ metadata }) => simulation.refusal(pod, metadata.name ?? '') === undefined);
      expect(simulation.place(pod)).toBe(fits);
      return fits;
    })
    .map(({ key }) => key);
}

describe('a simulation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('answers as a new one does, whatever was tried before (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const { nodes, placed, pods } = randomWorld(random);
    const shared = new FitSimulation(nodes, placed, CONTEXT);
    const fresh = (): FitSimulation => new FitSimulation(nodes, placed, CONTEXT);
    const keys = (all: readonly PodInfo[]): readonly string[] => all.map(({ key }) => key);
    for (let round = 0; round < 12; round += 1) {
      const at = random.below(nodes.length);
      const some = pods.filter(() => random.below(3) > 0);
      const kind = random.below(3);
      if (kind === 0) {
        const found = shared.trial(() => keys(some.filter((pod) => shared.place(pod))));
        expect(found).toEqual(placedByHand(fresh(), nodes, some));
      } else if (kind === 1) {
        const added = node('new', 3, 'b');
        const other = fresh();
        const oneByOne = some.flatMap((pod) => other.fill(added, [pod]));
        expect(keys(shared.trial(() => shared.fill(added, some)))).toEqual(keys(oneByOne));
      } else {
        const gone = nodes[at] as Node;
        const left = nodes.filter((each) => each !== gone);
        const own = placed.flatMap(([name, pod]) => (name === gone.metadata.name ? [pod] : []));
        const rest = placed.filter(([name]) => name !== gone.metadata.name);
        const found = shared.trial(() => {
          shared.remove(gone);
          return keys(own.filter((pod) => shared.place(pod)));
        });
        expect(found).toEqual(placedByHand(new FitSimulation(left, rest, CONTEXT), left, own));
      }
    }
  });

  it('takes back what was tried when that fails', () => {
    const only = node('n', 1);
    const simulation = new FitSimulation([only], [], CONTEXT);
    const pod = infoOf({ asks: [{ cpu: '1' }] });
    const failing = (): void =>
      simulation.trial(() => {
        expect(simulation.place(pod)).toBe(true);
        throw new Error('no');
      });
    expect(failing).toThrow('no');
    expect(simulation.place(infoOf({ asks: [{ cpu: '1' }] }))).toBe(true);
  });
});

it('tells many pods why no pool helps them with one look at each pool', () => {
  const unfit = Array.from({ length: 40 }, () => infoOf({ asks: [{ cpu: '8' }] }));
  let made = 0;
  const pools = ['a', 'b'].map((name) => ({
    pool: { name, min: 0, max: 3, template: { capacity: {}, labels: {}, annotations: {} } },
    size: 0,
    node: (number: number) => {
      made += 1;
      return node(`${name}-${number}`, 4);
    },
  }));
  const full = { ...pools[0], size: 3 } as (typeof pools)[number];
  const plan = planScaleUp(unfit, [...pools, full], new FitSimulation([], [], CONTEXT));
  expect(plan.best).toBeUndefined();
  expect(plan.helpless.map(({ pod }) => pod)).toEqual(unfit);
  expect(new Set(plan.helpless.map(({ reason }) => reason))).toEqual(
    new Set(['1 max node group size reached, 2 Insufficient cpu']),
  );
  // One to fill and one to ask about, of each that is not full.
  expect(made).toBe(4);
});

describe('a node is looked at with a simulation', () => {
  const busy = node('n', 2);
  const others = [busy, node('other', 2)];
  const controlled = (line: PodLine, owner = 'ReplicaSet'): PodInfo => {
    const pod = podOf(line);
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: owner, name: 'o', uid: 'o', controller: true }];
    return new PodInfo({ ...pod, metadata: { ...pod.metadata, ownerReferences } });
  };

  it.each([
    { title: 'has no pods', pods: [], unneeded: true, simulations: 0 },
    { title: 'is used', pods: [controlled({ asks: [{ cpu: '1' }] })], unneeded: false, simulations: 0 },
    { title: 'has a pod that stays', pods: [infoOf({ asks: [{ cpu: '100m' }] })], unneeded: false, simulations: 0 },
    {
      title: 'has pods that fit elsewhere',
      pods: [controlled({ asks: [{ cpu: '500m' }] })],
      unneeded: true,
      simulations: 1,
    },
  ])('when it comes to that: $title', ({ pods, unneeded, simulations }) => {
    let made = 0;
    const situation = {
      moving: () => pods,
      budgets: [],
      simulation: () => {
        made += 1;
        return new FitSimulation(
          others,
          pods.map((pod): PlacedPod => ['n', pod]),
          CONTEXT,
        );
      },
    };
    expect(isUnneeded(busy, situation)).toBe(unneeded);
    expect(made).toBe(simulations);
  });
});
