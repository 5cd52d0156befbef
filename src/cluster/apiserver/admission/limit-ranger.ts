import { isObject } from '../../../base/json.ts';
import type { LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from '../../../kube/api/core-v1.generated.ts';
import { compareQuantities, parseQuantity, type Quantity } from '../../../kube/quantity.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { podLimits, podRequests } from '../../machinery/pod-resources.ts';
import { forbidden } from '../../registry/status.ts';
import type { Edit } from '../../registry/wire.ts';
import { metaOf, setMeta } from '../rest/object-meta.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';

type Amounts = Readonly<Record<string, string | number>>;

/**
 * Gives containers the requests and limits that a namespace's LimitRanges prescribe, and holds pods and claims to their bounds.
 * kubernetes: plugin/pkg/admission/limitranger/admission.go
 */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  resources: ['/pods', '/persistentvolumeclaims'],
  admit(request) {
    if (!concerns(request) || request.type.resource !== 'pods') return;
    for (const range of rangesOf(request)) applyDefaults(request, range);
  },
  validate(request) {
    if (!concerns(request)) return;
    for (const range of rangesOf(request)) {
      const faults = (range.spec?.limits ?? []).flatMap((limit) => faultsOf(request, limit));
      if (faults.length === 0) continue;
      const [only = ''] = faults;
      throw forbidden(request.type, request.name, faults.length === 1 ? only : `[${faults.join(', ')}]`);
    }
  },
};

function concerns({ operation, subresource, type }: AdmissionRequest): boolean {
  if (subresource !== '') return false;
  return operation === 'CREATE' || (operation === 'UPDATE' && type.resource === 'persistentvolumeclaims');
}

function rangesOf(request: AdmissionRequest): readonly LimitRange[] {
  return request.list(RESOURCES.limitRanges, request.namespace);
}

