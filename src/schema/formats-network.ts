import { byteLength } from '../base/go-string.ts';
import { goQuote } from '../base/go-quote.ts';
import { addressFault } from '../base/address-fault.ts';
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

/** An IPv6 address without zone. */
export function validateIpv6(text: string): string | undefined {
  if (!text.includes(':')) return 'missing colon';
  const fault = addressFault(text);
  if (fault !== undefined) return fault;
  return text.includes('%') ? 'zone id is not a part of ipv6 address' : undefined;
}

/** Labels of letters, digits and hyphens. */
export function validateHostname(text: string): string | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (byteLength(name) > 253) return 'more than 253 characters long';
  for (const label of name.split('.')) {
    const length = byteLength(label);
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
  if (byteLength(text) > 254) return 'more than 255 characters long';
  const at = text.lastIndexOf('@');
  if (at === -1) return 'missing @';
  const local = text.slice(0, at);
  return localFault(local) ?? domainFault(text.slice(at + 1));
}

function localFault(local: string): string | undefined {
  if (byteLength(local) > 64) return 'local part more than 64 characters long';
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
