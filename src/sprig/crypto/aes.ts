import { decodeUtf8, encodeUtf8 } from '../../base/go-string.ts';
import type { Random } from '../../base/random.ts';
import { toBase64 } from '../../base/base64.ts';
import { fromBase64 } from '../text/base64.ts';
import { concat } from './der.ts';
import type { CryptoProvider } from './provider.ts';

const BLOCK = 16;
const KEY = 32;

/** A password, of which the first 32 bytes count, and what it enciphers. */
export interface AesInput {
  readonly password: string;
  readonly text: string;
}

/** Sprig's encryptAES: AES-256-CBC behind a random initialization vector, in base64. */
export function encryptAes({ password, text }: AesInput, random: Random, crypto: CryptoProvider): string {
  if (text === '') return '';
  const content = encodeUtf8(text);
  const padding = BLOCK - (content.length % BLOCK);
  const iv = random.bytes(BLOCK);
  const padded = concat(content, new Uint8Array(padding).fill(padding));
  return toBase64(concat(iv, crypto.encryptCbc(keyOf(password), iv, padded)));
}

/** Sprig's decryptAES, with Go's panics for what is no such cipher text. */
export function decryptAes({ password, text }: AesInput, crypto: CryptoProvider): string {
  if (text === '') return '';
  const bytes = fromBase64(text);
  if (bytes.length < BLOCK) {
    throw new Error(`runtime error: slice bounds out of range [:${BLOCK}] with capacity ${bytes.length}`);
  }
  const body = bytes.subarray(BLOCK);
  if (body.length % BLOCK !== 0) throw new Error('crypto/cipher: input not full blocks');
  if (body.length === 0) throw new Error('runtime error: index out of range [-1]');
  const plain = crypto.decryptCbc(keyOf(password), bytes.subarray(0, BLOCK), body);
  const end = plain.length - (plain.at(-1) ?? 0);
  if (end < 0) throw new Error(`runtime error: slice bounds out of range [:${end}]`);
  return decodeUtf8(plain.subarray(0, end));
}

function keyOf(password: string): Uint8Array {
  const key = new Uint8Array(KEY);
  key.set(encodeUtf8(password).subarray(0, KEY));
  return key;
}
