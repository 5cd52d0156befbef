import type { ResourceQuota, ResourceQuotaSpec } from '../../../kube/api/core-v1.generated.ts';
import { checkResourceName, checkResourceQuantity, isQuotaResource, roundResources } from '../checks/resources.ts';
import { IMMUTABLE } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose, ResourceList } from '../wire.ts';

const EXISTS_SCOPES = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'CrossNamespacePodAffinity'];
const SCOPES: ReadonlySet<string> = new Set([...EXISTS_SCOPES, 'PriorityClass', 'VolumeAttributesClass']);

const POD_COMPUTE: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'limits.cpu',
  'limits.memory',
  'requests.cpu',
  'requests.memory',
]);

/** kubernetes: pkg/registry/core/resourcequota/strategy.go */
export function resourceQuotaStrategy(): Strategy {
  return defineStrategy<ResourceQuota>({
    type: resourceType('v1', 'ResourceQuota', 'resourcequotas', { shortNames: ['quota'], subresources: ['status'] }),
    defaults: ({ spec, status }) => {
      roundResources(spec?.hard);
      roundResources(status?.hard);
      roundResources(status?.used);
    },
    validate: ({ spec = {} }, faults) => checkSpec(spec, faults),
    validateUpdate: ({ spec = {} }, old, faults) => {
      const scopes = new Set(spec.scopes);
      const before = new Set(old.spec?.scopes);
      if (scopes.size !== before.size || [...scopes].some((scope) => !before.has(scope))) {
        faults.invalid('spec.scopes', spec.scopes ?? [], IMMUTABLE);
      }
    },
    validateStatus: ({ status = {} }, _old, faults) => {
      checkList(status.hard, 'status.hard', faults);
      checkList(status.used, 'status.used', faults);
    },
  });
}

function checkList(list: ResourceList | undefined, path: string, faults: Faults): void {
  for (const [name, value] of Object.entries(list ?? {})) {
    const at = `${path}[${name}]`;
    checkResourceName(name, at, faults);
    if (!name.includes('/') && !isQuotaResource(name)) {
      faults.invalid(at, name, 'must be a standard resource for quota');
    }
    checkResourceQuantity(name, value, at, faults);
  }
}

function checkSpec(spec: Loose<ResourceQuotaSpec>, faults: Faults): void {
  checkList(spec.hard, 'spec.hard', faults);
  const names = Object.keys(spec.hard ?? {})
    .filter(isQuotaResource)
    .sort();
  const scopes = spec.scopes ?? [];
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) faults.invalid('spec.scopes', scopes, 'unsupported scope');
    for (const name of names) {
      if (!isScopeValidFor(scope, name)) {
        faults.invalid('spec.scopes', scopes, 'unsupported scope applied to resource');
      }
    }
  }
  checkConflicts(scopes, scopes, faults);
  const expressions = spec.scopeSelector?.matchExpressions;
  if (expressions === undefined) return;
  const at = 'spec.scopeSelector.matchExpressions';
  for (const { scopeName = '', operator = '', values = [] } of expressions) {
    if (!SCOPES.has(scopeName)) faults.invalid(`${at}.scopeName`, scopeName, 'unsupported scope');
    for (const name of names) {
      if (!isScopeValidFor(scopeName, name)) {
        faults.invalid(at, spec.scopeSelector, 'unsupported scope applied to resource');
      }
    }
    if (EXISTS_SCOPES.includes(scopeName) && operator !== 'Exists') {
      const text =
        "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
      faults.invalid(`${at}.operator`, operator, text);
    }
    checkOperator(operator, values, at, faults);
  }
  checkConflicts(
    expressions.map((one) => one.scopeName ?? ''),
    scopes,
    faults,
  );
}

function checkOperator(operator: string, values: readonly string[], path: string, faults: Faults): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      const text = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      faults.required(`${path}.values`, text);
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      const text = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
      faults.invalid(`${path}.values`, values, text);
    }
  } else faults.invalid(`${path}.operator`, operator, 'not a valid selector operator');
}

function checkConflicts(scopes: readonly string[], shown: readonly string[], faults: Faults): void {
  for (const pair of [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ]) {
    if (pair.every((scope) => scopes.includes(scope))) faults.invalid('spec.scopes', shown, 'conflicting scopes');
  }
}

/** kubernetes: IsResourceQuotaScopeValidForResource */
function isScopeValidFor(scope: string, resource: string): boolean {
  if (scope === 'BestEffort') return resource === 'pods';
  if (scope === 'VolumeAttributesClass')
    return resource === 'persistentvolumeclaims' || resource === 'requests.storage';
  return resource === 'pods' || POD_COMPUTE.has(resource) || resource.includes('ephemeral-storage');
}
