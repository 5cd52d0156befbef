import type { Lease } from '../../kube/api/coordination-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { StatusError } from '../../kube/status-error.ts';
import { HEARTBEAT_ANNOTATION, isSteady } from '../machinery/heartbeat.ts';
import type { ComponentContext } from '../machinery/interfaces.ts';
import { formatMicroTime } from '../machinery/time.ts';

const LEASE_NAMESPACE = 'kube-node-lease';

/**
 * Nodes that a cluster had before, and whose machines are not among those that it has now: nobody renews their leases any
 * more, so that they are found lost as machines are that were switched off.
 */
export async function silenceLostNodes(
  { client, clock, logger }: Pick<ComponentContext, 'client' | 'clock' | 'logger'>,
  machines: ReadonlySet<string>,
): Promise<void> {
  const { items } = await client.list<Lease>(RESOURCES.leases, { namespace: LEASE_NAMESPACE });
  for (const lease of items) {
    if (!isSteady(lease) || machines.has(lease.metadata.name ?? '')) continue;
    const { [HEARTBEAT_ANNOTATION]: _steady, ...annotations } = lease.metadata.annotations ?? {};
    const spec = { ...lease.spec, renewTime: formatMicroTime(clock.now()) };
    try {
      await client.update(RESOURCES.leases, { ...lease, metadata: { ...lease.metadata, annotations }, spec });
    } catch (error) {
      // A webhook or a policy that refuses must not keep the cluster from starting.
      if (!(error instanceof StatusError)) throw error;
      logger.log('warn', `node ${lease.metadata.name ?? ''} is not found lost: ${error.message}`);
    }
  }
}
