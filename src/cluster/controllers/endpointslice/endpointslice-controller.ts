import type { Node, Pod, Service } from '../../../kube/api/core-v1.generated.ts';
import type { EndpointSlice } from '../../../kube/api/discovery-v1.generated.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { ZONE_LABEL } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type {
  Component,
  ComponentContext,
  EventRecorder,
  Informer,
  InformerFactory,
} from '../../machinery/interfaces.ts';
import { isDeleting, joinKey, keyOf, namespaceOf, splitKey } from '../../machinery/keys.ts';
import { isNamespaceTerminating, messageOf } from '../../machinery/pod-control.ts';
import { hasSelector, selectedPods } from '../../machinery/service-selector.ts';
import { servicesOfPodEvent, wantsTopologyHints } from './service-pods.ts';
import { desiredEndpoints, type PortGroup } from './slice-endpoints.ts';
import { MANAGER, planSlices, serviceParent, type SlicePlan, sliceService } from './slice-plan.ts';
import { applyPlan, removeSlice } from './slice-writer.ts';
import { withKnownHints, withTopologyHints, zoneRatios } from './topology-hints.ts';
import { TriggerTimes, withTriggerTime } from './trigger-time.ts';

const COMPONENT = 'endpoint-slice-controller';
const SERVICE_INDEX = 'slice-service';
const DISABLED = 'Topology Aware Hints has been disabled';

/** See {@link createEndpointSliceController}. */
class EndpointSliceController {
  readonly controller: Controller;
  readonly #context: ComponentContext;
  readonly #services: Informer<Service>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #recorder: EventRecorder;
  readonly #triggers = new TriggerTimes();
  /** Services whose endpoints have hints by the zones' shares. */
  readonly #hinted = new Set<string>();

