import { encodeUtf8 } from '../base/go-string.ts';
import { YamlFault } from './fault.ts';

/** A text made ready for the scanner. */
export interface YamlInput {
  /** The text without byte order mark, with a NUL behind its end. */
  readonly text: string;
  /** Nothing in the text needs more than the quick parser knows: no exotic breaks, no lone CR. */
  readonly plain: boolean;
  /** Offset up to which go-yaml's reader delivers the text before it finds what it refuses. */
  readonly limit: number;
  /** What the reader refuses; undefined if it takes all. */
  readonly limitFault: YamlFault | undefined;
}

/** Size of the pieces in which go-yaml's reader takes a text (yamlprivateh.go). */
const CHUNK = 512;
const SUSPECT = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]|\r(?!\n)/g;

/** Makes a text ready: byte order mark, encoding, forbidden characters. */
export function prepareInput(source: string): YamlInput {
  const text = withoutByteOrderMark(source);
  let plain = true;
  SUSPECT.lastIndex = 0;
  for (let match = SUSPECT.exec(text); match !== null; match = SUSPECT.exec(text)) {
    const offset = match.index;
    const code = text.charCodeAt(offset);
    if (code === 0x0d || code === 0x85 || code === 0x2028 || code === 0x2029 || code === 0xfeff) {
      plain = false;
    } else if (code >= 0xd800 && code <= 0xdbff && isLowSurrogate(text.charCodeAt(offset + 1))) {
      SUSPECT.lastIndex = offset + 2;
    } else {
      const mark = { offset, line: 0, column: 0 };
      const fault = new YamlFault('reader', readerProblem(text, offset), mark);
      return { text: `${text}\0`, plain: false, limit: chunkStart(text, offset), limitFault: fault };
    }
  }
  return { text: `${text}\0`, plain, limit: text.length, limitFault: undefined };
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** Text that was UTF-16 stands in a Go string as broken UTF-8: its mark gives it away. */
function withoutByteOrderMark(source: string): string {
  const first = source.charCodeAt(0);
  if (first === 0xfeff) return source.slice(1);
  const second = source.charCodeAt(1);
  if (first === 0xdcff && second === 0xdcfe) return decodeUtf16(encodeUtf8(source).subarray(2), false);
  if (first === 0xdcfe && second === 0xdcff) return decodeUtf16(encodeUtf8(source).subarray(2), true);
  return source;
}

function decodeUtf16(bytes: Uint8Array, bigEndian: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const units: string[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) units.push(String.fromCharCode(view.getUint16(i, !bigEndian)));
  return units.join('');
}

function readerProblem(text: string, offset: number): string {
  const code = text.charCodeAt(offset);
  if (code < 0xd800 || code > 0xdfff) return 'control characters are not allowed';
  if (code < 0xdc80 || code > 0xdcff) return 'invalid Unicode character';
  const bytes = encodeUtf8(text.slice(offset, offset + 4));
  const lead = bytes[0] ?? 0;
  const width = (lead & 0xe0) === 0xc0 ? 2 : (lead & 0xf0) === 0xe0 ? 3 : (lead & 0xf8) === 0xf0 ? 4 : 0;
  if (width === 0) return 'invalid leading UTF-8 octet';
  if (bytes.length < width) return 'incomplete UTF-8 octet sequence';
  let value = lead & (0xff >> (width + 1));
  for (let i = 1; i < width; i += 1) {
    const octet = bytes[i] ?? 0;
    if ((octet & 0xc0) !== 0x80) return 'invalid trailing UTF-8 octet';
    value = value * 64 + (octet & 0x3f);
  }
  const least = width === 2 ? 0x80 : width === 3 ? 0x800 : 0x10000;
  return value < least ? 'invalid length of a UTF-8 sequence' : 'invalid Unicode character';
}

/** The offset at which the reader's piece with the character at `offset` begins. */
function chunkStart(text: string, offset: number): number {
  let start = 0;
  let room = CHUNK;
  for (let i = 0; i < offset; ) {
    const code = text.codePointAt(i) ?? 0;
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > room) {
      start = i;
      room = CHUNK;
    }
    room -= bytes;
    i += code > 0xffff ? 2 : 1;
  }
  return room <= 0 ? offset : start;
}
