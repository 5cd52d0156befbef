import type { Random } from '../base/random.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import { toBase64 } from '../base/base64.ts';
import { checkLength } from './bounds.ts';
import { define } from './define.ts';
import type { SprigEnvironment } from './environment.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const ASCII = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');

/** Strings by chance. All of them are made of the environment's random numbers. */
export function randomStringFunctions({ random }: SprigEnvironment): readonly TemplateFunction[] {
  const pick = (name: string, alphabet: string): TemplateFunction =>
    define(name, ['int'], (count: bigint) => randomText(random, alphabet, Number(count)));
  return [
    pick('randAlphaNum', LETTERS + DIGITS),
    pick('randAlpha', LETTERS),
    pick('randNumeric', DIGITS),
    pick('randAscii', ASCII),
    define('randBytes', ['int'], (count: bigint) => {
      if (count < 0n) throw new Error('runtime error: makeslice: len out of range');
      checkLength(count);
      return toBase64(random.bytes(Number(count)));
    }),
    define('uuidv4', [], () => uuid(random)),
    define('shuffle', ['string'], (text: string) => shuffle(random, text)),
  ];
}

function randomText(random: Random, alphabet: string, count: number): string {
  checkLength(count);
  let out = '';
  for (let i = 0; i < count; i += 1) out += alphabet.charAt(random.below(alphabet.length));
  return out;
}

function uuid(random: Random): string {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function shuffle(random: Random, text: string): string {
  const characters = Array.from(text);
  for (let i = characters.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    [characters[i], characters[j]] = [characters[j] ?? '', characters[i] ?? ''];
  }
  return characters.join('');
}
