import type { LogOptions } from '../../client/kube-client.ts';
import type { Container, ContainerStatus, Pod } from '../../kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../kube/object.ts';
import { StatusError } from '../../kube/status-error.ts';
import type { ComponentContext, InformerFactory } from '../machinery/interfaces.ts';
import { nameOf } from '../machinery/keys.ts';
import { parseTime } from '../machinery/time.ts';
import { type ClusterView, clusterViewOf } from './cluster-view.ts';
import type { ImageCatalogue } from './images/catalogue.ts';
import { allocatableOf, type NodeOptions } from './node/node-object.ts';
import { PodNetwork } from './pod-network.ts';
import { ContainerRecord } from './pods/container-record.ts';
import { type RunPlace, runInputOf } from './pods/restore.ts';
import { type Program, programOf } from './process/program.ts';

/** Whoever can tell what containers wrote; the API server's LogsProvider. */
export interface PodLogs {
  /** @throws StatusError a 400 while the container is waiting to start */
  logs(pod: KubeObject, container: string, options: LogOptions): Promise<string>;
}

/** What {@link createPodLogs} needs; without informers everything is as if nothing were mounted. */
export interface PodLogsOptions {
  readonly context: ComponentContext;
  readonly informers: InformerFactory;
  readonly catalogue: ImageCatalogue;
}

/**
 * Tells what containers wrote. Nothing is kept for it: what a run writes follows from pod, image and times, and is worked out
 * when somebody asks; so it is there also for runs of which an earlier process has seen the end.
 */
export function createPodLogs(options: PodLogsOptions): PodLogs {
  return new DerivedLogs(options);
}

interface Run {
  readonly number: number;
  readonly startedAt: number;
  /** Undefined while it goes on. */
  readonly finishedAt: number | undefined;
  readonly exitCode: number | undefined;
}

class DerivedLogs implements PodLogs {
  readonly #context: ComponentContext;
  readonly #view: ClusterView;
  readonly #catalogue: ImageCatalogue;

  constructor({ context, informers, catalogue }: PodLogsOptions) {
    this.#context = context;
    this.#view = clusterViewOf(informers);
    this.#catalogue = catalogue;
  }

  async logs(object: KubeObject, name: string, options: LogOptions): Promise<string> {
    await this.#view.synced();
    const pod = object as KubeObject & Pod;
    const { container, kind } = containerOf(pod, name);
    const run = runOf(pod, name, options.previous === true);
    const record = new ContainerRecord(container, kind, { reason: 'ContainerCreating' });
    const program = this.#program(pod, record, run);
    const until = (run.finishedAt ?? this.#context.clock.now()) - run.startedAt;
    // Times of a status are whole seconds; an end within the last one is none of the log's business.
    const shown = run.finishedAt === undefined ? until : until + 1000;
    const lines = program.logs
      .filter(({ at }) => at <= shown)
      .map(({ at, text }) => (options.timestamps === true ? `${nanoTime(run.startedAt + at)} ${text}` : text));
    const { tailLines } = options;
    const kept = tailLines === undefined || tailLines < 0 ? lines : lines.slice(Math.max(0, lines.length - tailLines));
    return kept.length === 0 ? '' : `${kept.join('\n')}\n`;
  }

  /** What the run did. Of programs whose fate hangs on the network, the one that fits the exit code is taken. */
  #program(pod: Pod, record: ContainerRecord, run: Run): Program {
    const { podIP = '', hostIP = '' } = pod.status ?? {};
    const view = this.#view;
    const node: LogsNode = {
      catalogue: this.#catalogue,
      view,
      hostIP,
      allocatable: allocatableOf(NO_NODE),
      network: (namespace) => new PodNetwork(view, namespace),
    };
    const input = runInputOf(record, { node, pod, podIP }, run.number);
    const program = programOf(input);
    if (run.exitCode === undefined || run.exitCode === program.exitCode) return program;
    const unreachable = {
      env: input.surroundings.env,
      files: input.surroundings.files,
      hostname: input.surroundings.hostname,
      toCompletion: input.surroundings.toCompletion,
      network: { resolve: () => undefined, dial: () => 'refused' as const },
    };
    const other = programOf({ ...input, surroundings: unreachable });
    return other.exitCode === run.exitCode ? other : program;
  }
}

type LogsNode = RunPlace['node'];

const NO_NODE: NodeOptions = { nodeName: '', index: 0, capacity: {} };

function containerOf(
  pod: Pod,
  name: string,
): { readonly container: Container; readonly kind: 'init' | 'sidecar' | 'main' } {
  const init = pod.spec?.initContainers?.find((each) => each.name === name);
  if (init !== undefined) return { container: init, kind: init.restartPolicy === 'Always' ? 'sidecar' : 'init' };
  const ephemeral = pod.spec?.ephemeralContainers?.find((each) => each.name === name);
  const container = pod.spec?.containers.find((each) => each.name === name) ?? ephemeral;
  if (container === undefined) throw badRequest(`container ${name} is not valid for pod ${nameOf(pod)}`);
  return { container, kind: 'main' };
}

/** The run that is asked for. kubernetes: pkg/kubelet/kubelet_pods.go validateContainerLogStatus */
function runOf(pod: Pod, name: string, previous: boolean): Run {
  const status = statusOf(pod, name);
  const subject = `container ${JSON.stringify(name)} in pod ${JSON.stringify(nameOf(pod))}`;
  if (status === undefined) throw badRequest(`${subject} is not available`);
  const { restartCount, lastState } = status;
  const { running, terminated, waiting } = status.state ?? {};
  const last = lastState?.terminated;
  if (previous) {
    if (last?.containerID === undefined) throw badRequest(`previous terminated ${subject} not found`);
    return ended(last, waiting === undefined ? restartCount - 1 : restartCount);
  }
  if (running !== undefined) {
    return {
      number: restartCount,
      startedAt: parseTime(running.startedAt) ?? 0,
      finishedAt: undefined,
      exitCode: undefined,
    };
  }
  if (terminated !== undefined) return ended(terminated, restartCount);
  if (last !== undefined) return ended(last, restartCount);
  const reason = waiting?.reason ?? '';
  if (reason === 'ErrImagePull') throw badRequest(`${subject} is waiting to start: image can't be pulled`);
  if (reason === 'ImagePullBackOff') {
    throw badRequest(`${subject} is waiting to start: trying and failing to pull image`);
  }
  throw badRequest(
    reason === '' ? `${subject} is waiting to start - no logs yet` : `${subject} is waiting to start: ${reason}`,
  );
}

function ended(
  state: {
    readonly startedAt?: string | undefined;
    readonly finishedAt?: string | undefined;
    readonly exitCode: number;
  },
  number: number,
): Run {
  const startedAt = parseTime(state.startedAt) ?? 0;
  return { number, startedAt, finishedAt: parseTime(state.finishedAt) ?? startedAt, exitCode: state.exitCode };
}

function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    (each) => each.name === name,
  );
}

/** An instant with nine digits behind the second, as containerd writes it. */
function nanoTime(instant: number): string {
  return new Date(instant).toISOString().replace('Z', '000000Z');
}

function badRequest(message: string): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'BadRequest',
    code: 400,
  });
}
