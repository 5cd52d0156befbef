import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import type { PriorityClass } from '../../../kube/api/scheduling-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { forbidden } from '../../registry/status.ts';
import type { Edit } from '../../registry/wire.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

const USUAL_POLICY = 'PreemptLowerPriority';

/**
 * Gives pods the priority of their class, and keeps more than one class from being the default.
 * kubernetes: plugin/pkg/admission/priority/admission.go
 */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  resources: ['/pods', 'scheduling.k8s.io/priorityclasses'],
  admit(request) {
    if (request.operation === 'CREATE' && request.subresource === '' && request.type.resource === 'pods') {
      admitPod(request);
    }
  },
  validate(request) {
    if (request.type.resource === 'priorityclasses' && request.operation !== 'DELETE') checkClass(request);
  },
};

function admitPod(request: AdmissionRequest): void {
  const pod = request.draft as unknown as Edit<Pod>;
  const spec = (pod.spec ??= {});
  const chosen = classOf(request, spec.priorityClassName ?? '');
  if (chosen !== undefined) spec.priorityClassName = chosen.metadata?.name ?? '';
  const value = chosen?.value ?? 0;
  const policy = chosen?.preemptionPolicy ?? USUAL_POLICY;
  if (spec.priority !== undefined && spec.priority !== value) {
    throw refuse(
      request,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    );
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw refuse(
      request,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    );
  }
  spec.priority = value;
  spec.preemptionPolicy = policy;
}

function classOf(request: AdmissionRequest, name: string): PriorityClass | undefined {
  if (name === '') return defaultClass(request);
  const found = request.get(RESOURCES.priorityClasses, undefined, name) as PriorityClass | undefined;
  if (found === undefined) throw refuse(request, `no PriorityClass with name ${name} was found`);
  return found;
}

/** Of several defaults the lowest counts. */
function defaultClass(request: AdmissionRequest): PriorityClass | undefined {
  const classes = request.list(RESOURCES.priorityClasses) as readonly object[] as readonly PriorityClass[];
  let lowest: PriorityClass | undefined;
  for (const each of classes) {
    if (each.globalDefault === true && (lowest === undefined || each.value < lowest.value)) lowest = each;
  }
  return lowest;
}

function checkClass(request: AdmissionRequest): void {
  if (request.draft?.['globalDefault'] !== true) return;
  const other = defaultClass(request)?.metadata?.name;
  if (other === undefined || (request.operation === 'UPDATE' && other === request.name)) return;
  throw refuse(request, `PriorityClass ${other} is already marked as default. Only one default can exist`);
}

function refuse({ type, name }: AdmissionRequest, reason: string): Error {
  return forbidden(type, name, reason);
}
