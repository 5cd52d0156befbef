import type { LabelSelector } from '../../../kube/api/meta-v1.generated.ts';
import { type LabelMatcher, parseLabelSelector, SelectorError } from '../../../kube/labels.ts';
import { groupResource, type KubeObject, type ResourceType } from '../../../kube/object.ts';
import { newQuantity } from '../../../kube/quantity.ts';
import { StatusError } from '../../../kube/status-error.ts';
import type { MetricQuestion } from '../../machinery/metric-question.ts';
import { badRequest, methodNotSupported, serviceUnavailable, unknownPath } from '../../registry/status.ts';
import type { UserInfo } from '../request.ts';
import { formatTime } from '../../machinery/time.ts';
import type { MetricProvider, MetricSeries, ObjectSeries } from './metric-provider.ts';

const CUSTOM = 'custom.metrics.k8s.io';
const EXTERNAL = 'external.metrics.k8s.io';
const VERSIONS: readonly (readonly [group: string, version: string])[] = [
  [CUSTOM, 'v1beta2'],
  [CUSTOM, 'v1beta1'],
  [EXTERNAL, 'v1beta1'],
];
/** Names what the metrics of a namespace itself are asked under. */
const OF_NAMESPACE = 'metrics';
const ALL_OBJECTS = '*';
const NO_TYPES: readonly ResourceType[] = [];

/** A question, and who asks it. */
export interface MetricRequest extends MetricQuestion {
  readonly user: UserInfo;
}

/** The numbers, with the words of the group and version that was asked. */
export interface MetricValueList {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: object;
  readonly items: readonly object[];
}

/** What the API is worked out from. */
export interface MetricsApiOptions {
  readonly provider: MetricProvider;
  /** ms since the epoch */
  now(): number;
  /** The newest commit. */
  revision(): number;
  /** An APIService as it is now. */
  apiService(name: string): KubeObject | undefined;
}

/** True for the groups that adapters serve. */
export function isMetricsGroup(group: string): boolean {
  return group === CUSTOM || group === EXTERNAL;
}

/**
 * The metrics that adapters serve to autoscalers. A version is there while its APIService is, and answers while that is available,
 * whoever made it. custom-metrics-apiserver: pkg/provider, pkg/apiserver/endpoints/handlers; prometheus-adapter: pkg/custom-provider
 */
export class MetricsApi {
  readonly #options: MetricsApiOptions;
  #types: { readonly revision: number; readonly list: readonly ResourceType[] } | undefined;

  constructor(options: MetricsApiOptions) {
    this.#options = options;
  }

  /** What discovery shows: a resource for each metric of a kind of object, and for each external metric. */
  types(): readonly ResourceType[] {
    const versions = VERSIONS.filter(([group, version]) => this.#state(group, version) === 'available');
    if (versions.length === 0) return NO_TYPES;
    const revision = this.#options.revision();
    if (this.#types?.revision !== revision) {
      this.#types = { revision, list: versions.flatMap(([group, version]) => this.#typesOf(group, version)) };
    }
    return this.#types.list;
  }

  /** The version of a group that answers, the newest first; undefined when none does. */
  versionOf(group: string): string | undefined {
    return VERSIONS.find(([own, version]) => own === group && this.#state(own, version) === 'available')?.[1];
  }

  /** @throws StatusError */
  answer(request: MetricRequest): MetricValueList {
    const { group, version, resource, verb } = request;
    const state = this.#state(group, version);
    if (state === 'absent') throw unknownPath();
    if (state === 'away') throw serviceUnavailable('the server is currently unable to handle the request');
    if (verb !== 'get' && verb !== 'list') throw methodNotSupported({ group, resource }, verb);
    const metadata = {};
    const apiVersion = `${group}/${version}`;
    if (group === EXTERNAL) {
      return { apiVersion, kind: 'ExternalMetricValueList', metadata, items: this.#external(request) };
    }
    return { apiVersion, kind: 'MetricValueList', metadata, items: this.#ofObjects(request) };
  }

  #state(group: string, version: string): 'absent' | 'available' | 'away' {
    const found = this.#options.apiService(`${version}.${group}`) as
      | { readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] } }
      | undefined;
    if (found === undefined) return 'absent';
    const conditions = found.status?.conditions ?? [];
    return conditions.some(({ type, status }) => type === 'Available' && status === 'True') ? 'available' : 'away';
  }

  #typesOf(group: string, version: string): ResourceType[] {
    const { provider } = this.#options;
    if (group === EXTERNAL) {
      const names = new Set(provider.external().map(({ metric }) => metric));
      return [...names]
        .sort()
        .map((name) => metricType({ group, version, kind: 'ExternalMetricValueList' }, name, true));
    }
    return provider.resources.flatMap((type) => {
      const names = new Set(provider.ofObjects(type).map(({ metric }) => metric));
      const head = { group, version, kind: 'MetricValueList' };
      return [...names].sort().map((name) => metricType(head, `${groupResource(type)}/${name}`, type.namespaced));
    });
  }

