import { sortedKeys } from '../../../base/json.ts';
import type {
  Container,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  Service,
} from '../../../kube/api/core-v1.generated.ts';
import { groupResource, type KubeObject } from '../../../kube/object.ts';
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  subtractQuantities,
} from '../../../kube/quantity.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import { podInScope } from '../../machinery/quota-scopes.ts';
import { type CountedObjects, quotaUsage } from '../../machinery/quota-usage.ts';
import { forbidden } from '../../registry/status.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

/** Resources that each container must name when a quota limits them. */
const REQUIRED = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory'];

/** Kinds whose usage can grow by an update. */
const GROWING = new Set(['services', 'persistentvolumeclaims']);

type Usage = ReadonlyMap<string, Quantity>;

/**
 * Refuses what would use more than a namespace's quotas allow. It runs last.
 * apiserver: pkg/admission/plugin/resourcequota; kubernetes: pkg/quota/v1/evaluator/core
 */
export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  resources: undefined,
  validate(request) {
    const { operation, type, draft, subresource } = request;
    if (!type.namespaced || draft === undefined) return;
    const isResize = groupResource(type) === 'pods' && subresource === 'resize';
    if (subresource !== '' && !isResize) return;
    if (operation !== 'CREATE' && !isResize && !GROWING.has(groupResource(type))) return;
    const quotas = request.list(RESOURCES.resourceQuotas, request.namespace) as readonly (KubeObject & ResourceQuota)[];
    for (const quota of quotas) checkQuota(request, quota);
  },
};

function checkQuota(request: AdmissionRequest, quota: KubeObject & ResourceQuota): void {
  const { draft, old, type } = request;
  const hard: Usage = new Map(
    Object.entries(quota.spec?.hard ?? {}).map(([name, amount]) => [name, parseQuantity(amount)]),
  );
  const { name = '' } = quota.metadata;
  if (type.group === '' && type.resource === 'pods') {
    const fault = missingResources(quota, draft as unknown as Pod);
    if (fault !== '') throw forbidden(type, request.name, `failed quota: ${name}: ${fault}`);
  }
  const requested = difference(usageOf(request, quota, draft), usageOf(request, quota, old));
  if (requested.size === 0) return;
  const used = usage(quota, existing(request), request.now);
  const exceeded = sortedKeys(Object.fromEntries(requested)).filter((resource) => {
    const [more, limit] = [requested.get(resource), hard.get(resource)];
    const now = used.get(resource);
    if (more === undefined || limit === undefined) return false;
    return compareQuantities(now === undefined ? more : addQuantities(now, more), limit) > 0;
  });
  if (exceeded.length === 0) return;
  const show = (amounts: Usage): string =>
    exceeded.map((resource) => `${resource}=${amounts.get(resource)?.text ?? '0'}`).join(',');
  const text = `exceeded quota: ${name}, requested: ${show(requested)}, used: ${show(used)}, limited: ${show(hard)}`;
  throw forbidden(type, request.name, text);
}

/** What a pod's containers must name because the quota limits it, as a message; '' when nothing is missing. */
function missingResources(quota: ResourceQuota, pod: Pod): string {
  if (!podInScope(quota, pod) || pod.spec?.resources !== undefined) return '';
  const hard = quota.spec?.hard ?? {};
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const faults: string[] = [];
  for (const resource of REQUIRED) {
    if (!Object.hasOwn(hard, resource)) continue;
    const names = containers.filter((container) => !isNamed(container, resource)).map((container) => container.name);
    if (names.length > 0) faults.push(`${resource} for: ${[...new Set(names)].sort().join(',')}`);
  }
  return faults.length === 0 ? '' : `must specify ${faults.join('; ')}`;
}

function isNamed({ resources }: Container, resource: string): boolean {
  const isLimit = resource.startsWith('limits.');
  const list = isLimit ? resources?.limits : resources?.requests;
  return list !== undefined && Object.hasOwn(list, resource.replace(/^(limits|requests)\./, ''));
}

function usage(quota: ResourceQuota, objects: CountedObjects, now: number): Usage {
  return new Map(
    Object.entries(quotaUsage(quota, objects, now)).map(([resource, amount]) => [resource, parseQuantity(amount)]),
  );
}

/** What one object of the request uses. */
function usageOf({ type, now }: AdmissionRequest, quota: ResourceQuota, object: unknown): Usage {
  if (object === undefined) return new Map();
  const own = groupResource(type);
  const only = (resource: string): readonly unknown[] => (own === resource ? [object] : []);
  return usage(
    quota,
    {
      pods: () => only('pods') as readonly Pod[],
      services: () => only('services') as readonly Service[],
      claims: () => only('persistentvolumeclaims') as readonly PersistentVolumeClaim[],
      count: (resource) => (resource === own ? 1 : 0),
    },
    now,
  );
}

function existing({ list, namespace }: AdmissionRequest): CountedObjects {
  const all = (type: { readonly group: string; readonly resource: string }): readonly unknown[] =>
    list(type, namespace);
  return {
    pods: () => all(RESOURCES.pods) as readonly Pod[],
    services: () => all(RESOURCES.services) as readonly Service[],
    claims: () => all(RESOURCES.persistentVolumeClaims) as readonly PersistentVolumeClaim[],
    count: (name) => {
      const dot = name.indexOf('.');
      const type =
        dot === -1 ? { resource: name, group: '' } : { resource: name.slice(0, dot), group: name.slice(dot + 1) };
      return list(type, namespace).length;
    },
  };
}

/** What is more in `after`; no zeros. */
function difference(after: Usage, before: Usage): Usage {
  const more = new Map<string, Quantity>();
  for (const [resource, amount] of after) {
    const known = before.get(resource);
    const rest = known === undefined ? amount : subtractQuantities(amount, known);
    if (rest.nano > 0n) more.set(resource, rest);
  }
  return more;
}
