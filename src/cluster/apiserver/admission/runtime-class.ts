import type { Pod, Toleration } from '../../../kube/api/core-v1.generated.ts';
import type { RuntimeClass } from '../../../kube/api/node-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { forbidden } from '../../registry/status.ts';
import type { Edit } from '../../registry/wire.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

/**
 * Gives pods the overhead, node selector and tolerations of their RuntimeClass. kubernetes: plugin/pkg/admission/runtimeclass
 */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  resources: ['/pods'],
  admit(request) {
    if (!isCreation(request)) return;
    const found = classOf(request);
    if (found === undefined) return;
    const pod = request.draft as unknown as Edit<Pod>;
    const spec = (pod.spec ??= {});
    const { overhead, scheduling } = found;
    if (overhead?.podFixed !== undefined) {
      if (spec.overhead !== undefined && !deepEqual(spec.overhead, overhead.podFixed)) throw mismatch(request);
      spec.overhead = { ...overhead.podFixed };
    }
    if (scheduling === undefined) return;
    for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
      const own = spec.nodeSelector?.[key];
      if (own !== undefined && own !== value) {
        const text = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`;
        throw forbidden(request.type, request.name, text);
      }
      spec.nodeSelector = { ...spec.nodeSelector, [key]: value };
    }
    spec.tolerations = merged(spec.tolerations ?? [], scheduling.tolerations ?? []);
    if (spec.tolerations.length === 0) delete spec.tolerations;
  },
  validate(request) {
    if (!isCreation(request)) return;
    const fixed = classOf(request)?.overhead?.podFixed;
    const { overhead } = (request.draft as unknown as Edit<Pod>).spec ?? {};
    if (fixed !== undefined) {
      if (!deepEqual(overhead, fixed)) throw mismatch(request);
    } else if (overhead !== undefined) {
      const text = 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead';
      throw forbidden(request.type, request.name, text);
    }
  },
};

function isCreation({ operation, subresource, draft }: AdmissionRequest): boolean {
  return operation === 'CREATE' && subresource === '' && draft !== undefined;
}

function classOf(request: AdmissionRequest): RuntimeClass | undefined {
  const name = (request.draft as unknown as Edit<Pod>).spec?.runtimeClassName;
  if (name === undefined || name === '') return undefined;
  const found = request.get(RESOURCES.runtimeClasses, undefined, name) as RuntimeClass | undefined;
  if (found === undefined) {
    throw forbidden(request.type, request.name, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  }
  return found;
}

function mismatch({ type, name }: AdmissionRequest): Error {
  return forbidden(type, name, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
}

/** Without those that others cover already. */
function merged(own: readonly Edit<Toleration>[], more: readonly Toleration[]): Edit<Toleration>[] {
  const all = [...own, ...more];
  return all.filter((each, i) => all.findIndex((other) => deepEqual(each, other)) === i);
}
