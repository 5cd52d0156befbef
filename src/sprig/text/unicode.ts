/** Runes as Go's package unicode sees them. JS maps case by whole strings (`ß` to `SS`, final sigma); Go maps rune by rune. */

const SPACE = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;

// Patterns with \p are costly to make: they stand in the functions that need them, not here.

/** unicode.IsSpace of a rune (one code point). */
export function isSpace(rune: string): boolean {
  return SPACE.test(rune);
}

/** unicode.IsUpper. */
export function isUpper(rune: string): boolean {
  return /^\p{Lu}$/u.test(rune);
}

/** unicode.IsLower. */
export function isLower(rune: string): boolean {
  return /^\p{Ll}$/u.test(rune);
}

/** unicode.IsTitle. */
export function isTitle(rune: string): boolean {
  return /^\p{Lt}$/u.test(rune);
}

/** unicode.IsLetter. */
export function isLetter(rune: string): boolean {
  return /^\p{L}$/u.test(rune);
}

/** unicode.IsNumber. */
export function isNumber(rune: string): boolean {
  return /^\p{N}$/u.test(rune);
}

/** unicode.IsDigit. */
export function isDigit(rune: string): boolean {
  return /^\p{Nd}$/u.test(rune);
}

/** unicode.IsPunct. */
export function isPunctuation(rune: string): boolean {
  return /^\p{P}$/u.test(rune);
}

/** unicode.ToUpper. */
export function upperRune(rune: string): string {
  const code = rune.codePointAt(0) ?? 0;
  if (code < 0x80) return rune.toUpperCase();
  const upper = rune.toUpperCase();
  return isSingle(upper) ? upper : greekTitle(code, rune);
}

/** unicode.ToLower. */
export function lowerRune(rune: string): string {
  if (rune === '\u0130') return 'i';
  const lower = rune.toLowerCase();
  return isSingle(lower) ? lower : rune;
}

/** unicode.ToTitle: differs from upper case in the Latin digraphs and in Georgian. */
export function titleRune(rune: string): string {
  const code = rune.codePointAt(0) ?? 0;
  if (code < 0x80) return rune.toUpperCase();
  if (code >= 0x01c4 && code <= 0x01cc) return String.fromCharCode(0x01c5 + 3 * Math.floor((code - 0x01c4) / 3));
  if (code >= 0x01f1 && code <= 0x01f3) return '\u01f2';
  if (code >= 0x10d0 && code <= 0x10ff) return rune;
  return upperRune(rune);
}

/** Greek letters with iota subscript have a simple upper case that JS does not use; the other expanding letters have none. */
function greekTitle(code: number, rune: string): string {
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCharCode(code | 8);
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCharCode(code + 9);
  return rune;
}

function isSingle(text: string): boolean {
  return text.length === 1 || (text.length === 2 && (text.codePointAt(0) ?? 0) > 0xffff);
}
