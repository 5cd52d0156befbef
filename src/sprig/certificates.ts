import { decodeUtf8 } from '../base/go-string.ts';
import type { ParamType, TemplateFunction } from '../base/template-function.ts';
import { STRING, type GoType } from '../gotemplate/runtime/go-type.ts';
import { GoStruct } from '../gotemplate/runtime/go-value.ts';
import { printValue } from '../gotemplate/runtime/print.ts';
import {
  createCertificate,
  parseCertificate,
  type CertificateRequest,
  type ParsedCertificate,
} from './crypto/certificate.ts';
import { decodePem } from './crypto/pem.ts';
import { formatPrivateKey, fromPkcs8, parsePrivateKey, type PrivateKey } from './crypto/private-key.ts';
import type { CryptoProvider } from './crypto/provider.ts';
import { define } from './define.ts';
import type { SprigEnvironment } from './environment.ts';
import { fromBase64 } from './text/base64.ts';
import { parseAddress } from '../base/ip-address.ts';
import { GoTime } from './time/go-time.ts';
import { SECOND } from './time/duration.ts';

const CERTIFICATE_PARAM = 'sprig.certificate';
const CERTIFICATE: GoType = {
  name: CERTIFICATE_PARAM,
  kind: 'struct',
  fields: [
    { name: 'Cert', type: STRING },
    { name: 'Key', type: STRING },
  ],
};
const NAMES: readonly ParamType[] = ['string', '[]any', '[]any', 'int'];

/** What the caller of a template function says of a certificate. */
interface Wanted {
  readonly commonName: string;
  readonly addresses?: readonly unknown[] | null;
  readonly dnsNames?: readonly unknown[] | null;
  readonly days: bigint;
  readonly authority?: boolean;
}

/** Certificates: Sprig's crypto.go. The forms with `WithKey` take a private key in PEM, the others make one of RSA. */
export function certificateFunctions(
  environment: SprigEnvironment,
  crypto: () => CryptoProvider,
): readonly TemplateFunction[] {
  const issue = (wanted: Wanted, key: PrivateKey, authority?: Authority): GoStruct => {
    const request = requestOf(wanted, environment);
    const issuer = authority ?? { key };
    const cert = within('error creating certificate', () => createCertificate(request, key, issuer, crypto()));
    return certificate(cert, formatPrivateKey(key));
  };
  const newKey = (): PrivateKey => fromPkcs8(crypto().generateKey('rsa2048'));
  const given = (pem: string): PrivateKey => within('parsing private key', () => parsePrivateKey(pem));
  return [
    define('genCA', ['string', 'int'], (commonName: string, days: bigint) =>
      issue({ commonName, days, authority: true }, newKey()),
    ),
    define('genCAWithKey', ['string', 'int', 'string'], (commonName: string, days: bigint, pem: string) =>
      issue({ commonName, days, authority: true }, given(pem)),
    ),
    define('genSelfSignedCert', NAMES, (commonName: string, addresses: unknown[], dnsNames: unknown[], days: bigint) =>
      issue({ commonName, addresses, dnsNames, days }, newKey()),
    ),
    define(
      'genSelfSignedCertWithKey',
      [...NAMES, 'string'],
      (commonName: string, addresses: unknown[], dnsNames: unknown[], days: bigint, pem: string) =>
        issue({ commonName, addresses, dnsNames, days }, given(pem)),
    ),
    define(
      'genSignedCert',
      [...NAMES, CERTIFICATE_PARAM],
      (commonName: string, addresses: unknown[], dnsNames: unknown[], days: bigint, ca: GoStruct) =>
        issue({ commonName, addresses, dnsNames, days }, newKey(), authorityOf(ca)),
    ),
    define(
      'genSignedCertWithKey',
      [...NAMES, CERTIFICATE_PARAM, 'string'],
      (...[commonName, addresses, dnsNames, days, ca, pem]: [string, unknown[], unknown[], bigint, GoStruct, string]) =>
        issue({ commonName, addresses, dnsNames, days }, given(pem), authorityOf(ca)),
    ),
    define('buildCustomCert', ['string', 'string'], buildCustom),
  ];
}

function certificate(cert: string, key: string): GoStruct {
  return new GoStruct(CERTIFICATE, { Cert: cert, Key: key });
}

interface Authority {
  readonly key: PrivateKey;
  readonly certificate: ParsedCertificate;
}

function authorityOf(ca: GoStruct): Authority {
  const block = decodePem(String(ca.field('Cert')));
  if (block === undefined) throw new Error('unable to decode certificate');
  const parsed = within('error parsing certificate: decodedSignerCert.Bytes', () => parseCertificate(block.bytes));
  const key = within('error parsing private key', () => parsePrivateKey(String(ca.field('Key'))));
  return { key, certificate: parsed };
}

function buildCustom(cert64: string, key64: string): GoStruct {
  const cert = decoded(cert64, 'unable to decode base64 certificate');
  const key = decoded(key64, 'unable to decode base64 private key');
  const block = decodePem(cert);
  if (block === undefined) throw new Error('unable to decode certificate');
  within('error parsing certificate: decodedCert.Bytes', () => parseCertificate(block.bytes));
  within('error parsing private key', () => parsePrivateKey(key));
  return certificate(cert, key);
}

function decoded(text: string, message: string): string {
  try {
    return decodeUtf8(fromBase64(text));
  } catch (error) {
    throw new Error(message, { cause: error });
  }
}

function requestOf(
  { commonName, addresses, dnsNames, days, authority = false }: Wanted,
  environment: SprigEnvironment,
): CertificateRequest {
  const milliseconds = environment.clock.now();
  const notBefore = new GoTime({ seconds: Math.floor(milliseconds / 1000) });
  return {
    commonName,
    addresses: (addresses ?? []).map(addressOf),
    dnsNames: (dnsNames ?? []).map((name) => {
      if (typeof name === 'string') return name;
      throw new Error(`error processing alternate dns name: ${printValue(name)} is not a string`);
    }),
    notBefore,
    notAfter: notBefore.add(BigInt.asIntN(64, days * 86_400n * SECOND)),
    serial: environment.random.bytes(16),
    authority,
  };
}

function addressOf(value: unknown): Uint8Array {
  if (typeof value !== 'string') throw new Error(`error parsing ip: ${printValue(value)} is not a string`);
  const address = parseAddress(value);
  if (address === undefined) throw new Error(`error parsing ip: ${value}`);
  return address;
}

function within<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}
