import type { Service } from '../../../kube/api/core-v1.generated.ts';
import type { Endpoint, EndpointSlice } from '../../../kube/api/discovery-v1.generated.ts';
import type { ObjectMeta } from '../../../kube/api/meta-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { groupBy } from '../../machinery/group-by.ts';
import { type ApiObject, nameOf, namespaceOf } from '../../machinery/keys.ts';
import { controllerReference } from '../../machinery/owners.ts';
import { isHeadless } from './service-pods.ts';
import { endpointKey, type PortGroup, portsKey } from './slice-endpoints.ts';

/** Most endpoints of one slice. */
export const MAX_ENDPOINTS = 100;

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';
/** Value of the label that says whose slices these are. */
export const MANAGER = 'endpointslice-controller.k8s.io';

/** What is to be done with a Service's slices. */
export interface SlicePlan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

/** What slices are made for, and what they have in common. */
export interface SliceParent {
  /** Owner of the slices; they are named after it. */
  readonly owner: ApiObject;
  readonly labels: Readonly<Record<string, string>>;
  /** Annotations, where they are the parent's own. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Whether an empty slice stands for no endpoints. */
  readonly placeholder: boolean;
  /** Most endpoints of one of its slices; default {@link MAX_ENDPOINTS}. */
  readonly maxEndpoints?: number;
}

/** The Service whose slice this is, when that manager keeps it. */
export function sliceService(slice: EndpointSlice, manager: string): string | undefined {
  const labels = slice.metadata.labels ?? {};
  return labels[MANAGED_BY_LABEL] === manager ? labels[SERVICE_NAME_LABEL] : undefined;
}

/** The labels that say whose slice it is and who keeps it. */
export function managedLabels(service: string, manager: string): Readonly<Record<string, string>> {
  return { [SERVICE_NAME_LABEL]: service, [MANAGED_BY_LABEL]: manager };
}

/** What the slices of a Service's pods have in common. */
export function serviceParent(service: Service): SliceParent {
  return { owner: service, labels: sliceLabels(service), placeholder: true };
}

/** The labels of a Service's slices: the Service's own, and what names it. */
export function sliceLabels(service: Service): Readonly<Record<string, string>> {
  const { [HEADLESS_LABEL]: _, ...own } = service.metadata.labels ?? {};
  return {
    ...own,
    ...managedLabels(nameOf(service), MANAGER),
    ...(isHeadless(service) ? { [HEADLESS_LABEL]: '' } : {}),
  };
}

/**
 * Fits endpoints of one address family into slices with as few writes as can be: slices keep what is wanted, those that
 * change anyway are filled first, then one that is left is, then new ones are made. A Service without endpoints has one empty
 * slice. kubernetes: staging/src/k8s.io/endpointslice/reconciler.go
 */
export function planSlices(
  parent: SliceParent,
  family: string,
  existing: readonly EndpointSlice[],
  groups: ReadonlyMap<string, PortGroup>,
): SlicePlan {
  const plan = { create: [] as EndpointSlice[], update: [] as EndpointSlice[], remove: [] as EndpointSlice[] };
  const byPorts = groupBy(existing, (slice) => portsKey(slice.ports));
  for (const [key, group] of groups) planGroup(parent, family, byPorts.get(key) ?? [], group, plan);
  for (const [key, slices] of byPorts) if (!groups.has(key)) plan.remove.push(...slices);
  if (parent.placeholder && existing.length === plan.remove.length && plan.create.length === 0) {
    const placeholder = newSlice(parent, family, { ports: [], endpoints: new Map() });
    const only = plan.remove.length === 1 ? plan.remove[0] : undefined;
    if (only !== undefined && isPlaceholder(only) && hasCommon(parent, only)) plan.remove.pop();
    else plan.create.push(placeholder);
  }
  return reuseRemoved(parent, plan);
}

function isPlaceholder(slice: EndpointSlice): boolean {
  return slice.endpoints.length === 0 && (slice.ports ?? []).length === 0;
}

interface Plan {
  readonly create: EndpointSlice[];
  readonly update: EndpointSlice[];
  readonly remove: EndpointSlice[];
}

