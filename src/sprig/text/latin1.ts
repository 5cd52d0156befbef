import { decodeUtf8, encodeUtf8, isAscii } from '../../base/go-string.ts';
import { isSpace } from './unicode.ts';

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

/** goutils.Initials: the first byte of every word, read as a Latin-1 character. */
export function initials(text: string): string {
  let out = '';
  let afterGap = true;
  for (const character of toLatin1(text)) {
    if (isSpace(character)) afterGap = true;
    else if (afterGap) {
      out += character;
      afterGap = false;
    }
  }
  return out;
}

/** goutils.DeleteWhiteSpace: drops blanks byte by byte; a text without any comes back unchanged. */
export function deleteWhiteSpace(text: string): string {
  const characters = toLatin1(text);
  let out = '';
  for (const character of characters) if (!isSpace(character)) out += character;
  return out.length === characters.length ? text : out;
}
