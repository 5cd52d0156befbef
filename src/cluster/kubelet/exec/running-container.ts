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
import { ContainerFiles } from '../pods/container-mounts.ts';
import { programOf } from '../process/program.ts';
import type { FileChange } from '../process/file-changes.ts';
import { Shell } from '../process/shell.ts';
import { isKnownProgram } from '../process/tools.ts';
import { containerFileSystem, type ContainerFilesInput, type Layers, type WrittenRun } from './container-files.ts';
import type { FileSystem } from './file-system.ts';
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
 * A container as it runs now; undefined when it does not. Its files are those of the instant at which they are first looked at.
 *
 * @param wanted `tokens` of projected volumes, by volume and path; asked with the files
 */
export function runningContainer(
  { view, catalogue, clock, layers }: RunningPlace,
  pod: Pod,
  { name, tokens }: { readonly name: string; readonly tokens: () => ReadonlyMap<string, string> },
): Running | undefined {
  const status = statusOf(pod, name);
  const startedAt = parseTime(status?.state?.running?.startedAt);
  const spec = specOf(pod, name);
  if (status === undefined || spec === undefined || startedAt === undefined) return undefined;
  const place = { node: nodePlace(view, catalogue, pod), pod, podIP: pod.status?.podIP ?? '' };
  const record = new ContainerRecord(spec.container, spec.kind, { reason: 'ContainerCreating' });
  const input = { ...runInputOf(record, place, status.restartCount), startedAt };
  const program = programOf(input);
  const elapsed = clock.now() - startedAt;
  const { podIP } = place;
  const target = { container: input.container, program, surroundings: input.surroundings, podIP };
  let files: FileSystem | undefined;
  return {
    pod,
    container: input.container,
    status,
    input,
    target,
    elapsed,
    get files() {
      files ??= filesOf(place, {
        status,
        spec: spec.container,
        input,
        tokens: tokens(),
        layers,
        now: () => clock.now(),
      });
      return files;
    },
  };
}

interface FilesInput extends Pick<ContainerFilesInput, 'tokens' | 'layers' | 'now'> {
  readonly status: ContainerStatus;
  /** As the pod has it. */
  readonly spec: Container;
  readonly input: RunInput;
}

function filesOf(place: RunPlace, { status, spec, input, tokens, layers, now }: FilesInput): FileSystem {
  const { pod, podIP, node } = place;
  const { view, hostIP, allocatable } = node;
  const mounts = new ContainerFiles({
    pod,
    container: spec,
    view,
    addresses: { podIP, hostIP },
    allocatable,
    env: () => input.surroundings.env,
    left: () => new Map(),
  }).mounts();
  const { container } = input;
  const containerID = status.containerID ?? '';
  const runs = writtenRuns(place, now());
  return containerFileSystem({ pod, container, containerID, mounts, runs, tokens, layers, now });
}

/** What runs of containers that are looked at from outside follow from. */
function nodePlace(view: ClusterView, catalogue: ImageCatalogue, pod: Pod): RunPlace['node'] {
  const node = view.nodes.get({ name: pod.spec?.nodeName ?? '' });
  return {
    catalogue,
    view,
    hostIP: pod.status?.hostIP ?? '',
    allocatable: node?.status?.allocatable ?? allocatableOf(NO_NODE),
    network: (namespace) => new PodNetwork(view, namespace),
  };
}

/** What the programs of a pod's containers, and the hooks after their starts, have done to files by now. */
function writtenRuns(place: RunPlace, now: number): readonly WrittenRun[] {
  const { spec } = place.pod;
  const named = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const runs = named.flatMap(({ name }): readonly WrittenRun[] => {
    const status = statusOf(place.pod, name);
    const found = specOf(place.pod, name);
    const state = status?.state?.running ?? status?.state?.terminated;
    const startedAt = parseTime(state?.startedAt);
    if (status?.containerID === undefined || found === undefined || startedAt === undefined) return [];
    const record = new ContainerRecord(found.container, found.kind, { reason: 'ContainerCreating' });
    const input = { ...runInputOf(record, place, status.restartCount), startedAt };
    const elapsed = (parseTime(status.state?.terminated?.finishedAt) ?? now) - startedAt;
    const made = programOf({ ...input, until: elapsed }).files.filter(({ at }) => at <= elapsed);
    const changes = [...hookChanges(input), ...made];
    return [{ container: found.container, containerID: status.containerID, startedAt, changes }];
  });
  return runs.sort((a, b) => a.startedAt - b.startedAt);
}

/** What a command after the start does to files. */
function hookChanges({
  container,
  surroundings,
  startedAt,
}: RunInput & { readonly startedAt: number }): readonly FileChange[] {
  const argv = container.lifecycle?.postStart?.exec?.command ?? [];
  if (argv.length === 0 || !isKnownProgram(argv[0] ?? '')) return [];
  return new Shell(surroundings, { startedAt }).command(argv).files;
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
