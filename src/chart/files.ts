import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { errorCode, fileFailure } from './file-errors.ts';
import { removeQuietly } from './remove-quietly.ts';

/** The content of a file; undefined when it is not there. @throws PintleError `io` */
export function readOptional(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw failure('open', path, error);
  }
}

/** {@link replaceFile}, with the folders that it lies in. @throws PintleError `store-full`, `io` */
export function writeWhole(path: string, content: Uint8Array | string, mode = 0o644): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw failure('write', path, error);
  }
  replaceFile(path, content, mode);
}

/** The same for files that may hold secrets. @throws PintleError `store-full`, `io` */
export function writePrivate(path: string, content: string): void {
  writeWhole(path, content, 0o600);
}

/**
 * Puts a file in place as a whole: nobody sees half of it, and whatever fails, what was there before stays. Of a link, what it leads to
 * is replaced.
 *
 * @param mode permissions, less what the user's mask takes
 * @throws PintleError `store-full`, `io`
 */
export function replaceFile(path: string, content: Uint8Array | string, mode = 0o644): void {
  let draft: string | undefined;
  try {
    const target = existsSync(path) ? realpathSync(path) : path;
    draft = join(dirname(target), `.${globalThis.crypto.randomUUID()}.part`);
    writeFileSync(draft, content, { mode, flag: 'wx' });
    renameSync(draft, target);
  } catch (error) {
    if (draft !== undefined) removeQuietly(draft);
    throw failure('write', path, error);
  }
}

/** Writes a file that is not there yet; nothing of it stays when that fails. @throws PintleError `store-full`, `io` */
export function writeNew(path: string, content: Uint8Array | string, mode = 0o644): void {
  try {
    writeFileSync(path, content, { mode, flag: 'wx' });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') removeQuietly(path);
    throw failure('write', path, error);
  }
}

function failure(verb: string, path: string, error: unknown): PintleError {
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new PintleError('store-full', `the disk has no room for ${path}`, {
      hint: 'free some space; what was there before is unchanged',
      cause: error,
    });
  }
  return new PintleError('io', fileFailure(verb, path, error), { location: { file: path }, cause: error });
}

/** True when there is a file, or a folder, of this name. */
export function existsFile(path: string): boolean {
  return existsSync(path);
}
