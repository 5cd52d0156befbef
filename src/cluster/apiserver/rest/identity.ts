import type { Random } from '../../../base/random.ts';

const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const LONGEST_BASE = 63 - SUFFIX_LENGTH;

/** A name that begins as `generateName` says. apiserver: pkg/storage/names/generate.go */
export function generateName(base: string, random: Random): string {
  let name = base.slice(0, LONGEST_BASE);
  for (let i = 0; i < SUFFIX_LENGTH; i += 1) name += NAME_ALPHABET.charAt(random.below(NAME_ALPHABET.length));
  return name;
}

/** A random UUID, version 4. */
export function newUid(random: Random): string {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  let at = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    if (i === 4 || i === 6 || i === 8 || i === 10) UID[at++] = DASH;
    const byte = bytes[i] ?? 0;
    UID[at++] = DIGITS[byte >> 4] ?? 0;
    UID[at++] = DIGITS[byte & 15] ?? 0;
  }
  // One flat text, not one made of twenty.
  return UID.toString('latin1');
}

const DIGITS = Buffer.from('0123456789abcdef');
const DASH = 0x2d;
const UID = Buffer.alloc(36);
