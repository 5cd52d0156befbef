import { generateRsaKey } from './rsa-key.ts';
import type { CryptoProvider, HashName, KeyKind } from './provider.ts';

/** The part of `node:crypto` that is used; the host hands the module over, nothing here imports it. */
export interface NativeCrypto {
  createHash(name: string): { update(data: Uint8Array): { digest(): Uint8Array } };
  createHmac(name: string, key: Uint8Array): { update(data: Uint8Array): { digest(): Uint8Array } };
  scryptSync(
    password: Uint8Array,
    salt: Uint8Array,
    length: number,
    options: { N: number; r: number; p: number; maxmem: number },
  ): Uint8Array;
  createCipheriv(name: string, key: Uint8Array, iv: Uint8Array): NativeCipher;
  createDecipheriv(name: string, key: Uint8Array, iv: Uint8Array): NativeCipher;
  generatePrimeSync(bits: number, options: { bigint: true }): bigint;
  generateKeyPairSync(kind: string, options: object): { privateKey: unknown };
  createPrivateKey(key: { key: Uint8Array; format: 'der'; type: 'pkcs8' }): unknown;
  createPublicKey(key: unknown): { export(options: { format: 'der'; type: 'spki' }): Uint8Array };
  sign(hash: string | null, data: Uint8Array, key: unknown): Uint8Array;
}

interface NativeCipher {
  setAutoPadding(enabled: boolean): unknown;
  update(data: Uint8Array): Uint8Array;
  final(): Uint8Array;
}

const KEY_OPTIONS: Readonly<Record<Exclude<KeyKind, 'rsa2048' | 'rsa4096'>, readonly [kind: string, options: object]>> =
  {
    dsa: ['dsa', { modulusLength: 2048, divisorLength: 256 }],
    ecdsa: ['ec', { namedCurve: 'P-256' }],
    ed25519: ['ed25519', {}],
  };

/** Cryptography by OpenSSL. */
export function nativeProvider(crypto: NativeCrypto): CryptoProvider {
  const open = (key: Uint8Array): unknown => crypto.createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  return {
    hash: (name, data) => crypto.createHash(name).update(data).digest(),
    hmacSha256: (key, data) => crypto.createHmac('sha256', key).update(data).digest(),
    scrypt: (password, salt) =>
      crypto.scryptSync(password, salt, 64, { N: 32_768, r: 8, p: 2, maxmem: 128 * 1024 * 1024 }),
    encryptCbc: (key, iv, data) => run(crypto.createCipheriv('aes-256-cbc', key, iv), data),
    decryptCbc: (key, iv, data) => run(crypto.createDecipheriv('aes-256-cbc', key, iv), data),
    generateKey: (kind) => {
      if (kind === 'rsa2048' || kind === 'rsa4096') {
        const randomPrime = (bits: number): bigint => crypto.generatePrimeSync(bits, { bigint: true });
        return generateRsaKey(kind === 'rsa2048' ? 2048 : 4096, randomPrime);
      }
      const [name, options] = KEY_OPTIONS[kind];
      const { privateKey } = crypto.generateKeyPairSync(name, {
        ...options,
        publicKeyEncoding: { format: 'der', type: 'spki' },
        privateKeyEncoding: { format: 'der', type: 'pkcs8' },
      });
      return privateKey as Uint8Array;
    },
    publicKey: (key) => crypto.createPublicKey(open(key)).export({ format: 'der', type: 'spki' }),
    sign: (key, hash: HashName | undefined, data) => crypto.sign(hash ?? null, data, open(key)),
  };
}

function run(cipher: NativeCipher, data: Uint8Array): Uint8Array {
  cipher.setAutoPadding(false);
  const first = cipher.update(data);
  const last = cipher.final();
  const out = new Uint8Array(first.length + last.length);
  out.set(first);
  out.set(last, first.length);
  return out;
}
