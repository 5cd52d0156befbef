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
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    conditions,
    ...(failure !== undefined && state.terminal ? { reason: failure.reason, message: failure.message } : {}),
    ...(known.nominatedNodeName === undefined ? {} : { nominatedNodeName: known.nominatedNodeName }),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(podIP === '' ? {} : { podIP, podIPs: [{ ip: podIP }] }),
    startTime: known.startTime ?? formatTime(state.startTime),
    ...(inits.length === 0 ? {} : { initContainerStatuses: inits.map(containerStatus) }),
    ...(mains.length === 0 ? {} : { containerStatuses: mains.map(containerStatus) }),
    ...(ephemerals.length === 0 ? {} : { ephemeralContainerStatuses: ephemerals.map(containerStatus) }),
    qosClass: qosClassOf(pod),
    ...(known.resourceClaimStatuses === undefined ? {} : { resourceClaimStatuses: known.resourceClaimStatuses }),
  };
}

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
  return {
    name: record.name,
    state: record.state,
    lastState: record.lastState,
    ready: record.kind === 'init' ? record.exitCode === 0 : record.ready,
    restartCount: record.restarts,
    image: record.image,
    imageID: record.imageID,
    ...(id === undefined ? {} : { containerID: id }),
    started: instance?.started ?? false,
    ...(instance === undefined ? {} : running(spec)),
  };
}

/** What is only told of containers that run. */
function running(spec: Container): Pick<ContainerStatus, 'allocatedResources' | 'resources' | 'volumeMounts'> {
  const requests = spec.resources?.requests;
  return {
    ...(requests === undefined ? {} : { allocatedResources: requests }),
    resources: spec.resources ?? {},
    ...(spec.volumeMounts === undefined || spec.volumeMounts.length === 0
      ? {}
      : {
          volumeMounts: spec.volumeMounts.map(({ name, mountPath, readOnly }) => ({
            mountPath,
            name,
            ...(readOnly === true ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
          })),
        }),
  };
}
