import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { compareSync } from 'bcryptjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import type { TemplateFunction } from '../../src/base/template-function.ts';
import { GoStruct } from '../../src/gotemplate/runtime/go-value.ts';
import { readAll, readDer, readOid } from '../../src/sprig/crypto/der.ts';
import type { SprigEnvironment } from '../../src/sprig/environment.ts';
import { sprigFunctions } from '../../src/sprig/sprig-functions.ts';
import { portableLoader, renderReal, testEnvironment } from './support.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

function caller(overrides: Partial<SprigEnvironment> = {}): (name: string, ...args: unknown[]) => unknown {
  const functions: ReadonlyMap<string, TemplateFunction> = sprigFunctions(testEnvironment(overrides));
  return (name, ...args) => {
    const call = functions.get(name)?.call as ((...values: unknown[]) => unknown) | undefined;
    if (call === undefined) throw new Error(`no function ${name}`);
    return call(...args);
  };
}

interface Pair {
  readonly cert: string;
  readonly key: string;
}

function pairOf(value: unknown): Pair {
  if (!(value instanceof GoStruct)) throw new Error('no certificate');
  return { cert: String(value.field('Cert')), key: String(value.field('Key')) };
}

/** The certificate fits its key and its issuer. */
function verify({ cert, key }: Pair, issuer: Pair): X509Certificate {
  const parsed = new X509Certificate(cert);
  expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(parsed.verify(new X509Certificate(issuer.cert).publicKey)).toBe(true);
  const signer = new X509Certificate(issuer.cert);
  // A certificate that may not sign others does not count as an issuer, not even its own.
  expect(parsed.checkIssued(signer)).toBe(signer.ca);
  return parsed;
}

/** Extensions by number, flag and value; key identifiers only by their length. */
function extensions(pem: string): string[] {
  const [body] = readAll(readDer(new X509Certificate(pem).raw));
  const fields = body === undefined ? [] : readAll(body);
  const block = fields.find((field) => field.tag === 0xa3);
  return (block === undefined ? [] : readAll(readDer(block.content))).map((extension) => {
    const parts = readAll(extension);
    const id = readOid(parts[0]);
    const value = parts.at(-1)?.content ?? new Uint8Array();
    const isKey = id === '2.5.29.14' || id === '2.5.29.35';
    return `${id} ${parts.length === 3} ${isKey ? value.length : Buffer.from(value).toString('hex')}`;
  });
}

