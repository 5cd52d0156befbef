import { ClusterState } from '../../../src/cluster/scheduler/cluster-state.ts';
import type { Cycle, Filter, FilterFactory, Profile, ScorerFactory } from '../../../src/cluster/scheduler/cycle.ts';
import type { DefaultSelector } from '../../../src/cluster/scheduler/default-selector.ts';
import { PodInfo } from '../../../src/cluster/scheduler/pod-info.ts';
import { defaultProfile } from '../../../src/cluster/scheduler/profiles/create-profile.ts';
import type { VolumeLookup } from '../../../src/cluster/scheduler/volumes/volume-lookup.ts';
import type { Container, Node, NodeStatus, Pod, PodSpec, Taint } from '../../../src/kube/api/core-v1.generated.ts';

type Labels = Readonly<Record<string, string>>;

/** A node in short. */
export interface NodeLine {
  readonly labels?: Labels;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  readonly allocatable?: Readonly<Record<string, string | number>>;
  readonly images?: NodeStatus['images'];
}

/** A pod in short. */
export interface PodLine {
  /** The node that it is on. */
  readonly on?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly ending?: boolean;
  readonly priority?: number;
  readonly started?: string;
  /** What its containers ask for, one each. */
  readonly asks?: readonly Readonly<Record<string, string>>[];
  readonly spec?: Partial<PodSpec>;
  readonly status?: Pod['status'];
}

/** Nodes and pods as one attempt of the scheduler sees them. */
export interface World {
  readonly nodes: Readonly<Record<string, NodeLine>>;
  readonly pods?: readonly PodLine[];
  readonly pod: PodLine;
  /** Labels of namespaces. */
  readonly namespaces?: Readonly<Record<string, Labels>>;
  readonly volumes?: Partial<VolumeLookup>;
  readonly defaultSelector?: DefaultSelector;
}

/** A cluster without storage. */
export const NO_VOLUMES: VolumeLookup = {
  attachLimits: () => new Map(),
  strayVolumes: () => new Map(),
  claim: () => undefined,
  volume: () => undefined,
  availableVolumes: () => [],
  storageClass: () => undefined,
  isTaken: () => false,
  usersOf: () => [],
};

export function nodeOf(name: string, { labels = {}, taints, unschedulable, allocatable, images }: NodeLine): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: { ...(taints === undefined ? {} : { taints }), ...(unschedulable === undefined ? {} : { unschedulable }) },
    status: {
      allocatable: { pods: 110, ...allocatable },
      ...(images === undefined ? {} : { images }),
    },
  };
}

let made = 0;

export function podOf(line: PodLine): Pod {
  const { on, namespace = 'default', labels = {}, ending = false, priority, asks = [], spec = {} } = line;
  made += 1;
  const { name = `pod-${made}`, started, status = {} } = line;
  const containers = asks.map((requests, i): Container => ({ name: `c${i}`, resources: { requests } }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: `uid-${made}`,
      labels,
      ...(ending ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: {
      containers,
      ...(on === undefined ? {} : { nodeName: on }),
      ...(priority === undefined ? {} : { priority }),
      ...spec,
    },
    status: { ...(started === undefined ? {} : { startTime: started }), ...status },
  };
}

/** What the parts of the scheduler are asked with. */
export function cycleOf(
  { nodes, pods = [], pod, namespaces = {}, volumes = {}, defaultSelector }: World,
  profile: Profile = defaultProfile(),
): Cycle {
  const state = new ClusterState();
  for (const [name, line] of Object.entries(nodes)) state.setNode(nodeOf(name, line));
  for (const line of pods) state.setPod(podOf(line));
  return {
    pod: new PodInfo(podOf(pod)),
    state,
    profile,
    namespaceLabels: (name) => namespaces[name],
    volumes: { ...NO_VOLUMES, ...volumes },
    defaultSelector: () => defaultSelector,
  };
}

/** The points of candidates, normalised; undefined: the scorer has nothing to say. */
export function scoresOf(
  factory: ScorerFactory,
  world: World,
  candidates: readonly string[] = Object.keys(world.nodes),
): Readonly<Record<string, number>> | undefined {
  const cycle = cycleOf(world);
  const nodes = candidates.map((name) => {
    const node = cycle.state.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  });
  const scorer = factory(cycle, nodes);
  if (scorer === undefined) return undefined;
  const scores = nodes.map((node) => scorer.score(node));
  scorer.normalize?.(scores, nodes);
  return Object.fromEntries(nodes.map(({ name }, i) => [name, scores[i] ?? 0]));
}

/** What each node hears: `fits`, or the reasons; `(never)` where no preemption could help. */
export function verdictsOf(factory: FilterFactory, world: World): Readonly<Record<string, string>> | string {
  const cycle = cycleOf(world);
  const filter = factory(cycle);
  const told = (failure: ReturnType<Filter['check']>): string =>
    failure === undefined ? 'fits' : `${failure.reasons.join(', ')}${failure.unresolvable ? ' (never)' : ''}`;
  if (filter === undefined) return 'not asked';
  if ('reasons' in filter) return told(filter);
  return Object.fromEntries(
    cycle.state.nodes
      .map((node): [string, string] => [
        node.name,
        filter.only?.has(node.name) === false ? 'not looked at' : told(filter.check(node)),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
