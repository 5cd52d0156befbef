import { isObject } from '../../../base/json.ts';
import type { Binding, Pod, PodCondition } from '../../../kube/api/core-v1.generated.ts';
import { decodeObject } from '../../../kube/decode.ts';
import { copyMetadata } from '../../../kube/deferred-managed-fields.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { Status } from '../../../kube/status-error.ts';
import { badRequest, conflict, invalid } from '../../registry/status.ts';
import type { Draft } from '../../registry/strategy.ts';
import { admitSubresource } from '../rest/admit.ts';
import { commitPut } from '../rest/commit.ts';
import type { Core, Operation } from '../rest/core.ts';
import { formatTime } from '../../machinery/time.ts';
import { requireStored } from '../rest/update.ts';

/** What the API answers to a POST that makes no object. */
export const SUCCESS: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/**
 * Binds a pod to a node, once. kubernetes: pkg/registry/core/pod/storage/storage.go (BindingREST)
 *
 * @throws StatusError
 */
export function bindPod(core: Core, operation: Operation, body: unknown): Status {
  const binding = decodeBinding(body);
  const node = binding.target?.name ?? '';
  checkTarget(operation.name, binding.target);
  const { value, modRevision } = requireStored(core, operation);
  const pod = value as KubeObject & Pod;
  const refuse = (reason: string): Error => conflict({ group: '', resource: 'pods/binding' }, operation.name, reason);
  const { uid } = binding.metadata ?? {};
  if (uid !== undefined && uid !== '' && uid !== pod.metadata.uid) {
    throw refuse(`Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid ?? ''}`);
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw refuse(`pod ${operation.name} is being deleted, cannot be assigned to a host`);
  }
  const { nodeName = '', schedulingGates = [] } = pod.spec ?? {};
  if (nodeName !== '') throw refuse(`pod ${operation.name} is already assigned to node ${JSON.stringify(nodeName)}`);
  if (schedulingGates.length > 0) throw refuse(`pod ${operation.name} has non-empty .spec.schedulingGates`);
  const { annotations } = binding.metadata ?? {};
  const metadata = copyMetadata(pod.metadata);
  if (annotations !== undefined) metadata.annotations = { ...metadata.annotations, ...annotations };
  const bound = {
    ...pod,
    metadata,
    spec: { ...pod.spec, nodeName: node },
    status: { ...pod.status, conditions: scheduled(pod.status?.conditions ?? [], formatTime(core.clock.now())) },
  };
  admitSubresource(core, operation, body, { group: '', version: 'v1', kind: 'Binding' });
  commitPut(core, operation, bound as KubeObject as Draft, modRevision);
  return SUCCESS;
}

function decodeBinding(body: unknown): Partial<Binding> {
  if (!isObject(body)) throw badRequest('the body of the request is no object');
  return decodeObject({ group: '', version: 'v1', kind: 'Binding' }, { ...body, kind: 'Binding' }, 'Ignore').object;
}

function checkTarget(name: string, target: Binding['target'] | undefined): void {
  const kind = target?.kind ?? '';
  if (kind !== '' && kind !== 'Node') {
    throw invalid({ group: '', kind: 'Binding' }, name, [
      {
        type: 'FieldValueNotSupported',
        field: 'target.kind',
        badValue: kind,
        detail: 'supported values: "Node", "<empty>"',
      },
    ]);
  }
  if ((target?.name ?? '') === '') {
    throw invalid({ group: '', kind: 'Binding' }, name, [
      { type: 'FieldValueRequired', field: 'target.name', detail: '' },
    ]);
  }
}

/** The conditions with PodScheduled true; it has never been probed. */
function scheduled(conditions: readonly PodCondition[], now: string): readonly object[] {
  const old = conditions.find((each) => each.type === 'PodScheduled');
  const lastTransitionTime = old?.status === 'True' ? old.lastTransitionTime : now;
  const condition = { lastProbeTime: null, lastTransitionTime, status: 'True', type: 'PodScheduled' };
  if (old === undefined) return [...conditions, condition];
  return conditions.map((each) => (each === old ? condition : each));
}
