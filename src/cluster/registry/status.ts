import { isObject, sortedKeys } from '../../base/json.ts';
import { groupResource } from '../../kube/object.ts';
import { StatusError, type Status, type StatusCause } from '../../kube/status-error.ts';
import { escapeJsonText } from '../../yaml/json-string.ts';
import { Verbatim, type FieldError, type FieldErrorType } from './field-error.ts';

/** A resource as messages name it: `deployments.apps`. */
export interface NamedResource {
  readonly group: string;
  readonly resource: string;
}

/** A kind as messages name it: `Deployment.apps`. */
export interface NamedKind {
  readonly group: string;
  readonly kind: string;
}

type Details = NonNullable<Status['details']>;

// Texts, reasons and codes of apimachinery: pkg/api/errors/errors.go.

function failure(code: number, reason: string, message: string, details?: Details): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  });
}

/** What Go's omitempty leaves of details. */
function detailsOf({ resource, group }: NamedResource, name: string, more: Details = {}): Details {
  return {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(resource === '' ? {} : { kind: resource }),
    ...more,
  };
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** 404: the object is not there. */
export function notFound(resource: NamedResource, name: string): StatusError {
  const message = `${groupResource(resource)} ${quote(name)} not found`;
  return failure(404, 'NotFound', message, detailsOf(resource, name));
}

/** 404 for a path that no resource answers, in the words of the generic server. */
export function unknownPath(): StatusError {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {});
}

/** 409: a create of what is there. */
export function alreadyExists(resource: NamedResource, name: string): StatusError {
  const message = `${groupResource(resource)} ${quote(name)} already exists`;
  return failure(409, 'AlreadyExists', message, detailsOf(resource, name));
}

/** 409: every generated name was taken. */
export function generateNameConflict(resource: NamedResource, name: string, retryAfterSeconds: number): StatusError {
  const message = `${groupResource(resource)} ${quote(name)} already exists, the server was not able to generate a unique name for the object`;
  return failure(409, 'AlreadyExists', message, detailsOf(resource, name, { retryAfterSeconds }));
}

/** The reason of {@link conflict} when somebody wrote in between. */
export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

/** 409: the object is not in the state that the request supposes. */
export function conflict(resource: NamedResource, name: string, reason: string = MODIFIED): StatusError {
  const message = `Operation cannot be fulfilled on ${groupResource(resource)} ${quote(name)}: ${reason}`;
  return failure(409, 'Conflict', message, detailsOf(resource, name));
}

