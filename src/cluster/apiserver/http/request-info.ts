import { posix } from 'node:path';

/** What a path below `/api` and `/apis` means, with the method and query that came with it. */
export interface ResourceRequestInfo {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** '' for cluster-scoped resources and lists of all namespaces. */
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  /** What follows the subresource, decoded and cleaned: `proxy/a%2Fb//c/` gives `/a/b/c/`, `proxy` gives ''. */
  readonly rest: string;
}

const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/**
 * Reads a request's path, or gives undefined when it is none of a resource (`/healthz`, `/apis/apps`).
 * apiserver: pkg/endpoints/request/requestinfo.go.
 */
export function readRequestInfo(method: string, path: string, query: URLSearchParams): ResourceRequestInfo | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const prefix = parts.shift();
  if (prefix !== 'api' && prefix !== 'apis') return undefined;
  const group = prefix === 'api' ? '' : (parts.shift() ?? '');
  const version = parts.shift();
  if (version === undefined || parts.length === 0) return undefined;
  const watching = parts[0] === 'watch';
  if (watching) parts.shift();

  const place = takePlace(parts.map(decode));
  const { resource, name, subresource, namespace } = place;
  if (resource === '') return undefined;
  return {
    verb: watching ? 'watch' : verbOf(method, name, query),
    group,
    version,
    resource,
    namespace,
    name,
    subresource,
    rest: subresource === '' ? '' : restOf(place.rest, path.endsWith('/')),
  };
}

interface Place {
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  readonly rest: readonly string[];
}

function takePlace(parts: readonly string[]): Place {
  const [first = '', second = '', third = '', ...more] = parts;
  const isNamespaced = first === 'namespaces' && third !== '' && !NAMESPACE_SUBRESOURCES.has(third);
  if (!isNamespaced) {
    const namespace = first === 'namespaces' ? second : '';
    return { namespace, resource: first, name: second, subresource: third, rest: more };
  }
  const [name = '', subresource = '', ...rest] = more;
  return { namespace: second, resource: third, name, subresource, rest };
}

/** apiserver: pkg/endpoints/handlers/rest.go (getRequestOptions); apimachinery: pkg/util/net/http.go (JoinPreservingTrailingSlash) */
function restOf(parts: readonly string[], endsInSlash: boolean): string {
  const text = parts.map((part) => `/${part}`).join('') + (endsInSlash ? '/' : '');
  return text === '' ? '' : posix.normalize(text);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    case 'GET':
    case 'HEAD':
      if (isTrue(query.get('watch'))) return 'watch';
      return name === '' ? 'list' : 'get';
    default:
      return method.toLowerCase();
  }
}

/** A flag of a query, as Go's strconv.ParseBool reads it; anything else that is there counts as true, as for the real server. */
export function isTrue(value: string | null): boolean {
  return value !== null && !['false', '0', 'f', 'F', 'FALSE', 'False'].includes(value);
}
