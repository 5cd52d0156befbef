import { isObject } from '../../../base/json.ts';
import type { HorizontalPodAutoscaler as First } from '../../../kube/api/autoscaling-v1.generated.ts';
import type { HorizontalPodAutoscaler } from '../../../kube/api/autoscaling-v2.generated.ts';
import { copyMetadata } from '../../../kube/deferred-managed-fields.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { Loose } from '../wire.ts';

type Json = Readonly<Record<string, unknown>>;

const PREFIX = 'autoscaling.alpha.kubernetes.io/';
const METRICS = `${PREFIX}metrics`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;
const CONDITIONS = `${PREFIX}conditions`;
const BEHAVIOR = `${PREFIX}behavior`;
const CARRIED: readonly string[] = [METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR];

/** An autoscaler of version 2 as version 1 shows it: what that has no field for stands in annotations. */
export function autoscalerAsFirst(object: KubeObject): KubeObject {
  if (object.apiVersion === 'autoscaling/v1') return object;
  const { spec = {}, status } = object as Loose<HorizontalPodAutoscaler>;
  const { metrics = [], behavior, ...rest } = spec;
  const isCpu = (each: unknown): boolean => cpuUtilization(each) !== undefined;
  const cpu = metrics.findIndex(isCpu);
  const others = metrics.filter((_, i) => i !== cpu);
  const { currentMetrics = [], conditions = [], ...state } = status ?? {};
  const current = currentMetrics.findIndex(
    ({ type, resource }) =>
      type === 'Resource' && resource?.name === 'cpu' && resource.current?.averageUtilization !== undefined,
  );
  const more = currentMetrics.filter((_, i) => i !== current);
  const utilization = currentMetrics[current]?.resource?.current?.averageUtilization;
  const target = cpuUtilization(metrics[cpu]);
  const annotations = {
    ...(others.length === 0 ? {} : { [METRICS]: JSON.stringify(others.map(oldMetric)) }),
    ...(more.length === 0 ? {} : { [CURRENT_METRICS]: JSON.stringify(more.map(oldStatus)) }),
    ...(conditions.length === 0 ? {} : { [CONDITIONS]: JSON.stringify(conditions) }),
    ...(behavior === undefined ? {} : { [BEHAVIOR]: JSON.stringify(behavior) }),
  };
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(object, annotations),
    spec: { ...rest, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    ...(status === undefined
      ? {}
      : {
          status: { ...state, ...(utilization === undefined ? {} : { currentCPUUtilizationPercentage: utilization }) },
        }),
  };
}

/** The reverse of {@link autoscalerAsFirst}. */
export function autoscalerOfFirst(object: KubeObject): KubeObject {
  if (object.apiVersion === 'autoscaling/v2') return object;
  const { spec = {}, status } = object as Loose<First>;
  const { targetCPUUtilizationPercentage: target, ...rest } = spec;
  const annotations = object.metadata?.annotations ?? {};
  const carried = (key: string): unknown => (Object.hasOwn(annotations, key) ? parsed(annotations[key]) : undefined);
  const metrics = [
    ...listOf(carried(METRICS)).map(newMetric),
    ...(target === undefined
      ? []
      : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } } }]),
  ];
  const { currentCPUUtilizationPercentage: utilization, ...state } = status ?? {};
  const currentMetrics = [
    ...listOf(carried(CURRENT_METRICS)).map(newStatus),
    ...(utilization === undefined
      ? []
      : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: utilization } } }]),
  ];
  const conditions = listOf(carried(CONDITIONS));
  const behavior = carried(BEHAVIOR);
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: withAnnotations(object, {}),
    spec: { ...rest, ...(metrics.length === 0 ? {} : { metrics }), ...(isObject(behavior) ? { behavior } : {}) },
    ...(status === undefined && conditions.length === 0 && currentMetrics.length === 0
      ? {}
      : {
          status: {
            ...state,
            ...(currentMetrics.length === 0 ? {} : { currentMetrics }),
            ...(conditions.length === 0 ? {} : { conditions }),
          },
        }),
  };
}

function cpuUtilization(metric: unknown): number | undefined {
  const { type, resource } = (metric ?? {}) as {
    readonly type?: string;
    readonly resource?: { readonly name?: string; readonly target?: { readonly averageUtilization?: number } };
  };
  return type === 'Resource' && resource?.name === 'cpu' ? resource.target?.averageUtilization : undefined;
}

