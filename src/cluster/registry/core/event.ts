import type { Event } from '../../../kube/api/core-v1.generated.ts';
import { nameIsDnsSubdomain } from '../../../kube/names.ts';
import { checkEventNamespace, checkEventReport } from '../checks/events.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';

/** kubernetes: pkg/registry/core/event/strategy.go, pkg/apis/core/validation/events.go */
export function eventStrategy(): Strategy {
  return defineStrategy<Event>({
    type: resourceType('v1', 'Event', 'events', { shortNames: ['ev'] }),
    allowCreateOnUpdate: true,
    validate,
    selectableFields,
  });
}

function validate(event: Loose<Event>, faults: Faults): void {
  const { namespace: about = '' } = event.involvedObject ?? {};
  checkEventNamespace(event.metadata?.namespace, about, faults);
  if ((event.eventTime ?? undefined) === undefined) return;
  // Events with an eventTime follow the rules of events.k8s.io.
  checkEventReport({ ...event, reportingController: event.reportingComponent, note: event.message }, faults);
  if (about !== '') faults.invalidEach('regarding.namespace', about, nameIsDnsSubdomain(about));
}

function selectableFields(event: Loose<Event>): Readonly<Record<string, string>> {
  const { involvedObject = {}, source = {} } = event;
  return {
    'involvedObject.kind': involvedObject.kind ?? '',
    'involvedObject.namespace': involvedObject.namespace ?? '',
    'involvedObject.name': involvedObject.name ?? '',
    'involvedObject.uid': involvedObject.uid ?? '',
    'involvedObject.apiVersion': involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': involvedObject.fieldPath ?? '',
    reason: event.reason ?? '',
    reportingComponent: event.reportingComponent ?? '',
    source: source.component ?? event.reportingComponent ?? '',
    type: event.type ?? '',
  };
}
