import type { Node, NodeSelector, Taint } from '../../../kube/api/core-v1.generated.ts';
import { fitsNodeAffinity, matchesNodeSelector } from '../../machinery/node-affinity.ts';
import { isTolerated } from '../../machinery/tolerations.ts';
import type { Failure, FilterFactory, PluginName } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import { portsConflict } from '../pod-info.ts';

function unresolvable(plugin: PluginName, reason: string): Failure {
  return { plugin, reasons: [reason], unresolvable: true };
}

const UNSCHEDULABLE_TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Nodes that are cordoned. kubernetes: plugins/nodeunschedulable */
export const nodeUnschedulable: FilterFactory = ({ pod }) => {
  const failure = unresolvable('NodeUnschedulable', 'node(s) were unschedulable');
  const tolerated = isTolerated(UNSCHEDULABLE_TAINT, pod.pod.spec?.tolerations);
  if (tolerated) return undefined;
  return {
    plugin: 'NodeUnschedulable',
    isLocal: true,
    check: ({ isUnschedulable }) => (isUnschedulable ? failure : undefined),
  };
};

/** Pods that name their node. kubernetes: plugins/nodename */
export const nodeName: FilterFactory = ({ pod }) => {
  const wanted = pod.pod.spec?.nodeName ?? '';
  if (wanted === '') return undefined;
  const failure = unresolvable('NodeName', "node(s) didn't match the requested node name");
  return { plugin: 'NodeName', isLocal: true, check: (node) => (node.name === wanted ? undefined : failure) };
};

/** Taints that the pod does not tolerate. kubernetes: plugins/tainttoleration */
export const taintToleration: FilterFactory = ({ pod }) => {
  const failure = unresolvable('TaintToleration', 'node(s) had untolerated taint(s)');
  const tolerations = pod.pod.spec?.tolerations;
  return {
    plugin: 'TaintToleration',
    isLocal: true,
    check: ({ taints }) => (taints !== undefined && hasUntolerated(taints, tolerations) ? failure : undefined),
  };
};

/** True when a taint of the node keeps the pod away. */
export function hasUntoleratedTaint(node: Node | undefined, tolerations: Parameters<typeof isTolerated>[1]): boolean {
  const taints = node?.spec?.taints;
  return taints !== undefined && hasUntolerated(taints, tolerations);
}

function hasUntolerated(taints: readonly Taint[], tolerations: Parameters<typeof isTolerated>[1]): boolean {
  return taints.some(
    (taint) => (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') && !isTolerated(taint, tolerations),
  );
}

/** Node selector and required node affinity. kubernetes: plugins/nodeaffinity */
export const nodeAffinity: FilterFactory = nodeAffinityWith(undefined);

/** The same with nodes beside that all pods of a profile are bound to. kubernetes: NodeAffinityArgs.AddedAffinity */
export function nodeAffinityWith(enforced: NodeSelector | undefined): FilterFactory {
  const elsewhere = unresolvable('NodeAffinity', "node(s) didn't match scheduler-enforced node affinity");
  return ({ pod }) => {
    const { spec } = pod.pod;
    const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const selects = spec?.nodeSelector !== undefined && Object.keys(spec.nodeSelector).length > 0;
    if (required === undefined && !selects && enforced === undefined) return undefined;
    const failure = unresolvable('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
    const only = namedNodes(required?.nodeSelectorTerms ?? []);
    if (only?.size === 0) return unresolvable('NodeAffinity', 'pod affinity terms conflict');
    return {
      plugin: 'NodeAffinity',
      isLocal: true,
      check: ({ node }) => {
        if (node === undefined) return failure;
        if (enforced !== undefined && !matchesNodeSelector(enforced, node)) return elsewhere;
        return fitsNodeAffinity(spec, node) ? undefined : failure;
      },
      ...(only === undefined ? {} : { only }),
    };
  };
}

interface NamingTerm {
  readonly matchFields?:
    | readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined }[]
    | undefined;
}

/** The nodes, when every term names its own by `metadata.name`, as those of DaemonSets do; a term that names twice means both. */
function namedNodes(terms: readonly NamingTerm[]): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const named = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    const [first, ...others] = named;
    if (first === undefined) return undefined;
    for (const name of first.values ?? [])
      if (others.every(({ values = [] }) => values.includes(name))) names.add(name);
  }
  return terms.length === 0 ? undefined : names;
}

/** Ports of the node. kubernetes: plugins/nodeports */
export const nodePorts: FilterFactory = ({ pod }) => {
  if (pod.ports.length === 0) return undefined;
  const failure: Failure = {
    plugin: 'NodePorts',
    reasons: ["node(s) didn't have free ports for the requested pod ports"],
    unresolvable: false,
  };
  return {
    plugin: 'NodePorts',
    isLocal: true,
    check: (node) => {
      for (const { ports } of node.withPorts) {
        if (ports.some((taken) => pod.ports.some((wanted) => portsConflict(taken, wanted)))) return failure;
      }
      return undefined;
    },
  };
};

/** Room for the pod and all that it asks for. kubernetes: plugins/noderesources/fit.go */
export const nodeResourcesFit: FilterFactory = nodeResourcesFitWith(() => true);

/** @param counts false for resources that nodes need not have. kubernetes: NodeResourcesFitArgs.IgnoredResources */
export function nodeResourcesFitWith(counts: (resource: string) => boolean): FilterFactory {
  return ({ pod }) => {
    const wanted = [...pod.requests].filter(([name, amount]) => amount > 0 && counts(name)).sort(byImportance);
    const cpu = pod.requests.get('cpu') ?? 0;
    const memory = pod.requests.get('memory') ?? 0;
    const others = wanted.filter(([name]) => name !== 'cpu' && name !== 'memory');
    return {
      plugin: 'NodeResourcesFit',
      isLocal: true,
      check: (node) => {
        const fits =
          node.pods.size + 1 <= node.mostPods &&
          (cpu === 0 || cpu <= node.cpuTotal - node.cpuUsed) &&
          (memory === 0 || memory <= node.memoryTotal - node.memoryUsed) &&
          others.every(([name, amount]) => amount <= free(node, name));
        return fits ? undefined : lacking(node, wanted);
      },
    };
  };
}

function free(node: NodeInfo, name: string): number {
  return (node.allocatable.get(name) ?? 0) - (node.requested.get(name) ?? 0);
}

function lacking(node: NodeInfo, wanted: readonly (readonly [string, number])[]): Failure | undefined {
  const reasons: string[] = [];
  let never = false;
  if (node.pods.size + 1 > node.mostPods) reasons.push('Too many pods');
  for (const [name, amount] of wanted) {
    if (amount <= free(node, name)) continue;
    reasons.push(`Insufficient ${name}`);
    if (amount > (node.allocatable.get(name) ?? 0)) never = true;
  }
  return reasons.length === 0 ? undefined : { plugin: 'NodeResourcesFit', reasons, unresolvable: never };
}

const ORDER = ['cpu', 'memory', 'ephemeral-storage'];

function byImportance([a]: readonly [string, number], [b]: readonly [string, number]): number {
  const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
