import { PintleError } from '../base/errors.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { ResourceType } from '../kube/object.ts';

/**
 * The resource that a user's word names: `deploy`, `Deployment`, `deployments`, `deployments.apps`, `deployments.v1.apps`.
 *
 * @throws PintleError `no-kind-match`
 */
export async function findResource(client: KubeClient, word: string): Promise<ResourceType> {
  const [name = '', ...rest] = word.toLowerCase().split('.');
  const group = rest.join('.');
  const all = await client.resources();
  const named = all.filter(
    (type) =>
      type.resource === name ||
      type.singular === name ||
      type.kind.toLowerCase() === name ||
      type.shortNames.includes(name),
  );
  const found = named.find(
    (type) => rest.length === 0 || type.group === group || `${type.version}.${type.group}` === group,
  );
  if (found !== undefined) return found;
  throw new PintleError('no-kind-match', `the server doesn't have a resource type "${word}"`, {
    hint: 'name a kind, its plural or its short name, such as pods, deploy or cronjobs.batch',
  });
}
