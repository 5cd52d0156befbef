import type { ContainerStateTerminated, ContainerStatus, Pod } from '../../../kube/api/core-v1.generated.ts';
import { parseTime } from '../../machinery/time.ts';
import type { ImageBehaviour } from '../images/behaviour.ts';
import { ImageReferenceError } from '../images/image-reference.ts';
import { programOf } from '../process/program.ts';
import { containerBehaviour } from './container-behaviour.ts';
import { type VolumeWrites } from './container-mounts.ts';
import { ContainerRecord, type Ended } from './container-record.ts';
import { makeEnvironment } from './environment.ts';
import { volumeChanges } from './volume-changes.ts';
import type { NodeContext } from './node-context.ts';
import { expanded, newInstance, programOn, type RunInput, type RunnerHost, surroundingsOf } from './runner-host.ts';

/**
 * Takes over a container as its status tells it, from a kubelet that ran before this one: runs, restarts and back-off go on.
 *
 * @returns what the run follows from, when one is going on
 */
export function restoreContainer(
  record: ContainerRecord,
  status: ContainerStatus,
  host: RunnerHost,
): RunInput | undefined {
  record.restarts = status.restartCount;
  if (status.image !== '') record.image = status.image;
  record.imageID = status.imageID;
  const { running, terminated, waiting } = status.state ?? {};
  const last = endedOf(status.lastState?.terminated);
  if (running !== undefined) {
    record.last = last;
    record.waiting = undefined;
    return restoreRun(record, status, parseTime(running.startedAt) ?? host.node.clock.now(), host);
  }
  if (terminated !== undefined) {
    record.waiting = undefined;
    record.ended = endedOf(terminated);
    record.last = last;
  } else {
    record.ended = last;
    if (waiting?.reason !== undefined) {
      const { reason, message } = waiting;
      record.waiting = { reason, ...(message === undefined ? {} : { message }) };
    }
  }
  record.crash.restore(record.restarts, parseTime(record.ended?.state.startedAt) ?? 0);
  return undefined;
}

function endedOf(state: ContainerStateTerminated | undefined): Ended | undefined {
  return state === undefined ? undefined : { state, finishedAt: parseTime(state.finishedAt) ?? 0 };
}

function restoreRun(record: ContainerRecord, status: ContainerStatus, startedAt: number, host: RunnerHost): RunInput {
  const { node, pod, podIP } = host;
  const elapsed = Math.max(0, host.node.clock.now() - startedAt);
  const input = { ...runInputOf(record, host, record.restarts), elapsed };
  const { container, surroundings } = input;
  const target = { container, surroundings, podIP, program: programOn(node, input) };
  const instance = newInstance(status.containerID ?? `containerd://${pod.metadata.uid ?? ''}`, startedAt, target);
  instance.started = status.started === true;
  instance.wasReady = status.ready;
  instance.resumed = true;
  record.instance = instance;
  record.crash.restore(record.restarts, startedAt);
  node.images.add(record.image);
  return input;
}

/** What {@link runInputOf} looks at. */
export interface RunPlace {
  readonly node: Pick<NodeContext, 'catalogue' | 'view' | 'hostIP' | 'allocatable' | 'network'>;
  readonly pod: Pod;
  readonly podIP: string;
}

/** What a run of a container follows from, as things stand now. */
export function runInputOf(record: ContainerRecord, host: RunPlace, run: number): RunInput {
  const { node, pod, podIP } = host;
  const { behaviour, forced, forcedCases } = containerBehaviour(pod, record.name, imageBehaviour(record, host));
  const { view, hostIP, allocatable } = node;
  const environment = makeEnvironment({ pod, container: record.spec, view, podIP, hostIP, allocatable });
  const surroundings = surroundingsOf(host, record, {
    env: () => environment.env,
    left: () => earlierWrites(host, record),
  });
  return { container: expanded(record.spec, surroundings), behaviour, forced, forcedCases, run, surroundings };
}

/** What the init containers before a container have left in volumes that they share. */
export function earlierWrites(host: RunPlace, { name, kind }: Pick<ContainerRecord, 'name' | 'kind'>): VolumeWrites {
  const { initContainers = [] } = host.pod.spec ?? {};
  const at = initContainers.findIndex((each) => each.name === name);
  const before = kind === 'main' || kind === 'ephemeral' || at === -1 ? initContainers : initContainers.slice(0, at);
  const writes = new Map<string, Map<string, string | undefined>>();
  for (const container of before) {
    if (container.restartPolicy === 'Always' || (container.volumeMounts ?? []).length === 0) continue;
    const earlier = new ContainerRecord(container, 'init', { reason: 'PodInitializing' });
    const program = programOf(runInputOf(earlier, host, 0));
    for (const { volume, path, text } of volumeChanges(container, program.files)) {
      const known = writes.get(volume) ?? new Map<string, string | undefined>();
      writes.set(volume, known.set(path, text));
    }
  }
  return writes;
}

function imageBehaviour(record: ContainerRecord, { node }: RunPlace): ImageBehaviour {
  try {
    return node.catalogue.find(record.spec.image ?? '').behaviour;
  } catch (error) {
    if (error instanceof ImageReferenceError) return {};
    throw error;
  }
}
