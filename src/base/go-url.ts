import { addressFault } from './address-fault.ts';
import { fromLatin1, toLatin1 } from './latin1.ts';

type Mode = 'path' | 'host' | 'zone' | 'userPassword' | 'fragment';

/** The parts of a URL, decoded, as Go's url.URL holds them. */
export interface UrlParts {
  readonly scheme: string;
  readonly opaque: string;
  /** `user` or `user:password`, encoded; undefined if the URL has none. */
  readonly userinfo: string | undefined;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly forceQuery?: boolean;
  readonly fragment: string;
}

/** An error whose text is Go's, without the `parse "…": ` in front. */
class UrlError extends Error {}

/** url.Parse. Throws an Error with Go's text (`parse "x:%zz": invalid URL escape "%zz"`). */
export function parseUrl(text: string): UrlParts {
  const hash = text.indexOf('#');
  const main = hash === -1 ? text : text.slice(0, hash);
  const fragment = hash === -1 ? '' : text.slice(hash + 1);
  let shown = main;
  try {
    const parts = parseMain(main);
    if (fragment === '') return parts;
    shown = text;
    return { ...parts, fragment: unescape(fragment, 'fragment') };
  } catch (error) {
    if (!(error instanceof UrlError)) throw error;
    throw new Error(`parse ${quote(shown)}: ${error.message}`, { cause: error });
  }
}

function quote(text: string): string {
  return JSON.stringify(text).replaceAll('\\u007f', '\\x7f').replaceAll('\\u00', '\\x').replaceAll('\x7f', '\\x7f');
}

function parseMain(text: string): UrlParts {
  if (/[\0-\x1f\x7f]/.test(text)) throw new UrlError('net/url: invalid control character in URL');
  const none = { scheme: '', opaque: '', userinfo: undefined, host: '', path: '', query: '', fragment: '' };
  if (text === '*') return { ...none, path: '*' };
  if (text.startsWith(':')) throw new UrlError('missing protocol scheme');
  const schemeMatch = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text);
  const scheme = (schemeMatch?.[1] ?? '').toLowerCase();
  let rest = schemeMatch === null ? text : text.slice(schemeMatch[0].length);
  const mark = rest.indexOf('?');
  const query = mark === -1 ? '' : rest.slice(mark + 1);
  const forceQuery = mark !== -1 && query === '';
  if (mark !== -1) rest = rest.slice(0, mark);
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...none, scheme, opaque: rest, query, forceQuery };
    if ((rest.split('/', 1)[0] ?? '').includes(':')) {
      throw new UrlError('first path segment in URL cannot contain colon');
    }
  }
  let authority: Authority = { userinfo: undefined, host: '' };
  if (rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))) {
    const slash = rest.indexOf('/', 2);
    authority = parseAuthority(slash === -1 ? rest.slice(2) : rest.slice(2, slash));
    rest = slash === -1 ? '' : rest.slice(slash);
  }
  return { ...none, ...authority, scheme, query, forceQuery, path: unescape(rest, 'path') };
}

interface Authority {
  readonly userinfo: string | undefined;
  readonly host: string;
}

function parseAuthority(text: string): Authority {
  const at = text.lastIndexOf('@');
  const host = parseHost(text.slice(at + 1));
  if (at === -1) return { userinfo: undefined, host };
  const userinfo = text.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new UrlError('net/url: invalid userinfo');
  const colon = userinfo.indexOf(':');
  const encode = (part: string): string => escape(unescape(part, 'userPassword'), 'userPassword');
  if (colon === -1) return { userinfo: encode(userinfo), host };
  return { userinfo: `${encode(userinfo.slice(0, colon))}:${encode(userinfo.slice(colon + 1))}`, host };
}

