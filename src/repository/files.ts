import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PintleError } from '../base/errors.ts';

/** The content of a file; undefined when it is not there. @throws PintleError `io` */
export function readOptional(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw failure('open', path, error);
  }
}

/** Writes a file at once, with the folders it lies in, so that nobody sees half of it. @throws PintleError `io` */
export function writeWhole(path: string, content: Uint8Array | string, mode = 0o644): void {
  const draft = `${path}.${randomUUID()}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, content, { mode });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw failure('write', path, error);
  }
}

/** The same for files that may hold secrets. @throws PintleError `io` */
export function writePrivate(path: string, content: string): void {
  writeWhole(path, content, 0o600);
}

function failure(verb: string, path: string, error: unknown): PintleError {
  const reason = error instanceof Error ? error.message.replace(/^\w+: |, \w+ '.*$/g, '') : String(error);
  return new PintleError('io', `${verb} ${path}: ${reason}`, { location: { file: path }, cause: error });
}

/** True when there is a file, or a folder, of this name. */
export function existsFile(path: string): boolean {
  return existsSync(path);
}
