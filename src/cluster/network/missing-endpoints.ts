import type { Pod, Service } from '../../kube/api/core-v1.generated.ts';
import { keyOf, namespaceOf } from '../machinery/keys.ts';
import { isPodFinished } from '../machinery/pods.ts';
import { selectedPods } from '../machinery/service-selector.ts';
import type { Hop } from './hops.ts';
import type { NetworkState } from './network-state.ts';

/** Pods that are told of by name. */
const TOLD = 3;

/** Tells why a Service has nobody to send to: what its selector finds, and why none of that is ready. */
export function tellMissingEndpoints(state: NetworkState, service: Service, hops: Hop[]): void {
  const selector = Object.entries(service.spec?.selector ?? {});
  if (selector.length === 0) {
    hops.push({
      stage: 'pod',
      text: `Service ${keyOf(service)} has no selector, and nobody has written endpoints for it`,
    });
    return;
  }
  const selected = selectedPods(service, state.objects.pods);
  if (selected.length === 0) {
    const labels = selector.map(([key, value]) => `${key}=${value}`).join(',');
    hops.push({ stage: 'pod', text: `no pod in namespace ${namespaceOf(service)} has the labels ${labels}` });
    return;
  }
  for (const pod of selected.slice(0, TOLD)) hops.push({ stage: 'pod', text: `pod ${keyOf(pod)} ${stateOf(pod)}` });
  if (selected.length > TOLD) hops.push({ stage: 'pod', text: `and ${selected.length - TOLD} more` });
}

function stateOf(pod: Pod): string {
  const { status, metadata } = pod;
  if (metadata.deletionTimestamp !== undefined) return 'is being deleted';
  if (isPodFinished(pod)) return `has ended (phase ${status?.phase ?? ''})`;
  const conditions = status?.conditions ?? [];
  const unscheduled = conditions.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False');
  if (unscheduled !== undefined) return `is not scheduled: ${unscheduled.message ?? unscheduled.reason ?? ''}`;
  const waiting = (status?.containerStatuses ?? []).find(({ state }) => state?.waiting !== undefined);
  if (waiting?.state?.waiting !== undefined)
    return `waits: container ${waiting.name} ${waiting.state.waiting.reason ?? ''}`;
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return 'is ready, and does not have the port that the Service sends to';
  return `is not ready${ready?.message === undefined ? '' : `: ${ready.message}`}`;
}
