import type { KubeObject, ResourceType } from '../../../kube/object.ts';

/** One value of a metric from elsewhere. */
export interface MetricSeries {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Thousandths. */
  readonly value: number;
}

/** One value of an object's metric. */
export interface ObjectSeries extends MetricSeries {
  readonly object: KubeObject;
}

/** Whoever can tell the numbers that monitoring would know: what an adapter reads them from. */
export interface MetricProvider {
  /** The resources whose objects can have metrics. */
  readonly resources: readonly ResourceType[];
  /** The metrics of all objects of one of these resources, of a namespace or of all. */
  ofObjects(type: ResourceType, namespace?: string): readonly ObjectSeries[];
  /** The metrics from elsewhere, of a namespace or of all. */
  external(namespace?: string): readonly MetricSeries[];
}
