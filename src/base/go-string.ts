/**
 * Go strings in JS strings.
 *
 * A Go string is a sequence of bytes, mostly UTF-8, and cutting one (`trunc`, `substr`, `b64dec` of binary data) may leave
 * bytes that are no UTF-8. Such a byte `b` (0x80…0xFF) is kept as the lone low surrogate U+DC00 + b, which no UTF-8 text
 * contains; {@link encodeUtf8} turns it back into the byte, so that nothing is lost on the way through a template.
 */

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const NON_ASCII = /[^\0-\x7f]/;
const LONG = 64;
/** Counts bytes where the runtime is Node's; browsers have none. */
const counter = (globalThis as { readonly Buffer?: { byteLength(text: string): number } }).Buffer;
const ESCAPED_BYTE = /[\udc80-\udcff]/;
const REPLACEMENT = 0xfffd;

/** True if the text has one byte a character, so that byte and UTF-16 offsets are the same. */
export function isAscii(text: string): boolean {
  // Every other character has more bytes than UTF-16 units, and counting is faster than a pattern where there is much to look at.
  return text.length > LONG && counter !== undefined ? counter.byteLength(text) === text.length : !NON_ASCII.test(text);
}

/** The bytes of a Go string. */
export function encodeUtf8(text: string): Uint8Array {
  if (!ESCAPED_BYTE.test(text)) return encoder.encode(text);
  const out: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) out.push(code - 0xdc00);
    else if (code < 0x80) out.push(code);
    else out.push(...encoder.encode(character));
  }
  return Uint8Array.from(out);
}

/** The Go string of these bytes; the inverse of {@link encodeUtf8}. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return decodeBroken(bytes);
  }
}

function decodeBroken(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; ) {
    const width = sequenceLength(bytes, i);
    if (width === 0) {
      out += String.fromCharCode(0xdc00 + (bytes[i] ?? 0));
      i += 1;
    } else {
      out += strictDecoder.decode(bytes.subarray(i, i + width));
      i += width;
    }
  }
  return out;
}

/** The length of the well-formed UTF-8 sequence at `start`, 0 if there is none. */
function sequenceLength(bytes: Uint8Array, start: number): number {
  const lead = bytes[start] ?? 0;
  if (lead < 0x80) return 1;
  const length =
    lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  if (length === 0 || start + length > bytes.length) return 0;
  for (let i = 1; i < length; i += 1) {
    if (((bytes[start + i] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  const second = bytes[start + 1] ?? 0;
  const outside =
    (lead === 0xe0 && second < 0xa0) ||
    (lead === 0xed && second >= 0xa0) ||
    (lead === 0xf0 && second < 0x90) ||
    (lead === 0xf4 && second >= 0x90);
  return outside ? 0 : length;
}

/** Go's `len(text)`: the number of bytes. */
export function byteLength(text: string): number {
  if (isAscii(text)) return text.length;
  let length = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x80) length += 1;
    else if (code < 0x800) length += 2;
    else if (code >= 0xd800 && code < 0xdc00 && isLowSurrogate(text.charCodeAt(i + 1))) {
      length += 4;
      i += 1;
    } else length += code >= 0xdc80 && code <= 0xdcff ? 1 : 3;
  }
  return length;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}

/** Go's `text[start:end]`: a slice by bytes; the bounds must lie within the string. */
export function sliceBytes(text: string, start: number, end?: number): string {
  if (isAscii(text)) return text.slice(start, end);
  return decodeUtf8(encodeUtf8(text).subarray(start, end));
}

/** The code points of a Go string as `range` and `[]rune(text)` give them: every byte that is no UTF-8 is U+FFFD. */
export function runes(text: string): number[] {
  const out: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    out.push(code >= 0xd800 && code < 0xe000 ? REPLACEMENT : code);
  }
  return out;
}

/** The text with every byte that is no UTF-8 replaced by U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
