import type { Environment } from '@marcbachmann/cel-js';
import { formatUrl, hostnameOf, parseUrl, type UrlParts } from '../../../../base/go-url.ts';
import { canonicalIp, type Cidr, type IpAddress, parseCidr, parseIp } from '../../../../kube/ip-address.ts';
import { registerNamespace } from './lists.ts';

class CelIp {
  readonly value: IpAddress;

  constructor(value: IpAddress) {
    this.value = value;
  }
}

class CelCidr {
  readonly value: Cidr;

  constructor(value: Cidr) {
    this.value = value;
  }
}

class CelUrl {
  readonly value: UrlParts;

  constructor(value: UrlParts) {
    this.value = value;
  }
}

/** Addresses, networks and URLs. apiserver: pkg/cel/library/ip.go, cidr.go, urls.go */
export function registerAddresses(env: Environment): void {
  registerIps(env);
  registerCidrs(env);
  registerUrls(env);
}

function readIp(text: string): IpAddress | undefined {
  const found = parseIp(text);
  return found === undefined || found.mapped || found.leadingZeros ? undefined : found;
}

function ip(text: string): CelIp {
  const found = readIp(text);
  if (found === undefined)
    throw new Error(
      `IP Address "${text}" parse error during conversion from string: ParseAddr("${text}"): unable to parse IP`,
    );
  return new CelIp(found);
}

function registerIps(env: Environment): void {
  const type = 'net.IP';
  const test =
    (check: (bytes: readonly number[], family: 4 | 6) => boolean) =>
    ({ value }: CelIp) =>
      check(value.groups, value.family);
  env
    .registerType(type, { ctor: CelIp, fields: {} })
    .registerFunction(`ip(string): ${type}`, ip)
    .registerFunction('isIP(string): bool', (text: string) => readIp(text) !== undefined)
    .registerFunction(`string(${type}): string`, ({ value }: CelIp) => canonicalIp(value))
    .registerFunction(`${type}.family(): int`, ({ value }: CelIp) => BigInt(value.family))
    .registerFunction(
      `${type}.isUnspecified(): bool`,
      test((groups) => groups.every((group) => group === 0)),
    )
    .registerFunction(`${type}.isLoopback(): bool`, test(isLoopback))
    .registerFunction(`${type}.isLinkLocalMulticast(): bool`, test(isLinkLocalMulticast))
    .registerFunction(`${type}.isLinkLocalUnicast(): bool`, test(isLinkLocalUnicast))
    .registerFunction(`${type}.isGlobalUnicast(): bool`, test(isGlobalUnicast))
    .registerOperator(`${type} == ${type}`, (a: CelIp, b: CelIp) => canonicalIp(a.value) === canonicalIp(b.value));
  registerNamespace(env, 'ip', {
    'isCanonical(string): bool': (text: string) => canonicalIp(ip(text).value) === text,
  });
}

function isLoopback(groups: readonly number[], family: 4 | 6): boolean {
  return family === 4 ? groups[0] === 127 : groups.every((group, i) => group === (i === 7 ? 1 : 0));
}

function isLinkLocalMulticast([a = 0, b = 0, c = 0]: readonly number[], family: 4 | 6): boolean {
  return family === 4 ? a === 224 && b === 0 && c === 0 : (a & 0xff0f) === 0xff02;
}

function isLinkLocalUnicast([a = 0, b = 0]: readonly number[], family: 4 | 6): boolean {
  return family === 4 ? a === 169 && b === 254 : (a & 0xffc0) === 0xfe80;
}

function isGlobalUnicast(groups: readonly number[], family: 4 | 6): boolean {
  const [first = 0] = groups;
  const isMulticast = family === 4 ? first >= 224 && first <= 239 : first >> 8 === 0xff;
  const isBroadcast = family === 4 && groups.every((group) => group === 255);
  const isUnspecified = groups.every((group) => group === 0);
  return (
    !isMulticast && !isBroadcast && !isUnspecified && !isLoopback(groups, family) && !isLinkLocalUnicast(groups, family)
  );
}

function cidr(text: string): CelCidr {
  const found = parseCidr(text);
  if (found === undefined || found.mapped || found.leadingZeros) {
    throw new Error(`network address parse error during conversion from string: network "${text}" is not a CIDR`);
  }
  return new CelCidr(found);
}

