import { createHash } from 'node:crypto';
import type { ProxiedPort } from './proxied-port.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Characters of a hash in a chain's name; iptables allows 28 for the whole name. */
const HASH_LENGTH = 16;

/** Chains of a port of a Service. */
export type ServiceChain = 'SVC' | 'SVL' | 'EXT' | 'FW';

/** The name of a chain of a port of a Service. kubernetes: pkg/proxy/iptables/proxier.go */
export function serviceChain(kind: ServiceChain, { name, protocol }: ProxiedPort): string {
  return `KUBE-${kind}-${hashOf(name + protocol)}`;
}

/** The name of the chain of one endpoint, `address:port`. */
export function endpointChain({ name, protocol }: ProxiedPort, endpoint: string): string {
  return `KUBE-SEP-${hashOf(name + protocol + endpoint)}`;
}

/** The beginning of the SHA-256 in base32. */
function hashOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest();
  let out = '';
  for (let i = 0; out.length < HASH_LENGTH; i += 5) {
    const bit = i & 7;
    const pair = ((bytes[i >> 3] ?? 0) << 8) | (bytes[(i >> 3) + 1] ?? 0);
    out += ALPHABET[(pair >> (11 - bit)) & 31] ?? '';
  }
  return out;
}