describe.each([
  ['OpenSSL', {}],
  ['plain JS', { load: portableLoader }],
] as const)('certificates by %s', (_name, overrides) => {
  const call = caller({ ...overrides, clock: { now: () => NOW } });
  let authority: unknown;
  beforeAll(() => {
    authority = call('genCA', 'my-ca', 365n);
  });

  it('genCA', () => {
    const ca = pairOf(authority);
    const cert = verify(ca, ca);
    expect(cert.ca).toBe(true);
    expect(cert.subject).toBe('CN=my-ca');
    expect(cert.validFrom).toBe('Jan  2 03:04:05 2026 GMT');
    expect(cert.validTo).toBe('Jan  2 03:04:05 2027 GMT');
    expect(ca.key.startsWith('-----BEGIN RSA PRIVATE KEY-----\n')).toBe(true);
    expect(createPrivateKey(ca.key).asymmetricKeyDetails?.modulusLength).toBe(2048);
  });

  it('genSignedCert', () => {
    const cert = verify(
      pairOf(call('genSignedCert', 'leaf', ['10.0.0.1', '::1'], ['a.example', 'b.example'], 1n, authority)),
      pairOf(authority),
    );
    expect(cert.ca).toBe(false);
    expect(cert.issuer).toBe('CN=my-ca');
    expect(cert.subjectAltName).toBe('DNS:a.example, DNS:b.example, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  });

  it('genSelfSignedCert with no name', () => {
    const pair = pairOf(call('genSelfSignedCert', '', [], ['x'], -1n));
    const cert = verify(pair, pair);
    expect(cert.subject ?? '').toBe('');
    expect(extensions(pair.cert).at(-1)).toContain('2.5.29.17 true');
  });

  it('keys of Ed25519', () => {
    const key = String(call('genPrivateKey', 'ed25519'));
    const pair = pairOf(call('genCAWithKey', 'ca', 10n, key));
    verify(pair, pair);
    expect(pair.key).toBe(key);
  });
});

describe('keys', () => {
  const call = caller();

  it.each([
    ['rsa', 'RSA PRIVATE KEY', 'rsa'],
    ['ecdsa', 'EC PRIVATE KEY', 'ec'],
    ['ed25519', 'PRIVATE KEY', 'ed25519'],
  ])('genPrivateKey %s', (kind, label, type) => {
    const pem = String(call('genPrivateKey', kind));
    expect(pem.startsWith(`-----BEGIN ${label}-----\n`)).toBe(true);
    expect(pem.endsWith(`-----END ${label}-----\n`)).toBe(true);
    expect(createPrivateKey(pem).asymmetricKeyType).toBe(type);
    if (type === 'rsa') expect(createPrivateKey(pem).asymmetricKeyDetails?.modulusLength).toBe(4096);
  });

  it('genPrivateKey dsa', () => {
    const pem = String(call('genPrivateKey', 'dsa'));
    expect(pem.startsWith('-----BEGIN DSA PRIVATE KEY-----\n')).toBe(true);
    expect(createPrivateKey(pem).asymmetricKeyType).toBe('dsa');
  });

  it('a chain of elliptic keys', () => {
    const ca = call('genCAWithKey', 'ca', 10n, call('genPrivateKey', 'ecdsa'));
    const leaf = call('genSignedCertWithKey', 'leaf', [], ['x'], 10n, ca, call('genPrivateKey', 'ecdsa'));
    verify(pairOf(leaf), pairOf(ca));
  });

  it.each(['secp384r1', 'secp521r1'])('a key on %s from elsewhere', async (namedCurve) => {
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve });
    for (const type of ['sec1', 'pkcs8'] as const) {
      const pair = pairOf(
        call('genSelfSignedCertWithKey', 'x', [], [], 1n, privateKey.export({ format: 'pem', type })),
      );
      verify(pair, pair);
    }
  });

  it('buildCustomCert hands the pair through', () => {
    const { cert, key } = pairOf(call('genCA', 'x', 1n));
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    expect(pairOf(call('buildCustomCert', base64(cert), base64(key)))).toEqual({ cert, key });
  });

  it('refuses a key that is not the one of the authority', () => {
    const { cert } = pairOf(call('genCA', 'x', 1n));
    const { key } = pairOf(call('genCA', 'y', 1n));
    const mixed = new GoStruct((call('genCA', 'z', 1n) as GoStruct).type, { Cert: cert, Key: key });
    expect(() => call('genSignedCert', 'l', [], [], 1n, mixed)).toThrow(
      "x509: provided PrivateKey doesn't match parent's PublicKey",
    );
  });

  it('has a public key of its own', () => {
    const key = createPrivateKey(String(call('genPrivateKey', 'ecdsa')));
    expect(createPublicKey(key).asymmetricKeyType).toBe('ec');
  });
});

describe('certificates of the real helm', () => {
  it('have the same extensions', () => {
    const call = caller();
    const ca = call('genCA', 'ca', 5n);
    const ours = [
      ca,
      call('genSelfSignedCert', 'x', ['10.0.0.1', 'fe80::1'], ['a.b', '*.c'], 5n),
      call('genSignedCert', 'y', [], ['a.b'], 5n, ca),
      call('genSelfSignedCert', '', ['10.0.0.1'], [], 5n),
    ].map(pairOf);
    const real = renderReal([
      '{{ (genCA "ca" 5).Cert }}',
      '{{ (genSelfSignedCert "x" (list "10.0.0.1" "fe80::1") (list "a.b" "*.c") 5).Cert }}',
      '{{ (genSignedCert "y" nil (list "a.b") 5 (genCA "ca" 5)).Cert }}',
      '{{ (genSelfSignedCert "" (list "10.0.0.1") nil 5).Cert }}',
    ]);
    expect(ours.map(({ cert }) => extensions(cert))).toEqual(real.map(extensions));
    const facts = (pem: string): unknown => {
      const { subject, issuer, ca: authority, subjectAltName, keyUsage } = new X509Certificate(pem);
      return { subject, issuer, authority, subjectAltName, keyUsage };
    };
    expect(ours.map(({ cert }) => facts(cert))).toEqual(real.map(facts));
  });

  it('can be used here', () => {
    const [text = ''] = renderReal(['{{ $ca := genCA "ca" 5 }}{{ $ca.Cert }}|{{ $ca.Key }}']);
    const [cert = '', key = ''] = text.split('|');
    const call = caller();
    const ca = new GoStruct((call('genCA', 'x', 1n) as GoStruct).type, { Cert: cert, Key: key });
    verify(pairOf(call('genSignedCert', 'leaf', [], [], 1n, ca)), { cert, key });
  });
});

describe('passwords and ciphers', () => {
  it.each([
    ['OpenSSL', {}],
    ['plain JS', { load: portableLoader }],
  ] as const)('agree: %s', (_name, overrides) => {
    const call = caller(overrides);
    expect(call('sha1sum', 'abc')).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
    expect(call('sha256sum', 'abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(String(call('sha512sum', 'abc')).slice(0, 16)).toBe('ddaf35a193617aba');
    expect(call('derivePassword', 1n, 'long', 'password', 'user', 'example.com')).toBe(
      caller()('derivePassword', 1n, 'long', 'password', 'user', 'example.com'),
    );
    expect(call('decryptAES', 'k', caller()('encryptAES', 'k', 'secret ü'))).toBe('secret ü');
    expect(caller()('decryptAES', 'k', call('encryptAES', 'k', 'x'.repeat(32)))).toBe('x'.repeat(32));
  });

  it('bcrypt and htpasswd', () => {
    const hash = String(caller()('bcrypt', 'pässword'));
    expect(hash).toMatch(/^\$2a\$10\$[./A-Za-z0-9]{53}$/);
    expect(compareSync('pässword', hash)).toBe(true);
    const line = String(caller()('htpasswd', 'user', 'pw'));
    expect(compareSync('pw', line.slice('user:'.length))).toBe(true);
  });

  it('the real helm reads what is enciphered here', () => {
    const cipher = String(caller()('encryptAES', 'key', 'plain text'));
    expect(renderReal([`{{ decryptAES "key" "${cipher}" }}`])).toEqual(['plain text']);
  });
});

describe('chance', () => {
  it('comes from the environment alone', () => {
    const names = ['randAlphaNum', 'randAlpha', 'randNumeric', 'randAscii', 'randBytes'];
    const draw = (): unknown[] => {
      const call = caller({ random: new SeededRandom(7) });
      return [
        ...names.map((name) => call(name, 20n)),
        call('uuidv4'),
        call('shuffle', 'abcdef'),
        call('randInt', 0n, 1000n),
      ];
    };
    expect(draw()).toEqual(draw());
  });

  it.each([
    ['randAlphaNum', /^[0-9A-Za-z]{500}$/],
    ['randAlpha', /^[A-Za-z]{500}$/],
    ['randNumeric', /^[0-9]{500}$/],
    ['randAscii', /^[ -~]{500}$/],
  ])('%s', (name, pattern) => {
    expect(caller()(name, 500n)).toMatch(pattern);
  });

  it('uuidv4, randBytes, randInt and shuffle', () => {
    const call = caller();
    expect(call('uuidv4')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Buffer.from(String(call('randBytes', 33n)), 'base64')).toHaveLength(33);
    const drawn = Array.from({ length: 200 }, () => Number(String(call('randInt', -3n, 4n))));
    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([-3, 3]);
    expect(Array.from(String(call('shuffle', 'aé😀bc'))).sort()).toEqual(Array.from('aé😀bc').sort());
  });
});
