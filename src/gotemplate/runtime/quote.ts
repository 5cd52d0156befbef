import { decodeUtf8 } from '../../base/go-string.ts';

const PLAIN = /^[ !#-[\]-~]*$/;
const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** Go's strconv.IsPrint of a code point: letters, marks, numbers, punctuation, symbols and the ASCII space. */
export function isPrint(code: number): boolean {
  if (code < 0x7f) return code >= 0x20;
  if (code >= 0xd800 && code < 0xe000) return false;
  return code <= 0x10ffff && /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(String.fromCodePoint(code));
}

/** Go's strconv.Quote; with `ascii` strconv.QuoteToASCII. */
export function quote(text: string, ascii = false): string {
  if (PLAIN.test(text)) return `"${text}"`;
  let out = '"';
  for (const character of text) out += character === '"' ? '\\"' : escape(character, ascii);
  return `${out}"`;
}

/** Go's strconv.QuoteRune of a code point; what is none is quoted as U+FFFD. */
export function quoteRune(code: number, ascii = false): string {
  const valid = code >= 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
  const character = String.fromCodePoint(valid ? code : 0xfffd);
  return `'${character === "'" ? "\\'" : escape(character, ascii)}'`;
}

function escape(character: string, ascii: boolean): string {
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  let code = character.codePointAt(0) ?? 0;
  // A lone surrogate U+DC80..U+DCFF stands for a byte that is no UTF-8.
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
  if (ascii ? code < 0x7f && code >= 0x20 : isPrint(code)) return String.fromCodePoint(code);
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

/** Go's strconv.CanBackquote: one line, no backquote, no control characters but tab. */
export function canBackquote(text: string): boolean {
  return !/[\0-\x08\n-\x1f`\x7f\ufeff\ud800-\udfff]/.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''));
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** Go's strconv.Unquote of a string literal in double quotes or backquotes; undefined if it is malformed. */
export function unquote(literal: string): string | undefined {
  const mark = literal[0];
  if (literal.length < 2 || mark !== literal.at(-1)) return undefined;
  const body = literal.slice(1, -1);
  if (mark === '`') return body.includes('`') ? undefined : body.replaceAll('\r', '');
  if (mark !== '"' || body.includes('\n')) return undefined;
  if (!body.includes('\\')) return body.includes('"') ? undefined : body;
  return unescapeBody(body);
}

function unescapeBody(body: string): string | undefined {
  let out = '';
  for (let i = 0; i < body.length; ) {
    const next = unquoteChar(body, i, '"');
    if (next === undefined) return undefined;
    out += next.text;
    i = next.end;
  }
  return out.length > 0 && /[\udc80-\udcff]/.test(out) ? rejoinBytes(out) : out;
}

/** Byte escapes may add up to UTF-8: `"\xe2\x82\xac"` is one character. */
function rejoinBytes(text: string): string {
  return text.replace(/(?<![\ud800-\udbff])[\udc80-\udcff]+/g, (run) =>
    decodeUtf8(Uint8Array.from(Array.from(run), (unit) => unit.charCodeAt(0) - 0xdc00)),
  );
}

/** One character of a literal at `start`, as strconv.UnquoteChar reads it; undefined if it is malformed. */
export function unquoteChar(
  text: string,
  start: number,
  mark: string,
): { text: string; code: number; end: number } | undefined {
  const first = text.codePointAt(start);
  if (first === undefined) return undefined;
  const character = String.fromCodePoint(first);
  if (character === mark) return undefined;
  if (character !== '\\') return { text: character, code: first, end: start + character.length };
  const kind = text[start + 1];
  if (kind === undefined) return undefined;
  const simple = SIMPLE_ESCAPES[kind];
  if (simple !== undefined) return { text: simple, code: simple.charCodeAt(0), end: start + 2 };
  if (kind === mark && (mark === '"' || mark === "'")) return { text: mark, code: mark.charCodeAt(0), end: start + 2 };
  return unquoteNumber(text, start, kind);
}

function unquoteNumber(
  text: string,
  start: number,
  kind: string,
): { text: string; code: number; end: number } | undefined {
  const width = kind === 'x' ? 2 : kind === 'u' ? 4 : kind === 'U' ? 8 : 0;
  if (width > 0) {
    const digits = text.slice(start + 2, start + 2 + width);
    if (digits.length !== width || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
    const code = Number.parseInt(digits, 16);
    const end = start + 2 + width;
    if (kind === 'x') return { text: byteText(code), code, end };
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
    return { text: String.fromCodePoint(code), code, end };
  }
  const digits = text.slice(start + 1, start + 4);
  if (!/^[0-7]{3}$/.test(digits)) return undefined;
  const code = Number.parseInt(digits, 8);
  return code > 255 ? undefined : { text: byteText(code), code, end: start + 4 };
}

function byteText(byte: number): string {
  return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
}
