import type { Clock } from '../../../base/clock.ts';
import type { Container, ContainerStatus, Pod } from '../../../kube/api/core-v1.generated.ts';
import { parseTime } from '../../machinery/time.ts';
import type { ClusterView } from '../cluster-view.ts';
import type { ImageCatalogue } from '../images/catalogue.ts';
import { allocatableOf, type NodeOptions } from '../node/node-object.ts';
import { PodNetwork } from '../pod-network.ts';
import { ContainerRecord } from '../pods/container-record.ts';
import { type RunPlace, runInputOf } from '../pods/restore.ts';
import type { RunInput } from '../pods/runner-host.ts';
import { ContainerFiles } from '../pods/volumes.ts';
import { programOf } from '../process/program.ts';
import { containerFileSystem, type Layers } from './container-files.ts';
import type { HttpServerTarget } from './http-content.ts';

/** A container that runs, with all that follows from its pod. */
export interface Running extends HttpServerTarget {
  readonly input: RunInput;
  readonly status: ContainerStatus;
}

/** What containers are looked at with. */
export interface RunningPlace {
  readonly view: ClusterView;
  readonly catalogue: ImageCatalogue;
  readonly clock: Clock;
  readonly layers: Layers;
}

const NO_NODE: NodeOptions = { nodeName: '', index: 0, capacity: {} };

/**
 * A container as it runs now; undefined when it does not.
 *
 * @param wanted `tokens` of projected volumes, by volume and path
 */
export function runningContainer(
  { view, catalogue, clock, layers }: RunningPlace,
  pod: Pod,
  { name, tokens }: { readonly name: string; readonly tokens: ReadonlyMap<string, string> },
): Running | undefined {
  const status = statusOf(pod, name);
  const startedAt = parseTime(status?.state?.running?.startedAt);
  const spec = specOf(pod, name);
  if (status === undefined || spec === undefined || startedAt === undefined) return undefined;
  const { podIP = '', hostIP = '' } = pod.status ?? {};
  const node: RunPlace['node'] = {
    catalogue,
    view,
    hostIP,
    allocatable: allocatableOf(NO_NODE),
    network: (namespace) => new PodNetwork(view, namespace),
  };
  const record = new ContainerRecord(spec.container, spec.kind, { reason: 'ContainerCreating' });
  const input = runInputOf(record, { node, pod, podIP }, status.restartCount);
  const program = programOf(input);
  const elapsed = clock.now() - startedAt;
  const files = containerFileSystem({
    pod,
    container: input.container,
    containerID: status.containerID ?? '',
    hostname: input.surroundings.hostname,
    mounts: new ContainerFiles(pod, spec.container, view).mounts(),
    made: program.files.filter(({ at }) => at <= elapsed),
    tokens,
    layers,
    now: () => clock.now(),
  });
  const target = { container: input.container, program, surroundings: input.surroundings, podIP };
  return { pod, container: input.container, status, input, target, elapsed, files };
}

/** The status of a container of any kind. */
export function statusOf(pod: Pod, name: string): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    (each) => each.name === name,
  );
}

function specOf(
  { spec }: Pod,
  name: string,
): { readonly container: Container; readonly kind: 'init' | 'sidecar' | 'main' } | undefined {
  const init = spec?.initContainers?.find((each) => each.name === name);
  if (init !== undefined) return { container: init, kind: init.restartPolicy === 'Always' ? 'sidecar' : 'init' };
  const others = [...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])];
  const container = others.find((each) => each.name === name);
  return container === undefined ? undefined : { container, kind: 'main' };
}
