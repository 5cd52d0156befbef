import type { KubeClient } from '../../../client/kube-client.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { groupResource, type ResourceType } from '../../../kube/object.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { type ApiObject, isDeleting, objectKey } from '../../machinery/keys.ts';
import { messageOf } from '../../machinery/pod-control.ts';
import { isPodFinished } from '../../machinery/pods.ts';
import type { ContentReport } from './namespace-conditions.ts';

/** Seconds that an object with a finalizer is thought to take. */
const FINALIZER_ESTIMATE = 15;

/** {@link ContentReport}, and how long what remains may take. */
export interface ContentPass extends ContentReport {
  /** Seconds; 0 when nothing remains. */
  readonly estimate: number;
}

/** The namespace that {@link deleteContent} empties. */
export interface TerminatingNamespace {
  readonly name: string;
  /** ms since it was deleted */
  readonly since: number;
  /** What is known not to be discovered: what lies there cannot be deleted. */
  readonly undiscovered: readonly string[];
}

/**
 * Deletes all that a namespace contains, as far as that goes at once: pods first, and the rest when none is left.
 * kubernetes: pkg/controller/namespace/deletion/namespaced_resources_deleter.go
 */
export async function deleteContent(client: KubeClient, namespace: TerminatingNamespace): Promise<ContentPass> {
  const pass = new Pass(client, namespace);
  let types: readonly ResourceType[];
  try {
    types = namespacedResources(await client.resources());
  } catch (error) {
    return pass.result([messageOf(error)]);
  }
  const pods = types.filter((type) => groupResource(type) === 'pods');
  for (const type of pods) await pass.delete(type);
  if (!pass.hasRemains) for (const type of types) if (!pods.includes(type)) await pass.delete(type);
  return pass.result(namespace.undiscovered);
}

/** The resources in namespaces that can be listed and deleted, each in one version. */
function namespacedResources(served: readonly ResourceType[]): readonly ResourceType[] {
  const out = new Map<string, ResourceType>();
  for (const type of served) {
    const key = groupResource(type);
    if (!type.namespaced || out.has(key)) continue;
    if (type.verbs.includes('list') && type.verbs.includes('delete')) out.set(key, type);
  }
  // Events of both groups are the same objects.
  if (out.has('events')) out.delete('events.events.k8s.io');
  return [...out.values()];
}

class Pass {
  readonly #client: KubeClient;
  readonly #namespace: TerminatingNamespace;
  readonly #remaining = new Map<string, number>();
  readonly #finalizers = new Map<string, number>();
  readonly #errors: string[] = [];
  #estimate = 0;

  constructor(client: KubeClient, namespace: TerminatingNamespace) {
    this.#client = client;
    this.#namespace = namespace;
  }

  get hasRemains(): boolean {
    return this.#remaining.size > 0 || this.#errors.length > 0;
  }

  async delete(type: ResourceType): Promise<void> {
    const { items } = await this.#list(type);
    if (items.length === 0) return;
    for (const object of items) if (!isDeleting(object)) await this.#deleteObject(type, object);
    const left = (await this.#list(type)).items;
    if (left.length === 0) return;
    this.#remaining.set(`${type.resource}.${type.group}`, left.length);
    for (const object of left) this.#keep(object);
    this.#expect(type, left);
  }

  /** When what is left should be gone; a complaint when it should be gone already. */
  #expect(type: ResourceType, left: readonly ApiObject[]): void {
    const { name, since } = this.#namespace;
    const grace = groupResource(type) === 'pods' ? left.reduce((most, pod) => Math.max(most, gracePeriod(pod)), 0) : 0;
    if (since < grace * 1000) {
      this.#estimate = Math.max(this.#estimate, grace);
    } else if (left.some(({ metadata }) => (metadata.finalizers ?? []).length > 0)) {
      this.#estimate = Math.max(this.#estimate, FINALIZER_ESTIMATE);
    } else {
      const { group, version, resource } = type;
      const what = `${group}/${version}, Resource=${resource}`;
      this.#errors.push(`unexpected items still remain in namespace: ${name} for gvr: ${what}`);
    }
  }

  result(discoveryErrors: readonly string[]): ContentPass {
    return {
      remaining: this.#remaining,
      finalizers: this.#finalizers,
      discoveryErrors,
      deletionErrors: this.#errors,
      estimate: this.#estimate,
    };
  }

  async #list(type: ResourceType): Promise<{ readonly items: readonly ApiObject[] }> {
    try {
      return await this.#client.list<ApiObject>(type, { namespace: this.#namespace.name });
    } catch (error) {
      // A resource may be withdrawn at any time; one that cannot be listed has nothing to delete.
      if (!isStatus(error, 'NotFound') && !isStatus(error, 'MethodNotAllowed')) this.#errors.push(messageOf(error));
      return { items: [] };
    }
  }

  async #deleteObject(type: ResourceType, object: ApiObject): Promise<void> {
    try {
      await this.#client.delete(type, objectKey(object), { propagationPolicy: 'Background' });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) this.#errors.push(messageOf(error));
    }
  }

  #keep(object: ApiObject): void {
    for (const finalizer of object.metadata.finalizers ?? []) {
      this.#finalizers.set(finalizer, (this.#finalizers.get(finalizer) ?? 0) + 1);
    }
  }
}

/** Seconds that a pod may take to end. */
function gracePeriod(pod: Pod): number {
  return isPodFinished(pod) ? 0 : (pod.spec?.terminationGracePeriodSeconds ?? 0);
}
