import type { ObjectReference, Pod } from '../../../kube/api/core-v1.generated.ts';
import { referenceTo } from '../../machinery/event-recorder.ts';
import type { EventRecorder } from '../../machinery/interfaces.ts';
import type { ContainerRecord } from './container-record.ts';

const FIELDS = {
  init: 'initContainers',
  sidecar: 'initContainers',
  main: 'containers',
  ephemeral: 'ephemeralContainers',
};

/** Records events about a pod and its containers, as the kubelet does. */
export class PodEvents {
  readonly #recorder: EventRecorder;
  readonly #pod: () => Pod;

  constructor(recorder: EventRecorder, pod: () => Pod) {
    this.#recorder = recorder;
    this.#pod = pod;
  }

  normal(reason: string, message: string, record?: ContainerRecord): void {
    this.#recorder.event(this.#about(record), 'Normal', reason, message);
  }

  warning(reason: string, message: string, record?: ContainerRecord): void {
    this.#recorder.event(this.#about(record), 'Warning', reason, message);
  }

  #about(record: ContainerRecord | undefined): ObjectReference {
    const reference = referenceTo(this.#pod());
    if (record === undefined) return reference;
    return { ...reference, fieldPath: `spec.${FIELDS[record.kind]}{${record.name}}` };
  }
}
