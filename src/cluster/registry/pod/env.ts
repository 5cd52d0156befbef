import type {
  ConfigMapKeySelector,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from '../../../kube/api/core-v1.generated.ts';
import { isConfigMapKey, isQualifiedName, isRelaxedEnvVarName, nameIsDnsSubdomain } from '../../../kube/names.ts';
import { quantityOf } from '../checks/resources.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';

const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** The fields of a pod that the downward API knows. kubernetes: pkg/apis/core/pods/helpers.go */
const DOWNWARD_FIELDS: ReadonlySet<string> = new Set([
  ...ENV_FIELDS,
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

const RESOURCE_FIELDS = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

const SIZE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** Refuses wrong environment variables. kubernetes: ValidateEnv */
export function checkEnv(variables: readonly Loose<EnvVar>[], path: string, faults: Faults): void {
  variables.forEach((variable, i) => {
    const at = `${path}[${i}]`;
    if (isBlank(variable.name)) faults.required(`${at}.name`);
    else faults.invalidEach(`${at}.name`, variable.name, isRelaxedEnvVarName(variable.name));
    if (variable.valueFrom !== undefined) {
      checkValueFrom(variable.valueFrom, !isBlank(variable.value), `${at}.valueFrom`, faults);
    }
  });
}

function checkValueFrom(source: Loose<EnvVarSource>, hasValue: boolean, path: string, faults: Faults): void {
  let count = 0;
  if (source.fieldRef !== undefined) {
    count += 1;
    checkFieldRef(source.fieldRef, ENV_FIELDS, `${path}.fieldRef`, faults);
  }
  if (source.resourceFieldRef !== undefined) {
    count += 1;
    checkResourceFieldRef(source.resourceFieldRef, `${path}.resourceFieldRef`, faults, false);
  }
  if (source.configMapKeyRef !== undefined) {
    count += 1;
    checkKeyRef(source.configMapKeyRef, `${path}.configMapKeyRef`, faults);
  }
  if (source.secretKeyRef !== undefined) {
    count += 1;
    checkKeyRef(source.secretKeyRef, `${path}.secretKeyRef`, faults);
  }
  if (source.fileKeyRef !== undefined) count += 1;
  if (count === 0) {
    const text = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';
    faults.invalid(path, '', text);
  } else if (hasValue) faults.invalid(path, '', 'may not be specified when `value` is not empty');
  else if (count > 1) faults.invalid(path, '', 'may not have more than one field specified at a time');
}

function checkKeyRef(selector: Loose<ConfigMapKeySelector>, path: string, faults: Faults): void {
  const name = selector.name ?? '';
  faults.invalidEach(`${path}.name`, name, nameIsDnsSubdomain(name));
  if (isBlank(selector.key)) faults.required(`${path}.key`);
  else faults.invalidEach(`${path}.key`, selector.key, isConfigMapKey(selector.key));
}

/** Refuses references to fields of the pod that are not among `fields`. kubernetes: validateObjectFieldSelector */
export function checkFieldRef(
  selector: Loose<ObjectFieldSelector>,
  fields: readonly string[],
  path: string,
  faults: Faults,
): void {
  if (isBlank(selector.apiVersion)) {
    faults.required(`${path}.apiVersion`);
    return;
  }
  if (isBlank(selector.fieldPath)) {
    faults.required(`${path}.fieldPath`);
    return;
  }
  const given = selector.fieldPath;
  const subscript = /^(.*)\['(.*)'\]$/.exec(given);
  const field = convertedField(subscript === null ? given : (subscript[1] ?? ''));
  if (field === undefined) {
    const text = `error converting fieldPath: field label not supported: ${given}`;
    faults.invalid(`${path}.fieldPath`, given, text);
  } else if (subscript !== null) checkSubscript(field, subscript[2] ?? '', path, faults);
  else if (!fields.includes(field)) faults.notSupported(`${path}.fieldPath`, field, fields);
}

/** `spec.host` is the old name of `spec.nodeName`. */
function convertedField(field: string): string | undefined {
  if (field === 'spec.host') return 'spec.nodeName';
  return DOWNWARD_FIELDS.has(field) ? field : undefined;
}

function checkSubscript(field: string, key: string, path: string, faults: Faults): void {
  if (field === 'metadata.annotations') {
    const lower = key.toLowerCase();
    faults.invalidEach(path, lower, isQualifiedName(lower));
  } else if (field === 'metadata.labels') faults.invalidEach(path, key, isQualifiedName(key));
  else faults.invalid(path, field, 'does not support subscript');
}

/** Refuses references to resources that no container has. kubernetes: validateContainerResourceFieldSelector */
export function checkResourceFieldRef(
  selector: Loose<ResourceFieldSelector>,
  path: string,
  faults: Faults,
  isVolume: boolean,
): void {
  const resource = selector.resource ?? '';
  const isHugePages = /^(?:requests|limits)\.hugepages-/.test(resource);
  if (isVolume && isBlank(selector.containerName)) faults.required(`${path}.containerName`);
  else if (resource === '') faults.required(`${path}.resource`);
  else if (!RESOURCE_FIELDS.includes(resource) && !isHugePages) {
    faults.notSupported(`${path}.resource`, resource, RESOURCE_FIELDS);
  }
  checkDivisor(resource, selector.divisor, path, faults);
}

function checkDivisor(resource: string, divisor: string | number | undefined, path: string, faults: Faults): void {
  const quantity = quantityOf(divisor);
  if (quantity.nano === 0n) return;
  const kind = resource.slice(resource.indexOf('.') + 1);
  if (kind === 'cpu') {
    if (quantity.text !== '1m' && quantity.text !== '1') {
      faults.invalid(`${path}.divisor`, resource, "only divisor's values 1m and 1 are supported with the cpu resource");
    }
    return;
  }
  const title = sizeTitle(kind);
  if (title !== undefined && !SIZE_DIVISORS.includes(quantity.text)) {
    const text = `only divisor's values ${SIZE_DIVISORS.join(', ')} are supported with the ${title} resource`;
    faults.invalid(`${path}.divisor`, resource, text);
  }
}

function sizeTitle(kind: string): string | undefined {
  if (kind === 'memory') return 'memory';
  if (kind === 'ephemeral-storage') return 'local ephemeral storage';
  return kind.startsWith('hugepages-') ? 'hugepages' : undefined;
}

/** Refuses wrong sources of many variables. kubernetes: ValidateEnvFrom */
export function checkEnvFrom(sources: readonly Loose<EnvFromSource>[], path: string, faults: Faults): void {
  sources.forEach((source, i) => {
    const at = `${path}[${i}]`;
    if (!isBlank(source.prefix)) {
      faults.invalidEach(`${at}.prefix`, source.prefix, isRelaxedEnvVarName(source.prefix));
    }
    if (source.configMapRef !== undefined) checkRefName(source.configMapRef.name, `${at}.configMapRef`, faults);
    if (source.secretRef !== undefined) checkRefName(source.secretRef.name, `${at}.secretRef`, faults);
    if (source.configMapRef === undefined && source.secretRef === undefined) {
      faults.invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`');
    } else if (source.configMapRef !== undefined && source.secretRef !== undefined) {
      faults.invalid(path, '', 'may not have more than one field specified at a time');
    }
  });
}

function checkRefName(name: string | undefined, path: string, faults: Faults): void {
  if (isBlank(name)) faults.required(`${path}.name`);
  else faults.invalidEach(`${path}.name`, name, nameIsDnsSubdomain(name, true));
}
