import type { GoTime } from '../time/go-time.ts';
import { bitString, der, integer, octetString, oid, readAll, readDer, sequence, TAG, text } from './der.ts';
import { encodePem } from './pem.ts';
import type { PrivateKey } from './private-key.ts';
import type { CryptoProvider, HashName } from './provider.ts';

/** What a new certificate says. */
export interface CertificateRequest {
  readonly commonName: string;
  /** Addresses as 4 or 16 bytes. */
  readonly addresses: readonly Uint8Array[];
  readonly dnsNames: readonly string[];
  readonly notBefore: GoTime;
  readonly notAfter: GoTime;
  /** 128 random bits. */
  readonly serial: Uint8Array;
  /** An authority may sign others and carries a key identifier. */
  readonly authority: boolean;
}

/** The signer: the subject itself, or an authority's certificate with its key. */
export interface CertificateIssuer {
  readonly key: PrivateKey;
  /** Undefined if the certificate signs itself. */
  readonly certificate?: ParsedCertificate;
}

/** The parts of an authority's certificate that go into what it signs. */
export interface ParsedCertificate {
  /** The subject's name in DER. */
  readonly subject: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly keyIdentifier: Uint8Array | undefined;
}

interface SignatureScheme {
  readonly algorithm: Uint8Array;
  readonly hash: HashName | undefined;
}

const KEY_IDENTIFIER = '2.5.29.14';

/** Reads the parts of a certificate that {@link createCertificate} needs. Throws if it is malformed. */
export function parseCertificate(bytes: Uint8Array): ParsedCertificate {
  const [body] = readAll(readDer(bytes));
  if (body === undefined) throw new Error('x509: malformed certificate');
  let fields;
  try {
    fields = readAll(body);
  } catch (error) {
    throw new Error('x509: malformed tbs certificate', { cause: error });
  }
  // The version is left out in certificates of version 1.
  if (fields[0]?.tag === 0xa0) fields.shift();
  const subject = fields[4];
  const publicKey = fields[5];
  if (subject === undefined || publicKey === undefined) throw new Error('x509: malformed tbs certificate');
  const extensions = fields.find((field) => field.tag === 0xa3);
  let keyIdentifier: Uint8Array | undefined;
  for (const extension of extensions === undefined ? [] : readAll(readDer(extensions.content))) {
    const parts = readAll(extension);
    const value = parts.at(-1);
    if (value !== undefined && equalBytes(parts[0]?.bytes, oid(KEY_IDENTIFIER))) {
      keyIdentifier = readDer(value.content).content;
    }
  }
  return { subject: subject.bytes, publicKey: publicKey.bytes, keyIdentifier };
}

/** A certificate in PEM, with the fields and extensions that Go's x509.CreateCertificate writes for Sprig's templates. */
export function createCertificate(
  request: CertificateRequest,
  subjectKey: PrivateKey,
  issuer: CertificateIssuer,
  crypto: CryptoProvider,
): string {
  if (issuer.key.algorithm === 'dsa') throw new Error('x509: certificate private key does not implement crypto.Signer');
  if (subjectKey.algorithm === 'dsa') throw new Error('x509: unsupported public key type: *dsa.PublicKey');
  const scheme = signatureScheme(issuer.key);
  const publicKey = crypto.publicKey(subjectKey.pkcs8);
  const parent = issuer.certificate;
  if (parent !== undefined && !equalBytes(crypto.publicKey(issuer.key.pkcs8), parent.publicKey)) {
    throw new Error("x509: provided PrivateKey doesn't match parent's PublicKey");
  }
  const subject = distinguishedName(request.commonName);
  const issuerName = parent?.subject ?? subject;
  const authorityKey = equalBytes(issuerName, subject) ? undefined : parent?.keyIdentifier;
  const body = sequence(
    der(0xa0, integer(2n)),
    serialNumber(request.serial),
    scheme.algorithm,
    issuerName,
    sequence(timestamp(request.notBefore), timestamp(request.notAfter)),
    subject,
    publicKey,
    der(0xa3, sequence(...extensions(request, { publicKey, authorityKey, crypto }))),
  );
  const signature = crypto.sign(issuer.key.pkcs8, scheme.hash, body);
  return encodePem({ type: 'CERTIFICATE', bytes: sequence(body, scheme.algorithm, bitString(signature)) });
}

