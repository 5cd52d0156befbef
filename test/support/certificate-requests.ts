import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** An element of ASN.1; `padded` writes its length with more bytes than DER allows. */
export function element(tag: number, content: Buffer | string, padded = false): Buffer {
  const bytes = Buffer.from(content);
  const { length } = bytes;
  const size = length >= 256 || padded ? [0x82, length >> 8, length & 255] : length >= 128 ? [0x81, length] : [length];
  return Buffer.concat([Buffer.from([tag, ...size]), bytes]);
}

const SEQUENCE = 0x30;
const SET = 0x31;
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');

/** Of attributes in a name, as `2.5.4.` leads to them. */
const ATTRIBUTES = { CN: 3, O: 10 } as const;

/** One attribute of a name: its kind and its value, an element. */
export type Attribute = readonly [kind: keyof typeof ATTRIBUTES, value: Buffer];

/** A string of ASN.1 in UTF-8. */
export function utf8(text: string): Buffer {
  return element(0x0c, text);
}

/** A request for a certificate, PEM, with a key of its own; what it holds is signed, however odd it is. */
export function certificateRequest(name: readonly Attribute[], keys = keyPair()): string {
  const names = name.map(([kind, value]) => {
    const type = element(0x06, Buffer.from([0x55, 0x04, ATTRIBUTES[kind]]));
    return element(SET, element(SEQUENCE, Buffer.concat([type, value])));
  });
  const version = element(0x02, Buffer.from([0]));
  const key = keys.publicKey.export({ format: 'der', type: 'spki' });
  const subject = element(SEQUENCE, Buffer.concat(names));
  const info = element(SEQUENCE, Buffer.concat([version, subject, key, element(0xa0, '')]));
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', info, keys.privateKey)]);
  const algorithm = element(SEQUENCE, ECDSA_WITH_SHA256);
  const der = element(SEQUENCE, Buffer.concat([info, algorithm, element(0x03, signature)]));
  return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
}

/** Keys for a request. */
export function keyPair(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}
