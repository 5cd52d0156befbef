import { isObject } from '../../../base/json.ts';
import { DecodeError, decodeObject } from '../../../kube/decode.ts';
import { apiVersionOf } from '../../../kube/object.ts';
import { badRequest, invalid } from '../../registry/status.ts';
import type { Draft } from '../../registry/strategy.ts';
import type { Served } from '../served-resources.ts';
import type { Operation } from './core.ts';

/**
 * Reads the body of a create or update into a private copy. apiserver: pkg/endpoints/handlers/create.go
 *
 * @throws StatusError 400
 */
export function decodeBody(operation: Operation, body: unknown): Draft {
  const { served } = operation;
  const typed = withType(served, body);
  try {
    const { object, warnings } = decode(served, typed, operation.fieldValidation);
    for (const warning of warnings) operation.warn(warning);
    return object;
  } catch (error) {
    if (error instanceof DecodeError) throw error.toStatusError(served.type);
    throw error;
  }
}

/**
 * Reads what a patch has made of an object into a private copy.
 *
 * @throws StatusError 422
 */
export function decodePatched(operation: Operation, patched: unknown): Draft {
  try {
    const { object, warnings } = decode(operation.served, patched, operation.fieldValidation);
    for (const warning of warnings) operation.warn(warning);
    return object;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw invalid({ group: '', kind: '' }, '', [
      { type: 'FieldValueInvalid', field: 'patch', badValue: JSON.stringify(patched), detail: error.message },
    ]);
  }
}

interface DecodedDraft {
  readonly object: Draft;
  readonly warnings: readonly string[];
}

function decode(served: Served, json: unknown, validation: Operation['fieldValidation']): DecodedDraft {
  const { object, warnings } = decodeObject(served.type, json, validation);
  // The decoder builds a new object, so it may be changed.
  const draft = object as Draft;
  draft.metadata ??= {};
  if (served.prune === undefined) return { object: draft, warnings };
  const dropped = served.prune(draft).map((field) => `unknown field ${JSON.stringify(field)}`);
  if (validation === 'Strict' && dropped.length > 0) {
    throw new DecodeError(`strict decoding error: ${dropped.join(', ')}`);
  }
  return { object: draft, warnings: validation === 'Warn' ? [...warnings, ...dropped] : warnings };
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
