import type { Container, ContainerStatus, Pod, PodStatus } from '../../../kube/api/core-v1.generated.ts';
import { qosClassOf } from '../../machinery/pod-amounts.ts';
import { formatTime } from '../../machinery/time.ts';
import type { ContainerRecord } from './container-record.ts';
import { type Condition, podConditions } from './pod-conditions.ts';
import { podPhase } from './pod-phase.ts';

/** What the status of a pod is made from. */
export interface PodState {
  readonly pod: Pod;
  readonly inits: readonly ContainerRecord[];
  readonly mains: readonly ContainerRecord[];
  readonly ephemerals: readonly ContainerRecord[];
  readonly startTime: number;
  readonly podIP: string;
  readonly hostIP: string;
  readonly sandbox: boolean;
  readonly initialized: boolean;
  /** Nothing will be started any more, and nothing runs. */
  readonly terminal: boolean;
  /** Why the pod has failed as a whole. */
  readonly failure: { readonly reason: string; readonly message: string } | undefined;
  readonly extra: readonly Condition[];
  readonly now: number;
}

/** The status of a pod as its kubelet writes it. kubernetes: pkg/kubelet/kubelet_pods.go generateAPIPodStatus */
export function podStatus(state: PodState): PodStatus {
  const { pod, inits, mains, ephemerals, podIP, hostIP, failure } = state;
  const phase = failure !== undefined && state.terminal ? 'Failed' : podPhase({ ...state, spec: pod.spec });
  const conditions = podConditions({ ...state, phase });
  const { generation } = pod.metadata;
  const known = pod.status ?? {};
  const status: Edit<PodStatus> = {};
  if (generation !== undefined) status.observedGeneration = generation;
  status.phase = phase;
  status.conditions = conditions;
  if (failure !== undefined && state.terminal) {
    status.reason = failure.reason;
    status.message = failure.message;
  }
  if (known.nominatedNodeName !== undefined) status.nominatedNodeName = known.nominatedNodeName;
  status.hostIP = hostIP;
  status.hostIPs = known.hostIP === hostIP && known.hostIPs !== undefined ? known.hostIPs : [{ ip: hostIP }];
  if (podIP !== '') {
    status.podIP = podIP;
    status.podIPs = known.podIP === podIP && known.podIPs !== undefined ? known.podIPs : [{ ip: podIP }];
  }
  status.startTime = known.startTime ?? formatTime(state.startTime);
  if (inits.length > 0) status.initContainerStatuses = inits.map(containerStatus);
  if (mains.length > 0) status.containerStatuses = mains.map(containerStatus);
  if (ephemerals.length > 0) status.ephemeralContainerStatuses = ephemerals.map(containerStatus);
  status.qosClass = qosClassOf(pod);
  if (known.resourceClaimStatuses !== undefined) status.resourceClaimStatuses = known.resourceClaimStatuses;
  return status;
}

type Edit<T> = { -readonly [Key in keyof T]: T[Key] };

/** The status of a pod that was never begun with, because its node does not take it. */
export function rejectedStatus(
  pod: Pod,
  rejection: { readonly reason: string; readonly message: string },
  now: number,
): PodStatus {
  const conditions = pod.status?.conditions;
  return {
    phase: 'Failed',
    reason: rejection.reason,
    message: rejection.message,
    startTime: formatTime(now),
    qosClass: qosClassOf(pod),
    ...(conditions === undefined ? {} : { conditions }),
  };
}

function containerStatus(record: ContainerRecord): ContainerStatus {
  const { spec, instance } = record;
  const id = record.containerID;
  const status: Edit<ContainerStatus> = {
    name: record.name,
    state: record.state,
    lastState: record.lastState,
    ready: record.kind === 'init' ? record.exitCode === 0 : record.ready,
    restartCount: record.restarts,
    image: record.image,
    imageID: record.imageID,
  };
  if (id !== undefined) status.containerID = id;
  status.started = instance?.started ?? false;
  if (instance !== undefined) tellOfRunning(status, spec);
  return status;
}

/** What is only told of containers that run. */
function tellOfRunning(status: Edit<ContainerStatus>, { resources, volumeMounts = [] }: Container): void {
  if (resources?.requests !== undefined) status.allocatedResources = resources.requests;
  status.resources = resources ?? {};
  if (volumeMounts.length === 0) return;
  status.volumeMounts = volumeMounts.map(({ name, mountPath, readOnly }) =>
    readOnly === true ? { mountPath, name, readOnly, recursiveReadOnly: 'Disabled' } : { mountPath, name },
  );
}
