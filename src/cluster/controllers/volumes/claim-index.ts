import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import type { Informer } from '../../machinery/interfaces.ts';
import { joinKey, namespaceOf } from '../../machinery/keys.ts';
import { ephemeralClaimName } from './ephemeral-volumes.ts';

/** Index of pods: the claims they mount, as `namespace/name`. */
export const CLAIM_INDEX = 'claim';

/** Declares {@link CLAIM_INDEX} on pods. */
export function addClaimIndex(pods: Informer<Pod>): void {
  pods.addIndex(CLAIM_INDEX, (pod) => {
    const claims: string[] = [];
    for (const volume of pod.spec?.volumes ?? []) {
      const name =
        volume.persistentVolumeClaim?.claimName ??
        (volume.ephemeral === undefined ? undefined : ephemeralClaimName(pod, volume));
      if (name !== undefined) claims.push(joinKey(namespaceOf(pod), name));
    }
    return claims;
  });
}
