import { createRequire } from 'node:module';
import type { HandlebarsParser } from '../handlebars/ast.ts';
import type { HeavyModules, ModuleLoader } from '../sprig/environment.ts';

/** Given by Node to CommonJS, which the bundled program is; not there in ES modules. */
declare const require: ((name: string) => unknown) | undefined;

let created: ((name: string) => unknown) | undefined;

/** `require` of an ES module. */
function fallback(): (name: string) => unknown {
  created ??= createRequire(import.meta.url);
  return created;
}

/** Calls with literal names, so that a bundler sees them. */
function bundled(name: string): unknown {
  if (typeof require !== 'function') return undefined;
  switch (name) {
    case 're2js':
      return require('re2js');
    case 'bcryptjs':
      return require('bcryptjs');
    case 'node-forge':
      return require('node-forge');
    case 'handlebars':
      return require('handlebars');
    case 'node:crypto':
      return require('node:crypto');
    case '@noble/hashes/sha2.js':
      return require('@noble/hashes/sha2.js');
    case '@noble/hashes/legacy.js':
      return require('@noble/hashes/legacy.js');
    case '@noble/hashes/hmac.js':
      return require('@noble/hashes/hmac.js');
    case '@noble/hashes/scrypt.js':
      return require('@noble/hashes/scrypt.js');
    case '@noble/ciphers/aes.js':
      return require('@noble/ciphers/aes.js');
    default:
      return undefined;
  }
}

function load(name: string): unknown {
  try {
    return bundled(name) ?? fallback()(name);
  } catch {
    // A bundle of ES modules has a `require` that refuses.
    return fallback()(name);
  }
}

/** Loads the packages behind template functions when one is first called. */
export const loadHeavyModule: ModuleLoader = <Name extends keyof HeavyModules>(name: Name): HeavyModules[Name] => {
  return withDefault(load(name)) as HeavyModules[Name];
};

/** Loads Handlebars' parser. */
export function loadHandlebarsParser(): HandlebarsParser {
  return load('handlebars') as HandlebarsParser;
}

/** A CommonJS module in the shape that `import` gives it: with itself as default. */
function withDefault(module: unknown): unknown {
  if (typeof module !== 'object' || module === null || 'default' in module) return module;
  return Object.assign(Object.create(module) as object, { default: module });
}
