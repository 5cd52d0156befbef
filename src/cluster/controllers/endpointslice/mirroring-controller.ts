import type { EndpointAddress, Endpoints, EndpointSubset, Service } from '../../../kube/api/core-v1.generated.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../kube/api/discovery-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { Controller } from '../../machinery/controller.ts';
import type { Component, ComponentContext, Informer, InformerFactory } from '../../machinery/interfaces.ts';
import { isDeleting, joinKey, keyOf, nameOf, splitKey } from '../../machinery/keys.ts';
import { isNamespaceTerminating } from '../../machinery/pod-control.ts';
import { isIPv6 } from './service-pods.ts';
import { endpointKey, type PortGroup, portsKey } from './slice-endpoints.ts';
import { managedLabels, planSlices, type SliceParent, sliceService } from './slice-plan.ts';
import { applyPlan, removeSlice } from './slice-writer.ts';
import { TRIGGER_TIME } from './trigger-time.ts';

const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SKIP_LABEL = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const SERVICE_INDEX = 'mirrored-service';
/** Most addresses that are mirrored of a subset. */
const MAX_ADDRESSES = 1000;

/** See {@link createEndpointSliceMirroringController}. */
class MirroringController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #services: Informer<Service>;
  readonly #endpoints: Informer<Endpoints>;
  readonly #slices: Informer<EndpointSlice>;

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#services = informers.informer<Service>(RESOURCES.services);
    this.#endpoints = informers.informer<Endpoints>(RESOURCES.endpoints);
    this.#slices = informers.informer<EndpointSlice>(RESOURCES.endpointSlices);
    this.controller = new Controller({
      name: 'endpointslice-mirroring-controller',
      context,
      informers: [this.#services, this.#endpoints, this.#slices],
      reconcile: (key) => this.#reconcile(key),
      backoff: { base: 1000 },
    });
    this.#slices.addIndex(SERVICE_INDEX, (slice) => {
      const service = sliceService(slice, MANAGER);
      return service === undefined ? [] : [joinKey(slice.metadata.namespace, service)];
    });
    const { queue } = this.controller;
    this.#services.onEvent(({ object }) => queue.add(keyOf(object)));
    this.#endpoints.onEvent(({ object }) => queue.add(keyOf(object)));
    this.#slices.onEvent(({ object }) => {
      const service = sliceService(object, MANAGER);
      if (service !== undefined) queue.add(joinKey(object.metadata.namespace, service));
    });
  }

  async #reconcile(key: string): Promise<void> {
    const slices = this.#slices.byIndex(SERVICE_INDEX, key).filter((slice) => !isDeleting(slice));
    const endpoints = this.#mirrored(key);
    const { client } = this.#context;
    if (endpoints === undefined) {
      for (const slice of slices) await removeSlice(client, slice);
      return;
    }
    try {
      for (const family of ['IPv4', 'IPv6']) {
        const existing = slices.filter(({ addressType }) => addressType === family);
        const plan = planSlices(parentOf(endpoints), family, existing, groupsOf(endpoints.subsets ?? [], family));
        await applyPlan(client, endpoints, plan);
      }
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
  }

  /** The Endpoints that a Service without selector was given by hand. */
  #mirrored(key: string): Endpoints | undefined {
    const service = this.#services.get(splitKey(key));
    const endpoints = this.#endpoints.get(splitKey(key));
    if (service === undefined || service.spec?.selector !== undefined || endpoints === undefined) return undefined;
    const { labels, annotations } = endpoints.metadata;
    const skipped = labels?.[SKIP_LABEL] === 'true' || annotations?.[LEADER_ANNOTATION] !== undefined;
    return skipped ? undefined : endpoints;
  }
}

function parentOf(endpoints: Endpoints): SliceParent {
  const { [LAST_APPLIED]: _, [TRIGGER_TIME]: _time, ...annotations } = endpoints.metadata.annotations ?? {};
  const labels = { ...endpoints.metadata.labels, ...managedLabels(nameOf(endpoints), MANAGER) };
  const common = { owner: endpoints, labels, placeholder: false };
  return { ...common, annotations };
}

function groupsOf(subsets: readonly EndpointSubset[], family: string): Map<string, PortGroup> {
  const groups = new Map<string, PortGroup>();
  for (const subset of subsets) {
    const ports = (subset.ports ?? []).map(toPort);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: new Map<string, Endpoint>() };
    let count = 0;
    const ready = (subset.addresses ?? []).map((address) => toEndpoint(address, true));
    const notReady = (subset.notReadyAddresses ?? []).map((address) => toEndpoint(address, false));
    for (const endpoint of [...ready, ...notReady]) {
      const [ip = ''] = endpoint.addresses;
      if (isIPv6(ip) !== (family === 'IPv6') || count >= MAX_ADDRESSES) continue;
      group.endpoints.set(endpointKey(endpoint), endpoint);
      count += 1;
    }
    if (group.endpoints.size > 0) groups.set(key, group);
  }
  return groups;
}

function toPort({ name, port, protocol, appProtocol }: NonNullable<EndpointSubset['ports']>[number]): EndpointPort {
  const common = { name: name ?? '', port, protocol: protocol ?? 'TCP' };
  return appProtocol === undefined ? common : { ...common, appProtocol };
}

function toEndpoint({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === undefined || hostname === '' ? {} : { hostname }),
    ...(targetRef === undefined ? {} : { targetRef }),
    ...(nodeName === undefined ? {} : { nodeName }),
  };
}

/**
 * Mirrors Endpoints that Services without selector were given by hand into EndpointSlices.
 * kubernetes: pkg/controller/endpointslicemirroring
 */
export function createEndpointSliceMirroringController(
  context: ComponentContext,
  informers: InformerFactory,
): Component {
  return new MirroringController(context, informers).controller;
}