function registerCidrs(env: Environment): void {
  const type = 'net.CIDR';
  const readable = (text: string): boolean => {
    const found = parseCidr(text);
    return found !== undefined && !found.mapped && !found.leadingZeros;
  };
  const text = ({ address, prefixLength }: Cidr): string => `${canonicalIp(address)}/${prefixLength}`;
  env
    .registerType(type, { ctor: CelCidr, fields: {} })
    .registerFunction(`cidr(string): ${type}`, cidr)
    .registerFunction('isCIDR(string): bool', readable)
    .registerFunction(`string(${type}): string`, ({ value }: CelCidr) => text(value))
    .registerFunction(`${type}.containsIP(string): bool`, (net: CelCidr, address: string) =>
      containsIp(net.value, ip(address).value),
    )
    .registerFunction(`${type}.containsIP(net.IP): bool`, (net: CelCidr, address: CelIp) =>
      containsIp(net.value, address.value),
    )
    .registerFunction(`${type}.containsCIDR(string): bool`, (net: CelCidr, other: string) =>
      containsNet(net.value, cidr(other).value),
    )
    .registerFunction(`${type}.containsCIDR(${type}): bool`, (net: CelCidr, other: CelCidr) =>
      containsNet(net.value, other.value),
    )
    .registerFunction(`${type}.ip(): net.IP`, ({ value }: CelCidr) => new CelIp(value.address))
    .registerFunction(`${type}.masked(): ${type}`, ({ value }: CelCidr) => cidr(value.canonical))
    .registerFunction(`${type}.prefixLength(): int`, ({ value }: CelCidr) => BigInt(value.prefixLength))
    .registerOperator(`${type} == ${type}`, (a: CelCidr, b: CelCidr) => text(a.value) === text(b.value));
}

function bitsOf({ groups, family }: IpAddress): string {
  return groups.map((group) => group.toString(2).padStart(family === 4 ? 8 : 16, '0')).join('');
}

function containsIp({ address, prefixLength }: Cidr, other: IpAddress): boolean {
  return (
    address.family === other.family && bitsOf(address).slice(0, prefixLength) === bitsOf(other).slice(0, prefixLength)
  );
}

function containsNet(net: Cidr, other: Cidr): boolean {
  return other.prefixLength >= net.prefixLength && containsIp(net, other.address);
}

function readUrl(text: string): UrlParts | undefined {
  try {
    const url = parseUrl(text);
    // As Go's ParseRequestURI: absolute, or a path from the root.
    return url.scheme !== '' || text.startsWith('/') ? url : undefined;
  } catch {
    return undefined;
  }
}

function registerUrls(env: Environment): void {
  const type = 'kubernetes.URL';
  env
    .registerType(type, { ctor: CelUrl, fields: {} })
    .registerFunction(`url(string): ${type}`, (text: string) => {
      const found = readUrl(text);
      if (found === undefined)
        throw new Error(`URL parse error during conversion from string: parse "${text}": invalid URI for request`);
      return new CelUrl(found);
    })
    .registerFunction('isURL(string): bool', (text: string) => readUrl(text) !== undefined)
    .registerFunction(`${type}.getScheme(): string`, ({ value }: CelUrl) => value.scheme)
    .registerFunction(`${type}.getHost(): string`, ({ value }: CelUrl) => value.host)
    .registerFunction(`${type}.getHostname(): string`, ({ value }: CelUrl) => hostnameOf(value.host))
    .registerFunction(`${type}.getPort(): string`, ({ value }: CelUrl) => /:(\d+)$/.exec(value.host)?.[1] ?? '')
    .registerFunction(`${type}.getEscapedPath(): string`, ({ value }: CelUrl) =>
      formatUrl({ scheme: '', opaque: '', userinfo: undefined, host: '', path: value.path, query: '', fragment: '' }),
    )
    .registerFunction(`${type}.getQuery(): map<string, list<string>>`, ({ value }: CelUrl) => {
      const query = new Map<string, string[]>();
      for (const [key, item] of new URLSearchParams(value.query)) query.set(key, [...(query.get(key) ?? []), item]);
      return query;
    })
    .registerOperator(`${type} == ${type}`, (a: CelUrl, b: CelUrl) => formatUrl(a.value) === formatUrl(b.value));
}
