import type { Node } from '../../kube/api/core-v1.generated.ts';
import { deepEqual } from '../../kube/equality.ts';
import type { Cycle, PluginName } from './cycle.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { QueuedPod } from './queue.ts';
import { claimNames } from './volumes/claims.ts';

// Which changes may help which waiting pods. kubernetes: EventsToRegister and queueing hints of the plugins

type Matters = (pod: QueuedPod) => boolean;

const FREED_BY_PODS: ReadonlySet<PluginName> = new Set([
  'NodeResourcesFit',
  'NodePorts',
  'InterPodAffinity',
  'PodTopologySpread',
  'VolumeRestrictions',
  'NodeVolumeLimits',
]);

/** A pod that had a node is gone, has ended or needs less. */
export function afterPodRemoved(removed: PodInfo): Matters {
  return ({ refusedBy, missing, info }) => {
    if (
      info.pod.status?.nominatedNodeName === removed.pod.spec?.nodeName &&
      info.pod.status?.nominatedNodeName !== undefined
    ) {
      return true;
    }
    for (const plugin of refusedBy) {
      if (!FREED_BY_PODS.has(plugin)) continue;
      if (plugin !== 'NodeResourcesFit') return true;
      if (missing.has('pods')) return true;
      for (const [name, amount] of removed.requests) if (amount > 0 && missing.has(name)) return true;
    }
    return false;
  };
}

/** A pod has got a node, or its labels have changed. */
export function afterPodPlaced(placed: PodInfo): Matters {
  return ({ refusedBy, info }) => {
    if (refusedBy.has('InterPodAffinity') && info.terms.affinity.length > 0) return true;
    return refusedBy.has('PodTopologySpread') && info.namespace === placed.namespace;
  };
}

/** A node has come or changed: pods that it might take. */
export function afterNodeChanged(node: NodeInfo, cycleOf: (pod: PodInfo) => Cycle): Matters {
  return ({ info, refusedBy }) => {
    const cycle = cycleOf(info);
    const { nodeFilters, counts } = cycle.profile;
    for (const { create } of nodeFilters) {
      const filter = create(cycle);
      if (filter !== undefined && 'check' in filter && filter.check(node) !== undefined) {
        // A node that the pod cannot be on may still count for its spread.
        return refusedBy.has('PodTopologySpread');
      }
    }
    for (const [name, amount] of info.requests)
      if (counts(name) && amount > (node.allocatable.get(name) ?? 0)) return false;
    return true;
  };
}

/** True when the change of a node may matter to pods. */
export function isNodeChange(old: Node, node: Node): boolean {
  return (
    !deepEqual(old.metadata.labels, node.metadata.labels) ||
    !deepEqual(old.spec, node.spec) ||
    !deepEqual(old.status?.allocatable, node.status?.allocatable)
  );
}

/** A node is gone: spread over fewer may be even. */
export const afterNodeRemoved: Matters = ({ refusedBy }) => refusedBy.has('PodTopologySpread');

/** A claim has come or changed. */
export function afterClaimChanged(namespace: string, name: string): Matters {
  return ({ info, refusedBy }) =>
    refusesVolumes(refusedBy) && info.namespace === namespace && claimNames(info.pod).includes(name);
}

/** Nodes take more volumes of a driver, or have one less. */
export const afterVolumeLimitsChanged: Matters = ({ refusedBy }) => refusedBy.has('NodeVolumeLimits');

/** A volume or a storage class has come or changed. */
export const afterStorageChanged: Matters = ({ refusedBy }) => refusesVolumes(refusedBy);

function refusesVolumes(refusedBy: ReadonlySet<PluginName>): boolean {
  return refusedBy.has('VolumeBinding') || refusedBy.has('VolumeZone') || refusedBy.has('VolumeRestrictions');
}

/** The labels of a namespace have changed, which affinity may look at. */
export const afterNamespaceChanged: Matters = ({ refusedBy }) => refusedBy.has('InterPodAffinity');

/** Resources of which nodes had too little. */
export function missingResources(reasons: Iterable<{ readonly reasons: readonly string[] }>): ReadonlySet<string> {
  const missing = new Set<string>();
  for (const { reasons: texts } of reasons) {
    for (const text of texts) {
      if (text === 'Too many pods') missing.add('pods');
      else if (text.startsWith('Insufficient ')) missing.add(text.slice('Insufficient '.length));
    }
  }
  return missing;
}
