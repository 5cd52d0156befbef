import { toBase64 } from '../../base/base64.ts';
import { fromBase64 } from '../text/base64.ts';

/** A block of a PEM file. */
export interface PemBlock {
  /** What stands behind BEGIN, such as `CERTIFICATE`. */
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A PEM block with lines of 64 characters. */
export function encodePem({ type, bytes }: PemBlock): string {
  const lines = toBase64(bytes).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.map((line) => `${line}\n`).join('')}-----END ${type}-----\n`;
}

/** The first well-formed block of a text, or undefined. */
export function decodePem(text: string): PemBlock | undefined {
  const pattern =
    /(?:^|\n)-----BEGIN ([^\n]*?)-----[ \t\r]*\n((?:[^\n:]*:[^\n]*\n)*)([^-]*)-----END \1-----[ \t\r]*(?:\n|$)/g;
  for (const [, type = '', , body = ''] of text.matchAll(pattern)) {
    try {
      return { type, bytes: fromBase64(body.replaceAll(/\s/g, '')) };
    } catch {
      // Go goes on behind a block whose body is no base64.
    }
  }
  return undefined;
}
