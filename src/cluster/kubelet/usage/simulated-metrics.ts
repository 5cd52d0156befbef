import type { Namespace, Pod } from '../../../kube/api/core-v1.generated.ts';
import type { KubeObject, ResourceType } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import {
  EXTERNAL_METRICS_ANNOTATION,
  MEASURED_RESOURCES,
  METRICS_ANNOTATION,
  type MetricSample,
  parseMetricSamples,
  REQUESTS_METRIC,
} from '../../machinery/metric-samples.ts';
import { isPodReady } from '../../machinery/pods.ts';
import { selectedPods } from '../../machinery/service-selector.ts';
import { requestsOf } from './service-load.ts';

/** What {@link simulatedMetrics} reads. */
export interface MetricsSource {
  /** The objects of a resource as they are now, of a namespace or of all. */
  list(type: ResourceType, namespace?: string): readonly KubeObject[];
}

interface ObjectSample extends MetricSample {
  readonly object: KubeObject;
}

const NO_LABELS = {};

/**
 * The numbers that annotations give: `pintle.dev/metrics` on an object those of the object, and on a Service those of its ready
 * pods together; `pintle.dev/requests` on a Service is the metric {@link REQUESTS_METRIC}; `pintle.dev/external-metrics` on a
 * Namespace. Nothing is kept for it.
 */
export function simulatedMetrics(source: MetricsSource): {
  readonly resources: readonly ResourceType[];
  ofObjects(type: ResourceType, namespace?: string): readonly ObjectSample[];
  external(namespace?: string): readonly MetricSample[];
} {
  return {
    resources: MEASURED_RESOURCES,
    ofObjects: (type, namespace) => {
      const objects = source.list(type, namespace);
      if (type !== RESOURCES.pods) return objects.flatMap((object) => ownSamples(type, object));
      return podSamples(objects, source.list(RESOURCES.services, namespace));
    },
    external: (namespace) =>
      source
        .list(RESOURCES.namespaces)
        .filter(({ metadata }) => namespace === undefined || metadata.name === namespace)
        .flatMap(
          ({ metadata }: Namespace) => parseMetricSamples(metadata.annotations?.[EXTERNAL_METRICS_ANNOTATION]).samples,
        ),
  };
}

function ownSamples(type: ResourceType, object: KubeObject): readonly ObjectSample[] {
  const own = parseMetricSamples(object.metadata.annotations?.[METRICS_ANNOTATION]).samples;
  const requests = type === RESOURCES.services ? requestsOf(object) * 1000 : 0;
  const all = requests === 0 ? own : [...own, { metric: REQUESTS_METRIC, labels: NO_LABELS, value: requests }];
  return all.map((sample) => ({ ...sample, object }));
}

/** What pods say of themselves, and their shares of what their Services say; those that are not ready have a share of nothing. */
function podSamples(pods: readonly (KubeObject & Pod)[], services: readonly KubeObject[]): readonly ObjectSample[] {
  const running = pods.filter(({ status }) => status?.phase === 'Running');
  const out = running.flatMap((object) => ownSamples(RESOURCES.pods, object));
  for (const service of services) {
    const samples = ownSamples(RESOURCES.services, service);
    if (samples.length === 0) continue;
    const selected = selectedPods(service, running);
    const ready = selected.filter(isPodReady).length;
    for (const object of selected) {
      for (const { metric, labels, value } of samples) {
        out.push({ metric, labels, value: isPodReady(object) ? value / ready : 0, object });
      }
    }
  }
  return out;
}
