import { newObject } from '../base/json.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import { kindName } from '../gotemplate/runtime/go-value.ts';
import { define } from './define.ts';
import { NIL_DEREFERENCE, recordOf } from './reflect.ts';
import { formatUrl, hostnameOf, parseUrl } from '../base/go-url.ts';

/** URLs: Sprig's url.go. */
export const urlFunctions: readonly TemplateFunction[] = [
  define('urlParse', ['string'], urlParse),
  define('urlJoin', ['map[string]any'], urlJoin),
];

function urlParse(text: string): Record<string, unknown> {
  const {
    scheme,
    host,
    path,
    query,
    opaque,
    fragment,
    userinfo = '',
  } = prefixed('unable to parse url', () => parseUrl(text));
  const parts = { scheme, host, hostname: hostnameOf(host), path, query, opaque, fragment, userinfo };
  return Object.assign(newObject(), parts);
}

function urlJoin(parts: Record<string, unknown>): string {
  const record = recordOf(parts);
  const [scheme, host, path, query, opaque, fragment] = ['scheme', 'host', 'path', 'query', 'opaque', 'fragment'].map(
    (key) => textMember(record, key),
  ) as [string, string, string, string, string, string];
  const given = textMember(record, 'userinfo');
  const userinfo =
    given === ''
      ? undefined
      : prefixed('unable to parse userinfo in dict', () => parseUrl(`proto://${given}@host`)).userinfo;
  return formatUrl({ scheme, host, path, query, opaque, fragment, userinfo });
}

function textMember(record: Readonly<Record<string, unknown>>, key: string): string {
  if (!Object.hasOwn(record, key)) return '';
  const value = record[key];
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) throw new Error(NIL_DEREFERENCE);
  throw new Error(`unable to parse ${key} key, must be of type string, but ${kindName(value)} found`);
}

function prefixed<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}
