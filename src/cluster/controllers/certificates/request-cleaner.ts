import type { CertificateSigningRequest } from '../../../kube/api/certificates-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { Controller } from '../../machinery/controller.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { type ApiObject, isDeleting, nameOf } from '../../machinery/keys.ts';
import { parseTime } from '../../machinery/time.ts';

/** How long requests are kept, ms. */
const KEPT = { issued: 3_600_000, denied: 3_600_000, pending: 24 * 3_600_000 } as const;

type Request = ApiObject & CertificateSigningRequest;

/**
 * When a request may go, ms since the epoch: an hour after it was denied, or approved and signed, or when its certificate is of
 * no more use; a day after nobody has answered it. Undefined for one that was approved and waits for its signer.
 */
export function endOfRequest({ metadata, spec, status }: Request): number | undefined {
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) {
    const created = parseTime(metadata.creationTimestamp);
    return created === undefined ? undefined : created + KEPT.pending;
  }
  const ends: number[] = [];
  for (const { type, lastUpdateTime } of conditions) {
    const since = parseTime(lastUpdateTime);
    if (since === undefined) continue;
    if (type === 'Denied') ends.push(since + KEPT.denied);
    const isIssued = status?.certificate !== undefined && status.certificate !== '';
    if (type !== 'Approved' || !isIssued) continue;
    ends.push(since + KEPT.issued);
    if (spec.expirationSeconds !== undefined) ends.push(since + spec.expirationSeconds * 1000);
  }
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/**
 * Deletes requests for certificates that have had their time, in the moment in which it is over; Kubernetes looks every hour.
 * kubernetes: pkg/controller/certificates/cleaner/cleaner.go
 */
export function createCertificateRequestCleaner(context: ComponentContext, informers: InformerFactory): Component {
  const requests = informers.informer<Request>(RESOURCES.certificateSigningRequests);
  const controller = new Controller({
    name: 'certificatesigningrequest-cleaner-controller',
    context,
    informers: [requests],
    reconcile: async (name) => {
      const request = requests.get({ name });
      const end = request === undefined || isDeleting(request) ? undefined : endOfRequest(request);
      if (end === undefined) return;
      const left = end - context.clock.now();
      if (left >= 0) {
        controller.queue.addAfter(name, left + 1);
        return;
      }
      try {
        await context.client.delete(RESOURCES.certificateSigningRequests, { name });
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error;
      }
    },
  });
  requests.onEvent(({ type, object }) => {
    if (type !== 'deleted') controller.queue.add(nameOf(object));
  });
  return controller;
}
