import type { ModuleLoader } from '../environment.ts';
import { integer, octetString, oid, readAll, readDer, sequence, der, TAG } from './der.ts';
import type { CryptoProvider } from './provider.ts';
import { fromPkcs8 } from './private-key.ts';

/** Cryptography in plain JS, for hosts without `node:crypto`. Makes and uses RSA and Ed25519 keys only. */
export function portableProvider(load: ModuleLoader): CryptoProvider {
  return {
    hash: (name, data) => {
      if (name === 'sha1') return load('@noble/hashes/legacy.js').sha1(data);
      return load('@noble/hashes/sha2.js')[name](data);
    },
    hmacSha256: (key, data) => load('@noble/hashes/hmac.js').hmac(load('@noble/hashes/sha2.js').sha256, key, data),
    scrypt: (password, salt) =>
      load('@noble/hashes/scrypt.js').scrypt(password, salt, { N: 32_768, r: 8, p: 2, dkLen: 64 }),
    encryptCbc: (key, iv, data) => load('@noble/ciphers/aes.js').cbc(key, iv, { disablePadding: true }).encrypt(data),
    decryptCbc: (key, iv, data) => load('@noble/ciphers/aes.js').cbc(key, iv, { disablePadding: true }).decrypt(data),
    generateKey: (kind) => {
      const { pki, asn1 } = load('node-forge');
      if (kind === 'ed25519') return ed25519Key(fromBinary(pki.ed25519.generateKeyPair().privateKey).subarray(0, 32));
      if (kind !== 'rsa2048' && kind !== 'rsa4096') throw new Error(`keys of kind ${kind} cannot be made here`);
      const { privateKey } = pki.rsa.generateKeyPair({ bits: kind === 'rsa2048' ? 2048 : 4096 });
      const wrapped = pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(privateKey));
      return fromBinary(asn1.toDer(wrapped).getBytes());
    },
    publicKey: (key) => {
      const { pki, asn1 } = load('node-forge');
      if (fromPkcs8(key).algorithm === 'ed25519') {
        const publicKey = pki.ed25519.publicKeyFromPrivateKey({ privateKey: ed25519Secret(load, key) });
        const bits = der(TAG.bitString, Uint8Array.of(0), fromBinary(publicKey));
        return sequence(sequence(oid('1.3.101.112')), bits);
      }
      const { n, e } = rsaKey(load, key);
      return fromBinary(asn1.toDer(pki.publicKeyToAsn1(pki.setRsaPublicKey(n, e))).getBytes());
    },
    sign: (key, hash, data) => {
      const { pki, md } = load('node-forge');
      if (hash === undefined) {
        return fromBinary(
          pki.ed25519.sign({ message: toBinary(data), encoding: 'binary', privateKey: ed25519Secret(load, key) }),
        );
      }
      const digest = md[hash].create();
      digest.update(toBinary(data));
      return fromBinary(rsaKey(load, key).sign(digest));
    },
  };
}

function rsaKey(load: ModuleLoader, pkcs8: Uint8Array) {
  if (fromPkcs8(pkcs8).algorithm !== 'rsa') throw new Error('only RSA and Ed25519 keys can be used here');
  const { pki, asn1 } = load('node-forge');
  return pki.privateKeyFromAsn1(asn1.fromDer(toBinary(pkcs8)));
}

function ed25519Key(seed: Uint8Array): Uint8Array {
  return sequence(integer(0n), sequence(oid('1.3.101.112')), octetString(octetString(seed)));
}

/** The seed and public key as node-forge wants them: 64 bytes. */
function ed25519Secret(load: ModuleLoader, pkcs8: Uint8Array): string {
  const inner = readAll(readDer(pkcs8))[2];
  const seed = inner === undefined ? new Uint8Array(32) : readDer(inner.content).content;
  const { pki } = load('node-forge');
  return toBinary(fromBinary(pki.ed25519.generateKeyPair({ seed: toBinary(seed) }).privateKey));
}

function toBinary(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += String.fromCharCode(byte);
  return out;
}

function fromBinary(value: string | Uint8Array | { readonly buffer: ArrayBuffer }): Uint8Array {
  if (typeof value === 'string') return Uint8Array.from(value, (character) => character.charCodeAt(0));
  return value instanceof Uint8Array ? value : new Uint8Array(value.buffer);
}
