import type { EndpointAddress, Endpoints, EndpointSubset, Service } from '../../../kube/api/core-v1.generated.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../kube/api/discovery-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type {
  Component,
  ComponentContext,
  EventRecorder,
  Informer,
  InformerFactory,
} from '../../machinery/interfaces.ts';
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
/** Most addresses that are mirrored of a subset, all into one slice for each family and set of ports. */
const MAX_ADDRESSES = 1000;

/** See {@link createEndpointSliceMirroringController}. */
class MirroringController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #services: Informer<Service>;
  readonly #endpoints: Informer<Endpoints>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #recorder: EventRecorder;

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#services = informers.informer<Service>(RESOURCES.services);
    this.#endpoints = informers.informer<Endpoints>(RESOURCES.endpoints);
    this.#slices = informers.informer<EndpointSlice>(RESOURCES.endpointSlices);
    this.#recorder = createEventRecorder(context, { component: 'endpoint-slice-mirroring-controller' });
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
      const { groups, skipped } = groupsOf(endpoints.subsets ?? []);
      if (skipped > 0) {
        const message = `A max of ${MAX_ADDRESSES} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`;
        this.#recorder.event(endpoints, 'Warning', 'TooManyAddressesToMirror', message);
      }
      for (const [family, own] of groups) {
        const existing = slices.filter(({ addressType }) => addressType === family);
        await applyPlan(client, endpoints, planSlices(parentOf(endpoints), family, existing, own));
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
  const common = { owner: endpoints, labels, placeholder: false, maxEndpoints: MAX_ADDRESSES };
  return { ...common, annotations };
}

type Groups = ReadonlyMap<string, ReadonlyMap<string, PortGroup>>;

/** The endpoints by family and ports, those that are ready first, and how many are too many for their subset. */
function groupsOf(subsets: readonly EndpointSubset[]): { readonly groups: Groups; readonly skipped: number } {
  const groups = new Map(['IPv4', 'IPv6'].map((family) => [family, new Map<string, PortGroup>()]));
  let skipped = 0;
  for (const { addresses = [], notReadyAddresses = [], ports: named = [] } of subsets) {
    const ports = named.map(toPort);
    const key = portsKey(ports);
    const ready = addresses.map((address) => toEndpoint(address, true));
    const all = [...ready, ...notReadyAddresses.map((address) => toEndpoint(address, false))];
    skipped += Math.max(0, all.length - MAX_ADDRESSES);
    for (const endpoint of all.slice(0, MAX_ADDRESSES)) {
      const own = groups.get(isIPv6(endpoint.addresses[0] ?? '') ? 'IPv6' : 'IPv4');
      const group = own?.get(key) ?? { ports, endpoints: new Map<string, Endpoint>() };
      // Subsets with the same ports share a slice.
      if (group.endpoints.size < MAX_ADDRESSES) group.endpoints.set(endpointKey(endpoint), endpoint);
      own?.set(key, group);
    }
  }
  return { groups, skipped };
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