/** The metadata with the annotations that carry fields replaced. */
function withAnnotations(object: KubeObject, carried: Readonly<Record<string, string>>): KubeObject['metadata'] {
  const own = Object.entries(object.metadata?.annotations ?? {});
  if (Object.keys(carried).length === 0 && !own.some(([key]) => CARRIED.includes(key))) return object.metadata;
  const annotations = { ...Object.fromEntries(own.filter(([key]) => !CARRIED.includes(key))), ...carried };
  const metadata = copyMetadata(object.metadata);
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
  else delete metadata.annotations;
  return metadata;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

interface Target {
  readonly type?: string | undefined;
  readonly averageUtilization?: number | undefined;
  readonly averageValue?: string | number | undefined;
  readonly value?: string | number | undefined;
}

/** The source of a metric: what stands under `resource`, `pods`, `object`, … */
type Source = Readonly<Record<string, unknown>> & {
  readonly target?: Target;
  readonly current?: Target;
  readonly metric?: { readonly name?: string; readonly selector?: unknown };
  readonly describedObject?: unknown;
};

const SOURCES = new Map([
  ['Resource', 'resource'],
  ['ContainerResource', 'containerResource'],
  ['Pods', 'pods'],
  ['Object', 'object'],
  ['External', 'external'],
]);

/** Amounts of version 1, by what is measured. */
function oldAmounts(
  type: string,
  { averageUtilization, averageValue, value }: Target,
  prefix: 'target' | 'current',
): Json {
  const name = (word: string): string => `${prefix}${word}`;
  if (type === 'Resource' || type === 'ContainerResource') {
    return given({ [name('AverageUtilization')]: averageUtilization, [name('AverageValue')]: averageValue });
  }
  if (type === 'Pods') return given({ [name('AverageValue')]: averageValue });
  const average = type === 'External' ? name('AverageValue') : 'averageValue';
  return given({ [name('Value')]: value, [average]: averageValue });
}

function newAmounts(type: string, source: Json, prefix: 'target' | 'current'): Target {
  const isExternal = type !== 'Object';
  return given({
    averageUtilization: source[`${prefix}AverageUtilization`],
    averageValue: source[isExternal ? `${prefix}AverageValue` : 'averageValue'],
    value: source[`${prefix}Value`],
  });
}

function oldShape(metric: object, prefix: 'target' | 'current'): Json {
  const { type = '' } = metric as { readonly type?: string };
  const field = SOURCES.get(type);
  if (field === undefined) return { type };
  const source = ((metric as Json)[field] ?? {}) as Source;
  const { target = {}, current = {}, metric: identifier, describedObject, ...rest } = source;
  const amounts = oldAmounts(type, prefix === 'target' ? target : current, prefix);
  const { name, selector } = identifier ?? {};
  const named =
    identifier === undefined
      ? {}
      : given(type === 'External' ? { metricName: name, metricSelector: selector } : { metricName: name, selector });
  const described = type === 'Object' ? given({ target: describedObject }) : {};
  return { type, [field]: { ...described, ...rest, ...named, ...amounts } };
}

function newShape(metric: Json, prefix: 'target' | 'current'): Json {
  const { type = '' } = metric as { readonly type?: string };
  const field = SOURCES.get(type);
  if (field === undefined) return metric;
  const source = isObject(metric[field]) ? metric[field] : {};
  const amounts = newAmounts(type, source, prefix);
  const kind =
    amounts.averageUtilization !== undefined
      ? 'Utilization'
      : amounts.averageValue !== undefined
        ? 'AverageValue'
        : 'Value';
  const isNamed = type !== 'Resource' && type !== 'ContainerResource';
  const selector = source[type === 'External' ? 'metricSelector' : 'selector'];
  return {
    type,
    [field]: {
      ...given({ name: source['name'], container: source['container'] }),
      ...(isNamed ? { metric: given({ name: source['metricName'], selector }) } : {}),
      ...(type === 'Object' ? given({ describedObject: source['target'] }) : {}),
      [prefix]: prefix === 'target' ? { type: kind, ...amounts } : amounts,
    },
  };
}

const oldMetric = (metric: object): Json => oldShape(metric, 'target');
const oldStatus = (metric: object): Json => oldShape(metric, 'current');
const newMetric = (metric: Json): Json => newShape(metric, 'target');
const newStatus = (metric: Json): Json => newShape(metric, 'current');

function given(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
