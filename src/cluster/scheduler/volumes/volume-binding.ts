import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../../kube/api/core-v1.generated.ts';
import { labelSelectorMatcher } from '../../../kube/labels.ts';
import { compareQuantities } from '../../../kube/quantity.ts';
import { ZONE_LABEL } from '../../machinery/constants.ts';
import { nameOf } from '../../machinery/keys.ts';
import { matchesNodeSelector } from '../../machinery/node-affinity.ts';
import type { Failure, FilterFactory } from '../cycle.ts';
import type { NodeInfo } from '../node-info.ts';
import { classOf, claimNames, isProvisioned, podClaims, SELECTED_NODE } from './claims.ts';
import type { VolumeLookup } from './volume-lookup.ts';

const ZONES = [
  ZONE_LABEL,
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
];

/** The names of today for those of old volumes. */
const NEWER: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': ZONE_LABEL,
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
};

/** What has to be written before a pod can be bound to a node. */
export interface VolumeDecisions {
  /** Volumes that are there and their claims. */
  readonly bindings: readonly { readonly volume: PersistentVolume; readonly claim: PersistentVolumeClaim }[];
  /** Claims for which volumes are to be made. */
  readonly provisions: readonly PersistentVolumeClaim[];
}

function fail(reason: string): Failure {
  return { plugin: 'VolumeBinding', reasons: [reason], unresolvable: true };
}

const NODE_CONFLICT = fail("node(s) didn't match PersistentVolume's node affinity");
const BIND_CONFLICT = fail("node(s) didn't find available persistent volumes to bind");
const NO_VOLUME = fail('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');
const UNBOUND = fail('pod has unbound immediate PersistentVolumeClaims');

/** Claims of the pod and the nodes that their volumes can be used on. kubernetes: plugins/volumebinding */
export const volumeBinding: FilterFactory = ({ pod, volumes }) => {
  if (claimNames(pod.pod).length === 0) return undefined;
  const claims = podClaims(pod.pod, volumes);
  if (claims.fault !== undefined) return fail(claims.fault);
  if (claims.immediate.length > 0) return UNBOUND;
  return {
    plugin: 'VolumeBinding',
    check: ({ node }) => {
      if (node === undefined) return NODE_CONFLICT;
      for (const claim of claims.bound) {
        const volume = volumes.volume(claim.spec?.volumeName ?? '');
        if (volume === undefined) return NO_VOLUME;
        if (!fitsVolume(volume, node)) return NODE_CONFLICT;
      }
      return decideVolumes(claims.delayed, node, volumes) === undefined ? BIND_CONFLICT : undefined;
    },
  };
};

/** Decides for each claim on a volume that is there, or that one is made; undefined when neither can be. */
export function decideVolumes(
  claims: readonly PersistentVolumeClaim[],
  node: Node,
  lookup: VolumeLookup,
): VolumeDecisions | undefined {
  const bindings: { volume: PersistentVolume; claim: PersistentVolumeClaim }[] = [];
  const provisions: PersistentVolumeClaim[] = [];
  const taken = new Set<string>();
  for (const claim of claims) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined && selected !== nameOf(node)) return undefined;
    const volume = selected === undefined ? matchingVolume(claim, node, lookup, taken) : undefined;
    if (volume !== undefined) {
      taken.add(nameOf(volume));
      bindings.push({ volume, claim });
    } else if (isProvisioned(claim, lookup) && allowsTopology(claim, node, lookup)) provisions.push(claim);
    else return undefined;
  }
  return { bindings, provisions };
}

/** The smallest volume that fits. */
function matchingVolume(
  claim: PersistentVolumeClaim,
  node: Node,
  lookup: VolumeLookup,
  taken: ReadonlySet<string>,
): PersistentVolume | undefined {
  const size = claim.spec?.resources?.requests?.storage ?? 0;
  const selector = claim.spec?.selector === undefined ? undefined : labelSelectorMatcher(claim.spec.selector);
  let best: PersistentVolume | undefined;
  for (const volume of lookup.availableVolumes(classOf(claim))) {
    const capacity = volume.spec?.capacity?.storage ?? 0;
    if (taken.has(nameOf(volume)) || lookup.isTaken(nameOf(volume), claim.metadata.uid ?? '')) continue;
    if (compareQuantities(capacity, size) < 0 || !fitsVolume(volume, node)) continue;
    if ((volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) continue;
    if (selector?.matches(volume.metadata.labels) === false) continue;
    const modes = volume.spec?.accessModes ?? [];
    if (claim.spec?.accessModes?.every((mode) => modes.includes(mode)) === false) continue;
    if (best === undefined || compareQuantities(capacity, best.spec?.capacity?.storage ?? 0) < 0) best = volume;
  }
  return best;
}

function fitsVolume(volume: PersistentVolume, node: Node): boolean {
  const required = volume.spec?.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(required, node);
}

function allowsTopology(claim: PersistentVolumeClaim, node: Node, lookup: VolumeLookup): boolean {
  const topologies = lookup.storageClass(classOf(claim))?.allowedTopologies;
  if (topologies === undefined || topologies.length === 0) return true;
  const labels = node.metadata.labels ?? {};
  return topologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => Object.hasOwn(labels, key) && values.includes(labels[key] ?? '')),
  );
}

/** Zones of bound volumes. kubernetes: plugins/volumezone */
export const volumeZone: FilterFactory = ({ pod, volumes }) => {
  const zones: (readonly [key: string, values: readonly string[]])[] = [];
  for (const name of claimNames(pod.pod)) {
    const claim = volumes.claim(pod.namespace, name);
    const labels = volumes.volume(claim?.spec?.volumeName ?? '')?.metadata.labels ?? {};
    for (const key of ZONES) if (Object.hasOwn(labels, key)) zones.push([key, (labels[key] ?? '').split('__')]);
  }
  if (zones.length === 0) return undefined;
  const failure: Failure = {
    plugin: 'VolumeZone',
    reasons: ['node(s) had no available volume zone'],
    unresolvable: true,
  };
  const fits = ({ labels }: NodeInfo): boolean =>
    !ZONES.some((key) => Object.hasOwn(labels, key)) ||
    zones.every(([key, values]) => values.includes(labels[key] ?? labels[NEWER[key] ?? key] ?? ''));
  return { plugin: 'VolumeZone', check: (node) => (fits(node) ? undefined : failure) };
};
