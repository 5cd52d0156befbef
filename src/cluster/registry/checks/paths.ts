import type { Faults } from '../faults.ts';

/** Refuses paths with `..` in them. */
export function checkNoBacksteps(path: string, at: string, faults: Faults): void {
  if (hasBacksteps(path)) faults.invalid(at, path, "must not contain '..'");
}

/** True if a part of the path is `..`. */
export function hasBacksteps(path: string): boolean {
  return path.includes('..') && path.split('/').includes('..');
}

/** Refuses absolute paths and those with `..`. kubernetes: validateLocalDescendingPath */
export function checkLocalPath(path: string, at: string, faults: Faults): void {
  if (path.startsWith('/')) faults.invalid(at, path, 'must be a relative path');
  checkNoBacksteps(path, at, faults);
}

/** The same, and names that start with `..` are reserved. kubernetes: ValidateLocalNonReservedPath */
export function checkLocalFile(path: string, at: string, faults: Faults): void {
  checkLocalPath(path, at, faults);
  if (path.startsWith('..') && !path.startsWith('../')) faults.invalid(at, path, "must not start with '..'");
}

/** Refuses modes that no file has. */
export function checkFileMode(mode: number | undefined, at: string, faults: Faults): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) {
    faults.invalid(at, mode, 'must be a number between 0 and 0777 (octal), both inclusive');
  }
}
