import type { KubeClient } from '../../client/kube-client.ts';
import type { Pod, PodTemplateSpec } from '../../kube/api/core-v1.generated.ts';
import type { OwnerReference } from '../../kube/api/meta-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { isStatus } from '../../kube/status-error.ts';
import { AS_CONTROLLER } from './constants.ts';
import type { EventRecorder } from './interfaces.ts';
import { type ApiObject, nameOf, namespaceOf } from './keys.ts';
import { controllerReference } from './owners.ts';

/** How a pod made from a template differs from it. */
export interface PodOverrides {
  /** Default: `<owner>-` as generateName. */
  readonly name?: string | undefined;
  /** Default: `<owner>-` */
  readonly generateName?: string | undefined;
  /** Added to those of the template. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly finalizers?: readonly string[] | undefined;
  /** Default: the owner as controller. */
  readonly owner?: OwnerReference | undefined;
  /** Replaces the template's. */
  readonly spec?: PodTemplateSpec['spec'];
}

/** The pod that an owner makes from a template. kubernetes: pkg/controller/controller_utils.go GetPodFromTemplate */
export function podFromTemplate(template: PodTemplateSpec, owner: ApiObject, overrides: PodOverrides = {}): Pod {
  const meta = template.metadata;
  const finalizers = [...(meta?.finalizers ?? []), ...(overrides.finalizers ?? [])];
  const labels = { ...meta?.labels, ...overrides.labels };
  const annotations = { ...meta?.annotations, ...overrides.annotations };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(overrides.name === undefined
        ? { generateName: overrides.generateName ?? `${nameOf(owner)}-` }
        : { name: overrides.name }),
      namespace: namespaceOf(owner),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(finalizers.length === 0 ? {} : { finalizers }),
      ownerReferences: [overrides.owner ?? controllerReference(owner)],
    },
    spec: overrides.spec ?? template.spec,
  };
}

/** Creates and deletes pods for their owner, and tells of it in events on the owner. */
export class PodControl {
  readonly #client: KubeClient;
  readonly #recorder: EventRecorder;

  constructor(client: KubeClient, recorder: EventRecorder) {
    this.#client = client;
    this.#recorder = recorder;
  }

  /** Creates a pod as {@link podFromTemplate} makes it; throws what the API answers. */
  create(template: PodTemplateSpec, owner: ApiObject, overrides?: PodOverrides): Promise<Pod> {
    return this.createPod(podFromTemplate(template, owner, overrides), owner);
  }

  /** Creates a pod that is ready made. */
  async createPod(pod: Pod, owner: ApiObject): Promise<Pod> {
    try {
      const created = await this.#client.create<Pod>(RESOURCES.pods, pod, AS_CONTROLLER);
      this.#recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${nameOf(created)}`);
      return created;
    } catch (error) {
      // A namespace that is being deleted takes no pods; that is no news.
      if (!isNamespaceTerminating(error)) {
        this.#recorder.event(owner, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
      }
      throw error;
    }
  }

  /** Deletes a pod; one that is gone already is as good. */
  async delete(pod: Pod, owner: ApiObject): Promise<void> {
    const key = { namespace: namespaceOf(pod), name: nameOf(pod) };
    try {
      await this.#client.delete(RESOURCES.pods, key, { preconditions: { uid: pod.metadata.uid } });
    } catch (error) {
      if (isStatus(error, 'NotFound')) return;
      this.#recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
      throw error;
    }
    this.#recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${key.name}`);
  }
}

/** True for the refusal to create something in a namespace that is being deleted. */
export function isNamespaceTerminating(error: unknown): boolean {
  return (
    isStatus(error, 'Forbidden') &&
    error.status.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') === true
  );
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
