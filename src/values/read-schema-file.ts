import { readFileSync } from 'node:fs';
import { PintleError } from '../base/errors.ts';
import { decodeUtf8 } from '../base/go-string.ts';
import { fileFailure } from '../chart/file-errors.ts';

/** The text of a schema by its file URL. @throws PintleError `io` */
export function readSchemaFile(url: string): string {
  const path = decodeURIComponent(url.slice('file://'.length).replace(/^[^/]*/, ''));
  try {
    return decodeUtf8(readFileSync(path));
  } catch (error) {
    throw new PintleError('io', fileFailure('open', path, error), { location: { file: path }, cause: error });
  }
}
