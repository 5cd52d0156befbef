import type {
  Pod,
  PodAffinityTerm,
  TopologySpreadConstraint,
  WeightedPodAffinityTerm,
} from '../../kube/api/core-v1.generated.ts';
import type { LabelSelector, OwnerReference } from '../../kube/api/meta-v1.generated.ts';
import { type LabelMatcher, labelSelectorMatcher, matchesNothing } from '../../kube/labels.ts';
import { keyOf, namespaceOf, uidOf } from '../machinery/keys.ts';
import { nonZeroRequests, podAmounts, type ResourceAmounts } from '../machinery/pod-amounts.ts';

/** A term of pod (anti-)affinity, ready to be asked. */
export interface AffinityTerm {
  readonly topologyKey: string;
  /** True for pods that the term speaks of. */
  matches(pod: PodInfo, namespaceLabels: NamespaceLabels): boolean;
}

/** A term with its weight. */
interface WeightedTerm extends AffinityTerm {
  readonly weight: number;
}

/** The labels of a namespace. */
export type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>> | undefined;

/** A port of the node that a pod wants. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** A spread constraint, ready to be asked. */
export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  /** True for pods that count, by their labels; of the pod's own namespace alone. */
  readonly selector: LabelMatcher;
  /** The same for selectors that are the same. */
  readonly selectorKey: string;
  readonly honorAffinity: boolean;
  readonly honorTaints: boolean;
}

/** A pod as the scheduler looks at it; what follows from its spec and labels is worked out once. */
export class PodInfo {
  /** The newest state; what is worked out here is the same for all of them. */
  pod: Pod;
  readonly key: string;
  readonly uid: string;
  readonly namespace: string;
  readonly priority: number;
  readonly requests: ResourceAmounts;
  readonly nonZero: { readonly cpu: number; readonly memory: number };
  readonly ports: readonly HostPort[];
  readonly owner: OwnerReference | undefined;
  /** The same for pods that rules about other pods treat alike; see PodGroup. */
  readonly group: string;
  #terms: Terms | undefined;
  #hard: readonly SpreadConstraint[] | undefined;
  #soft: readonly SpreadConstraint[] | undefined;

  constructor(pod: Pod) {
    this.pod = pod;
    this.key = keyOf(pod);
    this.uid = uidOf(pod);
    this.namespace = namespaceOf(pod);
    this.priority = pod.spec?.priority ?? 0;
    this.requests = podAmounts(pod.spec);
    this.nonZero = nonZeroRequests(pod.spec, this.requests);
    this.ports = hostPorts(pod);
    this.owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
    this.group = groupOf(pod);
  }

  get labels(): Readonly<Record<string, string>> | undefined {
    return this.pod.metadata.labels;
  }

  get hasAffinity(): boolean {
    const affinity = this.pod.spec?.affinity;
    return affinity?.podAffinity !== undefined || affinity?.podAntiAffinity !== undefined;
  }

  get terms(): Terms {
    this.#terms ??= termsOf(this.pod);
    return this.#terms;
  }

  /** Constraints that keep pods from nodes. */
  get hardSpread(): readonly SpreadConstraint[] {
    this.#hard ??= constraints(this.pod, 'DoNotSchedule');
    return this.#hard;
  }

  /** Constraints that are wishes. */
  get softSpread(): readonly SpreadConstraint[] {
    this.#soft ??= constraints(this.pod, 'ScheduleAnyway');
    return this.#soft;
  }
}

function groupOf({ metadata, spec }: Pod): string {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  const terms = podAffinity === undefined && podAntiAffinity === undefined ? '' : [podAffinity, podAntiAffinity];
  const isDeleting = metadata.deletionTimestamp !== undefined;
  return JSON.stringify([metadata.namespace, metadata.labels, isDeleting, terms]);
}

/** The affinity terms of a pod. */
export interface Terms {
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  readonly preferred: readonly WeightedTerm[];
  readonly preferredAnti: readonly WeightedTerm[];
}

const NO_TERMS: Terms = { affinity: [], antiAffinity: [], preferred: [], preferredAnti: [] };

