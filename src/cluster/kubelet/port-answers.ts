import type { Container, ContainerStatus, Pod, Probe } from '../../kube/api/core-v1.generated.ts';
import type { ComponentContext, InformerFactory } from '../machinery/interfaces.ts';
import { isMachineStopped, isMachineUnreachable } from '../machinery/heartbeat.ts';
import { nameOf } from '../machinery/keys.ts';
import { parseTime } from '../machinery/time.ts';
import type { PortAnswer, PortAnswers, PortRequest } from '../network/port-answer.ts';
import { type ClusterView, clusterViewOf } from './cluster-view.ts';
import type { ImageCatalogue } from './images/catalogue.ts';
import { allocatableOf } from './node/node-object.ts';
import { PodNetwork } from './pod-network.ts';
import { ContainerRecord } from './pods/container-record.ts';
import { runInputOf } from './pods/restore.ts';
import { probeAnswer } from './probes/probe-answer.ts';
import { programOf } from './process/program.ts';

/** What {@link createPortAnswers} needs. */
export interface PortAnswersOptions {
  readonly context: Pick<ComponentContext, 'clock'>;
  readonly informers: InformerFactory;
  readonly catalogue: ImageCatalogue;
}

/** Tells what containers answer now, as their probes would be told; resolves when everything that it looks at is there. */
export async function createPortAnswers(options: PortAnswersOptions): Promise<PortAnswers> {
  const view = clusterViewOf(options.informers);
  await view.synced();
  return new DerivedAnswers(options, view);
}

const NO_NODE = allocatableOf({ nodeName: '', index: 0, capacity: {} });

class DerivedAnswers implements PortAnswers {
  readonly #options: PortAnswersOptions;
  readonly #view: ClusterView;

  constructor(options: PortAnswersOptions, view: ClusterView) {
    this.#options = options;
    this.#view = view;
  }

  answer(pod: Pod, request: PortRequest): PortAnswer {
    const node = this.#view.nodes.get({ name: pod.spec?.nodeName ?? '' });
    if (node === undefined || isMachineStopped(node) || isMachineUnreachable(node)) {
      return { kind: 'timeout', reason: `node ${pod.spec?.nodeName ?? ''} does not answer` };
    }
    const running = runningContainers(pod);
    if (running.length === 0) return { kind: 'refused', reason: `no container of ${nameOf(pod)} runs` };
    let last: PortAnswer | undefined;
    for (const [container, status] of running) {
      if (!listens(container, request.port)) continue;
      const answer = this.#ask(pod, container, status, request);
      if (answer.kind === 'answered') return answer;
      last = answer;
    }
    return last ?? { kind: 'refused', reason: `no container of ${nameOf(pod)} listens on port ${request.port}` };
  }

  #ask(pod: Pod, container: Container, status: ContainerStatus, request: PortRequest): PortAnswer {
    const view = this.#view;
    const { podIP = '', hostIP = '' } = pod.status ?? {};
    const node = {
      catalogue: this.#options.catalogue,
      view,
      hostIP,
      allocatable: NO_NODE,
      network: (namespace: string) => new PodNetwork(view, namespace),
    };
    const kind = pod.spec?.initContainers?.includes(container) === true ? 'sidecar' : 'main';
    const record = new ContainerRecord(container, kind, { reason: 'ContainerCreating' });
    const input = runInputOf(record, { node, pod, podIP }, status.restartCount);
    const elapsed = this.#options.context.clock.now() - (parseTime(status.state?.running?.startedAt) ?? 0);
    const program = programOf({ ...input, elapsed: Math.max(0, elapsed) });
    const target = { container: input.container, surroundings: input.surroundings, podIP, program };
    const { passed, message, status: code } = probeAnswer(probeOf(request), target, elapsed);
    if (passed || code !== undefined) return { kind: 'answered', container: container.name, status: code ?? 0 };
    if (message.includes('deadline exceeded')) {
      return { kind: 'timeout', reason: `container ${container.name} does not answer in time` };
    }
    return { kind: 'refused', reason: `container ${container.name} does not listen on port ${request.port}` };
  }
}

/** Seconds that a client waits. */
const PATIENCE = 30;

function probeOf({ port, scheme, path }: PortRequest): Probe {
  if (scheme === 'tcp') return { tcpSocket: { port }, timeoutSeconds: PATIENCE };
  return { httpGet: { port, path, scheme: scheme.toUpperCase() }, timeoutSeconds: PATIENCE };
}

/** Containers that run, those that declare ports first. */
function runningContainers(pod: Pod): (readonly [Container, ContainerStatus])[] {
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const out: (readonly [Container, ContainerStatus])[] = [];
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars]) {
    const status = statuses.find(({ name }) => name === container.name);
    if (status?.state?.running !== undefined) out.push([container, status]);
  }
  return out.sort(([a], [b]) => Number((b.ports ?? []).length > 0) - Number((a.ports ?? []).length > 0));
}

/** A container that says which ports it has is taken at its word; its probes count as well. */
function listens({ ports = [], ...probes }: Container, port: number): boolean {
  if (ports.length === 0 || ports.some(({ containerPort }) => containerPort === port)) return true;
  return [probes.livenessProbe, probes.readinessProbe, probes.startupProbe].some(
    (probe) => (probe?.httpGet ?? probe?.tcpSocket ?? probe?.grpc)?.port === port,
  );
}
