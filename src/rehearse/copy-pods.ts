import type { ImageBehaviour } from '../cluster/kubelet/images/behaviour.ts';
import type { CatalogueEntry } from '../cluster/kubelet/images/builtin/entry.ts';
import { parseImageReference } from '../cluster/kubelet/images/image-reference.ts';
import type { Container, Pod } from '../kube/api/core-v1.generated.ts';

/** A pod that took longer to become ready was not starting any more, ms. */
const LONGEST_START = 600_000;

/**
 * A pod of another namespace: it takes its place on its node and does nothing else. Pods that have ended take none.
 */
export function asLoad(pod: Pod): readonly Pod[] {
  const { spec, metadata, status } = pod;
  if (spec === undefined || status?.phase === 'Succeeded' || status?.phase === 'Failed') return [];
  const { ownerReferences: _, ...kept } = metadata;
  const annotations = { ...metadata.annotations, 'pintle.dev/behaviour': '{"entrypoint":"serve"}' };
  return [{ ...pod, metadata: { ...kept, annotations }, spec: { ...spec, containers: spec.containers.map(quiet) } }];
}

function quiet(container: Container): Container {
  const { readinessProbe: _, livenessProbe: __, startupProbe: ___, lifecycle: ____, ...kept } = container;
  return kept;
}

/**
 * What can be learned from pods at work on a real cluster: how long containers of an image take until they are ready, and that
 * the very same images run there.
 */
export function learnBehaviours(pods: readonly Pod[]): readonly CatalogueEntry[] {
  const starts = new Map<string, number[]>();
  const running = new Set<string>();
  for (const pod of pods) {
    const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status !== 'True' || pod.metadata.deletionTimestamp !== undefined) continue;
    const since = Date.parse(ready.lastTransitionTime ?? '');
    for (const status of pod.status?.containerStatuses ?? []) {
      const image = pod.spec?.containers.find(({ name }) => name === status.name)?.image ?? '';
      const started = Date.parse(status.state?.running?.startedAt ?? '');
      const name = nameOf(image);
      if (name === undefined || Number.isNaN(started)) continue;
      running.add(image);
      const took = since - started;
      if (status.restartCount === 0 && took >= 0 && took <= LONGEST_START) {
        starts.set(name, [...(starts.get(name) ?? []), took]);
      }
    }
  }
  const learned = [...starts].map(([image, took]) => ({ image, behaviour: { startMillis: median(took) } }));
  const runs: ImageBehaviour = { exists: true, entrypoint: 'serve', needsEnv: [], needsFiles: [] };
  return [...learned, ...[...running].filter(isTagged).map((image) => ({ image, behaviour: runs }))];
}

/** An image without its tag; undefined for what is no reference. */
function nameOf(image: string): string | undefined {
  try {
    const { registry, repository } = parseImageReference(image);
    return `${registry}/${repository}`;
  } catch {
    return undefined;
  }
}

function isTagged(image: string): boolean {
  return image.lastIndexOf(':') > image.lastIndexOf('/') && !image.includes('@');
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
