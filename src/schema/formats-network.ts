import { goQuote } from '../base/go-quote.ts';
import { quoteCharacter } from './formats-text.ts';

/** Four decimals. */
export function validateIpv4(text: string): string | undefined {
  const groups = text.split('.');
  if (groups.length !== 4) return 'expected four decimals';
  for (const group of groups) {
    if (group.length > 1 && group.startsWith('0')) return 'leading zeros';
    if (!/^[-+]?\d+$/.test(group)) return `strconv.Atoi: parsing ${goQuote(group)}: invalid syntax`;
    const number = Number(group);
    if (!Number.isSafeInteger(number)) return `strconv.Atoi: parsing ${goQuote(group)}: value out of range`;
    if (number < 0 || number > 255) return 'decimal must be between 0 and 255';
  }
  return undefined;
}

/** An IPv6 address without zone; the messages are those of Go's netip.ParseAddr. */
export function validateIpv6(text: string): string | undefined {
  if (!text.includes(':')) return 'missing colon';
  // A dot before the first colon makes it an IPv4 address for Go.
  const dot = text.indexOf('.');
  if (dot !== -1 && dot < text.indexOf(':'))
    return `ParseAddr(${goQuote(text)}): unexpected character (at ${goQuote(text)})`;
  const percent = text.indexOf('%');
  const fault = ipv6Fault(percent === -1 ? text : text.slice(0, percent));
  if (fault !== undefined) return `ParseAddr(${goQuote(text)}): ${fault}`;
  if (percent === -1) return undefined;
  if (percent === text.length - 1) return `ParseAddr(${goQuote(text)}): zone must be a non-empty string`;
  return 'zone id is not a part of ipv6 address';
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
      const fault = embeddedFault(rest);
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

function embeddedFault(text: string): string | undefined {
  const groups = text.split('.');
  for (const [i, group] of groups.entries()) {
    const rest = groups.slice(i).join('.');
    if (group === '') return `IPv4 field must have at least one digit (at ${goQuote(rest)})`;
    const bad = /[^0-9]/u.exec(group);
    if (bad !== null) return `unexpected character (at ${goQuote(rest.slice(bad.index))})`;
    if (group.length > 1 && group.startsWith('0')) return 'IPv4 field has octet with leading zero';
    if (Number(group) > 255) return 'IPv4 field has value >255';
  }
  if (groups.length > 4) return 'IPv4 address too long';
  return groups.length < 4 ? 'IPv4 address too short' : undefined;
}

/** Labels of letters, digits and hyphens. */
export function validateHostname(text: string): string | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (Buffer.byteLength(name) > 253) return 'more than 253 characters long';
  for (const label of name.split('.')) {
    const length = Buffer.byteLength(label);
    if (length < 1 || length > 63) return 'label must be 1 to 63 characters long';
    if (label.startsWith('-')) return 'label starts with hyphen';
    if (label.endsWith('-')) return 'label ends with hyphen';
    const bad = /[^A-Za-z0-9-]/u.exec(label);
    if (bad !== null) return `invalid character ${quoteCharacter(bad[0])}`;
  }
  return undefined;
}

/** One `@`, a local part with or without quotes, and a host name or an address in brackets. */
export function validateEmail(text: string): string | undefined {
  if (Buffer.byteLength(text) > 254) return 'more than 255 characters long';
  const at = text.lastIndexOf('@');
  if (at === -1) return 'missing @';
  const local = text.slice(0, at);
  return localFault(local) ?? domainFault(text.slice(at + 1));
}

function localFault(local: string): string | undefined {
  if (Buffer.byteLength(local) > 64) return 'local part more than 64 characters long';
  if (local.length > 1 && local.startsWith('"')) {
    return /[\\"]/.test(local.slice(1, -1))
      ? 'backslash and quote are not allowed within quoted local part'
      : undefined;
  }
  if (local.startsWith('.')) return 'starts with dot';
  if (local.endsWith('.')) return 'ends with dot';
  if (local.includes('..')) return 'consecutive dots';
  const bad = /[^A-Za-z0-9.!#$%&'*+\-/=?^_`{|}~]/u.exec(local);
  return bad === null ? undefined : `invalid character ${quoteCharacter(bad[0])}`;
}

function domainFault(domain: string): string | undefined {
  if (domain.startsWith('[') && domain.endsWith(']')) {
    const address = domain.slice(1, -1);
    if (address.startsWith('IPv6:')) {
      const fault = validateIpv6(address.slice('IPv6:'.length));
      return fault === undefined ? undefined : `invalid ipv6 address: ${fault}`;
    }
    const fault = validateIpv4(address);
    return fault === undefined ? undefined : `invalid ipv4 address: ${fault}`;
  }
  const fault = validateHostname(domain);
  return fault === undefined ? undefined : `invalid domain: ${fault}`;
}
