import { toLatin1 } from '../../base/latin1.ts';
import { isSpace } from './unicode.ts';

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
