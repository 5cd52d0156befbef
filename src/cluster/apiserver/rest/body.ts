import { isObject } from '../../../base/json.ts';
import { DecodeError, decodeObject } from '../../../kube/decode.ts';
import { bareMetadata, sameManagedFields, takeManagedFields } from '../../../kube/deferred-managed-fields.ts';
import { apiVersionOf, type KubeObject } from '../../../kube/object.ts';
import { badRequest, invalid } from '../../registry/status.ts';
import type { Draft } from '../../registry/strategy.ts';
import type { Served } from '../served-resources.ts';
import type { Operation } from './core.ts';

/** Kinds that are written often and in small steps. */
const SHARING: ReadonlySet<string> = new Set([
  '/pods',
  'batch/jobs',
  'apps/replicasets',
  'apps/deployments',
  '/events',
]);

/**
 * Reads the body of a create or update into a private copy. apiserver: pkg/endpoints/handlers/create.go
 *
 * @param old what the update replaces
 * @throws StatusError 400
 */
export function decodeBody(operation: Operation, body: unknown, old?: KubeObject): Draft {
  const typed = withType(operation.served, body);
  try {
    return decode(operation, typed, old);
  } catch (error) {
    if (error instanceof DecodeError) throw error.toStatusError(operation.served.type);
    throw error;
  }
}

/**
 * Reads what a patch has made of an object into a private copy.
 *
 * @throws StatusError 422
 */
export function decodePatched(operation: Operation, patched: unknown, old?: KubeObject): Draft {
  try {
    return decode(operation, patched, old);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw invalid({ group: '', kind: '' }, '', [
      { type: 'FieldValueInvalid', field: 'patch', badValue: JSON.stringify(patched), detail: error.message },
    ]);
  }
}

function decode(operation: Operation, json: unknown, old: KubeObject | undefined): Draft {
  const { served, fieldValidation: validation } = operation;
  const keeps =
    old !== undefined &&
    isObject(json) &&
    isObject(json['metadata']) &&
    sameManagedFields(json['metadata'], old.metadata);
  const known = sharesWithOld(operation) ? old : undefined;
  const { object, warnings } = decodeObject(served.type, needed(operation, json, keeps), validation, known);
  for (const warning of warnings) operation.warn(warning);
  // The decoder builds a new object, so it may be changed.
  const draft = object as Draft;
  draft.metadata ??= {};
  if (keeps) takeManagedFields(draft.metadata, old.metadata);
  if (served.prune === undefined) return draft;
  const dropped = served.prune(draft).map((field) => `unknown field ${JSON.stringify(field)}`);
  if (validation === 'Strict' && dropped.length > 0) {
    throw new DecodeError(`strict decoding error: ${dropped.join(', ')}`);
  }
  if (validation === 'Warn') for (const warning of dropped) operation.warn(warning);
  return draft;
}

/**
 * True where a draft may hold values of the stored object, for nothing changes them in place: not in custom resources, which are
 * pruned, nor in kinds whose defaults rewrite a spec. Strict looks at every field.
 */
function sharesWithOld({ served, subresource, fieldValidation }: Operation): boolean {
  if (served.prune !== undefined || fieldValidation !== 'Ignore') return false;
  return subresource === 'status' || (subresource === '' && SHARING.has(served.bucket));
}

/**
 * What must be read of a body. A write of the status uses nothing but the status and metadata; managedFields that are the stored
 * ones need no second reading.
 */
function needed({ served, subresource, fieldValidation }: Operation, json: unknown, keepsManagers: boolean): unknown {
  if (!isObject(json)) return json;
  const statusOnly = subresource === 'status' && served.strategy.hasStatus && fieldValidation !== 'Strict';
  if (!statusOnly && !keepsManagers) return json;
  const metadata = keepsManagers ? bareMetadata(json['metadata'] as KubeObject['metadata']) : json['metadata'];
  if (!statusOnly) return { ...json, metadata };
  return { apiVersion: json['apiVersion'], kind: json['kind'], metadata, status: json['status'] };
}

/** The body with its type, which clients may leave out. */
function withType({ type }: Served, body: unknown): Record<string, unknown> {
  if (!isObject(body)) throw badRequest('the body of the request is no object');
  const expected = apiVersionOf(type);
  const { apiVersion = expected, kind = type.kind } = body;
  if (kind !== type.kind) {
    const [was, is] = [JSON.stringify(apiVersion), type.kind];
    throw badRequest(
      `${String(kind)} in version ${was} cannot be handled as a ${is}: the object provided is unrecognized (must be of type ${is})`,
    );
  }
  if (apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${expected})`,
    );
  }
  return body['apiVersion'] === undefined || body['kind'] === undefined ? { ...body, apiVersion, kind } : body;
}
