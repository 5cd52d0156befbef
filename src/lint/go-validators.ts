/**
 * What Helm takes for an address; the rules are those of the Go library that it checks with
 * (github.com/asaskevich/govalidator: IsEmail, IsURL, IsRequestURL).
 */

const WIDE = '\\u{a0}-\\u{d7ff}\\u{f900}-\\u{fdcf}\\u{fdf0}-\\u{ffef}';
const ATOM = `[\\w!#$%&'*+\\-/=?^\`{|}~${WIDE}]+`;
const LETTER = `[a-zA-Z${WIDE}]`;

interface EmailPatterns {
  readonly local: RegExp;
  readonly domain: RegExp;
  readonly label: RegExp;
  readonly top: RegExp;
}

let emailPatterns: EmailPatterns | undefined;

function loadEmailPatterns(): EmailPatterns {
  emailPatterns ??= {
    local: new RegExp(`^${ATOM}(?:\\.${ATOM})*$`, 'u'),
    domain: new RegExp(`^[\\w\\-.~${WIDE}]+$`, 'u'),
    label: new RegExp(`^[\\d${LETTER.slice(1)}(?:.*[\\d${LETTER.slice(1)})?$`, 'u'),
    top: new RegExp(`^${LETTER}(?:.*${LETTER})?$`, 'u'),
  };
  return emailPatterns;
}

/** An address of the form `local@domain.top`; a quoted local part is no address here. */
export function isEmail(text: string): boolean {
  const { local, domain, label, top } = loadEmailPatterns();
  const at = text.lastIndexOf('@');
  if (at === -1 || !local.test(text.slice(0, at))) return false;
  const name = text.slice(at + 1).replace(/\.$/, '');
  if (!domain.test(name)) return false;
  // Any dot may be the one before the top-level domain: what stands between the ends of the parts does not matter.
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    if (label.test(name.slice(0, dot)) && top.test(name.slice(dot + 1))) return true;
  }
  return false;
}

const MAX_URL = 2083;
const URL_PARTS =
  /^(?:(?:ftp|tcp|udp|wss?|https?):\/\/)?(?:[^\s@/?#]+(?::[^\s@/?#]*)?@)?(?<host>\[[\d:a-fA-F.]+\]|[^\s:/?#[\]]*)(?::\d{1,5})?(?:[/?#]\S*)?$/u;
const IPV4 = /^(?:\d{1,3}\.){3}\d{1,3}$/;
const HOST = /^[a-zA-Z\d\u{a1}-\u{ffff}]+(?:[-_.]{1,2}[a-zA-Z\d\u{a1}-\u{ffff}]+)*\.?$/u;

/** An address as one types it: scheme, port and path may be missing. */
export function isUrl(text: string): boolean {
  if (text.length >= MAX_URL || Buffer.byteLength(text) <= 3 || text.startsWith('.')) return false;
  // Without a colon all of it is a path to Go, which then must have a dot.
  if (!text.includes(':') && !/^[^?#]*\./.test(text)) return false;
  const host = URL_PARTS.exec(text)?.groups?.['host'];
  if (host === undefined) return false;
  if (host.startsWith('[')) return true;
  if (IPV4.test(host)) return host.split('.').every((part) => Number(part) <= 255);
  return HOST.test(host);
}

const SCHEME = /^[a-zA-Z][a-zA-Z\d+.-]*:/;

/** An absolute address as Go's url.ParseRequestURI reads it: with a scheme; what follows may be opaque. */
export function isRequestUrl(text: string): boolean {
  if (text === '' || /[\0-\x1f\x7f]/.test(text) || !SCHEME.test(text)) return false;
  const rest = text.slice(text.indexOf(':') + 1).replace(/\?.*$/s, '');
  if (!rest.startsWith('/')) return true;
  if (rest.startsWith('//') && !rest.startsWith('///')) {
    const authority = /^\/\/([^/]*)/.exec(rest)?.[1] ?? '';
    if (!isAuthority(authority)) return false;
    return hasValidEscapes(rest.slice(2 + authority.length));
  }
  return hasValidEscapes(rest);
}

function isAuthority(authority: string): boolean {
  const at = authority.lastIndexOf('@');
  if (at !== -1 && !/^[\w\-.:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at))) return false;
  const host = authority.slice(at + 1);
  const match = /^(\[[^\]]*\]|[^[\]:]*)(?::(\d*))?$/.exec(host);
  if (match === null) return false;
  const name = match[1] ?? '';
  return !/[\s"<>\\^`{|}]/.test(name.replaceAll(/[<>"]/g, '')) && hasHostEscapes(name);
}

/** In a host only bytes beyond ASCII may be escaped. */
function hasHostEscapes(host: string): boolean {
  return hasValidEscapes(host) && !/%[0-7][\da-fA-F]/.test(host.startsWith('[') ? '' : host);
}

function hasValidEscapes(text: string): boolean {
  return !/%(?![\da-fA-F]{2})/.test(text);
}
