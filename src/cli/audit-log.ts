import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { PintleError } from '../base/errors.ts';
import type { Io } from './io.ts';

/**
 * A file that events of audit.k8s.io are added to, a line of JSON each; `-` writes them to stdout. Only its owner may read it.
 *
 * @throws PintleError `io` when it cannot be written
 */
export function openAuditLog(io: Io, path: string): (event: object) => void {
  if (path === '-') return (event) => io.stdout(`${JSON.stringify(event)}\n`);
  const file = resolve(io.cwd, path);
  // Opened here, so that a wrong path is told at once, and for each event anew, so that the file may be rotated.
  append(file, '');
  return (event) => append(file, `${JSON.stringify(event)}\n`);
}

function append(file: string, text: string): void {
  try {
    const descriptor = openSync(file, 'a', 0o600);
    try {
      writeSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PintleError('io', `cannot write the audit log ${file}: ${reason}`, { cause: error });
  }
}
