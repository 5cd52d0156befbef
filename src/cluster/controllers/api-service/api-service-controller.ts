import type { Service } from '../../../kube/api/core-v1.generated.ts';
import type { EndpointSlice } from '../../../kube/api/discovery-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import { type ApiObject, nameOf, namespaceOf } from '../../machinery/keys.ts';
import { formatTime } from '../../machinery/time.ts';

const SERVICE_LABEL = 'kubernetes.io/service-name';
const DEFAULT_PORT = 443;

interface ApiService extends ApiObject {
  readonly spec?: {
    readonly service?: { readonly namespace?: string; readonly name?: string; readonly port?: number };
  };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime?: string;
}

type Verdict = Pick<Condition, 'message' | 'reason' | 'status'>;

/**
 * Tells of APIServices whether they are available: those of this server always, others once their Service has ready endpoints.
 * kube-aggregator: pkg/controllers/status/remote, pkg/controllers/status/local
 */
export function createApiServiceController(context: ComponentContext, informers: InformerFactory): Component {
  const apiServices = informers.informer<ApiService>(RESOURCES.apiServices);
  const services = informers.informer<Service>(RESOURCES.services);
  const slices = informers.informer<EndpointSlice>(RESOURCES.endpointSlices);
  const controller = new Controller({
    name: 'available-controller',
    context,
    informers: [apiServices, services, slices],
    reconcile,
  });

  function verdictOf({ spec }: ApiService): Verdict {
    const { service } = spec ?? {};
    if (service === undefined) return good('Local', 'Local APIServices are always available');
    const { namespace = '', name = '', port = DEFAULT_PORT } = service;
    const what = `service/${name} in ${JSON.stringify(namespace)}`;
    const found = services.get({ namespace, name });
    if (found === undefined) return bad('ServiceNotFound', `${what} is not present`);
    if (found.spec?.type === 'ExternalName') return good('Passed', 'all checks passed');
    const entry = found.spec?.ports?.find((each) => each.port === port);
    if (entry === undefined) return bad('ServicePortError', `${what} is not listening on port ${port}`);
    const own = slices
      .list(namespace)
      .filter((slice) => slice.metadata.labels?.[SERVICE_LABEL] === name && slice.addressType !== 'FQDN');
    if (own.length === 0) return bad('EndpointsNotFound', `cannot find endpointslices for ${what}`);
    const portName = entry.name ?? '';
    const ready = own.some(
      ({ ports, endpoints }) =>
        (ports ?? []).some((each) => (each.name ?? '') === portName) &&
        (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false),
    );
    if (ready) return good('Passed', 'all checks passed');
    const text = `endpointslices for ${what} have no addresses with port name ${JSON.stringify(portName)}`;
    return bad('MissingEndpoints', text);
  }

  async function reconcile(name: string): Promise<void> {
    const apiService = apiServices.get({ name });
    if (apiService === undefined) return;
    const verdict = verdictOf(apiService);
    const conditions = apiService.status?.conditions ?? [];
    const old = conditions.find(({ type }) => type === 'Available');
    if (old !== undefined && old.reason === verdict.reason && old.message === verdict.message) return;
    const time = old?.status === verdict.status ? old.lastTransitionTime : formatTime(context.clock.now());
    const condition = { type: 'Available', ...verdict, lastTransitionTime: time };
    const others = conditions.filter(({ type }) => type !== 'Available');
    const next = { ...apiService, status: { ...apiService.status, conditions: [...others, condition] } };
    try {
      await context.client.update(RESOURCES.apiServices, next, { ...AS_CONTROLLER, subresource: 'status' });
    } catch (error) {
      if (!isStatus(error, 'NotFound') && !isStatus(error, 'Conflict')) throw error;
    }
  }

  const ofService = (namespace: string, name: string): void => {
    for (const each of apiServices.list()) {
      const { service } = each.spec ?? {};
      if (service?.namespace === namespace && service.name === name) controller.queue.add(nameOf(each));
    }
  };
  apiServices.onEvent(({ type, object }) => {
    if (type !== 'deleted') controller.queue.add(nameOf(object));
  });
  services.onEvent(({ object }) => ofService(namespaceOf(object), nameOf(object)));
  slices.onEvent(({ object }) => ofService(namespaceOf(object), object.metadata.labels?.[SERVICE_LABEL] ?? ''));
  return controller;
}

function good(reason: string, message: string): Verdict {
  return { status: 'True', reason, message };
}

function bad(reason: string, message: string): Verdict {
  return { status: 'False', reason, message };
}
