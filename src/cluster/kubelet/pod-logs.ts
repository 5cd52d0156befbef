import type { LogWindow, WrittenLine } from '../../client/log-cursor.ts';
import type { Container, ContainerStatus, Pod } from '../../kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../kube/object.ts';
import { StatusError } from '../../kube/status-error.ts';
import type { ComponentContext, InformerFactory } from '../machinery/interfaces.ts';
import { nameOf } from '../machinery/keys.ts';
import { parseTime } from '../machinery/time.ts';
import { type ClusterView, clusterViewOf } from './cluster-view.ts';
import type { ImageCatalogue } from './images/catalogue.ts';
import type { AccessLog } from './logs/access-log.ts';
import { newestLines, reversed } from './logs/newest-lines.ts';
import { probeLines } from './logs/probe-lines.ts';
import { allocatableOf, type NodeOptions } from './node/node-object.ts';
import { PodNetwork } from './pod-network.ts';
import { ContainerRecord } from './pods/container-record.ts';
import { accountOf, madeSecret, REFUSED_CODE, refusedLine } from './pods/made-secret.ts';
import { type RunPlace, runInputOf } from './pods/restore.ts';
import type { RunInput } from './pods/runner-host.ts';
import { type Program, programOf } from './process/program.ts';
import { openNetwork, type ProcessNetwork } from './process/surroundings.ts';

/** Whoever can tell what containers wrote; the API server's LogsProvider. */
export interface PodLogs {
  /**
   * The lines of a window, in order; of a long log only the newest 10 MiB are there.
   *
   * @throws StatusError a 400 while the container is waiting to start
   */
  lines(pod: KubeObject, container: string, window: LogWindow): Promise<readonly WrittenLine[]>;
}

/** What {@link createPodLogs} needs; without informers everything is as if nothing were mounted. */
export interface PodLogsOptions {
  readonly context: ComponentContext;
  readonly informers: InformerFactory;
  readonly catalogue: ImageCatalogue;
  /** The requests that came from outside; default: none did. */
  readonly accesses?: AccessLog | undefined;
  /** Under which probes introduce themselves; default: `1.35`. */
  readonly version?: string | undefined;
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
  /** The container's id. */
  readonly id: string | undefined;
}

const DEFAULT_VERSION = '1.35';

class DerivedLogs implements PodLogs {
  readonly #options: PodLogsOptions;
  readonly #view: ClusterView;

  constructor(options: PodLogsOptions) {
    this.#options = options;
    this.#view = clusterViewOf(options.informers);
  }

  async lines(object: KubeObject, name: string, window: LogWindow): Promise<readonly WrittenLine[]> {
    await this.#view.synced();
    const pod = object as KubeObject & Pod;
    const { container, kind } = containerOf(pod, name);
    const run = runOf(pod, name, window.previous === true);
    const record = new ContainerRecord(container, kind, { reason: 'ContainerCreating' });
    const { program, input } = this.#program(pod, record, run);
    const { context, accesses, version = DEFAULT_VERSION } = this.#options;
    const until = (run.finishedAt ?? context.clock.now()) - run.startedAt;
    // Times of a status are whole seconds; an end within the last one is none of the log's business.
    const shown = run.finishedAt === undefined ? until : until + 1000;
    const own = program.logs
      .filter(({ at }) => at <= shown)
      .map(({ at, text }): WrittenLine => ({ at: run.startedAt + at, text }));
    const refused = run.exitCode === REFUSED_CODE && program.exitCode === 0 ? refusedSecret(pod, input) : undefined;
    // Its last word would have been that it has done it.
    if (refused !== undefined) own.splice(-1, 1, { at: run.startedAt + until, text: refused });
    const { podIP = '', hostIP = '' } = pod.status ?? {};
    const stopping = stoppedAt(pod);
    const probes = probeLines({
      probes: container,
      target: { container: input.container, surroundings: input.surroundings, podIP, program },
      startedAt: run.startedAt,
      until,
      stoppedAt: stopping === undefined ? undefined : stopping - run.startedAt,
      client: hostIP,
      userAgent: `kube-probe/${version}`,
    });
    return newestLines([reversed(own), ...probes, reversed(accesses?.linesOf(run.id) ?? [])], window);
  }

  /** What the run did. Of programs whose fate hangs on the network, the one that fits the exit code is taken. */
  #program(pod: Pod, record: ContainerRecord, run: Run): { readonly program: Program; readonly input: RunInput } {
    const { podIP = '', hostIP = '' } = pod.status ?? {};
    const view = this.#view;
    const node: LogsNode = {
      catalogue: this.#options.catalogue,
      view,
      hostIP,
      allocatable: view.nodes.get({ name: pod.spec?.nodeName ?? '' })?.status?.allocatable ?? allocatableOf(NO_NODE),
      network: (namespace) => new PodNetwork(view, namespace),
    };
    const { startedAt, finishedAt } = run;
    const until = (finishedAt ?? this.#options.context.clock.now()) - startedAt;
    const input = runInputOf(record, { node, pod, podIP }, run.number);
    const timed = { ...input, startedAt, until };
    const program = programOf(finishedAt === undefined ? { ...timed, elapsed: until } : timed);
    if (run.exitCode === undefined || run.exitCode === program.exitCode) return { program, input };
    for (const network of [NOBODY, openNetwork]) {
      const { surroundings } = input;
      // Made anew: a spread would work out the environment that nobody may ask for.
      const other = programOf({
        ...timed,
        surroundings: {
          get env() {
            return surroundings.env;
          },
          files: surroundings.files,
          hostname: surroundings.hostname,
          ...(surroundings.user === undefined ? {} : { user: surroundings.user }),
          toCompletion: surroundings.toCompletion,
          network,
        },
      });
      if (other.exitCode === run.exitCode) return { program: other, input };
    }
    return { program, input };
  }
}

/** The last word of a job that was to make a Secret and may not. */
function refusedSecret(pod: Pod, { container }: RunInput): string | undefined {
  const secret = madeSecret(container.image ?? '', container, pod.metadata.namespace ?? '');
  return secret === undefined ? undefined : refusedLine(secret, accountOf(pod));
}

/** A network in which nobody answers. */
const NOBODY: ProcessNetwork = { resolve: () => undefined, dial: () => 'refused' };

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
      id: status.containerID,
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
    readonly containerID?: string | undefined;
  },
  number: number,
): Run {
  const startedAt = parseTime(state.startedAt) ?? 0;
  const { exitCode, containerID } = state;
  return { number, startedAt, finishedAt: parseTime(state.finishedAt) ?? startedAt, exitCode, id: containerID };
}

/** When a pod began to be stopped: from then on nobody asks whether it lives. */
function stoppedAt({ metadata }: Pod): number | undefined {
  const end = parseTime(metadata.deletionTimestamp);
  return end === undefined ? undefined : end - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
}

function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    (each) => each.name === name,
  );
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
