import { compareStrings } from '../../../base/json.ts';
import type { Node } from '../../../kube/api/core-v1.generated.ts';
import type { Endpoint, EndpointSlice } from '../../../kube/api/discovery-v1.generated.ts';
import { milliValue } from '../../../kube/quantity.ts';
import { ZONE_LABEL } from '../../machinery/constants.ts';
import type { PortGroup } from './slice-endpoints.ts';
import { endpointKey } from './slice-endpoints.ts';
import type { SlicePlan } from './slice-plan.ts';

/** How much more than its share the endpoints of a zone may get. kubernetes: endpointslice/topologycache/topologycache.go */
const OVERLOAD = 0.2;
const EXCLUDED_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** Each zone's part of the cluster's processors, by zone in the order of their names. */
export type ZoneRatios = ReadonlyMap<string, number>;

/** How many endpoints are to be meant for the clients of a zone. */
interface Allocation {
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
}

/** The zones' parts of what ready nodes have; undefined when a node does not tell, or there is one zone alone. */
export function zoneRatios(nodes: readonly Node[]): ZoneRatios | undefined {
  const cpu = new Map<string, number>();
  let total = 0;
  for (const { metadata, status } of nodes) {
    const { labels = {} } = metadata;
    if (EXCLUDED_LABELS.some((label) => Object.hasOwn(labels, label))) continue;
    if (status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True') continue;
    const zone = labels[ZONE_LABEL] ?? '';
    const amount = milliValue(status.allocatable?.['cpu'] ?? 0);
    if (zone === '' || amount === 0) return undefined;
    cpu.set(zone, (cpu.get(zone) ?? 0) + amount);
    total += amount;
  }
  if (cpu.size < 2) return undefined;
  const zones = [...cpu.keys()].sort(compareStrings);
  return new Map(zones.map((zone) => [zone, (cpu.get(zone) ?? 0) / total]));
}

/** The wanted endpoints with the hints that they have now: an endpoint that only lacks them has not changed. */
export function withKnownHints(
  groups: ReadonlyMap<string, PortGroup>,
  existing: readonly EndpointSlice[],
): ReadonlyMap<string, PortGroup> {
  const known = new Map<string, Endpoint['hints']>();
  for (const { endpoints } of existing) for (const each of endpoints) known.set(endpointKey(each), each.hints);
  const out = new Map<string, PortGroup>();
  for (const [key, group] of groups) {
    const endpoints = new Map<string, Endpoint>();
    for (const [name, endpoint] of group.endpoints) {
      const hints = known.get(name);
      endpoints.set(name, hints === undefined ? endpoint : { ...endpoint, hints });
    }
    out.set(key, { ...group, endpoints });
  }
  return out;
}

/** A plan with hints; with a fault it has none, and the fault says why. */
export interface HintedPlan {
  readonly plan: SlicePlan;
  readonly fault?: string;
}

/**
 * Says for the clients of which zone each ready endpoint is meant: those of its own, but that zones with more endpoints than
 * their share give some to those with less. Slices that need no change keep what they have while it is not too much.
 */
export function withTopologyHints(
  plan: SlicePlan,
  unchanged: readonly EndpointSlice[],
  ratios: ZoneRatios | undefined,
): HintedPlan {
  const all = [...plan.create, ...plan.update, ...unchanged];
  const ready = all.reduce((count, { endpoints }) => count + endpoints.filter(isReady).length, 0);
  const allocations = allocate(ratios, ready);
  if (typeof allocations === 'string') return { plan: withoutHints(plan, unchanged), fault: allocations };

  const allocated = new Map<string, number>();
  const update = [...plan.update];
  for (const slice of unchanged) {
    const hints = countHints(slice, allocated, allocations);
    if (hints === undefined) update.push(slice);
    else for (const [zone, count] of hints) addTo(allocated, zone, count);
  }
  const open = [...plan.create, ...update];
  if (open.some(({ endpoints }) => endpoints.some((each) => isReady(each) && (each.zone ?? '') === ''))) {
    return { plan: withoutHints(plan, unchanged), fault: 'One or more endpoints do not have a zone specified' };
  }
  for (const { endpoints } of open)
    for (const each of endpoints) if (isReady(each)) addTo(allocated, each.zone ?? '', 1);
  const exchange = exchanges(allocations, allocated);
  const hinted = open.map((slice) => ({ ...slice, endpoints: slice.endpoints.map((each) => hint(each, exchange)) }));
  if (allocated.size === 0) {
    return { plan: withoutHints(plan, unchanged), fault: 'No hints allocated for zones' };
  }
  const { length } = plan.create;
  return { plan: { ...plan, create: hinted.slice(0, length), update: hinted.slice(length) } };
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready === true;
}

function addTo(counts: Map<string, number>, zone: string, count: number): void {
  counts.set(zone, (counts.get(zone) ?? 0) + count);
}

/** How many endpoints each zone is to have, or why that cannot be. */
function allocate(ratios: ZoneRatios | undefined, count: number): ReadonlyMap<string, Allocation> | string {
  if (ratios === undefined) {
    return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  }
  const where = `(${count} endpoints, ${ratios.size} zones)`;
  if (ratios.size > count) return `Insufficient number of endpoints ${where}`;
  const least = new Map<string, number>();
  let total = 0;
  for (const [zone, ratio] of ratios) {
    const minimum = Math.ceil(ratio * count * (1 / (1 + OVERLOAD)));
    least.set(zone, minimum);
    total += minimum;
  }
  if (total > count) {
    return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${where}`;
  }
  const out = new Map<string, Allocation>();
  for (const [zone, ratio] of ratios) {
    const minimum = least.get(zone) ?? 0;
    out.set(zone, { minimum, maximum: minimum + count - total, desired: Math.max(ratio * count, minimum) });
  }
  return out;
}

/** The hints of a slice by zone, or undefined when it has to be changed. */
function countHints(
  slice: EndpointSlice,
  allocated: ReadonlyMap<string, number>,
  allocations: ReadonlyMap<string, Allocation>,
): ReadonlyMap<string, number> | undefined {
  const counts = new Map<string, number>();
  for (const endpoint of slice.endpoints) {
    if (!isReady(endpoint)) continue;
    const zones = endpoint.hints?.forZones ?? [];
    if (zones.length === 0 || zones.some(({ name }) => !allocations.has(name))) return undefined;
    for (const { name } of zones) addTo(counts, name, 1);
  }
  for (const [zone, count] of counts) {
    if (count + (allocated.get(zone) ?? 0) > (allocations.get(zone)?.maximum ?? 0)) return undefined;
  }
  return counts;
}

/** How many endpoints zones have to give, and others to take. */
interface Exchange {
  readonly giving: Map<string, number>;
  readonly taking: Map<string, number>;
}

function exchanges(allocations: ReadonlyMap<string, Allocation>, allocated: ReadonlyMap<string, number>): Exchange {
  const surplus = new Map<string, number>();
  const want = new Map<string, number>();
  for (const [zone, { desired }] of allocations) {
    const difference = (allocated.get(zone) ?? 0) - desired;
    if (difference > 0) surplus.set(zone, difference);
    else if (difference < 0) want.set(zone, -difference);
  }
  const giving = new Map<string, number>();
  const taking = new Map<string, number>();
  for (;;) {
    const from = most(surplus);
    const to = most(want);
    if (from === undefined || to === undefined) break;
    if ((from.count < 1 && to.count < 1) || from.count < 0.5 || to.count < 0.5) break;
    addTo(giving, from.zone, 1);
    addTo(surplus, from.zone, -1);
    addTo(taking, to.zone, 1);
    addTo(want, to.zone, -1);
  }
  return { giving, taking };
}

function most(counts: ReadonlyMap<string, number>): { readonly zone: string; readonly count: number } | undefined {
  let best: { readonly zone: string; readonly count: number } | undefined;
  for (const [zone, count] of counts) if (count > (best?.count ?? 0)) best = { zone, count };
  return best;
}

/** The endpoint with its hint: for its own zone, or for one that its zone still has to give to. */
function hint(endpoint: Endpoint, { giving, taking }: Exchange): Endpoint {
  const bare = withoutHint(endpoint);
  if (!isReady(endpoint)) return bare;
  const own = endpoint.zone ?? '';
  const other = (giving.get(own) ?? 0) > 0 ? [...taking.keys()].find((zone) => (taking.get(zone) ?? 0) > 0) : undefined;
  if (other === undefined) return { ...bare, hints: { forZones: [{ name: own }] } };
  addTo(giving, own, -1);
  addTo(taking, other, -1);
  return { ...bare, hints: { forZones: [{ name: other }] } };
}

function withoutHint(endpoint: Endpoint): Endpoint {
  const { hints: _, ...bare } = endpoint;
  return bare;
}

/** The plan without hints; slices that have some are changed. */
function withoutHints(plan: SlicePlan, unchanged: readonly EndpointSlice[]): SlicePlan {
  const bare = (slice: EndpointSlice): EndpointSlice => ({
    ...slice,
    endpoints: slice.endpoints.map(withoutHint),
  });
  const hinted = unchanged.filter(({ endpoints }) => endpoints.some(({ hints }) => hints !== undefined));
  return { ...plan, create: plan.create.map(bare), update: [...plan.update, ...hinted].map(bare) };
}
