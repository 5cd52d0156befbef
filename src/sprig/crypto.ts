import { byteLength, encodeUtf8 } from '../base/go-string.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import { decryptAes, encryptAes } from './crypto/aes.ts';
import { nativeProvider } from './crypto/native-provider.ts';
import { portableProvider } from './crypto/portable-provider.ts';
import { derivePassword } from './crypto/derived-password.ts';
import type { CryptoProvider, HashName, KeyKind } from './crypto/provider.ts';
import { formatPrivateKey, fromPkcs8 } from './crypto/private-key.ts';
import { define } from './define.ts';
import type { SprigEnvironment } from './environment.ts';

/** bcrypt's cost: 2¹⁰ rounds. */
const COST = '$2a$10$';
const BCRYPT_LIMIT = 72;
const KEY_KINDS: Readonly<Record<string, KeyKind>> = {
  '': 'rsa4096',
  rsa: 'rsa4096',
  dsa: 'dsa',
  ecdsa: 'ecdsa',
  ed25519: 'ed25519',
};

/** The cryptography of an environment: OpenSSL's if there is one. Loaded on the first call. */
export function cryptoOf({ load }: SprigEnvironment): () => CryptoProvider {
  let provider: CryptoProvider | undefined;
  return () => {
    if (provider === undefined) {
      const native = load('node:crypto');
      provider = native === undefined ? portableProvider(load) : nativeProvider(native);
    }
    return provider;
  };
}

/** Sums, passwords, keys and ciphers: Sprig's crypto.go without its certificates. */
export function cryptoFunctions(
  environment: SprigEnvironment,
  crypto: () => CryptoProvider,
): readonly TemplateFunction[] {
  const sum = (name: string, hash: HashName): TemplateFunction =>
    define(name, ['string'], (text: string) => toHex(crypto().hash(hash, encodeUtf8(text))));
  return [
    sum('sha1sum', 'sha1'),
    sum('sha256sum', 'sha256'),
    sum('sha512sum', 'sha512'),
    define('adler32sum', ['string'], adler32),
    define('bcrypt', ['string'], (password: string) => bcrypt(password, environment)),
    define('htpasswd', ['string', 'string'], (user: string, password: string) =>
      user.includes(':') ? `invalid username: ${user}` : `${user}:${bcrypt(password, environment)}`,
    ),
    define(
      'derivePassword',
      ['uint32', 'string', 'string', 'string', 'string'],
      (counter: bigint, kind: string, password: string, user: string, site: string) =>
        derivePassword({ counter: Number(counter), kind, password, user, site }, crypto()),
    ),
    define('genPrivateKey', ['string'], (kind: string) => privateKey(kind, crypto)),
    define('encryptAES', ['string', 'string'], (password: string, text: string) =>
      encryptAes({ password, text }, environment.random, crypto()),
    ),
    define('decryptAES', ['string', 'string'], (password: string, text: string) =>
      decryptAes({ password, text }, crypto()),
    ),
  ];
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function adler32(text: string): string {
  let a = 1;
  let b = 0;
  for (const byte of encodeUtf8(text)) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return String(b * 65_536 + a);
}

function bcrypt(password: string, { load, random }: SprigEnvironment): string {
  if (byteLength(password) > BCRYPT_LIMIT) {
    return `failed to encrypt string with bcrypt: bcrypt: password length exceeds ${BCRYPT_LIMIT} bytes`;
  }
  const { encodeBase64, hashSync } = load('bcryptjs');
  return hashSync(password, COST + encodeBase64(Array.from(random.bytes(16)), 16));
}

function privateKey(name: string, crypto: () => CryptoProvider): string {
  const kind = Object.hasOwn(KEY_KINDS, name) ? KEY_KINDS[name] : undefined;
  if (kind === undefined) return `Unknown type ${name}`;
  try {
    return formatPrivateKey(fromPkcs8(crypto().generateKey(kind)));
  } catch (error) {
    return `failed to generate private key: ${(error as Error).message}`;
  }
}
