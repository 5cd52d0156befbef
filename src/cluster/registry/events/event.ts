import type { Event } from '../../../kube/api/events-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { checkEventNamespace, checkEventReport } from '../checks/events.ts';
import { IMMUTABLE } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';
import { eventAsNew, eventOfNew } from './convert-event.ts';

const UNCHANGEABLE = [
  'regarding',
  'related',
  'reportingController',
  'reportingInstance',
  'action',
  'reason',
  'type',
  'note',
] as const;

/**
 * Events of events.k8s.io: the same objects as the core group's, in other words.
 * kubernetes: pkg/apis/core/validation/events.go (events.k8s.io/v1)
 */
export function newEventStrategy(): Strategy {
  return defineStrategy<Event>({
    type: resourceType('events.k8s.io/v1', 'Event', 'events', { shortNames: ['ev'] }),
    allowCreateOnUpdate: true,
    storedAs: { bucket: '/events', toStored: eventOfNew, fromStored: eventAsNew },
    validate: ({ metadata = {}, regarding = {} }, faults) =>
      checkEventNamespace(metadata.namespace, regarding.namespace ?? '', faults),
    validateCreate: checkFields,
    validateUpdate: (event, old, faults) => {
      for (const field of UNCHANGEABLE) {
        if (!deepEqual(event[field] ?? '', old[field] ?? '')) faults.invalid(field, event[field] ?? '', IMMUTABLE);
      }
    },
    selectableFields: (event) => fieldsOf(event),
  });
}

/** Selectors look at what is kept. */
function fieldsOf(kept: object): Readonly<Record<string, string>> {
  const {
    regarding = {},
    reason = '',
    reportingController = '',
    type = '',
  } = eventAsNew(kept as KubeObject) as Loose<Event>;
  return {
    'regarding.kind': regarding.kind ?? '',
    'regarding.namespace': regarding.namespace ?? '',
    'regarding.name': regarding.name ?? '',
    'regarding.uid': regarding.uid ?? '',
    'regarding.apiVersion': regarding.apiVersion ?? '',
    'regarding.resourceVersion': regarding.resourceVersion ?? '',
    'regarding.fieldPath': regarding.fieldPath ?? '',
    reason,
    reportingController,
    type,
  };
}

function checkFields(event: Loose<Event>, faults: Faults): void {
  const { type = '' } = event;
  if (event.eventTime === undefined) faults.required('eventTime');
  checkEventReport(event, faults);
  if (type === '') faults.required('type');
  else if (type !== 'Normal' && type !== 'Warning') faults.invalid('type', '', `has invalid value: ${type}`);
}
