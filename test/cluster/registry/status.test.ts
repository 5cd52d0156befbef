import { describe, expect, test } from 'vitest';
import { Verbatim, type FieldError } from '../../../src/cluster/registry/field-error.ts';
import {
  alreadyExists,
  badRequest,
  conflict,
  expired,
  forbidden,
  formatFieldError,
  generateNameConflict,
  gone,
  internalError,
  invalid,
  methodNotSupported,
  notFound,
  serverTimeout,
  tooManyRequests,
  unauthorized,
  unknownPath,
} from '../../../src/cluster/registry/status.ts';

const DEPLOYMENTS = { group: 'apps', resource: 'deployments' };
const DEPLOYMENT = { group: 'apps', kind: 'Deployment' };
const PODS = { group: '', resource: 'pods' };

describe('statuses', () => {
  test('have the whole form of Kubernetes', () => {
    expect(notFound(DEPLOYMENTS, 'web').status).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'deployments.apps "web" not found',
      reason: 'NotFound',
      details: { name: 'web', group: 'apps', kind: 'deployments' },
      code: 404,
    });
  });

  test.each([
    [notFound(PODS, 'web'), 404, 'NotFound', 'pods "web" not found'],
    [unknownPath(), 404, 'NotFound', 'the server could not find the requested resource'],
    [alreadyExists(DEPLOYMENTS, 'web'), 409, 'AlreadyExists', 'deployments.apps "web" already exists'],
    [
      generateNameConflict(PODS, 'web-abcde', 1),
      409,
      'AlreadyExists',
      'pods "web-abcde" already exists, the server was not able to generate a unique name for the object',
    ],
    [
      conflict(PODS, 'web'),
      409,
      'Conflict',
      'Operation cannot be fulfilled on pods "web": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [forbidden(PODS, 'web', 'no'), 403, 'Forbidden', 'pods "web" is forbidden: no'],
    [forbidden(PODS, '', 'no'), 403, 'Forbidden', 'pods is forbidden: no'],
    [forbidden(undefined, '', 'no'), 403, 'Forbidden', 'forbidden: no'],
    [badRequest('nonsense'), 400, 'BadRequest', 'nonsense'],
    [expired('too old resource version: 1 (2)'), 410, 'Expired', 'too old resource version: 1 (2)'],
    [gone('gone'), 410, 'Gone', 'gone'],
    [methodNotSupported(PODS, 'patch'), 405, 'MethodNotAllowed', 'patch is not supported on resources of kind "pods"'],
    [tooManyRequests('slow down', 3), 429, 'TooManyRequests', 'slow down'],
    [
      serverTimeout(PODS, 'list'),
      500,
      'ServerTimeout',
      'The list operation against pods could not be completed at this time, please try again.',
    ],
    [internalError('boom'), 500, 'InternalError', 'Internal error occurred: boom'],
    [unauthorized(), 401, 'Unauthorized', 'not authorized'],
  ] as const)('%s', (error, code, reason, message) => {
    expect(error.status).toMatchObject({ code, reason, message });
  });
});

describe('invalid objects', () => {
  const required: FieldError = { type: 'FieldValueRequired', field: 'spec.selector', detail: '' };
  const negative: FieldError = {
    type: 'FieldValueInvalid',
    field: 'spec.replicas',
    badValue: -1,
    detail: 'must be greater than or equal to 0',
  };

  test('tell one fault', () => {
    expect(invalid(DEPLOYMENT, 'web', [required]).status).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: 'Deployment.apps "web" is invalid: spec.selector: Required value',
      details: {
        name: 'web',
        group: 'apps',
        kind: 'Deployment',
        causes: [{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.selector' }],
      },
    });
  });

  test('tell several, each text once, each cause', () => {
    const { status } = invalid(DEPLOYMENT, 'web', [required, negative, required]);
    expect(status.message).toBe(
      'Deployment.apps "web" is invalid: [spec.selector: Required value, spec.replicas: Invalid value: -1: must be greater than or equal to 0]',
    );
    expect(status.details?.causes).toHaveLength(3);
  });

  test('of the core group have no group', () => {
    const { status } = invalid({ group: '', kind: 'Pod' }, 'web', [required]);
    expect(status.message).toBe('Pod "web" is invalid: spec.selector: Required value');
    expect(status.details).not.toHaveProperty('group');
  });
});

describe('faults', () => {
  const of = (type: FieldError['type'], badValue?: unknown, detail = 'why'): FieldError => ({
    type,
    field: 'spec.x',
    detail,
    ...(badValue === undefined ? {} : { badValue }),
  });

  test.each([
    [of('FieldValueRequired', undefined, ''), 'spec.x: Required value'],
    [of('FieldValueRequired'), 'spec.x: Required value: why'],
    [of('FieldValueForbidden'), 'spec.x: Forbidden: why'],
    [of('FieldValueInvalid', 'a"b'), String.raw`spec.x: Invalid value: "a\"b": why`],
    [of('FieldValueInvalid', ''), 'spec.x: Invalid value: "": why'],
    [of('FieldValueInvalid', 'a\nb'), String.raw`spec.x: Invalid value: "a\nb": why`],
    [of('FieldValueInvalid', 5), 'spec.x: Invalid value: 5: why'],
    [of('FieldValueInvalid', false), 'spec.x: Invalid value: false: why'],
    [of('FieldValueInvalid', null), 'spec.x: Invalid value: null: why'],
    [of('FieldValueInvalid', { b: '<', a: [1] }), String.raw`spec.x: Invalid value: {"a":[1],"b":"\u003c"}: why`],
    [of('FieldValueInvalid', new Verbatim('{"B":1,"A":2}')), 'spec.x: Invalid value: {"B":1,"A":2}: why'],
    [
      of('FieldValueNotSupported', 'x', 'supported values: "A", "B"'),
      'spec.x: Unsupported value: "x": supported values: "A", "B"',
    ],
    [of('FieldValueDuplicate', 'x', ''), 'spec.x: Duplicate value: "x"'],
    [of('FieldValueNotFound', 'x', ''), 'spec.x: Not found: "x"'],
    [
      of('FieldValueTooLong', undefined, 'may not be more than 5 bytes'),
      'spec.x: Too long: may not be more than 5 bytes',
    ],
    [of('FieldValueTooMany', 9, 'must have at most 8 items'), 'spec.x: Too many: 9: must have at most 8 items'],
  ])('%o', (error, text) => {
    expect(formatFieldError(error)).toBe(text);
  });
});
