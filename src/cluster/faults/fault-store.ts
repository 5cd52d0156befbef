import type { KubeClient } from '../../client/kube-client.ts';
import type { ConfigMap } from '../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { isStatus } from '../../kube/status-error.ts';
import { type ActiveFault, checkFault, type Fault, faultId, FAULTS_OBJECT, readActiveFault } from './fault.ts';

/** The faults that are in force, by name. */
export async function listFaults(client: KubeClient): Promise<readonly ActiveFault[]> {
  return faultsOf(await read(client));
}

/** The faults that an object tells of. */
export function faultsOf(object: ConfigMap | undefined): readonly ActiveFault[] {
  const out: ActiveFault[] = [];
  for (const [id, text] of Object.entries(object?.data ?? {})) {
    const active = readActiveFault(id, text);
    if (active !== undefined) out.push(active);
  }
  return out.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Puts a fault in force, in this cluster and whatever process runs it; one of the same name is replaced.
 *
 * @param until the instant (ms) at which it ends by itself
 * @throws PintleError `usage`
 */
export async function injectFault(client: KubeClient, fault: Fault, until?: number): Promise<ActiveFault> {
  checkFault(fault);
  const active: ActiveFault = { id: faultId(fault), fault, ...(until === undefined ? {} : { until }) };
  const { id, ...rest } = active;
  await write(client, { [id]: JSON.stringify(rest) });
  return active;
}

/** Ends faults, or all; what is not in force is passed over. Answers with the names of those that were. */
export async function clearFaults(client: KubeClient, ids?: readonly string[]): Promise<readonly string[]> {
  const known = Object.keys((await read(client))?.data ?? {});
  const gone = ids === undefined ? known : known.filter((id) => ids.includes(id));
  if (gone.length > 0) await write(client, Object.fromEntries(gone.map((id) => [id, null])));
  return gone;
}

/** Ends the faults whose time is over at an instant, ms. Rejects with a Conflict when others came or went meanwhile. */
export async function endFaults(client: KubeClient, now: number): Promise<void> {
  const object = await read(client);
  const over = faultsOf(object).filter(({ until }) => until !== undefined && until <= now);
  if (over.length === 0) return;
  const metadata = { resourceVersion: object?.metadata.resourceVersion };
  const data = Object.fromEntries(over.map(({ id }) => [id, null]));
  await client.patch(RESOURCES.configMaps, FAULTS_OBJECT, 'merge', { metadata, data });
}

async function read(client: KubeClient): Promise<ConfigMap | undefined> {
  try {
    return await client.get<ConfigMap>(RESOURCES.configMaps, FAULTS_OBJECT);
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function write(client: KubeClient, data: Readonly<Record<string, string | null>>): Promise<void> {
  const patch = (): Promise<unknown> => client.patch(RESOURCES.configMaps, FAULTS_OBJECT, 'merge', { data });
  try {
    await patch();
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error;
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: FAULTS_OBJECT, data };
    try {
      await client.create(RESOURCES.configMaps, object);
    } catch (failure) {
      // Somebody else's first fault came at the same time.
      if (!isStatus(failure, 'AlreadyExists')) throw failure;
      await patch();
    }
  }
}
