import { decodeUtf8 } from '../base/go-string.ts';

/** A file of a tar archive; links are empty files. */
interface TarEntry {
  readonly path: string;
  readonly data: Uint8Array;
  /** ms since the epoch */
  readonly modified: number;
}

const BLOCK = 512;
const DIRECTORY = '5';
const PAX = 'x';
const PAX_GLOBAL = 'g';
const GNU_LONG_NAME = 'L';
const GNU_LONG_LINK = 'K';

/**
 * The entries of a tar archive (ustar, pax, GNU), without folders.
 *
 * @param fault makes the error for a damaged archive
 */
export function* tarEntries(content: Uint8Array, fault: (reason: string) => Error): Generator<TarEntry> {
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= content.length; ) {
    const header = content.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    if (!hasValidSum(header)) throw fault('archive/tar: invalid tar header');
    const type = String.fromCharCode(header[156] ?? 0);
    const size = numberAt(header, 124, 12);
    at += BLOCK;
    if (at + size > content.length) throw fault('unexpected EOF');
    const data = content.subarray(at, at + size);
    at += Math.ceil(size / BLOCK) * BLOCK;
    if (type === PAX) longName = paxPath(data) ?? longName;
    else if (type === GNU_LONG_NAME) longName = textAt(data, 0, data.length);
    else if (type !== PAX_GLOBAL && type !== GNU_LONG_LINK) {
      const path = longName ?? nameOf(header);
      longName = undefined;
      const isFile = type === '0' || type === '\0' || type === '7';
      const modified = numberAt(header, 136, 12) * 1000;
      if (type !== DIRECTORY && !path.endsWith('/')) yield { path, data: isFile ? data : new Uint8Array(), modified };
    }
  }
}

function nameOf(header: Uint8Array): string {
  const name = textAt(header, 0, 100);
  const isUstar = textAt(header, 257, 6).startsWith('ustar');
  const prefix = isUstar ? textAt(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textAt(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return decodeUtf8(end === -1 ? field : field.subarray(0, end));
}

/** Octal digits, or a big-endian number behind a set high bit. */
function numberAt(header: Uint8Array, start: number, length: number): number {
  const first = header[start] ?? 0;
  if ((first & 0x80) === 0) return Number.parseInt(textAt(header, start, length).trim() || '0', 8) || 0;
  let value = first & 0x7f;
  for (let i = 1; i < length; i += 1) value = value * 256 + (header[start + i] ?? 0);
  return value;
}

/** The sum of all bytes, with blanks in place of the sum itself. */
function hasValidSum(header: Uint8Array): boolean {
  let sum = 0;
  header.forEach((byte, i) => {
    sum += i >= 148 && i < 156 ? 0x20 : byte;
  });
  return sum === numberAt(header, 148, 8);
}

/** `LENGTH path=VALUE\n` among the records of a pax header. */
function paxPath(data: Uint8Array): string | undefined {
  const match = /(?:^|\n)\d+ path=([^\n]*)\n/.exec(decodeUtf8(data));
  return match?.[1];
}
