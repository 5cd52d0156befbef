import { randomBytes, randomInt } from 'node:crypto';
import type { Random } from '../base/random.ts';

/** The operating system's random numbers: passwords and keys that templates make are not to be guessed. */
export const systemRandom: Random = {
  next: () => randomInt(0, 2 ** 48 - 1) / (2 ** 48 - 1),
  below: (limit) => (limit <= 1 ? 0 : randomInt(0, limit)),
  bytes: (length) => randomBytes(length),
};
