import type { Pod, Service } from '../../../kube/api/core-v1.generated.ts';
import { joinKey } from '../../machinery/keys.ts';
import { REQUESTS_ANNOTATION } from '../../machinery/metric-samples.ts';
import type { ClusterView } from '../cluster-view.ts';

/** Requests a second that an annotation asks for; 0 for none and for what is no number. */
export function requestsOf({ metadata }: Pick<Service, 'metadata'>): number {
  const text = metadata.annotations?.[REQUESTS_ANNOTATION];
  const requests = text === undefined ? 0 : Number(text.replace(/\/s$/, ''));
  return Number.isFinite(requests) ? Math.max(0, requests) : 0;
}

/** Requests that come to a pod a second. */
export function requestsTo(pod: Pod, view: Pick<ClusterView, 'services' | 'slices'>): number {
  const { namespace, uid } = pod.metadata;
  let sum = 0;
  for (const service of view.services.list(namespace)) {
    const requests = requestsOf(service);
    if (requests === 0) continue;
    const ready = new Set<string>();
    for (const slice of view.slices.byIndex('service', joinKey(namespace, service.metadata.name ?? ''))) {
      for (const { conditions, targetRef } of slice.endpoints ?? []) {
        if (conditions?.ready !== false && targetRef?.uid !== undefined) ready.add(targetRef.uid);
      }
    }
    if (uid !== undefined && ready.has(uid)) sum += requests / ready.size;
  }
  return sum;
}
