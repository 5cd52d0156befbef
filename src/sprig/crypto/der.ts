import { encodeUtf8, wellFormed } from '../../base/go-string.ts';

/** Tags of the ASN.1 types that keys and certificates use. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One value in DER. */
export interface DerNode {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content. */
  readonly bytes: Uint8Array;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** A value of a tag with this content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concat(...content);
  const length: number[] = [];
  if (body.length < 0x80) length.push(body.length);
  else {
    for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
    length.unshift(0x80 | length.length);
  }
  return concat(Uint8Array.of(tag, ...length), body);
}

export function sequence(...content: readonly Uint8Array[]): Uint8Array {
  return der(TAG.sequence, ...content);
}

/** A non-negative integer. */
export function integer(value: bigint): Uint8Array {
  let hex = value.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  if (Number.parseInt(hex.slice(0, 2), 16) >= 0x80) hex = `00${hex}`;
  return der(
    TAG.integer,
    Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
  );
}

/** An object identifier in dotted form. */
export function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes: number[] = [];
  for (const part of [first * 40 + second, ...rest]) {
    const group = [part % 128];
    for (let value = Math.floor(part / 128); value > 0; value = Math.floor(value / 128)) {
      group.unshift(0x80 | (value % 128));
    }
    bytes.push(...group);
  }
  return der(TAG.oid, Uint8Array.from(bytes));
}

/** A bit string of whole bytes, or with unused bits at its end. */
export function bitString(content: Uint8Array, unused = 0): Uint8Array {
  return der(TAG.bitString, Uint8Array.of(unused), content);
}

export function octetString(content: Uint8Array): Uint8Array {
  return der(TAG.octetString, content);
}

/** A string as Go's asn1 chooses its type: PrintableString if it can be one, else UTF8String. */
export function text(value: string): Uint8Array {
  const printable = /^[A-Za-z0-9'()+,\-./:=? ]*$/.test(value);
  if (wellFormed(value) !== value) throw new Error('asn1: string not valid UTF-8');
  return der(printable ? TAG.printableString : TAG.utf8String, encodeUtf8(value));
}

/** The value at an offset. Throws if it is cut off. */
export function readDer(bytes: Uint8Array, offset = 0): DerNode {
  const tag = bytes[offset];
  let length = bytes[offset + 1];
  if (tag === undefined || length === undefined) throw new Error('asn1: syntax error: data truncated');
  let start = offset + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4) throw new Error('asn1: structure error: length too large');
    length = 0;
    for (let i = 0; i < count; i += 1) length = length * 256 + (bytes[start + i] ?? 0);
    start += count;
  }
  if (start + length > bytes.length) throw new Error('asn1: syntax error: data truncated');
  return { tag, content: bytes.subarray(start, start + length), bytes: bytes.subarray(offset, start + length) };
}

/** The values within a constructed value; throws unless its tag is `tag`. */
export function readAll(node: DerNode, tag: number = TAG.sequence): DerNode[] {
  if (node.tag !== tag)
    throw new Error(`asn1: structure error: tags don't match (${tag & 0x1f} vs ${node.tag & 0x1f})`);
  const nodes: DerNode[] = [];
  for (let offset = 0; offset < node.content.length; ) {
    const child = readDer(node.content, offset);
    nodes.push(child);
    offset += child.bytes.length;
  }
  return nodes;
}

/** The number in an integer node. */
export function readInteger(node: DerNode | undefined): bigint {
  if (node === undefined || node.tag !== TAG.integer) throw new Error('asn1: structure error: integer expected');
  let value = 0n;
  for (const byte of node.content) value = (value << 8n) | BigInt(byte);
  return value;
}

/** The dotted form of an object identifier. */
export function readOid(node: DerNode | undefined): string {
  if (node === undefined || node.tag !== TAG.oid) throw new Error('asn1: structure error: object identifier expected');
  const parts: number[] = [];
  let value = 0;
  for (const byte of node.content) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      parts.push(value);
      value = 0;
    }
  }
  const first = parts.shift() ?? 0;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...parts].join('.');
}
