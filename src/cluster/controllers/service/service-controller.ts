import type { Service, ServiceStatus } from '../../../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type {
  Component,
  ComponentContext,
  EventRecorder,
  Informer,
  InformerFactory,
} from '../../machinery/interfaces.ts';
import { isDeleting, keyOf, splitKey } from '../../machinery/keys.ts';
import { writeStatus } from '../../machinery/status-writer.ts';
import { AddressPool } from './address-pool.ts';

const COMPONENT = 'service-controller';
const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';

/** See {@link createServiceController}. */
class ServiceController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #services: Informer<Service>;
  readonly #recorder: EventRecorder;
  readonly #pool = new AddressPool();

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#services = informers.informer<Service>(RESOURCES.services);
    this.#recorder = createEventRecorder(context, { component: COMPONENT });
    this.controller = new Controller({
      name: COMPONENT,
      context,
      informers: [this.#services],
      // What was given out before the start stays given out.
      started: () => {
        for (const service of this.#services.list()) {
          const ip = addressOf(service);
          if (ip !== undefined) this.#pool.claim(keyOf(service), ip);
        }
      },
      reconcile: (key) => this.#reconcile(key),
      backoff: { base: 5000, max: 300_000 },
    });
    this.#services.onEvent(({ type, object }) => {
      if (type === 'deleted') this.#pool.release(keyOf(object));
      if (wantsBalancer(object) || hasFinalizer(object)) this.controller.queue.add(keyOf(object));
    });
  }

  async #reconcile(key: string): Promise<void> {
    const service = this.#services.get(splitKey(key));
    if (service === undefined) return;
    try {
      if (wantsBalancer(service) && !isDeleting(service)) await this.#ensure(key, service);
      else if (hasFinalizer(service)) await this.#remove(key, service);
    } catch (error) {
      if (isStatus(error, 'NotFound')) return;
      throw error;
    }
  }

  async #ensure(key: string, service: Service): Promise<void> {
    const wish = service.spec?.loadBalancerIP;
    const held = addressOf(service);
    const address = this.#pool.claim(key, wish === '' ? undefined : wish);
    if (address !== undefined && address === held && hasFinalizer(service)) return;
    this.#recorder.event(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer');
    if (address === undefined) {
      const cause = wish === undefined ? 'no address is free' : `address ${wish} is in use`;
      const message = `failed to ensure load balancer: ${cause}`;
      this.#recorder.event(service, 'Warning', 'SyncLoadBalancerFailed', `Error syncing load balancer: ${message}`);
      throw new Error(message);
    }
    const finalized = hasFinalizer(service) ? service : await this.#setFinalizer(service, true);
    const status: ServiceStatus = { ...finalized.status, loadBalancer: { ingress: [{ ip: address, ipMode: 'VIP' }] } };
    await writeStatus(this.#context.client, RESOURCES.services, finalized, status);
    this.#recorder.event(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer');
  }

  async #remove(key: string, service: Service): Promise<void> {
    this.#recorder.event(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer');
    this.#pool.release(key);
    const { client } = this.#context;
    const status: ServiceStatus = { ...service.status, loadBalancer: {} };
    const cleared =
      addressOf(service) === undefined ? service : await writeStatus(client, RESOURCES.services, service, status);
    await this.#setFinalizer(cleared, false);
    this.#recorder.event(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer');
  }

  async #setFinalizer(service: Service, present: boolean): Promise<Service> {
    const others = (service.metadata.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
    const finalizers = present ? [...others, FINALIZER] : others;
    const metadata = { ...service.metadata, finalizers };
    return await this.#context.client.update<Service>(RESOURCES.services, { ...service, metadata }, AS_CONTROLLER);
  }
}

function wantsBalancer(service: Service): boolean {
  // A class names another implementation.
  return service.spec?.type === 'LoadBalancer' && service.spec.loadBalancerClass === undefined;
}

function hasFinalizer(service: Service): boolean {
  return service.metadata.finalizers?.includes(FINALIZER) === true;
}

function addressOf(service: Service): string | undefined {
  return service.status?.loadBalancer?.ingress?.[0]?.ip;
}

/**
 * Gives Services of type LoadBalancer an address of 172.18.200.1 … 172.18.255.254, the lowest that is free or the one they
 * ask for, and takes it back. kubernetes: staging/src/k8s.io/cloud-provider/controllers/service
 */
export function createServiceController(context: ComponentContext, informers: InformerFactory): Component {
  return new ServiceController(context, informers).controller;
}
