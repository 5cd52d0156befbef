import type { Event } from '../../../kube/api/core-v1.generated.ts';
import { isQualifiedName, nameIsDnsSubdomain } from '../../../kube/names.ts';
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
  const { metadata = {}, involvedObject = {} } = event;
  const namespace = involvedObject.namespace ?? '';
  if (namespace === '') {
    // Events of cluster-scoped objects live in default or kube-system.
    if (metadata.namespace !== 'default' && metadata.namespace !== 'kube-system') {
      faults.invalid('involvedObject.namespace', namespace, 'does not match event.namespace');
    }
  } else if (namespace !== metadata.namespace) {
    faults.invalid('involvedObject.namespace', namespace, 'does not match event.namespace');
  }
  checkNewStyle(event, faults);
}

/** Events with an eventTime follow the rules of events.k8s.io. */
function checkNewStyle(event: Loose<Event>, faults: Faults): void {
  if ((event.eventTime ?? undefined) === undefined) return;
  const { reportingComponent = '', reportingInstance = '', action = '', reason = '', message = '' } = event;
  if (reportingComponent === '') faults.required('reportingController');
  faults.invalidEach('reportingController', reportingComponent, isQualifiedName(reportingComponent));
  if (reportingInstance === '') faults.required('reportingInstance');
  if (reportingInstance.length > 128) faults.invalid('reportingInstance', '', 'can have at most 128 characters');
  if (action === '') faults.required('action');
  if (action.length > 128) faults.invalid('action', '', 'can have at most 128 characters');
  if (reason === '') faults.required('reason');
  if (reason.length > 128) faults.invalid('reason', '', 'can have at most 128 characters');
  if (message.length > 1024) faults.invalid('message', '', 'can have at most 1024 characters');
  const name = event.involvedObject?.namespace ?? '';
  if (name !== '') faults.invalidEach('regarding.namespace', name, nameIsDnsSubdomain(name));
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
