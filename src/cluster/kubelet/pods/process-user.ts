import type { Container, Pod } from '../../../kube/api/core-v1.generated.ts';
import type { ProcessUser } from '../process/surroundings.ts';

/** As whom the processes of a container run: what the container says counts more than what its pod says. */
export function processUser({ spec }: Pod, container: Pick<Container, 'securityContext'>): ProcessUser {
  const pod = spec?.securityContext;
  const own = container.securityContext;
  const { fsGroup, supplementalGroups = [] } = pod ?? {};
  return {
    uid: own?.runAsUser ?? pod?.runAsUser ?? 0,
    gid: own?.runAsGroup ?? pod?.runAsGroup ?? 0,
    groups: [...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups],
  };
}
