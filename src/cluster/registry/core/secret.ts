import type { Secret } from '../../../kube/api/core-v1.generated.ts';
import { deepEqual } from '../../../kube/equality.ts';
import { isConfigMapKey } from '../../../kube/names.ts';
import { isObject } from '../../../base/json.ts';
import { checkImmutable } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Edit, Loose } from '../wire.ts';
import { IMMUTABLE_DATA } from './config-map.ts';
import { base64Size, DATA_LIMIT } from './data-size.ts';

const ACCOUNT_NAME = 'kubernetes.io/service-account.name';

/** kubernetes: pkg/registry/core/secret/strategy.go */
export function secretStrategy(): Strategy {
  return defineStrategy<Secret>({
    type: resourceType('v1', 'Secret', 'secrets'),
    defaults,
    validate,
    validateUpdate,
    selectableFields: ({ type }) => ({ type: type ?? '' }),
  });
}

function defaults(secret: Edit<Secret>): void {
  secret.type ||= 'Opaque';
  const { stringData } = secret;
  if (stringData === undefined) return;
  // Texts are for writing only: they become data.
  const data = (secret.data ??= {});
  for (const key of Object.keys(stringData)) data[key] = Buffer.from(stringData[key] ?? '', 'utf8').toString('base64');
  delete secret.stringData;
}

function validate(secret: Loose<Secret>, faults: Faults): void {
  const data = secret.data ?? {};
  let size = 0;
  for (const key of Object.keys(data)) {
    faults.invalidEach(`data[${key}]`, key, isConfigMapKey(key));
    size += base64Size(data[key]);
  }
  if (size > DATA_LIMIT) faults.tooLong('data', DATA_LIMIT);
  const has = (key: string): boolean => Object.hasOwn(data, key);
  const need = (key: string): void => {
    if (!has(key)) faults.required(`data[${key}]`);
  };
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      if ((secret.metadata?.annotations?.[ACCOUNT_NAME] ?? '') === '') {
        faults.required(`metadata.annotations[${ACCOUNT_NAME}]`);
      }
      break;
    case 'kubernetes.io/dockercfg':
      checkJson(data, '.dockercfg', faults);
      break;
    case 'kubernetes.io/dockerconfigjson':
      checkJson(data, '.dockerconfigjson', faults);
      break;
    case 'kubernetes.io/basic-auth':
      if (!has('username') && !has('password')) {
        need('username');
        need('password');
      }
      break;
    case 'kubernetes.io/ssh-auth':
      if ((data['ssh-privatekey'] ?? '') === '') faults.required('data[ssh-privatekey]');
      break;
    case 'kubernetes.io/tls':
      need('tls.crt');
      need('tls.key');
      break;
    default:
  }
}

function checkJson(data: Readonly<Record<string, string | undefined>>, key: string, faults: Faults): void {
  const value = data[key];
  if (value === undefined) {
    faults.required(`data[${key}]`);
    return;
  }
  const fault = jsonFault(Buffer.from(value, 'base64').toString('utf8'));
  if (fault !== undefined) faults.invalid(`data[${key}]`, '<secret contents redacted>', fault);
}

/** What Go's decoder says of a text that is no JSON object. */
function jsonFault(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) || value === null) return undefined;
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
  } catch {
    const trimmed = text.trimStart();
    if (trimmed === '') return 'unexpected end of JSON input';
    const [first = ''] = trimmed;
    if (!'{["-0123456789tfn'.includes(first)) {
      return `invalid character '${first}' looking for beginning of value`;
    }
    return 'unexpected end of JSON input';
  }
}

function validateUpdate(secret: Loose<Secret>, old: Loose<Secret>, faults: Faults): void {
  checkImmutable(secret.type, old.type, 'type', faults);
  if (old.immutable !== true) return;
  if (secret.immutable !== true) faults.forbidden('immutable', IMMUTABLE_DATA);
  if (!deepEqual(secret.data ?? {}, old.data ?? {})) faults.forbidden('data', IMMUTABLE_DATA);
}