/** 422: the object breaks rules of its kind; all faults are told. */
export function invalid(kind: NamedKind, name: string, errors: readonly FieldError[]): StatusError {
  const causes = errors.map((error) => ({ reason: error.type, message: fieldErrorBody(error), field: fieldOf(error) }));
  const texts = [...new Set(errors.map(formatFieldError))];
  const subject = `${kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`} ${quote(name)} is invalid`;
  const list = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  return failure(422, 'Invalid', errors.length === 0 ? subject : `${subject}: ${list}`, {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    ...(causes.length === 0 ? {} : { causes }),
  });
}

/** 403: refused by authorization or admission. Without a resource (undefined) the text names none. */
export function forbidden(
  resource: NamedResource | undefined,
  name: string,
  reason: string,
  causes?: readonly StatusCause[],
): StatusError {
  const more = causes === undefined ? {} : { causes };
  if (resource === undefined) return failure(403, 'Forbidden', `forbidden: ${reason}`, { ...more });
  const subject = name === '' ? groupResource(resource) : `${groupResource(resource)} ${quote(name)}`;
  return failure(403, 'Forbidden', `${subject} is forbidden: ${reason}`, detailsOf(resource, name, more));
}

/** 401: nobody known asked. */
export function unauthorized(reason = ''): StatusError {
  return failure(401, 'Unauthorized', reason === '' ? 'not authorized' : reason);
}

/** 400: the request itself is wrong. */
export function badRequest(reason: string): StatusError {
  return failure(400, 'BadRequest', reason);
}

/** 410 with reason Expired: the asked resourceVersion or continue token is too old. */
export function expired(message: string): StatusError {
  return failure(410, 'Expired', message);
}

/** 410 with reason Gone. */
export function gone(message: string): StatusError {
  return failure(410, 'Gone', message);
}

/** 405: the resource has no such verb. */
export function methodNotSupported(resource: NamedResource, action: string): StatusError {
  const message = `${action} is not supported on resources of kind ${quote(groupResource(resource))}`;
  return failure(405, 'MethodNotAllowed', message, detailsOf(resource, ''));
}

/** 406: no media type that the client takes. */
export function notAcceptable(message: string): StatusError {
  return failure(406, 'NotAcceptable', message);
}

/** 415: a body in no known media type. */
export function unsupportedMediaType(message: string): StatusError {
  return failure(415, 'UnsupportedMediaType', message);
}

/** 413: the body is too large. */
export function requestEntityTooLarge(message: string): StatusError {
  return failure(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);
}

/** 429: come again later; with causes for evictions (`DisruptionBudget`). */
export function tooManyRequests(
  message: string,
  retryAfterSeconds = 0,
  causes: readonly StatusCause[] = [],
): StatusError {
  return failure(429, 'TooManyRequests', message, {
    ...(causes.length === 0 ? {} : { causes }),
    ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
  });
}

/** 500 with reason ServerTimeout: a passing trouble. */
export function serverTimeout(resource: NamedResource, operation: string, retryAfterSeconds = 0): StatusError {
  const message = `The ${operation} operation against ${groupResource(resource)} could not be completed at this time, please try again.`;
  return failure(
    500,
    'ServerTimeout',
    message,
    detailsOf(resource, operation, retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
  );
}

/** 504: the request ran out of time; causes such as `ResourceVersionTooLarge`. */
export function timeout(message: string, retryAfterSeconds = 0, causes: readonly StatusCause[] = []): StatusError {
  return failure(504, 'Timeout', `Timeout: ${message}`, {
    ...(causes.length === 0 ? {} : { causes }),
    ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
  });
}

/** 507: the disk is full; what was asked for may be done later. */
export function insufficientStorage(message: string): StatusError {
  return failure(507, 'InsufficientStorage', message);
}

/** 503: nobody answers behind the server. */
export function serviceUnavailable(message: string): StatusError {
  return failure(503, 'ServiceUnavailable', message);
}

/** 500: a fault of the server. */
export function internalError(message: string): StatusError {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

const TITLES: Readonly<Record<FieldErrorType, string>> = {
  FieldValueRequired: 'Required value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueNotFound: 'Not found',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
};

const WITHOUT_VALUE: ReadonlySet<FieldErrorType> = new Set([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'InternalError',
]);

/** A fault with its field: `spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
export function formatFieldError(error: FieldError): string {
  return `${fieldOf(error)}: ${fieldErrorBody(error)}`;
}

/** A path that is not there prints as Go's nil. */
function fieldOf(error: FieldError): string {
  return error.field === '' ? '<nil>' : error.field;
}

/** A fault without its field, as causes have it. */
export function fieldErrorBody({ type, badValue, detail }: FieldError): string {
  const title = TITLES[type];
  const head = WITHOUT_VALUE.has(type) || badValue === undefined ? title : `${title}: ${formatBadValue(badValue)}`;
  return detail === '' ? head : `${head}: ${detail}`;
}

function formatBadValue(value: unknown): string {
  if (value instanceof Verbatim) return value.text;
  switch (typeof value) {
    case 'string':
      return quoteGo(value);
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      return goJson(value);
  }
}

/** Go's %q: as JSON, but for control characters. */
function quoteGo(text: string): string {
  return JSON.stringify(text).replaceAll(/\\\\|\\u00([01][0-9a-f])|\u007f/g, (whole: string, code?: string) => {
    if (whole === '\\\\') return whole;
    return code === undefined ? '\\x7f' : (GO_ESCAPES[code] ?? `\\x${code}`);
  });
}

const GO_ESCAPES: Readonly<Record<string, string>> = { '07': '\\a', '0b': '\\v' };

/** JSON as Go writes it: map keys sorted, `<`, `>` and `&` escaped. Objects of the API are written with their fields sorted too. */
function goJson(value: unknown): string {
  return escapeJsonText(JSON.stringify(sorted(value)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const keys = sortedKeys(value);
  // The one struct that messages often show with more than one field: Go declares matchLabels first.
  if (keys[0] === 'matchExpressions' && keys[1] === 'matchLabels') keys.reverse();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}
