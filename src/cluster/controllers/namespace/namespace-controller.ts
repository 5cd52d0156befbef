import type { Namespace, Pod } from '../../../kube/api/core-v1.generated.ts';
import { compareStrings } from '../../../base/json.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER, AS_CONTROLLER_STATUS } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import type { Component, ComponentContext, Informer, InformerFactory } from '../../machinery/interfaces.ts';
import { type ApiObject, isDeleting, nameOf, namespaceOf } from '../../machinery/keys.ts';
import { namespaceConditions } from './namespace-conditions.ts';
import { type ContentPass, deleteContent } from './namespace-content.ts';

const FINALIZER = 'kubernetes';
/** ms between a namespace's deletion and that of its content. kubernetes: pkg/controller/namespace/namespace_controller.go */
const GRACE_PERIOD = 5000;

interface ApiService extends ApiObject {
  readonly spec?: { readonly group?: string; readonly version?: string; readonly service?: object };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** See {@link createNamespaceController}. */
class NamespaceController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #namespaces: Informer<Namespace>;
  readonly #pods: Informer<Pod>;
  readonly #apiServices: Informer<ApiService>;

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#namespaces = informers.informer<Namespace>(RESOURCES.namespaces);
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    this.#apiServices = informers.informer<ApiService>(RESOURCES.apiServices);
    this.controller = new Controller({
      name: 'namespace-controller',
      context,
      informers: [this.#namespaces, this.#pods, this.#apiServices],
      reconcile: (key) => this.#reconcile(key),
      backoff: { max: 60_000 },
    });
    const { queue } = this.controller;
    this.#namespaces.onEvent(({ type, object, old }) => {
      if (type === 'deleted' || !isDeleting(object)) return;
      if (old === undefined || !isDeleting(old)) queue.addAfter(nameOf(object), GRACE_PERIOD);
    });
    this.#pods.onEvent(({ type, object }) => {
      if (type !== 'deleted') return;
      const namespace = this.#namespaces.get({ name: namespaceOf(object) });
      if (namespace === undefined || !isDeleting(namespace)) return;
      // The rest of the content waits for the last pod alone.
      if (this.#pods.list(nameOf(namespace)).length === 0 && this.#graceIsOver(namespace)) queue.add(nameOf(namespace));
    });
  }

  #graceIsOver(namespace: Namespace): boolean {
    const since = Date.parse(namespace.metadata.deletionTimestamp ?? '');
    return this.#context.clock.now() - since >= GRACE_PERIOD;
  }

  async #reconcile(name: string): Promise<void> {
    const cached = this.#namespaces.get({ name });
    if (cached === undefined || !isDeleting(cached)) return;
    try {
      const namespace = await this.#context.client.get<Namespace>(RESOURCES.namespaces, { name });
      if (isDeleting(namespace)) await this.#terminate(namespace);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  async #terminate(namespace: Namespace): Promise<void> {
    if (!(namespace.spec?.finalizers ?? []).includes(FINALIZER)) return;
    const name = nameOf(namespace);
    const since = this.#context.clock.now() - Date.parse(namespace.metadata.deletionTimestamp ?? '');
    const pass = await deleteContent(this.#context.client, { name, since, undiscovered: this.#undiscovered() });
    const current = await this.#writeConditions(namespace, pass);
    const failures = [...pass.discoveryErrors, ...pass.deletionErrors];
    if (failures.length > 0) throw new Error(failures.join(', '));
    if (pass.remaining.size > 0) {
      this.controller.queue.addAfter(name, (Math.floor(pass.estimate / 2) + 1) * 1000);
      return;
    }
    const finalizers = (current.spec?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
    const spec = finalizers.length === 0 ? {} : { finalizers };
    await this.#context.client.update(
      RESOURCES.namespaces,
      { ...current, spec },
      { ...AS_CONTROLLER, subresource: 'finalize' },
    );
  }

  /** The APIs of other servers that do not answer, each with what discovery says of it. */
  #undiscovered(): string[] {
    return this.#apiServices
      .list()
      .filter(({ spec, status }) => spec?.service !== undefined && !isAvailable(status?.conditions ?? []))
      .map(({ spec }) => `${spec?.group ?? ''}/${spec?.version ?? ''}`)
      .sort(compareStrings)
      .map((version) => `${version}: stale GroupVersion discovery: ${version}`);
  }

  async #writeConditions(namespace: Namespace, pass: ContentPass): Promise<Namespace> {
    const conditions = namespaceConditions(namespace.status?.conditions ?? [], pass, this.#context.clock.now());
    const status = { ...namespace.status, phase: 'Terminating', conditions };
    if (deepEqual(namespace.status, status)) return namespace;
    return await this.#context.client.update<Namespace>(
      RESOURCES.namespaces,
      { ...namespace, status },
      AS_CONTROLLER_STATUS,
    );
  }
}

function isAvailable(conditions: readonly { readonly type: string; readonly status: string }[]): boolean {
  return conditions.some(({ type, status }) => type === 'Available' && status === 'True');
}

/** Empties namespaces that are being deleted, then lets them go. kubernetes: pkg/controller/namespace */
export function createNamespaceController(context: ComponentContext, informers: InformerFactory): Component {
  return new NamespaceController(context, informers).controller;
}
