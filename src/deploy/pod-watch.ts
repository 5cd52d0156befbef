import type { Timer } from '../base/clock.ts';
import type { Watch } from '../client/kube-client.ts';
import type { Pod } from '../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../kube/resources.ts';
import { formatCause, podCause } from './cause.ts';
import type { DeployEnvironment } from './environment.ts';
import type { Resource } from './resource.ts';

/** When pods that fail end a wait before its time. */
export interface FailFast {
  /** How long a pod may be stuck, ms. */
  readonly after: number;
  /** Pods that are older do not count, ms since the epoch: they belong to an earlier revision. */
  readonly since: number;
}

/** Whom a {@link watchPods} tells. */
export interface PodListener {
  /** Something keeps a pod from being ready; once for each pod and reason. */
  trouble?: ((text: string) => void) | undefined;
  /** A pod of the objects will not become ready. */
  doomed(text: string): void;
}

/** Reasons out of which no waiting helps. */
const HOPELESS = new Set(['InvalidImageName', 'ErrImageNeverPull']);
/** Reasons of a pod that may still recover, but seldom does. */
const STUCK = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'Unschedulable',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);
/** From so many restarts on, a container that crashes is taken for one that always does. */
const RESTARTS = 3;
/** What the clocks of cluster and client may differ by, ms. */
const TOLERANCE = 5000;

/**
 * Follows the pods in the namespaces of some objects.
 *
 * @param failFast absent: only reasons that cannot pass count as failure
 */
export function watchPods(
  environment: DeployEnvironment,
  resources: readonly Resource[],
  failFast: FailFast | undefined,
  listener: PodListener,
): Watch {
  const guard = new PodGuard(environment, resources, failFast, listener);
  guard.start();
  return guard;
}

class PodGuard implements Watch {
  readonly #environment: DeployEnvironment;
  readonly #resources: readonly Resource[];
  readonly #failFast: FailFast | undefined;
  readonly #listener: PodListener;
  readonly #watches: Watch[] = [];
  readonly #told = new Set<string>();
  /** Since when a pod has been stuck, with the timer that runs out. */
  readonly #stuck = new Map<string, Timer>();
  readonly #pods = new Map<string, Pod>();

  constructor(
    environment: DeployEnvironment,
    resources: readonly Resource[],
    failFast: FailFast | undefined,
    listener: PodListener,
  ) {
    this.#environment = environment;
    this.#resources = resources.filter(hasPods);
    this.#failFast = failFast;
    this.#listener = listener;
  }

  start(): void {
    const namespaces = new Set(this.#resources.map((resource) => resource.key.namespace ?? ''));
    namespaces.delete('');
    for (const namespace of namespaces) {
      this.#watches.push(
        this.#environment.client.watch<Pod>(
          RESOURCES.pods,
          { namespace },
          {
            event: (event) => {
              if (event.type === 'BOOKMARK') return;
              if (event.type === 'DELETED' || event.object.metadata.deletionTimestamp !== undefined) {
                this.#recovered(event.object.metadata.uid ?? '');
              } else this.#look(event.object);
            },
          },
        ),
      );
    }
  }

  stop(): void {
    for (const watch of this.#watches) watch.stop();
    for (const timer of this.#stuck.values()) timer.stop();
  }

  #look(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const cause = podCause(pod);
    if (cause === undefined || cause.reason === 'NotReady') {
      if (isReady(pod)) this.#recovered(uid);
      return;
    }
    const text = formatCause({ ...cause, events: [], logs: [] });
    const id = `${uid}/${cause.container ?? ''}/${cause.reason}`;
    if (!this.#told.has(id)) {
      this.#told.add(id);
      this.#listener.trouble?.(text);
    }
    if (!this.#isOurs(pod)) return;
    if (HOPELESS.has(cause.reason)) this.#listener.doomed(text);
    else if (this.#failFast !== undefined && STUCK.has(cause.reason))
      this.#countDown(pod, this.#failFast, cause.reason);
  }

  #countDown(pod: Pod, failFast: FailFast, reason: string): void {
    const uid = pod.metadata.uid ?? '';
    this.#pods.set(uid, pod);
    const { clock } = this.#environment;
    if (reason === 'CrashLoopBackOff' && restartsOf(pod) >= RESTARTS) {
      this.#doom(uid);
      return;
    }
    if (this.#stuck.has(uid)) return;
    this.#stuck.set(
      uid,
      clock.setTimer(failFast.after, () => this.#doom(uid)),
    );
  }

  #doom(uid: string): void {
    const pod = this.#pods.get(uid);
    const cause = pod === undefined ? undefined : podCause(pod);
    if (cause !== undefined) this.#listener.doomed(formatCause({ ...cause, events: [], logs: [] }));
  }

  #recovered(uid: string): void {
    this.#stuck.get(uid)?.stop();
    this.#stuck.delete(uid);
    this.#pods.delete(uid);
  }

  #isOurs(pod: Pod): boolean {
    const since = (this.#failFast?.since ?? 0) - TOLERANCE;
    if (Date.parse(pod.metadata.creationTimestamp ?? '') < since) return false;
    return this.#resources.some((resource) => selects(resource, pod));
  }
}

interface Workload {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
}

function hasPods({ object, type }: Resource): boolean {
  const spec = object['spec'] as Workload | undefined;
  return type.kind === 'Pod' || type.kind === 'Job' || spec?.selector?.matchLabels !== undefined;
}

function selects({ object, type, key }: Resource, pod: Pod): boolean {
  const { name, namespace, labels = {} } = pod.metadata;
  if (namespace !== key.namespace) return false;
  if (type.kind === 'Pod') return name === key.name;
  if (type.kind === 'Job') return labels['job-name'] === key.name;
  const wanted = Object.entries((object['spec'] as Workload).selector?.matchLabels ?? {});
  return wanted.length > 0 && wanted.every(([label, value]) => labels[label] === value);
}

function isReady(pod: Pod): boolean {
  const { status } = pod;
  if (status?.phase === 'Succeeded') return true;
  return status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true;
}

function restartsOf(pod: Pod): number {
  const { status } = pod;
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return Math.max(0, ...all.map((each) => each.restartCount));
}
