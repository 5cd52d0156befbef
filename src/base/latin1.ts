import { decodeUtf8, encodeUtf8, isAscii } from './go-string.ts';

/** The bytes of a Go string, each as one Latin-1 character, so that offsets count bytes. */
export function toLatin1(text: string): string {
  if (isAscii(text)) return text;
  let out = '';
  for (const byte of encodeUtf8(text)) out += String.fromCharCode(byte);
  return out;
}

/** The inverse of {@link toLatin1}. */
export function fromLatin1(text: string): string {
  if (isAscii(text)) return text;
  return decodeUtf8(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}
