import type { Outside } from '../outside.ts';
import { type CelLibrary, loadCel } from './cel-library.ts';

/** Holds the language once it has been loaded. */
export class CelSource {
  #library: CelLibrary | undefined;

  /** @throws PendingWork while it is not loaded */
  get(outside: Outside): CelLibrary {
    this.#library ??= outside('cel', loadCel);
    return this.#library;
  }
}
