import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { writeWhole } from '../chart/files.ts';
import type { TargetChoice } from './target-choice.ts';

const FILE = 'target.json';

/**
 * The target kept by `pintle target use`, or the default embedded cluster.
 *
 * @throws PintleError `target` for a file that cannot be read
 */
export async function readKeptTarget(home: string): Promise<TargetChoice> {
  const path = join(home, FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { kind: 'embedded', name: 'default' };
    throw new PintleError(
      'target',
      `cannot read the kept target: ${error instanceof Error ? error.message : String(error)}`,
      {
        location: { file: path },
        cause: error,
      },
    );
  }
  try {
    const value = JSON.parse(text) as { kind?: unknown; name?: unknown; path?: unknown; context?: unknown };
    if (value.kind === 'embedded' && typeof value.name === 'string') return { kind: 'embedded', name: value.name };
    if (value.kind === 'kubeconfig') {
      return {
        kind: 'kubeconfig',
        path: typeof value.path === 'string' ? value.path : undefined,
        context: typeof value.context === 'string' ? value.context : undefined,
        asked: 'the target kept with "pintle target use"',
      };
    }
  } catch (error) {
    throw new PintleError('target', 'the kept target is not valid JSON', {
      location: { file: path, line: 1, column: 1, source: text },
      hint: 'run "pintle target use embedded" to write it anew',
      cause: error,
    });
  }
  throw new PintleError('target', 'the kept target is of an unknown kind', {
    location: { file: path, line: 1, column: 1, source: text },
    hint: 'run "pintle target use embedded" to write it anew',
  });
}

/** Keeps a target for the commands to come; undefined forgets it. @throws PintleError `store-full`, `io` */
export async function writeKeptTarget(home: string, choice: object | undefined): Promise<void> {
  const path = join(home, FILE);
  if (choice === undefined) {
    await rm(path, { force: true });
    return;
  }
  writeWhole(path, `${JSON.stringify(choice, null, 2)}\n`);
}
