import { rename, rm, writeFile } from 'node:fs/promises';
import { PintleError } from '../base/errors.ts';

/**
 * Puts a file in place as a whole: whatever fails, what was there before stays.
 *
 * @param mode permissions; default: what the system gives
 * @throws PintleError `store-full`, `io`
 */
export async function putFile(path: string, text: string, mode?: number): Promise<void> {
  const draft = `${path}.new`;
  await writeNew(draft, text, mode);
  try {
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw failure(path, error);
  }
}

/**
 * Writes a file; nothing of it stays when that fails.
 *
 * @throws PintleError `store-full`, `io`
 */
export async function writeNew(path: string, text: string, mode?: number): Promise<void> {
  try {
    await writeFile(path, text, mode === undefined ? {} : { mode });
  } catch (error) {
    await rm(path, { force: true }).catch(() => {});
    throw failure(path, error);
  }
}

function failure(path: string, error: unknown): PintleError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new PintleError('store-full', `the disk has no room for ${path}`, {
      hint: 'free some space; what was there before is unchanged',
      cause: error,
    });
  }
  return new PintleError('io', `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
