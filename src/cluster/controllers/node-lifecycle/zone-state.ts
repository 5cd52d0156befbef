import type { Node } from '../../../kube/api/core-v1.generated.ts';
import { ZONE_LABEL } from '../../machinery/constants.ts';
import { conditionStatus } from './node-taints.ts';

/** Share of nodes of a zone that are not ready from which evictions slow down. */
const UNHEALTHY_SHARE = 0.55;
/** Zones up to this size then stop evictions. */
const LARGE_ZONE = 50;
/** Nodes with this label say nothing of their zone's state. */
const EXCLUDED = 'node.kubernetes.io/exclude-disruption';
/** ms between two nodes of a zone whose pods are driven off (0.1 a second, 0.01 when the zone is in trouble). */
export const INTERVAL = 10_000;
const SLOW_INTERVAL = 100_000;

/** Region and zone of a node. */
export function zoneOf(node: Node): string {
  const labels = node.metadata.labels ?? {};
  return `${labels['topology.kubernetes.io/region'] ?? ''}:${labels[ZONE_LABEL] ?? ''}`;
}

/**
 * ms between two nodes of a zone whose pods may be driven off, or undefined while none may: when no node of the cluster is
 * ready it is more likely that the controller is cut off. kubernetes: pkg/controller/nodelifecycle ComputeZoneState
 */
export function evictionIntervals(nodes: readonly Node[]): ReadonlyMap<string, number | undefined> {
  const zones = new Map<string, { ready: number; notReady: number }>();
  let anyReady = false;
  for (const node of nodes) {
    if (Object.hasOwn(node.metadata.labels ?? {}, EXCLUDED)) continue;
    const zone = zones.get(zoneOf(node)) ?? { ready: 0, notReady: 0 };
    zones.set(zoneOf(node), zone);
    if (conditionStatus(node, 'Ready') === 'True') {
      zone.ready += 1;
      anyReady = true;
    } else {
      zone.notReady += 1;
    }
  }
  const intervals = new Map<string, number | undefined>();
  for (const [zone, { ready, notReady }] of zones) {
    const partial = ready > 0 && notReady > 2 && notReady / (ready + notReady) >= UNHEALTHY_SHARE;
    const slow = ready + notReady > LARGE_ZONE ? SLOW_INTERVAL : undefined;
    intervals.set(zone, anyReady ? (partial ? slow : INTERVAL) : undefined);
  }
  return intervals;
}
