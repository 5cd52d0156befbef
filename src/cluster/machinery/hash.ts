import { sortedKeys } from '../../base/json.ts';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** FNV-1a of a text's UTF-16 units, 32 bits. */
export function fnv32a(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    if (unit > 0xff) hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  return hash >>> 0;
}

/** The number's decimal digits in letters that make no words. apimachinery: pkg/util/rand/rand.go SafeEncodeString */
export function safeEncode(digits: string): string {
  let out = '';
  for (let i = 0; i < digits.length; i += 1) out += ALPHABET[digits.charCodeAt(i) % ALPHABET.length] ?? '';
  return out;
}

/** JSON with sorted keys and without absent values: equal for objects that mean the same. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const record = value as Readonly<Record<string, unknown>>;
    const members: string[] = [];
    for (const key of sortedKeys(record)) {
      const member = record[key];
      if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
    }
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/**
 * A stable hash of a pod template (or any JSON) and a collision count, 8 to 10 characters, as names and labels of
 * revisions carry it. The real one hashes a dump of a Go structure, so the text differs and the use is the same.
 */
export function templateHash(template: unknown, collisionCount?: number): string {
  let hash = fnv32a(canonicalJson(template));
  if (collisionCount !== undefined) hash = fnv32a(String(collisionCount), hash);
  return safeEncode(String(hash).padStart(8, '0'));
}

const SUFFIX_LENGTH = 5;

/** A 5-character suffix made from a text, for names that must be the same every time. */
export function stableSuffix(text: string): string {
  let hash = fnv32a(text);
  let out = '';
  for (let i = 0; i < SUFFIX_LENGTH; i += 1) {
    out += ALPHABET[hash % ALPHABET.length] ?? '';
    hash = Math.floor(hash / ALPHABET.length);
  }
  return out;
}
