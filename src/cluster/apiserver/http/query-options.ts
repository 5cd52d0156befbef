import type { DeleteOptions, FieldValidation, PropagationPolicy } from '../../../client/kube-client.ts';
import { Faults } from '../../registry/faults.ts';
import { badRequest, invalid } from '../../registry/status.ts';
import { isTrue } from './request-info.ts';

/** What a list or watch asks for. */
export interface ListQuery {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly sendInitialEvents: boolean;
  readonly allowWatchBookmarks: boolean;
  /** Seconds. */
  readonly timeoutSeconds?: number;
}

function text(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name);
  return value === null || value === '' ? undefined : value;
}

/** @throws StatusError 400 */
export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const value = text(query, name);
  if (value === undefined) return undefined;
  if (!/^[-+]?\d+$/.test(value)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  return Number(value);
}

/** @throws StatusError 400 */
export function listQuery(query: URLSearchParams): ListQuery {
  const out: { -readonly [Key in keyof ListQuery]: ListQuery[Key] } = {
    sendInitialEvents: isTrue(query.get('sendInitialEvents')),
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
  };
  for (const name of [
    'labelSelector',
    'fieldSelector',
    'continue',
    'resourceVersion',
    'resourceVersionMatch',
  ] as const) {
    const value = text(query, name);
    if (value !== undefined) out[name] = value;
  }
  const limit = integerOf(query, 'limit');
  if (limit !== undefined) out.limit = limit;
  const timeoutSeconds = integerOf(query, 'timeoutSeconds');
  if (timeoutSeconds !== undefined) out.timeoutSeconds = timeoutSeconds;
  return out;
}

/** @throws StatusError 422 as apimachinery: pkg/apis/meta/internalversion/validation has it */
export function checkWatchQuery(query: URLSearchParams, { resourceVersionMatch: match, ...asked }: ListQuery): void {
  const faults = new Faults();
  const initial = query.has('sendInitialEvents');
  const field = 'resourceVersionMatch';
  if (initial && match !== 'NotOlderThan') {
    faults.forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (match !== undefined) {
    if (!initial) {
      faults.forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    }
    if (match !== 'NotOlderThan') faults.notSupported(field, match, ['NotOlderThan']);
    if (asked.continue !== undefined) {
      faults.forbidden(field, 'resourceVersionMatch is forbidden when continue is provided');
    }
  }
  if (faults.count > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', faults.list);
}

/** What a write asks for. */
export interface WriteQuery {
  readonly dryRun: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation: FieldValidation;
  readonly force: boolean;
}

const VALIDATIONS = new Set(['Ignore', 'Warn', 'Strict']);

/** @param userAgent names the manager when the query does not. @throws StatusError 400 */
export function writeQuery(query: URLSearchParams, userAgent: string | undefined): WriteQuery {
  const fieldValidation = text(query, 'fieldValidation') ?? 'Warn';
  if (!VALIDATIONS.has(fieldValidation)) {
    throw badRequest(
      `fieldValidation: Unsupported value: ${JSON.stringify(fieldValidation)}: supported values: "Ignore", "Strict", "Warn"`,
    );
  }
  const fieldManager = text(query, 'fieldManager') ?? managerOf(userAgent);
  if (fieldManager !== undefined && fieldManager.length > 128) {
    throw badRequest('fieldManager: Too long: may not be more than 128 bytes');
  }
  return {
    dryRun: dryRun(query.getAll('dryRun')),
    ...(fieldManager === undefined ? {} : { fieldManager }),
    fieldValidation: fieldValidation as FieldValidation,
    force: isTrue(query.get('force')),
  };
}

/** The part of a user agent before the first slash. apiserver: managedfields.PrefixFromUserAgent. */
function managerOf(userAgent: string | undefined): string | undefined {
  const prefix = (userAgent ?? '').split('/')[0]?.slice(0, 128) ?? '';
  return prefix === '' ? undefined : prefix;
}

function dryRun(values: readonly string[]): boolean {
  const given = values.filter((value) => value !== '');
  if (given.some((value) => value !== 'All')) {
    throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(given[0])}: supported values: "All"`);
  }
  return given.length > 0;
}

/** Options of a deletion, from its body or, without one, from its query. @throws StatusError 400 */
export function deleteOptions(
  query: URLSearchParams,
  body: Readonly<Record<string, unknown>> | undefined,
): DeleteOptions {
  const grace = body === undefined ? integerOf(query, 'gracePeriodSeconds') : body['gracePeriodSeconds'];
  const policy = body === undefined ? text(query, 'propagationPolicy') : body['propagationPolicy'];
  const orphan = body === undefined ? text(query, 'orphanDependents') : body['orphanDependents'];
  const preconditions = body?.['preconditions'] as DeleteOptions['preconditions'];
  const runs = Array.isArray(body?.['dryRun']) ? (body['dryRun'] as string[]) : query.getAll('dryRun');
  return {
    dryRun: dryRun(runs),
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...propagation(policy, orphan),
    ...(preconditions === undefined ? {} : { preconditions }),
  };
}

function propagation(policy: unknown, orphan: unknown): { readonly propagationPolicy?: PropagationPolicy } {
  if (policy === 'Background' || policy === 'Foreground' || policy === 'Orphan') return { propagationPolicy: policy };
  if (policy !== undefined && policy !== '') {
    throw badRequest(
      `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Background", "Foreground", "Orphan"`,
    );
  }
  if (orphan === undefined) return {};
  return { propagationPolicy: orphan === true || orphan === 'true' ? 'Orphan' : 'Background' };
}
