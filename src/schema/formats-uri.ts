import { hostnameOf, parseUrl, type UrlParts } from '../base/go-url.ts';
import { validateIpv6 } from './formats-network.ts';

/** An absolute URL, as Go's net/url reads it. */
export function validateUri(text: string): string | undefined {
  const url = parsed(text);
  if (typeof url === 'string') return url;
  return url.scheme === '' ? 'relative url' : undefined;
}

/** A URL or a part of one. */
export function validateUriReference(text: string): string | undefined {
  if (text.includes('\\')) return 'contains \\';
  const url = parsed(text);
  return typeof url === 'string' ? url : undefined;
}

/** RFC 6570, as far as Helm's library checks it: URLs whose escaped path has its braces in pairs. */
export function validateUriTemplate(text: string): string | undefined {
  const url = parsed(text);
  if (typeof url === 'string') return url;
  for (const part of rawPath(text, url).split('/')) {
    let open = false;
    for (const brace of decodeURIComponent(part).replace(/[^{}]/g, '')) {
      if ((brace === '{') === open) return 'nested curly braces';
      open = !open;
    }
    if (open) return 'no matching closing brace';
  }
  return undefined;
}

/** Go keeps the path as it was written where its own way to escape it would differ. */
function rawPath(text: string, url: UrlParts): string {
  const [main = ''] = text.split(/[?#]/, 1);
  const path = main.replace(/^[A-Za-z][A-Za-z0-9+.-]*:/, '').replace(/^\/\/[^/]*/, '');
  return url.opaque === '' && /[{}%]/.test(path) ? path : '';
}

function parsed(text: string): UrlParts | string {
  let url: UrlParts;
  try {
    url = parseUrl(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const host = hostnameOf(url.host);
  if (!host.includes(':')) return url;
  if (!url.host.includes('[') || !url.host.includes(']')) return 'ipv6 address not enclosed in brackets';
  const fault = validateIpv6(host);
  return fault === undefined ? url : `invalid ipv6 address: ${fault}`;
}
