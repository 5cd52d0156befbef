/** A question to custom.metrics.k8s.io or external.metrics.k8s.io, as its path and query put it. */
export interface MetricQuestion {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** '' for what is in no namespace. */
  readonly namespace: string;
  /** Of objects `ingresses.networking.k8s.io`; `metrics` for the namespace's own; for external metrics the metric. */
  readonly resource: string;
  /** Of the object, `*` for those that are selected; the metric, for those of a namespace. */
  readonly name: string;
  readonly subresource: string;
  /** Of the objects; for external metrics of the series. */
  readonly labelSelector: string;
  readonly metricLabelSelector: string;
}
