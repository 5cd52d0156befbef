import type { Random } from '../../base/random.ts';
import type { Pod } from '../../kube/api/core-v1.generated.ts';
import type { PodDisruptionBudget } from '../../kube/api/policy-v1.generated.ts';
import { labelSelectorMatcher } from '../../kube/labels.ts';
import { namespaceOf, nameOf } from '../machinery/keys.ts';
import { podCondition } from '../machinery/pods.ts';
import { parseTime } from '../machinery/time.ts';
import type { Cycle, Failure, PreemptionReach } from './cycle.ts';
import { type Diagnosis, fitErrorText } from './fit-error.ts';
import type { NodeInfo } from './node-info.ts';
import { checkNode, filtersOf, type Nominated } from './placement.ts';
import type { PodInfo } from './pod-info.ts';

/** A node on which room can be made. */
export interface Candidate {
  readonly node: NodeInfo;
  /** The pods that have to go, the most important first. */
  readonly victims: readonly PodInfo[];
  /** How many of them a disruption budget protects. */
  readonly violations: number;
}

/** What came of looking for pods to remove. */
export type Preemption =
  | { readonly kind: 'candidate'; readonly candidate: Candidate }
  /** The text for the pod's condition. */
  | { readonly kind: 'none'; readonly message: string; readonly clearsNomination: boolean };

const NOT_HELPFUL = 'Preemption is not helpful for scheduling';

/** What {@link findPreemption} looks at besides the pod and the nodes. */
export interface PreemptionInput {
  readonly budgets: readonly PodDisruptionBudget[];
  /** Pods that were promised room count, too. */
  readonly nominated: Nominated;
  /** Where the search begins when not all nodes are worked out. */
  readonly random: Random;
}

/** Looks for pods of less priority whose removal would make room. kubernetes: pkg/scheduler/framework/preemption, plugins/defaultpreemption */
export function findPreemption(cycle: Cycle, diagnosis: Diagnosis, input: PreemptionInput): Preemption {
  const ineligible = whyNotEligible(cycle, diagnosis);
  if (ineligible !== undefined) return { kind: 'none', message: ineligible, clearsNomination: false };
  const failures = new Map<string, Failure>();
  const { nodes } = cycle.state;
  const candidates = findCandidates(cycle, diagnosis, input, failures);
  const [first, ...others] = candidates;
  if (first !== undefined) return { kind: 'candidate', candidate: others.reduce(better, first) };
  const message = fitErrorText({ nodes: nodes.length, failures, before: undefined, elsewhere: NOT_HELPFUL });
  return { kind: 'none', message, clearsNomination: true };
}

function findCandidates(
  cycle: Cycle,
  diagnosis: Diagnosis,
  input: PreemptionInput,
  failures: Map<string, Failure>,
): readonly Candidate[] {
  const candidates: Candidate[] = [];
  if (diagnosis.before !== undefined) return candidates;
  const potential = cycle.state.nodes.filter(({ name }) => diagnosis.failures.get(name)?.unresolvable === false);
  const count = potential.length;
  const enough = candidatesToFind(count, cycle.profile.preemption);
  const start = enough < count ? input.random.below(count) : 0;
  let spared = false;
  for (let i = 0; i < count && !(spared && candidates.length >= enough); i += 1) {
    const node = potential[(start + i) % count];
    if (node === undefined) continue;
    const outcome = victimsOn(cycle, node, input);
    if ('reasons' in outcome) failures.set(node.name, outcome);
    else {
      candidates.push(outcome);
      if (outcome.violations === 0) spared = true;
    }
  }
  return candidates;
}

/** How many nodes are worked out when many might do. kubernetes: default_preemption.go calculateNumCandidates */
export function candidatesToFind(nodes: number, { percentage, least }: PreemptionReach): number {
  return Math.min(nodes, Math.max(least, Math.trunc((nodes * percentage) / 100)));
}

