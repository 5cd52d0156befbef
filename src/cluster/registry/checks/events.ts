import { isQualifiedName } from '../../../kube/names.ts';
import type { Faults } from '../faults.ts';

/** What an event says of who reports it and why, under events.k8s.io's names. */
export interface EventReport {
  readonly reportingController?: string | undefined;
  readonly reportingInstance?: string | undefined;
  readonly action?: string | undefined;
  readonly reason?: string | undefined;
  readonly note?: string | undefined;
}

/**
 * An event lives in the namespace of what it is about; those of cluster-scoped objects in default or kube-system.
 * kubernetes: pkg/apis/core/validation/events.go
 *
 * @param about the namespace of what it is about
 */
export function checkEventNamespace(own: string | undefined, about: string, faults: Faults): void {
  const matches = about === '' ? own === 'default' || own === 'kube-system' : about === own;
  if (!matches) faults.invalid('involvedObject.namespace', about, 'does not match event.namespace');
}

/** The rules of events.k8s.io, which hold for core events with an eventTime too. kubernetes: pkg/apis/core/validation/events.go */
export function checkEventReport(report: EventReport, faults: Faults): void {
  const { reportingController = '', reportingInstance = '', action = '', reason = '', note = '' } = report;
  if (reportingController === '') faults.required('reportingController');
  faults.invalidEach('reportingController', reportingController, isQualifiedName(reportingController));
  for (const [field, value] of Object.entries({ reportingInstance, action, reason })) {
    if (value === '') faults.required(field);
    if (value.length > 128) faults.invalid(field, '', 'can have at most 128 characters');
  }
  if (note.length > 1024) faults.invalid('message', '', 'can have at most 1024 characters');
}
