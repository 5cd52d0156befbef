import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
// What reads certificates the old way (X509Certificate.toLegacyObject) leaves Node without TLS unless that was loaded before.
import 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import * as x509 from '@peculiar/x509';
import { requestDer } from '../registry/certificates/request-der.ts';
import type { RequestFacts } from './certificate-rules.ts';

/** A certificate with its private key, PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const YEAR = 365 * 24 * 3_600_000;

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  return await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
}

function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  // Positive, as X.509 wants it.
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return Buffer.from(bytes).toString('hex');
}

/** A certificate authority of its own, valid for ten years from an instant (ms since the epoch). */
export async function createAuthority(name: string, now: number): Promise<KeyPair> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${name}`,
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + 10 * YEAR),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyPem(keys.privateKey) };
}

/** Whom a certificate is for. */
export type CertificateSubject =
  | { readonly kind: 'server'; readonly names: readonly string[]; readonly addresses: readonly string[] }
  | { readonly kind: 'client'; readonly user: string; readonly groups: readonly string[] };

/** A certificate that the authority signs, valid for a year. */
export async function issueCertificate(authority: KeyPair, subject: CertificateSubject, now: number): Promise<KeyPair> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await makeKeys();
  const issuer = new x509.X509Certificate(authority.certificate);
  const name =
    subject.kind === 'server'
      ? [{ CN: ['kube-apiserver'] }]
      : [...subject.groups.map((group) => ({ O: [group] })), { CN: [subject.user] }];
  const usage = subject.kind === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
  const alternatives =
    subject.kind === 'server'
      ? [
          new x509.SubjectAlternativeNameExtension([
            ...subject.names.map((value) => ({ type: 'dns' as const, value })),
            ...subject.addresses.map((value) => ({ type: 'ip' as const, value })),
          ]),
        ]
      : [];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: name,
    issuer: issuer.subject,
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + YEAR),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      ...alternatives,
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyPem(keys.privateKey) };
}

/** @throws Error when it is none */
function parseRequest(request: string): x509.Pkcs10CertificateRequest {
  x509.cryptoProvider.set(webcrypto);
  const der = requestDer(request);
  // Of anything else the package would try other formats.
  if (der?.[0] !== SEQUENCE) throw new Error('PEM block type must be CERTIFICATE REQUEST');
  return new x509.Pkcs10CertificateRequest(der);
}

/** What a request, base64 of PEM, says of its subject. @throws Error when it is none */
export function readRequest(request: string): RequestFacts {
  const { subjectName, extensions } = parseRequest(request);
  const names = extensions
    .filter((each) => each instanceof x509.SubjectAlternativeNameExtension)
    .flatMap(({ names: own }) => own.items);
  const ofType = (wanted: x509.GeneralNameType): string[] =>
    names.filter(({ type }) => type === wanted).map(({ value }) => value);
  return {
    commonName: subjectName.getField('CN').at(-1) ?? '',
    organizations: subjectName.getField('O'),
    dnsNames: ofType('dns'),
    addresses: ofType('ip'),
    emails: ofType('email'),
    uris: ofType('url'),
  };
}

/** What a request for a certificate may become. */
export interface SigningOptions {
  /** ms since the epoch, by the wall clock */
  readonly now: number;
  /** ms */
  readonly duration: number;
  readonly usages: readonly string[];
}

/** The tag that the DER of a request begins with. */
const SEQUENCE = 0x30;
/** The object identifier of subjectAltName. */
const ALTERNATIVE_NAMES = '2.5.29.17';

/** What the signers of the control plane allow is a digital signature, the encipherment of keys, or both. */
function keyUsages(usages: readonly string[]): x509.KeyUsagesExtension {
  if (!usages.includes('key encipherment')) {
    return new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true);
  }
  if (!usages.includes('digital signature')) {
    return new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyEncipherment, true);
  }
  return new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true);
}

const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  'client auth': x509.ExtendedKeyUsage.clientAuth,
  'server auth': x509.ExtendedKeyUsage.serverAuth,
};

/**
 * The certificate, PEM, that a request, base64 of PEM, asks the authority for.
 *
 * @throws Error when the request is none, is not signed by its own key, or would be read by TLS in another way than here
 */
export async function signRequest(authority: KeyPair, asked: string, options: SigningOptions): Promise<string> {
  const request = parseRequest(asked);
  if (!(await request.verify())) throw new Error('the request is not signed by the key that it is for');
  const { now, duration, usages } = options;
  const names = request.getExtension(ALTERNATIVE_NAMES);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: request.subjectName,
    issuer: new x509.X509Certificate(authority.certificate).subject,
    notBefore: new Date(now - 5 * 60_000),
    notAfter: new Date(now + duration),
    signingAlgorithm: ALGORITHM,
    publicKey: request.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      keyUsages(usages),
      new x509.ExtendedKeyUsageExtension(usages.flatMap((usage) => EXTENDED_USAGES[usage] ?? [])),
      ...(names === null ? [] : [names]),
    ],
  });
  const pem = certificate.toString('pem');
  if (!isReadAlike(pem, request.subjectName)) throw new Error('invalid subject: unsupported string type');
  return `${pem}\n`;
}

/** True when TLS, which clients are authenticated by, finds the names in a certificate that its rules were asked about. */
function isReadAlike(pem: string, subject: x509.Name): boolean {
  const { subject: read } = new X509Certificate(pem).toLegacyObject();
  return (['CN', 'O'] as const).every((field) => {
    const found: string | readonly string[] | undefined = read[field];
    return isDeepStrictEqual([found ?? []].flat(), subject.getField(field));
  });
}
