import type { Ingress, IngressClass } from '../../kube/api/networking-v1.generated.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { isStatus } from '../../kube/status-error.ts';
import { Controller } from '../machinery/controller.ts';
import { createEventRecorder } from '../machinery/event-recorder.ts';
import type { Component, ComponentContext, EventRecorder, Informer, InformerFactory } from '../machinery/interfaces.ts';
import { isDeleting, keyOf, splitKey } from '../machinery/keys.ts';
import { isServed } from './ingress-class.ts';

/** Where the cluster's ingress controller listens; outside of the range of load balancers. */
export const INGRESS_ADDRESS = '172.18.199.1';

const COMPONENT = 'nginx-ingress-controller';

/** See {@link createIngressController}. */
class IngressController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #ingresses: Informer<Ingress>;
  readonly #classes: Informer<IngressClass>;
  readonly #recorder: EventRecorder;

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#ingresses = informers.informer<Ingress>(RESOURCES.ingresses);
    this.#classes = informers.informer<IngressClass>(RESOURCES.ingressClasses);
    this.#recorder = createEventRecorder(context, { component: COMPONENT });
    this.controller = new Controller({
      name: COMPONENT,
      context,
      informers: [this.#ingresses, this.#classes],
      reconcile: (key) => this.#reconcile(key),
    });
    this.#ingresses.onEvent(({ type, object }) => {
      if (type !== 'deleted') this.controller.queue.add(keyOf(object));
    });
    this.#classes.onEvent(() => {
      for (const ingress of this.#ingresses.list()) this.controller.queue.add(keyOf(ingress));
    });
  }

  async #reconcile(key: string): Promise<void> {
    const ingress = this.#ingresses.get(splitKey(key));
    if (ingress === undefined || isDeleting(ingress)) return;
    const served = isServed(ingress, this.#classes.list());
    const published = ingress.status?.loadBalancer?.ingress?.some(({ ip }) => ip === INGRESS_ADDRESS) === true;
    if (served === published) return;
    const status = { ...ingress.status, loadBalancer: served ? { ingress: [{ ip: INGRESS_ADDRESS }] } : {} };
    const { client } = this.#context;
    try {
      if (served) this.#recorder.event(ingress, 'Normal', 'Sync', 'Scheduled for sync');
      await client.update(
        RESOURCES.ingresses,
        { ...ingress, status },
        { fieldManager: COMPONENT, subresource: 'status' },
      );
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}

/**
 * Writes the address of the cluster's ingress controller to the status of the Ingresses that it serves, and takes it back from
 * those that it serves no more. ingress-nginx: internal/ingress/status/status.go
 */
export function createIngressController(context: ComponentContext, informers: InformerFactory): Component {
  return new IngressController(context, informers).controller;
}
