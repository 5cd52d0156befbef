import type { ActionContext } from '../actions/context.ts';
import { getOrUndefined } from '../deploy/ownership.ts';
import { readinessOf } from '../deploy/readiness.ts';
import { buildResources } from '../deploy/resource.ts';
import { apiVersionOf } from '../kube/object.ts';
import type { Release } from '../release/release.ts';
import { formatTable } from '../terminal/table.ts';

/** The objects of a release with their state on the cluster, grouped by kind, as a part of `status`; '' when there are none. */
export async function resourcesText(context: ActionContext, release: Release): Promise<string> {
  if (release.info.status === 'uninstalled') return '';
  const resources = await buildResources(context.client, release.manifest, {
    namespace: release.namespace,
    skipUnknown: true,
  });
  const groups = new Map<string, string[][]>();
  for (const resource of resources) {
    const title = `${apiVersionOf(resource.type)}/${resource.type.kind}`;
    const live = await getOrUndefined(context.client, resource);
    const readiness =
      live === undefined
        ? { status: 'NotFound', message: 'Resource not found' }
        : readinessOf(live, { now: context.clock.now() });
    const rows = groups.get(title) ?? [['NAME', 'STATUS', 'MESSAGE']];
    rows.push([resource.key.name, readiness.status, readiness.message]);
    groups.set(title, rows);
  }
  if (groups.size === 0) return '';
  const parts = [...groups.keys()].sort().map((title) => `==> ${title}\n${formatTable(groups.get(title) ?? [])}\n\n`);
  return `RESOURCES:\n${parts.join('')}\n`;
}
