import { encodeUtf8 } from '../../base/go-string.ts';
import { concat } from './der.ts';
import type { CryptoProvider } from './provider.ts';

const SEED = 'com.lyndir.masterpassword';

/** Shapes of passwords of the Master Password algorithm; every letter stands for a set of {@link CHARACTERS}. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  maximum: ['anoxxxxxxxxxxxxxxxxx', 'axxxxxxxxxxxxxxxxxno'],
  long: (
    'CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv ' +
    'CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv ' +
    'CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno'
  ).split(' '),
  medium: ['CvcnoCvc', 'CvcCvcno'],
  short: ['Cvcn'],
  basic: ['aaanaaan', 'aannaaan', 'aaannaaa'],
  pin: ['nnnn'],
};

const CHARACTERS: Readonly<Record<string, string>> = {
  V: 'AEIOU',
  C: 'BCDFGHJKLMNPQRSTVWXYZ',
  v: 'aeiou',
  c: 'bcdfghjklmnpqrstvwxyz',
  A: 'AEIOUBCDFGHJKLMNPQRSTVWXYZ',
  a: 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz',
  n: '0123456789',
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()',
};

/** What a password is derived from. */
export interface PasswordSource {
  readonly counter: number;
  /** `maximum`, `long`, `medium`, `short`, `basic` or `pin`. */
  readonly kind: string;
  readonly password: string;
  readonly user: string;
  readonly site: string;
}

/** The site password of the Master Password algorithm (https://masterpassword.app/masterpassword-algorithm.pdf). */
export function derivePassword(
  { counter, kind, password, user, site }: PasswordSource,
  crypto: CryptoProvider,
): string {
  const templates = Object.hasOwn(TEMPLATES, kind) ? TEMPLATES[kind] : undefined;
  if (templates === undefined) return `cannot find password template ${kind}`;
  const userBytes = encodeUtf8(user);
  const siteBytes = encodeUtf8(site);
  const prefix = encodeUtf8(SEED);
  const key = crypto.scrypt(encodeUtf8(password), concat(prefix, bigEndian(userBytes.length), userBytes));
  const message = concat(prefix, bigEndian(siteBytes.length), siteBytes, bigEndian(counter));
  const seed = crypto.hmacSha256(key, message);
  const template = templates[(seed[0] ?? 0) % templates.length] ?? '';
  return Array.from(template, (letter, i) => {
    const set = CHARACTERS[letter] ?? '';
    return set.charAt((seed[i + 1] ?? 0) % set.length);
  }).join('');
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
