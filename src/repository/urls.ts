import { posix } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { formatUrl, parseUrl } from '../base/go-url.ts';
import { shownUrl } from '../base/shown-url.ts';

/** True for references such as `oci://ghcr.io/org/chart`. */
export function isOci(reference: string): boolean {
  return reference.startsWith('oci://');
}

/** An address inside a repository made absolute. helm: repo.ResolveReferenceURL. @throws PintleError `usage` */
export function resolveReference(base: string, reference: string): string {
  if (parsed(reference).scheme !== '') return reference;
  const baseUrl = toUrl(base);
  const query = baseUrl.search;
  baseUrl.pathname = `${baseUrl.pathname.replace(/\/$/, '')}/`;
  const url = new URL(reference, baseUrl);
  url.search = query;
  return url.href;
}

/** Joins a path to an address, or to a path. helm: urlutil.URLJoin. */
export function joinUrl(base: string, ...paths: readonly string[]): string {
  const url = parsed(base);
  const path = posix.join(url.path, ...paths);
  return formatUrl({ ...url, path: path === '.' ? '' : path });
}

/** True for addresses that mean the same. helm: urlutil.Equal. */
export function sameUrl(a: string, b: string): boolean {
  try {
    return cleaned(a) === cleaned(b);
  } catch {
    return posix.normalize(a) === posix.normalize(b);
  }
}

function cleaned(text: string): string {
  const url = parseUrl(text);
  const path = posix.normalize(url.path === '' ? '/' : url.path).replace(/(.)\/$/, '$1');
  return formatUrl({ ...url, path });
}

/** True when credentials for one address may go to the other. */
export function sameOrigin(a: string, b: string): boolean {
  const [first, second] = [parsed(a), parsed(b)];
  return first.scheme === second.scheme && first.host === second.host;
}

/** @throws PintleError `usage` */
export function toUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  const { scheme } = parsed(text);
  throw new PintleError(
    'usage',
    scheme === '' || url === undefined
      ? `invalid URL: ${shownUrl(text)}`
      : `could not find protocol handler for: ${scheme}`,
    { hint: 'write an address such as https://charts.example.com' },
  );
}

/** An address as Go reads it. @throws PintleError `usage` */
export function parsed(text: string): ReturnType<typeof parseUrl> {
  try {
    return parseUrl(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    throw new PintleError('usage', shownUrl(`failed to parse ${text} as URL: ${reason}`), { cause: error });
  }
}
