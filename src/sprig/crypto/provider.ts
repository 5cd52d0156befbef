/** Kinds of private keys that templates can make. */
export type KeyKind = 'rsa2048' | 'rsa4096' | 'dsa' | 'ecdsa' | 'ed25519';

/** Hash functions by their usual names. */
export type HashName = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/**
 * The cryptography that templates need, synchronous. There are two implementations: {@link ./native-provider.ts} on
 * `node:crypto` and {@link ./portable-provider.ts} on packages in plain JS. Keys travel as PKCS#8 in DER.
 */
export interface CryptoProvider {
  hash(name: HashName, data: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** scrypt with N = 32768, r = 8, p = 2 and a key of 64 bytes. */
  scrypt(password: Uint8Array, salt: Uint8Array): Uint8Array;
  /** AES-256-CBC of whole blocks, without padding of its own. */
  encryptCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  decryptCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  generateKey(kind: KeyKind): Uint8Array;
  /** The SubjectPublicKeyInfo, in DER, of a private key. Throws if the key cannot be read. */
  publicKey(privateKey: Uint8Array): Uint8Array;
  /** RSA signs PKCS#1 v1.5, ECDSA in DER; `hash` is undefined for Ed25519. */
  sign(privateKey: Uint8Array, hash: HashName | undefined, data: Uint8Array): Uint8Array;
}
