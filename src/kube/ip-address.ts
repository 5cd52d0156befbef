/** An address as its parts: four bytes or eight 16-bit groups. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly groups: readonly number[];
  /** `::ffff:1.2.3.4` */
  readonly mapped: boolean;
  /** An octet was written with leading zeros, which other programs read as octal. */
  readonly leadingZeros: boolean;
}

/** A network or an interface's address in CIDR form. */
export interface Cidr {
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** The network, without host bits, in canonical form. */
  readonly canonical: string;
  readonly hostBits: boolean;
  readonly mapped: boolean;
  readonly leadingZeros: boolean;
}

/** The address that a text names, or undefined; leading zeros in octets are read as decimal. */
export function parseIp(text: string): IpAddress | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): IpAddress | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part))) return undefined;
  const groups = parts.map(Number);
  if (groups.some((group) => group > 255)) return undefined;
  const leadingZeros = parts.some((part) => part.length > 1 && part.startsWith('0'));
  return { family: 4, groups, mapped: false, leadingZeros };
}

function parseIpv6(text: string): IpAddress | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  let leadingZeros = false;
  const groupsOf = (half: string, isLast: boolean): number[] | undefined => {
    if (half === '') return [];
    const groups: number[] = [];
    const parts = half.split(':');
    for (const [i, part] of parts.entries()) {
      if (part.includes('.')) {
        const tail = isLast && i === parts.length - 1 ? parseIpv4(part) : undefined;
        if (tail === undefined) return undefined;
        leadingZeros ||= tail.leadingZeros;
        const [a = 0, b = 0, c = 0, d = 0] = tail.groups;
        groups.push(a * 256 + b, c * 256 + d);
      } else {
        if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
        groups.push(Number.parseInt(part, 16));
      }
    }
    return groups;
  };
  const [first = '', second] = halves;
  const head = groupsOf(first, second === undefined);
  const tail = second === undefined ? [] : groupsOf(second, true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (second === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return { family: 6, groups, mapped, leadingZeros };
}

/** An address in its one preferred form, RFC 5952; a mapped one as IPv4. */
export function canonicalIp({ family, groups, mapped }: IpAddress): string {
  if (family === 4) return groups.join('.');
  if (mapped) {
    const [high = 0, low = 0] = groups.slice(6);
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  }
  const zeros = longestZeroRun(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (zeros.length < 2) return hex(groups);
  return `${hex(groups.slice(0, zeros.start))}::${hex(groups.slice(zeros.start + zeros.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let i = 0; i < groups.length; i += 1) {
    let end = i;
    while (groups[end] === 0) end += 1;
    if (end - i > best.length) best = { start: i, length: end - i };
    i = end;
  }
  return best;
}

/** The network that a text names, or undefined. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash === -1) return undefined;
  const address = parseIp(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (address === undefined || !/^\d+$/.test(digits)) return undefined;
  const groupBits = address.family === 4 ? 8 : 16;
  const prefixLength = Number(digits);
  if (prefixLength > address.groups.length * groupBits) return undefined;
  const network = address.groups.map((group, i) => {
    const kept = Math.min(Math.max(prefixLength - i * groupBits, 0), groupBits);
    const dropped = groupBits - kept;
    return (group >> dropped) << dropped;
  });
  return {
    address,
    prefixLength,
    canonical: `${canonicalIp({ ...address, groups: network })}/${prefixLength}`,
    hostBits: network.some((group, i) => group !== address.groups[i]),
    mapped: address.mapped,
    leadingZeros: address.leadingZeros || (digits.length > 1 && digits.startsWith('0')),
  };
}
