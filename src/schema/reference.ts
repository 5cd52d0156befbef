import { formatUrl, parseUrl, type UrlParts } from '../base/go-url.ts';
import { goQuote } from '../base/go-quote.ts';
import { SchemaError } from './schema-error.ts';

/** A reference to a schema: the document, and a JSON pointer or an anchor in it. */
export interface Reference {
  readonly url: string;
  /** Decoded; '' or a JSON pointer, or the name of an anchor. */
  readonly fragment: string;
}

/** Parts a reference at its first `#`; the fragment is decoded. */
export function splitReference(text: string): Reference {
  const hash = text.indexOf('#');
  if (hash === -1) return { url: text, fragment: '' };
  const encoded = text.slice(hash + 1);
  try {
    return { url: text.slice(0, hash), fragment: encoded.includes('%') ? decodeURIComponent(encoded) : encoded };
  } catch (error) {
    const escape = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(encoded)?.[0] ?? encoded;
    throw new SchemaError(`error in parsing ${goQuote(text)}: invalid URL escape ${goQuote(escape)}`, { cause: error });
  }
}

/** A reference seen from a document; Go's url.ResolveReference. */
export function resolveReference(base: string, text: string): Reference {
  const { url, fragment } = splitReference(text);
  if (url === '') return { url: base, fragment };
  const from = parse(base);
  const to = parse(url);
  return { url: formatUrl(join(from, to)), fragment };
}

function parse(url: string): UrlParts {
  try {
    return parseUrl(url);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SchemaError(`error in parsing ${goQuote(url)}: ${reason}`, { cause: error });
  }
}

/** RFC 3986, section 5.2. */
function join(base: UrlParts, reference: UrlParts): UrlParts {
  const isAbsolute = reference.scheme !== '';
  const scheme = isAbsolute ? reference.scheme : base.scheme;
  const merged = { ...reference, scheme };
  if (isAbsolute || reference.host !== '' || reference.userinfo !== undefined) {
    return { ...merged, path: resolvePath(reference.path, '') };
  }
  if (base.opaque !== '') return { ...merged, opaque: base.opaque };
  const { userinfo, host } = base;
  const query = reference.path === '' && reference.query === '' ? base.query : reference.query;
  return { ...merged, userinfo, host, query, path: resolvePath(base.path, reference.path) };
}

function resolvePath(base: string, reference: string): string {
  const full =
    reference === ''
      ? base
      : reference.startsWith('/')
        ? reference
        : base.slice(0, base.lastIndexOf('/') + 1) + reference;
  if (full === '') return '';
  const out: string[] = [];
  const parts = full.replace(/^\//, '').split('/');
  for (const [i, part] of parts.entries()) {
    const isLast = i === parts.length - 1;
    if (part === '..') out.pop();
    if (part !== '.' && part !== '..') out.push(part);
    else if (isLast) out.push('');
  }
  return `/${out.join('/')}`;
}

/** A place in a document as messages name it. */
export function formatPlace(url: string, pointer: string): string {
  return `${url}#${encodeFragment(pointer)}`;
}

/** Go's url.PathEscape of every part between slashes. */
function encodeFragment(text: string): string {
  if (/^[\w\-.~$&+:=@/]*$/.test(text)) return text;
  return text
    .split('/')
    .map((part) =>
      encodeURIComponent(part)
        .replace(/[!'()*]/g, percent)
        .replace(/%(?:24|26|2B|3A|3D|40)/g, decodeURIComponent),
    )
    .join('/');
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