function whyNotEligible({ pod, state }: Cycle, diagnosis: Diagnosis): string | undefined {
  if (pod.pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = pod.pod.status?.nominatedNodeName ?? '';
  const node = nominated === '' ? undefined : state.get(nominated);
  if (node === undefined || diagnosis.failures.get(nominated)?.unresolvable === true) return undefined;
  for (const other of node.pods.values()) {
    if (other.priority < pod.priority && isBeingPreempted(other.pod)) {
      return 'not eligible due to a terminating pod on the nominated node.';
    }
  }
  return undefined;
}

/** True for a pod that ends since the scheduler has chosen it; others may take their time. */
function isBeingPreempted(pod: Pod): boolean {
  const condition = podCondition(pod, 'DisruptionTarget');
  return (
    pod.metadata.deletionTimestamp !== undefined &&
    condition?.status === 'True' &&
    condition.reason === 'PreemptionByScheduler'
  );
}

/** The fewest and least important pods of a node whose removal makes the pod fit. */
function victimsOn(cycle: Cycle, node: NodeInfo, { budgets, nominated }: PreemptionInput): Candidate | Failure {
  const potential = [...node.pods.values()].filter(({ priority }) => priority < cycle.pod.priority);
  if (potential.length === 0) {
    return {
      plugin: 'NodeResourcesFit',
      reasons: ['No preemption victims found for incoming pod'],
      unresolvable: true,
    };
  }
  const trial = new Trial(cycle, node, nominated(node.name));
  try {
    return fewestVictims(trial, node, potential, budgets);
  } finally {
    trial.restore();
  }
}

function fewestVictims(
  trial: Trial,
  node: NodeInfo,
  potential: PodInfo[],
  budgets: PreemptionInput['budgets'],
): Candidate | Failure {
  for (const victim of potential) trial.remove(victim);
  const failure = trial.check();
  if (failure !== undefined) return failure;
  potential.sort(moreImportantFirst);
  const [violating, others] = byBudget(potential, budgets);
  const victims: PodInfo[] = [];
  let violations = 0;
  for (const [list, violates] of [
    [violating, true],
    [others, false],
  ] as const) {
    for (const pod of list) {
      trial.add(pod);
      if (trial.check() === undefined) continue;
      trial.remove(pod);
      victims.push(pod);
      if (violates) violations += 1;
    }
  }
  return { node, victims: victims.sort(moreImportantFirst), violations };
}

/**
 * Tries what would be without some pods. Filters look at all nodes, so the pods are taken from the node itself and put back
 * before anybody else looks.
 */
class Trial {
  readonly #cycle: Cycle;
  readonly #node: NodeInfo;
  readonly #nominated: readonly PodInfo[];
  readonly #removed = new Set<PodInfo>();

  constructor(cycle: Cycle, node: NodeInfo, nominated: readonly PodInfo[]) {
    this.#cycle = cycle;
    this.#node = node;
    this.#nominated = nominated;
  }

  remove(pod: PodInfo): void {
    this.#node.remove(pod.uid);
    this.#removed.add(pod);
  }

  add(pod: PodInfo): void {
    this.#node.add(pod);
    this.#removed.delete(pod);
  }

  check(): Failure | undefined {
    const { filters, failure } = filtersOf(this.#cycle);
    return failure ?? checkNode(this.#cycle, this.#node, filters, this.#nominated);
  }

  restore(): void {
    for (const pod of this.#removed) this.#node.add(pod);
    this.#removed.clear();
  }
}

function startOf(pod: Pod): number {
  return parseTime(pod.status?.startTime) ?? Number.POSITIVE_INFINITY;
}

/** Higher priority first, then those that have run for longer. kubernetes: pkg/scheduler/util/utils.go MoreImportantPod */
function moreImportantFirst(a: PodInfo, b: PodInfo): number {
  const earlier = startOf(a.pod) - startOf(b.pod);
  return b.priority - a.priority || (Number.isNaN(earlier) ? 0 : earlier) || (a.key < b.key ? -1 : 1);
}

/** Parts the pods in those whose removal a budget does not allow, and the others. */
function byBudget(
  pods: readonly PodInfo[],
  budgets: readonly PodDisruptionBudget[],
): readonly [violating: readonly PodInfo[], others: readonly PodInfo[]] {
  const left = new Map(budgets.map((budget) => [budget, budget.status?.disruptionsAllowed ?? 0]));
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const pod of pods) {
    let violates = false;
    for (const budget of budgets) {
      if (!protects(budget, pod)) continue;
      const allowed = (left.get(budget) ?? 0) - 1;
      left.set(budget, allowed);
      if (allowed < 0) violates = true;
    }
    (violates ? violating : others).push(pod);
  }
  return [violating, others];
}

function protects(budget: PodDisruptionBudget, pod: PodInfo): boolean {
  if (namespaceOf(budget) !== pod.namespace || Object.keys(pod.labels ?? {}).length === 0) return false;
  if (budget.status?.disruptedPods !== undefined && Object.hasOwn(budget.status.disruptedPods, nameOf(pod.pod)))
    return false;
  const selector = budget.spec?.selector;
  const empty =
    Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;
  return selector !== undefined && !empty && labelSelectorMatcher(selector).matches(pod.labels);
}

/** kubernetes: preemption.go pickOneNodeForPreemption */
function better(a: Candidate, b: Candidate): Candidate {
  const highest = ({ victims }: Candidate): number => victims[0]?.priority ?? Number.NEGATIVE_INFINITY;
  const sum = ({ victims }: Candidate): number =>
    victims.reduce((total, { priority }) => total + priority + 0x8000_0000, 0);
  const latestStart = ({ victims }: Candidate): number => {
    const top = victims.filter(({ priority }) => priority === victims[0]?.priority);
    return Math.min(...top.map(({ pod }) => startOf(pod)));
  };
  const difference =
    a.violations - b.violations ||
    highest(a) - highest(b) ||
    sum(a) - sum(b) ||
    a.victims.length - b.victims.length ||
    latestStart(b) - latestStart(a);
  return difference > 0 ? b : a;
}