function parseHost(text: string): string {
  const open = text.lastIndexOf('[');
  if (open === -1) {
    const colon = text.lastIndexOf(':');
    if (colon !== -1) checkPort(text.slice(colon));
    return unescape(text, 'host');
  }
  if (open > 0) throw new UrlError('invalid IP-literal');
  const end = text.lastIndexOf(']');
  if (end === -1) throw new UrlError("missing ']' in host");
  const port = text.slice(end + 1);
  checkPort(port);
  const inner = text.slice(1, end);
  const zone = inner.indexOf('%25');
  const address =
    zone === -1
      ? unescape(inner, 'host')
      : unescape(inner.slice(0, zone), 'host') + unescape(inner.slice(zone), 'zone');
  const fault = addressFault(address);
  if (fault !== undefined) throw new UrlError(`invalid host: ${fault}`);
  if (!address.includes(':')) throw new UrlError('invalid IP-literal');
  return `[${address}]${port}`;
}

function checkPort(text: string): void {
  if (!/^(?::[0-9]*)?$/.test(text)) throw new UrlError(`invalid port ${quote(text)} after host`);
}

/** url.URL's String. */
export function formatUrl(url: UrlParts): string {
  const { scheme, opaque, userinfo, host, query, forceQuery = false, fragment } = url;
  let out = scheme === '' ? '' : `${scheme}:`;
  if (opaque !== '') out += opaque;
  else {
    if (host !== '' || userinfo !== undefined || (scheme !== '' && url.path !== '')) {
      out += '//';
      if (userinfo !== undefined) out += `${userinfo}@`;
      out += escape(host, 'host');
    }
    const path = url.path === '*' ? '*' : escape(url.path, 'path');
    if (path !== '' && !path.startsWith('/') && host !== '') out += '/';
    if (out === '' && (path.split('/', 1)[0] ?? '').includes(':')) out += './';
    out += path;
  }
  if (forceQuery || query !== '') out += `?${query}`;
  if (fragment !== '') out += `#${escape(fragment, 'fragment')}`;
  return out;
}

/** The host without its port and without brackets. */
export function hostnameOf(host: string): string {
  const colon = host.lastIndexOf(':');
  const name = colon !== -1 && /^:[0-9]*$/.test(host.slice(colon)) ? host.slice(0, colon) : host;
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
}

/** Characters besides letters, digits and `-_.~` that a part of the URL holds unescaped. */
const ALLOWED: Readonly<Record<Mode, string>> = {
  path: '$&+,/:;=@',
  userPassword: '$&+,;=',
  fragment: '$&+,/:;=?@!()*',
  host: '!$&\'()*+,;=:[]<>"',
  zone: '!$&\'()*+,;=:[]<>"',
};

function shouldEscape(byte: string, mode: Mode): boolean {
  return !/[A-Za-z0-9\-_.~]/.test(byte) && !ALLOWED[mode].includes(byte);
}

function escape(text: string, mode: Mode): string {
  let out = '';
  for (const byte of toLatin1(text)) {
    out += shouldEscape(byte, mode) ? `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}` : byte;
  }
  return out;
}

function unescape(text: string, mode: Mode): string {
  const bytes = toLatin1(text);
  let out = '';
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes.charAt(i);
    if (byte !== '%') {
      if ((mode === 'host' || mode === 'zone') && byte < '\x80' && shouldEscape(byte, mode)) {
        throw new UrlError(`invalid character ${quote(byte)} in host name`);
      }
      out += byte;
      continue;
    }
    const sequence = bytes.slice(i, i + 3);
    if (!/^%[0-9A-Fa-f]{2}$/.test(sequence)) throw new UrlError(`invalid URL escape ${quote(fromLatin1(sequence))}`);
    const decoded = String.fromCharCode(Number.parseInt(sequence.slice(1), 16));
    const refused =
      (mode === 'host' && decoded < '\x80' && sequence !== '%25') ||
      (mode === 'zone' && sequence !== '%25' && decoded !== ' ' && shouldEscape(decoded, 'host'));
    if (refused) throw new UrlError(`invalid URL escape ${quote(sequence)}`);
    out += decoded;
    i += 2;
  }
  return fromLatin1(out);
}
