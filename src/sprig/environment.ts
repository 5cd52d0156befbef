import type * as aes from '@noble/ciphers/aes.js';
import type * as hmac from '@noble/hashes/hmac.js';
import type * as legacy from '@noble/hashes/legacy.js';
import type * as scrypt from '@noble/hashes/scrypt.js';
import type * as sha2 from '@noble/hashes/sha2.js';
import type * as bcrypt from 'bcryptjs';
import type forge from 'node-forge';
import type * as re2js from 're2js';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { NativeCrypto } from './crypto/native-provider.ts';

/** Packages that are too heavy to load before a template calls for them. */
export interface HeavyModules {
  /** OpenSSL's cryptography; undefined where there is none (browsers), then the packages below do the work. */
  readonly 'node:crypto': NativeCrypto | undefined;
  readonly re2js: typeof re2js;
  readonly bcryptjs: typeof bcrypt;
  readonly '@noble/hashes/sha2.js': typeof sha2;
  readonly '@noble/hashes/legacy.js': typeof legacy;
  readonly '@noble/hashes/hmac.js': typeof hmac;
  readonly '@noble/hashes/scrypt.js': typeof scrypt;
  readonly '@noble/ciphers/aes.js': typeof aes;
  readonly 'node-forge': typeof forge;
}

/**
 * Loads a package when it is first needed. Functions of templates are synchronous, so a host loads with `require` (a bundler
 * sees calls with literal names) or hands over what it has imported before.
 */
export type ModuleLoader = <Name extends keyof HeavyModules>(name: Name) => HeavyModules[Name];

/** What template functions know of the world. */
export interface SprigEnvironment {
  readonly clock: Pick<Clock, 'now'>;
  /** Passwords, salts and serial numbers come from here: cryptographically strong, except in renders that must repeat. */
  readonly random: Random;
  readonly load: ModuleLoader;
  /** IANA name of the zone that templates know as `Local`; default UTC. */
  readonly timeZone?: string;
  /** The compiled IANA zone of a name, undefined if there is none. Without it zones are those of the JS engine. */
  readonly zoneData?: (name: string) => Uint8Array | undefined;
  /** The addresses of a host, for `getHostByName`; without it (Helm's default) that function gives ''. */
  readonly lookupHost?: (name: string) => readonly string[];
}
