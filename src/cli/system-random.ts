import type * as NodeCrypto from 'node:crypto';
import type { Random } from '../base/random.ts';

/** Read when first needed: most charts make no secrets, and it is one of the larger modules of Node. */
function crypto(): typeof NodeCrypto {
  return process.getBuiltinModule('node:crypto');
}

/** The operating system's random numbers: passwords and keys that templates make are not to be guessed. */
export const systemRandom: Random = {
  next: () => crypto().randomInt(0, 2 ** 48 - 1) / (2 ** 48 - 1),
  below: (limit) => (limit <= 1 ? 0 : crypto().randomInt(0, limit)),
  bytes: (length) => crypto().randomBytes(length),
};
