import { decodeUtf8, encodeUtf8 } from '../base/go-string.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import { define } from './define.ts';
import { toBase64 } from '../base/base64.ts';
import { fromBase32, fromBase64, toBase32 } from './text/base64.ts';

/** Encodings of bytes as text: Sprig's strings.go. What cannot be decoded gives the error's text. */
export const encodingFunctions: readonly TemplateFunction[] = [
  define('b64enc', ['string'], (text: string) => toBase64(encodeUtf8(text))),
  define('b64dec', ['string'], (text: string) => decodeOrError(fromBase64, text)),
  define('b32enc', ['string'], (text: string) => toBase32(encodeUtf8(text))),
  define('b32dec', ['string'], (text: string) => decodeOrError(fromBase32, text)),
];

function decodeOrError(decode: (text: string) => Uint8Array, text: string): string {
  let bytes: Uint8Array;
  try {
    bytes = decode(text);
  } catch (error) {
    return (error as Error).message;
  }
  return decodeUtf8(bytes);
}
