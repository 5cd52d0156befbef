import type { Endpoints, Pod, Service } from '../../../kube/api/core-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
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
import { isDeleting, keyOf, nameOf, namespaceOf, splitKey } from '../../machinery/keys.ts';
import { isNamespaceTerminating, messageOf } from '../../machinery/pod-control.ts';
import { hasSelector, selectedPods } from '../../machinery/service-selector.ts';
import { endpointSubsets } from './endpoint-subsets.ts';
import { isHeadless, servicesOfPodEvent } from './service-pods.ts';
import { TriggerTimes, withTriggerTime } from './trigger-time.ts';

const COMPONENT = 'endpoint-controller';
const MANAGED_BY_LABEL = 'endpoints.kubernetes.io/managed-by';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';

/** See {@link createEndpointsController}. */
class EndpointsController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #services: Informer<Service>;
  readonly #pods: Informer<Pod>;
  readonly #endpoints: Informer<Endpoints>;
  readonly #recorder: EventRecorder;
  readonly #triggers = new TriggerTimes();

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#services = informers.informer<Service>(RESOURCES.services);
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    this.#endpoints = informers.informer<Endpoints>(RESOURCES.endpoints);
    this.#recorder = createEventRecorder(context, { component: COMPONENT });
    this.controller = new Controller({
      name: COMPONENT,
      context,
      informers: [this.#services, this.#pods, this.#endpoints],
      reconcile: (key) => this.#reconcile(key),
    });
    const { queue } = this.controller;
    this.#services.onEvent(({ object }) => queue.add(keyOf(object)));
    this.#endpoints.onEvent(({ type, object }) => {
      if (type === 'deleted') queue.add(keyOf(object));
    });
    this.#pods.onEvent((event) => {
      for (const key of servicesOfPodEvent(event, this.#services)) queue.add(key);
    });
  }

  async #reconcile(key: string): Promise<void> {
    const service = this.#services.get(splitKey(key));
    if (service === undefined) {
      this.#triggers.forget(key);
      await this.#remove(key);
      return;
    }
    if (!hasSelector(service) || isDeleting(service)) return;
    const current = this.#endpoints.get(splitKey(key));
    const pods = selectedPods(service, this.#pods.list(namespaceOf(service)));
    const trigger = this.#triggers.next(key, service, pods);
    const wanted = wantedEndpoints(service, pods, current);
    const { [OVER_CAPACITY]: capacity } = current?.metadata.annotations ?? {};
    if (
      current !== undefined &&
      deepEqual(current.subsets ?? [], wanted.subsets ?? []) &&
      deepEqual(current.metadata.labels ?? {}, wanted.metadata.labels ?? {}) &&
      capacity === wanted.metadata.annotations?.[OVER_CAPACITY]
    ) {
      return;
    }
    const annotations = withTriggerTime(wanted.metadata.annotations, trigger);
    await this.#write(service, current, { ...wanted, metadata: { ...wanted.metadata, annotations } });
  }

  async #write(service: Service, current: Endpoints | undefined, wanted: Endpoints): Promise<void> {
    const { client } = this.#context;
    try {
      if (current === undefined) await client.create(RESOURCES.endpoints, wanted, AS_CONTROLLER);
      else await client.update(RESOURCES.endpoints, wanted, AS_CONTROLLER);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      const verb = current === undefined ? 'create' : 'update';
      if (!isStatus(error, 'Conflict') && !isStatus(error, 'AlreadyExists')) {
        const reason = current === undefined ? 'FailedToCreateEndpoint' : 'FailedToUpdateEndpoint';
        const message = `Failed to ${verb} endpoint ${namespaceOf(service)}/${nameOf(service)}: ${messageOf(error)}`;
        this.#recorder.event(current ?? service, 'Warning', reason, message);
      }
      throw error;
    }
  }

  async #remove(key: string): Promise<void> {
    const endpoints = this.#endpoints.get(splitKey(key));
    // Those without the label are somebody else's.
    if (endpoints?.metadata.labels?.[MANAGED_BY_LABEL] !== COMPONENT) return;
    try {
      await this.#context.client.delete(RESOURCES.endpoints, splitKey(key));
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}

/** What the Endpoints of a Service should be. */
function wantedEndpoints(service: Service, pods: readonly Pod[], current: Endpoints | undefined): Endpoints {
  const { subsets, truncated } = endpointSubsets(service, pods);
  const { [HEADLESS_LABEL]: _, ...own } = service.metadata.labels ?? {};
  const { [OVER_CAPACITY]: _capacity, ...annotations } = current?.metadata.annotations ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...(current?.metadata ?? { name: nameOf(service), namespace: namespaceOf(service) }),
      labels: { ...own, [MANAGED_BY_LABEL]: COMPONENT, ...(isHeadless(service) ? { [HEADLESS_LABEL]: '' } : {}) },
      annotations: truncated ? { ...annotations, [OVER_CAPACITY]: 'truncated' } : annotations,
    },
    ...(subsets.length === 0 ? {} : { subsets }),
  };
}

/** Keeps the (deprecated, still served) Endpoints of Services with a selector. kubernetes: pkg/controller/endpoint */
export function createEndpointsController(context: ComponentContext, informers: InformerFactory): Component {
  return new EndpointsController(context, informers).controller;
}
