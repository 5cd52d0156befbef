import { isObject } from '../../../base/json.ts';
import { apiVersionOf, type KubeList, type KubeObject } from '../../../kube/object.ts';
import { StatusError } from '../../../kube/status-error.ts';
import { Faults } from '../../registry/faults.ts';
import { badRequest, expired, invalid, timeout } from '../../registry/status.ts';
import { CompactedError, type Store, type StoreEntry } from '../../store/store.ts';
import type { ListRequestOptions } from '../request.ts';
import type { Served } from '../served-resources.ts';
import { type Core, objectsOf } from './core.ts';
import { type Selection, selectionOf } from './selection.ts';

const TOKEN_VERSION = 'meta.k8s.io/v1';
const MATCHES = ['Exact', 'NotOlderThan'];

/** Where a list goes on. `rv` -1: in the newest state, at the price of consistency. */
interface ContinueToken {
  readonly v: string;
  readonly rv: number;
  /** The key behind which the next part begins. */
  readonly start: string;
}

/**
 * The objects of a resource, or a part of them, all of one revision. apiserver: pkg/storage/etcd3/store.go (GetList)
 *
 * @param namespace undefined: all
 * @throws StatusError 400, 410, 504
 */
export function listObjects(
  core: Core,
  served: Served,
  namespace: string | undefined,
  options: ListRequestOptions,
): KubeList {
  const { store } = core;
  const selection = selectionOf(served, options);
  const token = options.continue === undefined || options.continue === '' ? undefined : parseToken(options);
  const revision = revisionOf(store, options, token);
  const entries = entriesAt(store, served, { namespace, revision, selection, token });
  const limit = options.limit ?? 0;
  const head = { apiVersion: apiVersionOf(served.type), kind: `${served.type.kind}List` };
  const resourceVersion = String(revision ?? store.revision);
  if (limit <= 0 && token === undefined) {
    const objects = objectsOf(entries);
    const items = selection.everything ? objects : objects.filter((object) => selection.matches(object));
    return { ...head, metadata: { resourceVersion }, items: converted(core, served, items) };
  }
  const from = token === undefined ? 0 : firstAfter(entries, token.start);
  const part = takePart(entries, from, limit, selection);
  const items = converted(core, served, part.items);
  if (part.last === undefined) return { ...head, metadata: { resourceVersion }, items };
  const next = encodeToken({ v: TOKEN_VERSION, rv: revision ?? store.revision, start: `${part.last}\0` });
  const remaining = selection.everything ? { remainingItemCount: entries.length - part.end } : {};
  return { ...head, metadata: { resourceVersion, continue: next, ...remaining }, items };
}

function converted({ outside }: Core, { convert }: Served, items: readonly KubeObject[]): readonly KubeObject[] {
  return convert === undefined ? items : convert(items, outside);
}

interface Part {
  readonly items: readonly KubeObject[];
  /** Key of the last item, if there is more. */
  readonly last: string | undefined;
  readonly end: number;
}

function takePart(entries: readonly StoreEntry[], from: number, limit: number, selection: Selection): Part {
  const items: KubeObject[] = [];
  let last: string | undefined;
  for (let i = from; i < entries.length; i += 1) {
    const entry = entries[i];
    if (entry === undefined || !selection.matches(entry.value)) continue;
    if (limit > 0 && items.length === limit) return { items, last, end: i };
    items.push(entry.value);
    last = keyOf(entry);
  }
  return { items, last: undefined, end: entries.length };
}

/** The revision that is asked for; undefined: the newest. */
function revisionOf(store: Store, options: ListRequestOptions, token: ContinueToken | undefined): number | undefined {
  if (token !== undefined) return token.rv < 0 ? undefined : token.rv;
  const { resourceVersion = '' } = options;
  checkMatch(options);
  if (resourceVersion === '' || resourceVersion === '0') return undefined;
  const revision = parseRevision(resourceVersion);
  requireReached(store, revision);
  return options.resourceVersionMatch === 'Exact' ? revision : undefined;
}

/** apimachinery: pkg/apis/meta/internalversion/validation */
function checkMatch({ resourceVersion = '', resourceVersionMatch: match = '' }: ListRequestOptions): void {
  if (match === '') return;
  const faults = new Faults();
  const field = 'resourceVersionMatch';
  if (resourceVersion === '')
    faults.forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (!MATCHES.includes(match)) faults.notSupported(field, match, MATCHES);
  else if (match === 'Exact' && resourceVersion === '0') {
    faults.forbidden(field, 'resourceVersionMatch "Exact" is forbidden for resourceVersion "0"');
  }
  if (faults.count > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', faults.list);
}

/** @throws StatusError 400 */
export function parseRevision(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(
    `invalid resource version ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

/** @throws StatusError 504 for a revision of the future */
export function requireReached(store: Store, revision: number): void {
  if (revision <= store.revision) return;
  const message = `Too large resource version: ${revision}, current: ${store.revision}`;
  throw timeout(message, 1, [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]);
}

interface Range {
  readonly namespace: string | undefined;
  readonly revision: number | undefined;
  readonly selection: Selection;
  readonly token: ContinueToken | undefined;
}

function entriesAt(store: Store, { bucket }: Served, range: Range): readonly StoreEntry[] {
  const { namespace, revision, selection, token } = range;
  if (revision === undefined && selection.name !== undefined && namespace !== undefined) {
    const entry = store.get(bucket, namespace, selection.name);
    return entry === undefined ? [] : [entry];
  }
  try {
    return store.list(bucket, namespace, revision === store.revision ? undefined : revision);
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    throw token === undefined ? tooOld(error) : tokenTooOld(token);
  }
}

/** 410: the history of that revision is gone. */
export function tooOld({ asked, compacted }: CompactedError): StatusError {
  return expired(`too old resource version: ${asked} (${compacted})`);
}

/** 410 with a token that goes on in the newest state. */
function tokenTooOld(token: ContinueToken): StatusError {
  const { status } = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  return new StatusError({ ...status, metadata: { continue: encodeToken({ ...token, rv: -1 }) } });
}

function parseToken({ continue: text = '', resourceVersion = '' }: ListRequestOptions): ContinueToken {
  if (resourceVersion !== '' && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const token = decodeToken(text);
  if (token !== undefined) return token;
  throw badRequest('continue key is not valid');
}

function decodeToken(text: string): ContinueToken | undefined {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (!isObject(token) || token['v'] !== TOKEN_VERSION) return undefined;
    const { rv, start } = token;
    return typeof rv === 'number' && typeof start === 'string' ? { v: TOKEN_VERSION, rv, start } : undefined;
  } catch {
    return undefined;
  }
}

function encodeToken(token: ContinueToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function keyOf({ namespace, name }: StoreEntry): string {
  return `${namespace}/${name}`;
}

/** Index of the first entry whose key is not below `start`; entries are in the order of namespaces, then names. */
function firstAfter(entries: readonly StoreEntry[], start: string): number {
  const [namespace = '', name = ''] = start.split(/\/(.*)/s);
  const last = name.endsWith('\0') ? name.slice(0, -1) : name;
  const index = entries.findIndex(
    (entry) => entry.namespace > namespace || (entry.namespace === namespace && entry.name > last),
  );
  return index === -1 ? entries.length : index;
}
