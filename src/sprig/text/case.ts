import { isAscii, wellFormed } from '../../base/go-string.ts';
import { isDigit, isLetter, isLower, isSpace, isTitle, isUpper, lowerRune, titleRune, upperRune } from './unicode.ts';

/** strings.ToUpper. */
export function toUpper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapRunes(text, upperRune);
}

/** strings.ToLower. */
export function toLower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapRunes(text, lowerRune);
}

/** strings.Title: the first letter of every word in title case; a word ends at anything but letters, digits and `_`. */
export function toTitle(text: string): string {
  let previous = ' ';
  return mapRunes(text, (rune) => {
    const mapped = isWordSeparator(previous) ? titleRune(rune) : rune;
    previous = rune;
    return mapped;
  });
}

function isWordSeparator(rune: string): boolean {
  if (rune <= '\x7f') return !/[0-9A-Za-z_]/.test(rune);
  return !isLetter(rune) && !isDigit(rune) && isSpace(rune);
}

/** goutils.Uncapitalize: the first letter of every word, as blanks separate them, in lower case. */
export function uncapitalize(text: string): string {
  let wordStarts = true;
  return mapRunes(text, (rune) => {
    if (isSpace(rune)) {
      wordStarts = true;
      return rune;
    }
    if (!wordStarts) return rune;
    wordStarts = false;
    return lowerRune(rune);
  });
}

/** goutils.SwapCase: lower to upper and back; a lower letter that starts a word becomes title case. */
export function swapCase(text: string): string {
  let afterBlank = true;
  return mapRunes(text, (rune) => {
    if (isUpper(rune) || isTitle(rune)) {
      afterBlank = false;
      return lowerRune(rune);
    }
    if (isLower(rune)) {
      if (!afterBlank) return upperRune(rune);
      afterBlank = false;
      return titleRune(rune);
    }
    afterBlank = isSpace(rune);
    return rune;
  });
}

/** Maps every rune; a byte that is no UTF-8 becomes U+FFFD, as in Go's strings.Map. */
export function mapRunes(text: string, map: (rune: string) => string): string {
  let out = '';
  for (const rune of isAscii(text) ? text : wellFormed(text)) out += map(rune);
  return out;
}
