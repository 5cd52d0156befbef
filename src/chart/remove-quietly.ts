import { rmSync } from 'node:fs';

/** Removes what a failure has left, a file or a folder: that failure is the one to tell. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // It stays.
  }
}