/** True when a slice has the labels and annotations that it should; where none are given others may write them. */
function hasCommon({ labels, annotations }: SliceParent, { metadata }: EndpointSlice): boolean {
  if (!deepEqual(metadata.labels, labels)) return false;
  return annotations === undefined || deepEqual(metadata.annotations ?? {}, annotations);
}

function common({ labels, annotations }: SliceParent): Pick<ObjectMeta, 'labels' | 'annotations'> {
  return annotations === undefined ? { labels } : { labels, annotations };
}

function planGroup(
  parent: SliceParent,
  family: string,
  existing: readonly EndpointSlice[],
  group: PortGroup,
  plan: Plan,
): void {
  const left = new Map(group.endpoints);
  const { maxEndpoints: most = MAX_ENDPOINTS } = parent;
  const changed: Filled[] = [];
  const unchanged: EndpointSlice[] = [];
  for (const slice of existing) {
    const { kept, updated } = keepWanted(slice, left);
    if (kept.length === 0) plan.remove.push(slice);
    else if (updated || kept.length !== slice.endpoints.length || !hasCommon(parent, slice)) {
      changed.push({ slice, endpoints: kept });
    } else unchanged.push(slice);
  }
  for (const filled of changed.toSorted((a, b) => b.endpoints.length - a.endpoints.length))
    fill(filled.endpoints, left, most);
  while (left.size > 0) {
    const fitting = left.size < most ? fullestThatFits(unchanged, left.size, most) : undefined;
    if (fitting !== undefined) unchanged.splice(unchanged.indexOf(fitting), 1);
    const endpoints = [...(fitting?.endpoints ?? [])];
    fill(endpoints, left, most);
    if (fitting === undefined) plan.create.push({ ...newSlice(parent, family, group), endpoints });
    else changed.push({ slice: fitting, endpoints });
  }
  for (const { slice, endpoints } of changed) {
    plan.update.push({ ...slice, metadata: { ...slice.metadata, ...common(parent) }, endpoints });
  }
}

interface Filled {
  readonly slice: EndpointSlice;
  readonly endpoints: Endpoint[];
}

/** The slice's endpoints that are still wanted, in their newest form; they are taken out of `left`. */
function keepWanted(slice: EndpointSlice, left: Map<string, Endpoint>): { kept: Endpoint[]; updated: boolean } {
  const kept: Endpoint[] = [];
  let updated = false;
  for (const endpoint of slice.endpoints) {
    const key = endpointKey(endpoint);
    const wanted = left.get(key);
    if (wanted === undefined) continue;
    left.delete(key);
    kept.push(wanted);
    if (!deepEqual(wanted, endpoint)) updated = true;
  }
  return { kept, updated };
}

function fill(endpoints: Endpoint[], left: Map<string, Endpoint>, most: number): void {
  for (const [key, endpoint] of left) {
    if (endpoints.length >= most) return;
    endpoints.push(endpoint);
    left.delete(key);
  }
}

function fullestThatFits(slices: readonly EndpointSlice[], count: number, most: number): EndpointSlice | undefined {
  let best: EndpointSlice | undefined;
  for (const slice of slices) {
    const fits = slice.endpoints.length + count <= most;
    if (fits && (best === undefined || slice.endpoints.length > best.endpoints.length)) best = slice;
  }
  return best;
}

function newSlice(parent: SliceParent, family: string, group: PortGroup): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${nameOf(parent.owner)}-`,
      namespace: namespaceOf(parent.owner),
      ...common(parent),
      ownerReferences: [controllerReference(parent.owner)],
    },
    addressType: family,
    endpoints: [],
    ports: group.ports,
  };
}

/**
 * Slices that would be deleted take the content of those that would be created; but for those of an earlier owner of the same
 * name, which go with it.
 */
function reuseRemoved({ owner }: SliceParent, { create, update, remove }: Plan): SlicePlan {
  const isOwn = ({ metadata }: EndpointSlice): boolean =>
    metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) === true;
  while (create.length > 0) {
    const at = remove.findIndex(isOwn);
    const victim = remove[at];
    const replacement = create.at(-1);
    if (victim === undefined || replacement === undefined) break;
    remove.splice(at, 1);
    create.pop();
    const { generateName: _, ...metadata } = replacement.metadata;
    update.push({ ...replacement, metadata: { ...victim.metadata, ...metadata } });
  }
  return { create, update, remove };
}