  #external(request: MetricRequest): object[] {
    const { namespace, resource: metric, labelSelector } = request;
    const matcher = selectorOf(labelSelector);
    const known = this.#options.provider.external(namespace).filter((series) => series.metric === metric);
    if (known.length === 0) throw missing(`the metric ${metric} for namespaces`);
    const timestamp = formatTime(this.#options.now());
    return known
      .filter(({ labels }) => matcher.matches(labels))
      .map(({ labels, value }) => ({ metricName: metric, metricLabels: labels, timestamp, value: milliText(value) }));
  }

  #ofObjects(request: MetricRequest): object[] {
    const place = placeOf(request);
    const { metric, resource, name, namespace } = place;
    const { provider } = this.#options;
    const type = provider.resources.find((each) => groupResource(each) === resource);
    const series = type === undefined ? [] : provider.ofObjects(type, type.namespaced ? namespace : undefined);
    const known = series.filter((each) => each.metric === metric);
    if (type === undefined || known.length === 0) throw missing(`the metric ${metric} for ${resource}`);
    const ofMetric = selectorOf(request.metricLabelSelector);
    const ofObject = selectorOf(name === ALL_OBJECTS ? request.labelSelector : '');
    const chosen = known.filter(
      ({ object, labels }) =>
        (name === ALL_OBJECTS || object.metadata.name === name) &&
        ofObject.matches(object.metadata.labels) &&
        ofMetric.matches(labels),
    );
    if (name !== ALL_OBJECTS && chosen.length === 0) throw missing(`the metric ${metric} for ${resource} ${name}`);
    return this.#values(request, chosen, type);
  }

  /** One value an object: that of all its series together. */
  #values(request: MetricRequest, chosen: readonly ObjectSeries[], type: ResourceType): object[] {
    const sums = new Map<KubeObject, MetricSeries>();
    for (const { object, ...series } of chosen) {
      const sum = sums.get(object);
      sums.set(object, sum === undefined ? series : { ...series, value: sum.value + series.value });
    }
    const timestamp = formatTime(this.#options.now());
    const selector = selectorObject(request.metricLabelSelector);
    return [...sums].map(([object, { metric, value }]) => {
      const { namespace, name } = object.metadata;
      const describedObject = {
        kind: type.kind,
        ...(namespace === undefined ? {} : { namespace }),
        name,
        apiVersion: `${type.group}/${type.version}`,
      };
      const shown = { describedObject, timestamp, value: milliText(value) };
      if (request.version === 'v1beta1') return { ...shown, metricName: metric, selector };
      return { ...shown, metric: { name: metric, selector } };
    });
  }
}

/** What a question about objects means. */
function placeOf(request: MetricRequest): {
  readonly metric: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
} {
  const { namespace, resource, name, subresource } = request;
  if (resource === OF_NAMESPACE && subresource === '') {
    return { metric: name, resource: 'namespaces', namespace: '', name: namespace };
  }
  if (name === '' || subresource === '') throw unknownPath();
  return { metric: subresource, resource, namespace, name };
}

/** @throws StatusError 400 */
function selectorOf(text: string): LabelMatcher {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

/** A selector in the form of API objects; null for none. */
function selectorObject(text: string): LabelSelector | null {
  if (text === '') return null;
  const matchLabels: [string, string][] = [];
  const matchExpressions: { key: string; operator: string; values?: string[] }[] = [];
  for (const { key, operator, values } of parseLabelSelector(text).requirements) {
    const [value] = values;
    if ((operator === '=' || operator === '==') && value !== undefined) matchLabels.push([key, value]);
    else
      matchExpressions.push({
        key,
        operator: EXPRESSIONS[operator] ?? 'In',
        ...(values.length > 0 ? { values: [...values] } : {}),
      });
  }
  return {
    ...(matchLabels.length > 0 ? { matchLabels: Object.fromEntries(matchLabels) } : {}),
    ...(matchExpressions.length > 0 ? { matchExpressions } : {}),
  };
}

const EXPRESSIONS: Readonly<Record<string, string>> = {
  in: 'In',
  notin: 'NotIn',
  '!=': 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

/** The resource that a question is about, for whoever comes between. */
export function metricsTypeOf({ group, version, resource }: MetricRequest): ResourceType {
  return metricType({ group, version, kind: 'MetricValueList' }, resource, true);
}

function metricType(
  head: Pick<ResourceType, 'group' | 'kind' | 'version'>,
  resource: string,
  namespaced: boolean,
): ResourceType {
  return {
    ...head,
    resource,
    singular: '',
    namespaced,
    shortNames: [],
    categories: [],
    verbs: ['get'],
    subresources: [],
  };
}

function milliText(value: number): string {
  return newQuantity(BigInt(Math.round(value)) * 1_000_000n, 'DecimalSI').text;
}

function missing(what: string): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `the server could not find ${what}`,
    reason: 'NotFound',
    code: 404,
  });
}
