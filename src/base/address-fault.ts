import { goQuote } from './go-quote.ts';

/** What Go's netip.ParseAddr says of a text that is no IP address; undefined for addresses. */
export function addressFault(text: string): string | undefined {
  const fault = faultOf(text);
  return fault === undefined ? undefined : `ParseAddr(${goQuote(text)}): ${fault}`;
}

function faultOf(text: string): string | undefined {
  // The first of these characters says what it is meant to be.
  switch (/[.:%]/.exec(text)?.[0]) {
    case '.':
      return fieldsFault(text);
    case ':':
      break;
    case '%':
      return 'missing IPv6 address';
    default:
      return 'unable to parse IP';
  }
  const percent = text.indexOf('%');
  if (percent === text.length - 1) return 'zone must be a non-empty string';
  return ipv6Fault(percent === -1 ? text : text.slice(0, percent));
}

const MAX_BYTES = 16;

function ipv6Fault(text: string): string | undefined {
  let rest = text;
  let ellipsis = false;
  let bytes = 0;
  if (rest.startsWith('::')) {
    ellipsis = true;
    rest = rest.slice(2);
    if (rest === '') return undefined;
  }
  while (bytes < MAX_BYTES) {
    const digits = /^[0-9A-Fa-f]*/.exec(rest)?.[0] ?? '';
    if (digits.length > 4) return `each group must have 4 or less digits (at ${goQuote(rest)})`;
    if (digits === '') return `each colon-separated field must have at least one digit (at ${goQuote(rest)})`;
    if (rest.charAt(digits.length) === '.') {
      if (!ellipsis && bytes !== 12)
        return `embedded IPv4 address must replace the final 2 fields of the address (at ${goQuote(rest)})`;
      if (bytes + 4 > MAX_BYTES)
        return `too many hex fields to fit an embedded IPv4 at the end of the address (at ${goQuote(rest)})`;
      const fault = fieldsFault(rest);
      if (fault !== undefined) return fault;
      bytes += 4;
      rest = '';
      break;
    }
    bytes += 2;
    rest = rest.slice(digits.length);
    if (rest === '') break;
    if (!rest.startsWith(':')) return `unexpected character, want colon (at ${goQuote(rest)})`;
    if (rest === ':') return `colon must be followed by more characters (at ${goQuote(rest)})`;
    rest = rest.slice(1);
    if (rest.startsWith(':')) {
      if (ellipsis) return `multiple :: in address (at ${goQuote(rest)})`;
      ellipsis = true;
      rest = rest.slice(1);
      if (rest === '') break;
    }
  }
  if (rest !== '') return `trailing garbage after address (at ${goQuote(rest)})`;
  if (bytes < MAX_BYTES) return ellipsis ? undefined : 'address string too short';
  return ellipsis ? 'the :: must expand to at least one field of zeros' : undefined;
}

/** What Go finds wrong with four decimals, character by character. */
function fieldsFault(text: string): string | undefined {
  let field = '';
  let dots = 0;
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (/[0-9]/.test(character)) {
      if (field === '0') return 'IPv4 field has octet with leading zero';
      field += character;
      if (Number(field) > 255) return 'IPv4 field has value >255';
    } else if (character === '.') {
      if (field === '' || i === text.length - 1) {
        return `IPv4 field must have at least one digit (at ${goQuote(text.slice(i))})`;
      }
      if (dots === 3) return 'IPv4 address too long';
      dots += 1;
      field = '';
    } else {
      return `unexpected character (at ${goQuote(text.slice(i))})`;
    }
  }
  return dots < 3 ? 'IPv4 address too short' : undefined;
}