function applyDefaults(request: AdmissionRequest, range: LimitRange): void {
  const requests: Record<string, string | number> = {};
  const limits: Record<string, string | number> = {};
  for (const limit of range.spec?.limits ?? []) {
    if (limit.type !== 'Container') continue;
    Object.assign(requests, limit.defaultRequest);
    Object.assign(limits, limit.default);
  }
  const { draft } = request;
  if (draft === undefined || !isObject(draft['spec'])) return;
  const spec = draft['spec'] as Edit<NonNullable<Pod['spec']>>;
  const notes: string[] = [];
  const fill = (containers: typeof spec.containers, title: string): void => {
    for (const container of containers ?? []) {
      const resources = (container.resources ??= {});
      const note = (names: readonly string[], what: string): void => {
        if (names.length > 0) notes.push(`${names.join(', ')} ${what} for ${title} ${container.name ?? ''}`);
      };
      const setLimits = missing(resources.limits, limits);
      const setRequests = missing(resources.requests, requests);
      if (setLimits.length > 0) resources.limits = { ...limits, ...resources.limits };
      if (setRequests.length > 0) resources.requests = { ...requests, ...resources.requests };
      note(setRequests, 'request');
      note(setLimits, 'limit');
    }
  };
  fill(spec.containers, 'container');
  fill(spec.initContainers, 'init container');
  if (notes.length === 0) return;
  const annotations = { ...metaOf(draft).annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}` };
  setMeta(draft, 'annotations', annotations);
}

function missing(own: object | undefined, defaults: Amounts): string[] {
  return Object.keys(defaults)
    .filter((name) => own === undefined || !Object.hasOwn(own, name))
    .sort();
}

function faultsOf({ draft, type }: AdmissionRequest, limit: LimitRangeItem): string[] {
  if (draft === undefined) return [];
  const object = draft as unknown;
  if (type.resource === 'persistentvolumeclaims') {
    if (limit.type !== 'PersistentVolumeClaim') return [];
    const requests = amounts((object as PersistentVolumeClaim).spec?.resources?.requests);
    return [...minimumFaults(limit, requests, new Map()), ...maximumRequestFaults(limit, requests)];
  }
  const pod = object as Pod;
  if (limit.type === 'Pod') return boundFaults(limit, podRequests(pod), podLimits(pod));
  if (limit.type !== 'Container') return [];
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  return containers.flatMap(({ resources }) =>
    boundFaults(limit, amounts(resources?.requests), amounts(resources?.limits)),
  );
}

type Quantities = ReadonlyMap<string, Quantity>;

function amounts(list: Amounts | undefined): Quantities {
  return new Map(Object.entries(list ?? {}).map(([name, amount]) => [name, parseQuantity(amount)]));
}

function boundFaults(limit: LimitRangeItem, requests: Quantities, limits: Quantities): string[] {
  return [
    ...minimumFaults(limit, requests, limits),
    ...maximumFaults(limit, requests, limits),
    ...ratioFaults(limit, requests, limits),
  ];
}

function bounds(list: Amounts | undefined): [string, Quantity][] {
  return [...amounts(list)].sort(([a], [b]) => (a < b ? -1 : 1));
}

function minimumFaults({ min, type }: LimitRangeItem, requests: Quantities, limits: Quantities): string[] {
  const faults: string[] = [];
  for (const [name, bound] of bounds(min)) {
    const head = `minimum ${name} usage per ${type} is ${bound.text}`;
    const [request, limit] = [requests.get(name), limits.get(name)];
    if (request === undefined) faults.push(`${head}.  No request is specified`);
    else if (compareQuantities(request, bound) < 0) faults.push(`${head}, but request is ${request.text}`);
    else if (limit !== undefined && compareQuantities(limit, bound) < 0) {
      faults.push(`${head}, but limit is ${limit.text}`);
    }
  }
  return faults;
}

function maximumFaults({ max, type }: LimitRangeItem, requests: Quantities, limits: Quantities): string[] {
  const faults: string[] = [];
  for (const [name, bound] of bounds(max)) {
    const head = `maximum ${name} usage per ${type} is ${bound.text}`;
    const [request, limit] = [requests.get(name), limits.get(name)];
    if (limit === undefined) faults.push(`${head}.  No limit is specified`);
    else if (compareQuantities(limit, bound) > 0) faults.push(`${head}, but limit is ${limit.text}`);
    else if (request !== undefined && compareQuantities(request, bound) > 0) {
      faults.push(`${head}, but request is ${request.text}`);
    }
  }
  return faults;
}

function maximumRequestFaults({ max, type }: LimitRangeItem, requests: Quantities): string[] {
  const faults: string[] = [];
  for (const [name, bound] of bounds(max)) {
    const head = `maximum ${name} usage per ${type} is ${bound.text}`;
    const request = requests.get(name);
    if (request === undefined) faults.push(`${head}.  No request is specified`);
    else if (compareQuantities(request, bound) > 0) faults.push(`${head}, but request is ${request.text}`);
  }
  return faults;
}

function ratioFaults(
  { maxLimitRequestRatio, type }: LimitRangeItem,
  requests: Quantities,
  limits: Quantities,
): string[] {
  const faults: string[] = [];
  for (const [name, bound] of bounds(maxLimitRequestRatio)) {
    const head = `${name} max limit to request ratio per ${type} is ${bound.text}`;
    const [request, limit] = [requests.get(name), limits.get(name)];
    if (request === undefined || request.nano === 0n) {
      faults.push(`${head}, but no request is specified or request is 0`);
    } else if (limit === undefined || limit.nano === 0n) {
      faults.push(`${head}, but no limit is specified or limit is 0`);
    } else {
      const ratio = Number(limit.nano) / Number(request.nano);
      if (ratio > Number(bound.nano) / 1e9) faults.push(`${head}, but provided ratio is ${ratio.toFixed(6)}`);
    }
  }
  return faults;
}
