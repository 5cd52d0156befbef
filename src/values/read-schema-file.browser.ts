import { PintleError } from '../base/errors.ts';

/** Stands for read-schema-file.ts where there are no files. @throws PintleError `io` */
export function readSchemaFile(url: string): string {
  throw new PintleError('io', `open ${url.slice('file://'.length)}: no such file or directory`);
}