  constructor(context: ComponentContext, informers: InformerFactory) {
    this.#context = context;
    this.#services = informers.informer<Service>(RESOURCES.services);
    this.#pods = informers.informer<Pod>(RESOURCES.pods);
    this.#nodes = informers.informer<Node>(RESOURCES.nodes);
    this.#slices = informers.informer<EndpointSlice>(RESOURCES.endpointSlices);
    this.#recorder = createEventRecorder(context, { component: COMPONENT });
    this.controller = new Controller({
      name: COMPONENT,
      context,
      informers: [this.#services, this.#pods, this.#nodes, this.#slices],
      reconcile: (key) => this.#reconcile(key),
      backoff: { base: 1000 },
    });
    this.#slices.addIndex(SERVICE_INDEX, (slice) => {
      const service = sliceService(slice, MANAGER);
      return service === undefined ? [] : [joinKey(slice.metadata.namespace, service)];
    });
    this.#listen();
  }

  #listen(): void {
    const { queue } = this.controller;
    this.#services.onEvent(({ type, object }) => {
      if (type === 'deleted') {
        this.#triggers.forget(keyOf(object));
        this.#hinted.delete(keyOf(object));
      }
      queue.add(keyOf(object));
    });
    this.#pods.onEvent((event) => {
      for (const key of servicesOfPodEvent(event, this.#services)) queue.add(key);
    });
    // Own writes come back too; they find nothing to do.
    this.#slices.onEvent(({ object, old }) => {
      for (const slice of old === undefined ? [object] : [object, old]) {
        const service = sliceService(slice, MANAGER);
        if (service !== undefined) queue.add(joinKey(slice.metadata.namespace, service));
      }
    });
    this.#nodes.onEvent(({ type, object, old }) => {
      const sameZone = type === 'modified' && zoneOf(old) === zoneOf(object);
      if (sameZone && (old === undefined || !shareChanged(old, object))) return;
      for (const service of this.#services.list()) {
        if (hasSelector(service) && (!sameZone || wantsTopologyHints(service))) queue.add(keyOf(service));
      }
    });
  }

  async #reconcile(key: string): Promise<void> {
    const service = this.#services.get(splitKey(key));
    // Slices of a Service that is gone go with it, by their owner.
    if (service === undefined || !hasSelector(service)) return;
    const slices = this.#slices.byIndex(SERVICE_INDEX, key).filter((slice) => !isDeleting(slice));
    const families = service.spec?.ipFamilies ?? ['IPv4'];
    const pods = selectedPods(service, this.#pods.list(namespaceOf(service)));
    const trigger = this.#triggers.next(key, service, pods);
    const finish = (slice: EndpointSlice): EndpointSlice => ({
      ...slice,
      metadata: { ...slice.metadata, annotations: withTriggerTime(slice.metadata.annotations, trigger) },
    });
    const hinted = wantsTopologyHints(service);
    if (!hinted && this.#hinted.delete(key)) this.#hintEvent(service, families[0] ?? 'IPv4', DISABLED);
    try {
      for (const slice of slices)
        if (!families.includes(slice.addressType)) await removeSlice(this.#context.client, slice);
      for (const family of families) {
        const existing = slices.filter((slice) => slice.addressType === family);
        const groups = desiredEndpoints(service, pods, { family, nodes: this.#nodes });
        const plan = hinted
          ? this.#hintedPlan(key, service, { family, existing, groups })
          : planSlices(serviceParent(service), family, existing, groups);
        await applyPlan(this.#context.client, service, plan, finish);
      }
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      if (!isStatus(error, 'Conflict') && !isStatus(error, 'NotFound')) {
        this.#recorder.event(
          service,
          'Warning',
          'FailedToUpdateEndpointSlices',
          `Error updating Endpoint Slices for Service ${namespaceOf(service)}/${service.metadata.name}: ${messageOf(error)}`,
        );
      }
      throw error;
    }
  }

  /** A plan with hints by the zones' shares; tells when they come, and why they cannot be given. */
  #hintedPlan(key: string, service: Service, { family, existing, groups }: Family): SlicePlan {
    const plan = planSlices(serviceParent(service), family, existing, withKnownHints(groups, existing));
    const changed = new Set([...plan.update, ...plan.remove].map(({ metadata }) => metadata.name));
    const unchanged = existing.filter(({ metadata }) => !changed.has(metadata.name));
    const { plan: hinted, fault } = withTopologyHints(plan, unchanged, zoneRatios(this.#nodes.list()));
    if (fault !== undefined) {
      this.#hinted.delete(key);
      this.#hintEvent(service, family, fault);
    } else if (!this.#hinted.has(key)) {
      this.#hinted.add(key);
      const message = `Topology Aware Hints has been enabled, addressType: ${family}`;
      this.#recorder.event(service, 'Normal', 'TopologyAwareHintsEnabled', message);
    }
    return hinted;
  }

  #hintEvent(service: Service, family: string, message: string): void {
    const text = `${message}, addressType: ${family}`;
    this.#recorder.event(service, 'Warning', 'TopologyAwareHintsDisabled', text);
  }
}

/** What is planned of one address family. */
interface Family {
  readonly family: string;
  readonly existing: readonly EndpointSlice[];
  readonly groups: ReadonlyMap<string, PortGroup>;
}

/** True when a node's part of the cluster's processors may have changed. */
function shareChanged(old: Node, node: Node): boolean {
  const isReady = ({ status }: Node): string | undefined =>
    status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  return isReady(old) !== isReady(node) || old.status?.allocatable?.['cpu'] !== node.status?.allocatable?.['cpu'];
}

function zoneOf(node: Node | undefined): string | undefined {
  return node?.metadata.labels?.[ZONE_LABEL];
}

/** Keeps the EndpointSlices of Services with a selector. kubernetes: pkg/controller/endpointslice */
export function createEndpointSliceController(context: ComponentContext, informers: InformerFactory): Component {
  return new EndpointSliceController(context, informers).controller;
}
