import { extname } from 'node:path';
import type { RepositoryContext } from './places.ts';

/** The file that Helm locks while it changes another: `repositories.lock` for `repositories.yaml`. helm: pkg/cmd/repo_add.go. */
export function lockPathOf(file: string): string {
  const extension = extname(file);
  return `${extension === '' ? file : file.slice(0, -extension.length)}.lock`;
}

/** Changes a file that other processes may be changing: one after the other. @throws PintleError `lock-timeout`, and what the work throws */
export async function exclusively<T>(
  context: RepositoryContext,
  file: string,
  change: () => T | Promise<T>,
): Promise<T> {
  return context.lock === undefined ? await change() : await context.lock(lockPathOf(file), change);
}
