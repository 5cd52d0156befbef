import type { Lease } from '../../kube/api/coordination-v1.generated.ts';
import type { Node } from '../../kube/api/core-v1.generated.ts';
import { parseTime } from './time.ts';

/**
 * Annotation of a node's Lease with the value `steady`: the kubelet runs and renews, and the renewals are not written down,
 * so that a node that is well costs nothing however much time passes. A kubelet that falls silent takes the annotation away
 * and leaves the `renewTime` of the renewal that was its last.
 */
export const HEARTBEAT_ANNOTATION = 'pintle.dev/heartbeat';

/**
 * Annotation of a Node: with the value `stopped` its machine is off, and its kubelet and containers with it; with
 * `unreachable` they run, and nothing reaches the machine or leaves it.
 */
export const MACHINE_ANNOTATION = 'pintle.dev/machine';

/** ms between two renewals of a Lease. kubernetes: pkg/kubelet/kubelet.go nodeLeaseRenewInterval */
export const HEARTBEAT_INTERVAL = 10_000;

/** The instant (ms) of a node's last heartbeat, which is now as long as it is steady; undefined without a Lease. */
export function lastHeartbeat(lease: Lease | undefined, now: number): number | undefined {
  if (lease === undefined) return undefined;
  return isSteady(lease) ? now : parseTime(lease.spec?.renewTime);
}

/** True when the kubelet of the Lease renews it without writing. */
export function isSteady(lease: Lease): boolean {
  return lease.metadata.annotations?.[HEARTBEAT_ANNOTATION] === 'steady';
}

/** True when the node's machine is off. */
export function isMachineStopped(node: Node): boolean {
  return node.metadata.annotations?.[MACHINE_ANNOTATION] === 'stopped';
}

/** True when the node's machine is cut off. */
export function isMachineUnreachable(node: Node): boolean {
  return node.metadata.annotations?.[MACHINE_ANNOTATION] === 'unreachable';
}
