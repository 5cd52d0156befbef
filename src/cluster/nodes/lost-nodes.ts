import type { KubeClient } from '../../client/kube-client.ts';
import type { Lease } from '../../kube/api/coordination-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { HEARTBEAT_ANNOTATION, isSteady } from '../machinery/heartbeat.ts';
import { formatMicroTime } from '../machinery/time.ts';

const LEASE_NAMESPACE = 'kube-node-lease';

/**
 * Nodes that a cluster had before, and whose machines are not among those that it has now: nobody renews their leases any
 * more, so that they are found lost as machines are that were switched off.
 *
 * @param now ms since the epoch, when they fell silent
 */
export async function silenceLostNodes(client: KubeClient, machines: ReadonlySet<string>, now: number): Promise<void> {
  const { items } = await client.list<Lease>(RESOURCES.leases, { namespace: LEASE_NAMESPACE });
  for (const lease of items) {
    if (!isSteady(lease) || machines.has(lease.metadata.name ?? '')) continue;
    const { [HEARTBEAT_ANNOTATION]: _steady, ...annotations } = lease.metadata.annotations ?? {};
    const spec = { ...lease.spec, renewTime: formatMicroTime(now) };
    await client.update(RESOURCES.leases, { ...lease, metadata: { ...lease.metadata, annotations }, spec });
  }
}
