import type { PersistentVolumeClaim, Pod, ResourceQuota, Service } from '../../../kube/api/core-v1.generated.ts';
import { groupResource, type ResourceType } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { Controller } from '../../machinery/controller.ts';
import type { Component, ComponentContext, Informer, InformerFactory } from '../../machinery/interfaces.ts';
import { type ApiObject, keyOf, namespaceOf, splitKey } from '../../machinery/keys.ts';
import { writeStatus } from '../../machinery/status-writer.ts';
import { countedResource, quotaUsage } from '../../machinery/quota-usage.ts';

/** ms between full recalculations. kubernetes: pkg/controller/resourcequota */
const RESYNC_PERIOD = 300_000;

/** See {@link createResourceQuotaController}. */
class ResourceQuotaController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #informers: InformerFactory;
  readonly #quotas: Informer<ResourceQuota>;
  readonly #pods: Informer<Pod>;
  readonly #services: Informer<Service>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  /** Informers of resources that some quota counts. */
  readonly #counted = new Map<string, Informer<ApiObject>>();

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#informers = informers;
    this.#quotas = informers.informer<ResourceQuota>(RESOURCES.resourceQuotas);
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    this.#services = informers.informer<Service>(RESOURCES.services);
    this.#claims = informers.informer<PersistentVolumeClaim>(RESOURCES.persistentVolumeClaims);
    this.controller = new Controller({
      name: 'resourcequota-controller',
      context,
      informers: [this.#quotas, this.#pods, this.#services, this.#claims],
      reconcile: (key) => this.#reconcile(key),
    });
    this.#quotas.onEvent(({ type, object }) => {
      if (type !== 'deleted') this.controller.queue.add(keyOf(object));
    });
    this.#follow(this.#pods);
    this.#follow(this.#services);
    this.#follow(this.#claims);
  }

  #follow<T extends ApiObject>(informer: Informer<T>): void {
    informer.onEvent(({ type, object, old }) => {
      const same =
        old?.metadata.generation === object.metadata.generation &&
        old?.metadata.deletionTimestamp === object.metadata.deletionTimestamp &&
        phaseOf(old) === phaseOf(object);
      if (type === 'modified' && object.metadata.generation !== undefined && same) return;
      for (const quota of this.#quotas.list(namespaceOf(object))) this.controller.queue.add(keyOf(quota));
    });
  }

  async #reconcile(key: string): Promise<void> {
    const quota = this.#quotas.get(splitKey(key));
    if (quota === undefined) return;
    const hard = quota.spec?.hard ?? {};
    await this.#watchCounted(Object.keys(hard));
    const namespace = namespaceOf(quota);
    const used = quotaUsage(
      quota,
      {
        pods: () => this.#pods.list(namespace),
        services: () => this.#services.list(namespace),
        claims: () => this.#claims.list(namespace),
        count: (resource) => this.#counted.get(resource)?.list(namespace).length,
      },
      this.#context.clock.now(),
    );
    try {
      await writeStatus(this.#context.client, RESOURCES.resourceQuotas, quota, { hard, used });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
    this.controller.queue.addAfter(key, RESYNC_PERIOD);
  }

  async #watchCounted(names: readonly string[]): Promise<void> {
    const missing = names.map(countedResource).filter((name) => name !== undefined && !this.#counted.has(name));
    if (missing.length === 0) return;
    const known = new Map<string, ResourceType>(Object.values(RESOURCES).map((type) => [groupResource(type), type]));
    const served = await this.#context.client.resources();
    for (const name of missing) {
      if (name === undefined) continue;
      const type = known.get(name) ?? served.find((candidate) => groupResource(candidate) === name);
      if (type === undefined || !type.namespaced) continue;
      const informer = this.#informers.informer<ApiObject>(type);
      this.#counted.set(name, informer);
      await informer.synced;
      informer.onEvent(({ type: event, object }) => {
        if (event === 'modified') return;
        for (const quota of this.#quotas.list(namespaceOf(object))) this.controller.queue.add(keyOf(quota));
      });
    }
  }
}

function phaseOf(object: object | undefined): string | undefined {
  return (object as Pod | undefined)?.status?.phase;
}

/** Keeps what ResourceQuotas say is in use. kubernetes: pkg/controller/resourcequota */
export function createResourceQuotaController(context: ComponentContext, informers: InformerFactory): Component {
  return new ResourceQuotaController(context, informers).controller;
}