function signatureScheme({ algorithm, curve }: PrivateKey): SignatureScheme {
  if (algorithm === 'rsa') {
    return { algorithm: sequence(oid('1.2.840.113549.1.1.11'), der(TAG.null)), hash: 'sha256' };
  }
  if (algorithm === 'ed25519') return { algorithm: sequence(oid('1.3.101.112')), hash: undefined };
  if (curve === 'P-384') return { algorithm: sequence(oid('1.2.840.10045.4.3.3')), hash: 'sha384' };
  if (curve === 'P-521') return { algorithm: sequence(oid('1.2.840.10045.4.3.4')), hash: 'sha512' };
  return { algorithm: sequence(oid('1.2.840.10045.4.3.2')), hash: 'sha256' };
}

function distinguishedName(commonName: string): Uint8Array {
  if (commonName === '') return sequence();
  return sequence(der(TAG.set, sequence(oid('2.5.4.3'), text(commonName))));
}

function serialNumber(random: Uint8Array): Uint8Array {
  let value = 0n;
  for (const byte of random) value = (value << 8n) | BigInt(byte);
  return integer(value);
}

function timestamp(time: GoTime): Uint8Array {
  const { year } = time.civil();
  if (year < 0 || year > 9999) throw new Error('asn1: structure error: cannot represent time as GeneralizedTime');
  const utc = year >= 1950 && year < 2050;
  const digits = time.format(utc ? '060102150405Z' : '20060102150405Z');
  return der(utc ? TAG.utcTime : TAG.generalizedTime, new TextEncoder().encode(digits));
}

interface ExtensionContext {
  readonly publicKey: Uint8Array;
  readonly authorityKey: Uint8Array | undefined;
  readonly crypto: CryptoProvider;
}

function extensions(request: CertificateRequest, { publicKey, authorityKey, crypto }: ExtensionContext): Uint8Array[] {
  // Digital signature and key encipherment; an authority signs certificates too.
  const usage = request.authority ? bitString(Uint8Array.of(0xa4), 2) : bitString(Uint8Array.of(0xa0), 5);
  const list = [
    extension('2.5.29.15', usage, true),
    extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))),
    extension('2.5.29.19', request.authority ? sequence(der(TAG.boolean, Uint8Array.of(0xff))) : sequence(), true),
  ];
  if (request.authority) {
    const keyBits = readAll(readDer(publicKey))[1]?.content.subarray(1) ?? publicKey;
    list.push(extension(KEY_IDENTIFIER, octetString(crypto.hash('sha256', keyBits).subarray(0, 20))));
  }
  if (authorityKey !== undefined) list.push(extension('2.5.29.35', sequence(der(0x80, authorityKey))));
  const names = alternativeNames(request);
  if (names.length > 0) list.push(extension('2.5.29.17', sequence(...names), request.commonName === ''));
  return list;
}

function extension(id: string, value: Uint8Array, critical = false): Uint8Array {
  const flag = critical ? der(TAG.boolean, Uint8Array.of(0xff)) : new Uint8Array();
  return sequence(oid(id), flag, octetString(value));
}

function alternativeNames({ dnsNames, addresses }: CertificateRequest): Uint8Array[] {
  const names = dnsNames.map((name) => {
    if (/[^\0-\x7f]/.test(name)) throw new Error(`x509: ${JSON.stringify(name)} cannot be encoded as an IA5String`);
    return der(0x82, new TextEncoder().encode(name));
  });
  return [...names, ...addresses.map((address) => der(0x87, address))];
}

function equalBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}
