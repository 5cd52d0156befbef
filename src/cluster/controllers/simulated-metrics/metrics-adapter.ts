import { RESOURCES } from '../../../kube/resources.ts';
import { isStatus } from '../../../kube/status-error.ts';
import type { ResourceType } from '../../../kube/object.ts';
import { AS_CONTROLLER } from '../../machinery/constants.ts';
import { Controller } from '../../machinery/controller.ts';
import { createEventRecorder } from '../../machinery/event-recorder.ts';
import type { Component, ComponentContext, InformerFactory } from '../../machinery/interfaces.ts';
import type { ApiObject } from '../../machinery/keys.ts';
import {
  EXTERNAL_METRICS_ANNOTATION,
  MEASURED_RESOURCES,
  METRICS_ANNOTATION,
  parseMetricSamples,
  REQUESTS_ANNOTATION,
} from '../../machinery/metric-samples.ts';

const CUSTOM = 'custom.metrics.k8s.io';
const EXTERNAL = 'external.metrics.k8s.io';
/** By group; the later version comes first where clients may choose. */
const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  [CUSTOM]: ['v1beta1', 'v1beta2'],
  [EXTERNAL]: ['v1beta1'],
};
const COMPONENT = 'pintle-metrics-adapter';

/**
 * Stands for the adapter between monitoring and the API: registers custom.metrics.k8s.io and external.metrics.k8s.io once an object
 * says what its metrics are, unless some APIService has the group already, and tells of annotations that cannot be read by an event
 * `InvalidMetrics`. Once registered, the groups stay.
 */
export function createMetricsAdapter(context: ComponentContext, informers: InformerFactory): Component {
  const apiServices = informers.informer<ApiObject>(RESOURCES.apiServices);
  const sources = MEASURED_RESOURCES.map((type) => informers.informer<ApiObject>(type));
  const recorder = createEventRecorder(context, { component: COMPONENT });
  const controller = new Controller({
    name: 'metrics-adapter',
    context,
    informers: [apiServices, ...sources],
    reconcile: register,
  });

  const isRegistered = (group: string): boolean =>
    apiServices.list().some((each) => (each as ApiServiceObject).spec?.group === group);

  async function register(group: string): Promise<void> {
    if (isRegistered(group)) return;
    for (const [index, version] of (VERSIONS[group] ?? []).entries()) {
      const apiService = {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata: { name: `${version}.${group}` },
        spec: { group, version, groupPriorityMinimum: 100, versionPriority: 100 * (index + 1) },
      };
      try {
        await context.client.create(RESOURCES.apiServices, apiService, AS_CONTROLLER);
      } catch (error) {
        if (!isStatus(error, 'AlreadyExists')) throw error;
      }
    }
  }

  function look(type: ResourceType, object: ApiObject, before: ApiObject | undefined): void {
    const { annotations } = object.metadata;
    if (annotations === undefined) return;
    const old = before?.metadata.annotations;
    const read = (annotation: string, group: string): void => {
      const text = annotations[annotation];
      if (text === undefined || text === old?.[annotation]) return;
      const { samples, faults } = parseMetricSamples(text);
      if (samples.length > 0 && !isRegistered(group)) controller.queue.add(group);
      if (faults.length > 0) recorder.event(object, 'Warning', 'InvalidMetrics', `${annotation}: ${faults.join('; ')}`);
    };
    read(METRICS_ANNOTATION, CUSTOM);
    if (type === RESOURCES.namespaces) read(EXTERNAL_METRICS_ANNOTATION, EXTERNAL);
    if (type === RESOURCES.services && annotations[REQUESTS_ANNOTATION] !== undefined && !isRegistered(CUSTOM)) {
      controller.queue.add(CUSTOM);
    }
  }

  for (const informer of sources) {
    informer.onEvent(({ type: event, object, old }) => {
      if (event !== 'deleted') look(informer.type, object, old);
    });
  }
  return controller;
}

interface ApiServiceObject extends ApiObject {
  readonly spec?: { readonly group?: string };
}