function termsOf(pod: Pod): Terms {
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  if (podAffinity === undefined && podAntiAffinity === undefined) return NO_TERMS;
  const required = (terms: readonly PodAffinityTerm[] | undefined): readonly AffinityTerm[] =>
    (terms ?? []).map((term) => compileTerm(term, pod));
  const preferred = (terms: readonly WeightedPodAffinityTerm[] | undefined): readonly WeightedTerm[] =>
    (terms ?? []).map(({ weight, podAffinityTerm }) => ({ ...compileTerm(podAffinityTerm, pod), weight }));
  return {
    affinity: required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    antiAffinity: required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferred: preferred(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAnti: preferred(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
  };
}

/** kubernetes: pkg/scheduler/framework/types.go newAffinityTerm */
function compileTerm(term: PodAffinityTerm, pod: Pod): AffinityTerm {
  const own = namespaceOf(pod);
  const { namespaceSelector, topologyKey } = term;
  const named = term.namespaces ?? [];
  const namespaces = new Set(named.length === 0 && namespaceSelector === undefined ? [own] : named);
  const selector = withLabelKeys(matcherOf(term.labelSelector), pod, term.matchLabelKeys, term.mismatchLabelKeys);
  const byLabels = namespaceSelector === undefined ? matchesNothing : matcherOf(namespaceSelector);
  return {
    topologyKey,
    matches: (other, namespaceLabels) =>
      (namespaces.has(other.namespace) ||
        (namespaceSelector !== undefined && byLabels.matches(namespaceLabels(other.namespace)))) &&
      selector.matches(other.labels),
  };
}

function matcherOf(selector: LabelSelector | undefined): LabelMatcher {
  try {
    return labelSelectorMatcher(selector);
  } catch {
    return matchesNothing;
  }
}

/** Adds that labels of these names are the same as the pod's, or are not. */
function withLabelKeys(
  matcher: LabelMatcher,
  pod: Pod,
  same: readonly string[] = [],
  other: readonly string[] = [],
): LabelMatcher {
  const labels = pod.metadata.labels ?? {};
  const equal = same.filter((key) => Object.hasOwn(labels, key));
  const different = other.filter((key) => Object.hasOwn(labels, key));
  if (equal.length === 0 && different.length === 0) return matcher;
  return {
    matches: (of) =>
      matcher.matches(of) &&
      equal.every((key) => of !== undefined && of[key] === labels[key]) &&
      different.every((key) => of === undefined || of[key] !== labels[key]),
  };
}

function constraints(pod: Pod, kind: 'DoNotSchedule' | 'ScheduleAnyway'): readonly SpreadConstraint[] {
  return (pod.spec?.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === kind)
    .map((constraint) => compileConstraint(constraint, pod));
}

function compileConstraint(constraint: TopologySpreadConstraint, pod: Pod): SpreadConstraint {
  const { labelSelector, matchLabelKeys } = constraint;
  return {
    selectorKey: JSON.stringify([labelSelector, matchLabelKeys?.map((key) => [key, pod.metadata.labels?.[key]])]),
    topologyKey: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    minDomains: constraint.minDomains ?? 1,
    selector: withLabelKeys(matcherOf(constraint.labelSelector), pod, constraint.matchLabelKeys),
    honorAffinity: constraint.nodeAffinityPolicy !== 'Ignore',
    honorTaints: constraint.nodeTaintsPolicy === 'Honor',
  };
}

function hostPorts(pod: Pod): readonly HostPort[] {
  const ports: HostPort[] = [];
  for (const container of [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]) {
    // Of init containers, those that go on running keep their ports.
    if (container.restartPolicy !== 'Always' && pod.spec?.initContainers?.includes(container) === true) continue;
    for (const { hostPort = 0, hostIP = '', protocol = 'TCP' } of container.ports ?? []) {
      if (hostPort > 0) ports.push({ ip: hostIP === '' ? '0.0.0.0' : hostIP, protocol, port: hostPort });
    }
  }
  return ports;
}

/** True when the two cannot be on one node. */
export function portsConflict(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0';
}
