import * as aes from '@noble/ciphers/aes.js';
import * as hmac from '@noble/hashes/hmac.js';
import * as legacy from '@noble/hashes/legacy.js';
import * as scrypt from '@noble/hashes/scrypt.js';
import * as sha2 from '@noble/hashes/sha2.js';
import * as bcryptjs from 'bcryptjs';
import handlebars from 'handlebars';
import forge from 'node-forge';
import * as re2js from 're2js';
import type { HandlebarsParser } from '../handlebars/ast.ts';
import type { HeavyModules, ModuleLoader } from '../sprig/environment.ts';

/** Stands for heavy-modules.ts where nothing can be loaded while a template runs: all is part of the bundle. */
const MODULES: HeavyModules = {
  'node:crypto': undefined,
  re2js,
  bcryptjs,
  '@noble/hashes/sha2.js': sha2,
  '@noble/hashes/legacy.js': legacy,
  '@noble/hashes/hmac.js': hmac,
  '@noble/hashes/scrypt.js': scrypt,
  '@noble/ciphers/aes.js': aes,
  'node-forge': forge,
};

/** The packages behind template functions. */
export const loadHeavyModule: ModuleLoader = (name) => MODULES[name];

/** Handlebars' parser. */
export function loadHandlebarsParser(): HandlebarsParser {
  return handlebars;
}
