import type { LogOptions } from '../../../client/kube-client.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { badRequest } from '../../registry/status.ts';

/**
 * The container whose logs are asked for: the named one, or the only one. kubernetes: pkg/registry/core/pod/strategy.go
 *
 * @throws StatusError 400
 */
export function logContainer(pod: KubeObject, { container = '' }: Pick<LogOptions, 'container'>): string {
  const { name = '' } = pod.metadata;
  const spec = (pod as Pod).spec;
  const containers = names(spec?.containers);
  const inits = names(spec?.initContainers);
  const ephemeral = names(spec?.ephemeralContainers);
  if (container !== '') {
    if ([...containers, ...inits, ...ephemeral].includes(container)) return container;
    throw badRequest(`container ${container} is not valid for pod ${name}`);
  }
  const [only] = containers;
  if (containers.length === 1 && only !== undefined) return only;
  if (containers.length === 0) throw badRequest(`a container name must be specified for pod ${name}`);
  let message = `a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]`;
  if (inits.length > 0) message += ` or one of the init containers: [${inits.join(' ')}]`;
  if (ephemeral.length > 0) message += ` or one of the ephemeral containers: [${ephemeral.join(' ')}]`;
  throw badRequest(message);
}

function names(containers: readonly { readonly name: string }[] | undefined): string[] {
  return (containers ?? []).map((each) => each.name);
}
