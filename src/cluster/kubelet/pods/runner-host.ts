import type { Container, Pod } from '../../../kube/api/core-v1.generated.ts';
import { formatTime } from '../../machinery/time.ts';
import { type Program, type ProgramInput, programOf } from '../process/program.ts';
import type { Surroundings } from '../process/surroundings.ts';
import type { ProbeTarget } from '../probes/probe-answer.ts';
import type { ContainerRecord, Instance } from './container-record.ts';
import { diskDelay } from '../node/machine-faults.ts';
import { requestsTo } from '../usage/service-load.ts';
import { expandReferences } from './environment.ts';
import type { NodeContext } from './node-context.ts';
import type { PodEvents } from './pod-events.ts';
import { ContainerFiles, type VolumeWrites } from './container-mounts.ts';
import { processUser } from './process-user.ts';
import { podHostname } from './system-files.ts';

/** The pod that a runner works for. */
export interface RunnerHost {
  readonly node: NodeContext;
  readonly events: PodEvents;
  readonly pod: Pod;
  readonly podIP: string;
  /** Something has changed: look at the pod again. */
  wake(): void;
  /** Look again at this instant. */
  wakeAt(instant: number): void;
  /** Calls back, and looks again, when one of the objects is made or changed. */
  wakeOn(dependencies: readonly string[], changed: () => void): void;
}

/** What one run of a container follows from. */
export interface RunInput extends ProgramInput {
  readonly container: Container;
}

/** ms that the kubelet needs to see that a container has changed. kubernetes: pkg/kubelet/kubelet.go plegRelistPeriod */
export const RELIST_MILLIS = 1000;

/** A run that has just begun. */
export function newInstance(id: string, startedAt: number, target: ProbeTarget): Instance {
  return {
    id,
    startedAt,
    startedText: formatTime(startedAt),
    target,
    started: false,
    wasReady: false,
    resumed: false,
    probes: [],
    readiness: undefined,
    exitTimer: undefined,
    stopBy: undefined,
    graceBy: undefined,
    hook: undefined,
    input: undefined,
  };
}

/** What of a node decides on what its containers find. */
type SurroundingNode = Pick<NodeContext, 'view' | 'network' | 'hostIP' | 'allocatable'> &
  Partial<Pick<NodeContext, 'faults'>>;

/** What {@link surroundingsOf} looks at. */
export interface SurroundingPlace {
  readonly pod: Pod;
  readonly podIP: string;
  readonly node: SurroundingNode;
}

/** What is worked out only when a process looks at it. */
export interface LazySurroundings {
  readonly env: () => Readonly<Record<string, string>>;
  /** What containers that ran before have left in volumes. */
  readonly left: () => VolumeWrites;
}

/** What a container's process finds around it. */
export function surroundingsOf(
  { pod, podIP, node }: SurroundingPlace,
  record: ContainerRecord,
  { env, left }: LazySurroundings,
): Surroundings {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  const { faults, view, hostIP, allocatable } = node;
  const addresses = { podIP, hostIP };
  return {
    get env() {
      return env();
    },
    files: new ContainerFiles({ pod, container: record.spec, view, addresses, allocatable, env, left }),
    network: node.network(pod.metadata.namespace ?? ''),
    ...(faults !== undefined && keepsData(pod, record) ? { diskDelay: () => diskDelay(faults) } : {}),
    requests: () => requestsTo(pod, node.view),
    hostname: podHostname(pod),
    user: processUser(pod, record.spec),
    ...(record.spec.securityContext?.readOnlyRootFilesystem === true ? { readOnlyRoot: true } : {}),
    toCompletion: record.kind === 'init' || (record.kind === 'main' && policy !== 'Always'),
  };
}

/** True for containers with a persistent volume. */
function keepsData({ spec }: Pod, record: ContainerRecord): boolean {
  const claimed = (spec?.volumes ?? []).filter(
    (volume) => volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined,
  );
  return (record.spec.volumeMounts ?? []).some(({ name }) => claimed.some((volume) => volume.name === name));
}

/** What a run of a container will do on a node: with a disk that takes longer it is up later. */
export function programOn({ faults }: Pick<NodeContext, 'faults'>, input: ProgramInput): Program {
  const program = programOf(input);
  const { startMillis } = program.behaviour;
  const factor = faults.diskFactor();
  if (factor === 1 || startMillis === undefined) return program;
  return { ...program, behaviour: { ...program.behaviour, startMillis: startMillis * factor } };
}

/** A container with the variables in its command and arguments replaced. */
export function expanded(container: Container, surroundings: Surroundings): Container {
  const texts = [...(container.command ?? []), ...(container.args ?? [])];
  if (!texts.some((text) => text.includes('$'))) return container;
  const expand = (text: string): string => expandReferences(text, surroundings.env);
  return { ...container, command: container.command?.map(expand), args: container.args?.map(expand) };
}
