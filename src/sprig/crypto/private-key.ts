import {
  concat,
  der,
  integer,
  octetString,
  oid,
  readAll,
  readDer,
  readInteger,
  readOid,
  sequence,
  TAG,
} from './der.ts';
import { decodePem, encodePem } from './pem.ts';

/** Algorithms of private keys. */
export type KeyAlgorithm = 'rsa' | 'ec' | 'ed25519' | 'dsa';

/** Named curves, by the size that decides the hash of a signature. */
export type Curve = 'P-224' | 'P-256' | 'P-384' | 'P-521';

/** A private key as templates pass it around. */
export interface PrivateKey {
  readonly algorithm: KeyAlgorithm;
  readonly curve?: Curve;
  /** PKCS#8 in DER. */
  readonly pkcs8: Uint8Array;
}

const ALGORITHMS: Readonly<Record<string, KeyAlgorithm>> = {
  '1.2.840.113549.1.1.1': 'rsa',
  '1.2.840.10045.2.1': 'ec',
  '1.3.101.112': 'ed25519',
  '1.2.840.10040.4.1': 'dsa',
};

const CURVES: Readonly<Record<string, Curve>> = {
  '1.3.132.0.33': 'P-224',
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
};

const NULL = der(TAG.null);
const VERSION_0 = integer(0n);

/** Reads a PKCS#8 key. */
export function fromPkcs8(bytes: Uint8Array): PrivateKey {
  const [, algorithmNode] = readAll(readDer(bytes));
  if (algorithmNode === undefined) throw new Error('asn1: syntax error: sequence truncated');
  const [name, parameters] = readAll(algorithmNode);
  const id = readOid(name);
  const algorithm = ALGORITHMS[id];
  if (algorithm === undefined)
    throw new Error(`x509: PKCS#8 wrapping contained private key with unknown algorithm: ${id}`);
  if (algorithm !== 'ec') return { algorithm, pkcs8: bytes };
  const curve = CURVES[readOid(parameters)];
  if (curve === undefined) throw new Error('x509: unknown elliptic curve');
  return { algorithm, curve, pkcs8: bytes };
}

/** Reads the first PEM block of a text as a private key. Throws an Error with Sprig's text. */
export function parsePrivateKey(text: string): PrivateKey {
  const block = decodePem(text);
  if (block === undefined) throw new Error('no PEM data in input');
  const { type, bytes } = block;
  if (type === 'PRIVATE KEY') return within('decoding PEM as PKCS#8', () => fromPkcs8(bytes));
  if (!type.endsWith(' PRIVATE KEY')) throw new Error(`no private key data in PEM block of type ${type}`);
  const kind = type.slice(0, -' PRIVATE KEY'.length);
  switch (kind) {
    case 'RSA':
      return within('parsing RSA private key from PEM', () => fromPkcs1(bytes));
    case 'EC':
      return within('parsing EC private key from PEM', () => fromSec1(bytes));
    case 'DSA':
      return within('parsing DSA private key from PEM', () => fromDsa(bytes));
    default:
      throw new Error(`invalid private key type ${kind}`);
  }
}

function within<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}

function fromPkcs1(bytes: Uint8Array): PrivateKey {
  readAll(readDer(bytes)).slice(0, 9).forEach(readInteger);
  const algorithm = sequence(oid('1.2.840.113549.1.1.1'), NULL);
  return { algorithm: 'rsa', pkcs8: sequence(VERSION_0, algorithm, octetString(bytes)) };
}

function fromSec1(bytes: Uint8Array): PrivateKey {
  const parts = readAll(readDer(bytes));
  const parameters = parts.find((part) => part.tag === 0xa0);
  if (parameters === undefined) throw new Error('x509: unknown elliptic curve');
  const curveOid = readDer(parameters.content);
  const curve = CURVES[readOid(curveOid)];
  if (curve === undefined) throw new Error('x509: unknown elliptic curve');
  const algorithm = sequence(oid('1.2.840.10045.2.1'), curveOid.bytes);
  return { algorithm: 'ec', curve, pkcs8: sequence(VERSION_0, algorithm, octetString(bytes)) };
}

function fromDsa(bytes: Uint8Array): PrivateKey {
  const [, p, q, g, , x] = readAll(readDer(bytes)).map(readInteger);
  if (p === undefined || q === undefined || g === undefined || x === undefined) {
    throw new Error('asn1: syntax error: sequence truncated');
  }
  const parameters = sequence(integer(p), integer(q), integer(g));
  const algorithm = sequence(oid('1.2.840.10040.4.1'), parameters);
  return { algorithm: 'dsa', pkcs8: sequence(VERSION_0, algorithm, octetString(integer(x))) };
}

/** The key in the PEM form that Sprig prints: the traditional one, PKCS#8 for Ed25519. */
export function formatPrivateKey({ algorithm, pkcs8 }: PrivateKey): string {
  const [, algorithmNode, inner] = readAll(readDer(pkcs8));
  if (algorithmNode === undefined || inner === undefined) throw new Error('asn1: syntax error: sequence truncated');
  switch (algorithm) {
    case 'rsa':
      return encodePem({ type: 'RSA PRIVATE KEY', bytes: inner.content });
    case 'ec':
      return encodePem({ type: 'EC PRIVATE KEY', bytes: toSec1(inner.content, readAll(algorithmNode)[1]?.bytes) });
    case 'dsa':
      return encodePem({ type: 'DSA PRIVATE KEY', bytes: toDsa(inner.content, readAll(algorithmNode)[1]?.bytes) });
    default:
      return encodePem({ type: 'PRIVATE KEY', bytes: pkcs8 });
  }
}

/** The key with its curve, which PKCS#8 keeps outside. */
function toSec1(inner: Uint8Array, curve: Uint8Array | undefined): Uint8Array {
  const parts = readAll(readDer(inner));
  const [version, secret] = parts;
  const publicKey = parts.find((part) => part.tag === 0xa1);
  const none = new Uint8Array();
  return sequence(
    version?.bytes ?? integer(1n),
    secret?.bytes ?? none,
    curve === undefined ? none : der(0xa0, curve),
    publicKey?.bytes ?? none,
  );
}

function toDsa(inner: Uint8Array, parameters: Uint8Array | undefined): Uint8Array {
  const [p = 1n, q = 1n, g = 1n] = parameters === undefined ? [] : readAll(readDer(parameters)).map(readInteger);
  const x = readInteger(readDer(inner));
  return sequence(concat(VERSION_0, ...[p, q, g, modularPower(g, x, p), x].map(integer)));
}

function modularPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let factor = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * factor) % modulus;
    factor = (factor * factor) % modulus;
  }
  return result;
}
