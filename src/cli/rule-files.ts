import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PintleError } from '../base/errors.ts';
import type { ReadinessRule } from '../deploy/custom-readiness-annotations.ts';
import { type DriftRule, readDriftRules } from '../deploy/drift-rules.ts';
import { parseManifest } from '../yaml/index.ts';
import type { Io } from './io.ts';

/** The rules of the files that `--ignore` names. @throws PintleError `usage`, `yaml-syntax`, `values-invalid` */
export async function readIgnoreFiles(io: Io, paths: readonly string[] | undefined): Promise<readonly DriftRule[]> {
  const rules: DriftRule[] = [];
  for (const path of paths ?? []) rules.push(...readDriftRules(await readYamlFile(io, path), path));
  return rules;
}

/**
 * The rules of the file that `--readiness` names: `readiness`, a list of rules.
 *
 * @throws PintleError `usage`, `yaml-syntax`, `values-invalid` with every fault
 */
export async function readReadinessFile(io: Io, path: string | undefined): Promise<readonly ReadinessRule[]> {
  if (path === undefined) return [];
  const { readReadinessRules } = await import('../deploy/readiness-rules.ts');
  return readReadinessRules(await readYamlFile(io, path), path);
}

/** A file of YAML or JSON as data. @throws PintleError `usage`, `yaml-syntax` */
export async function readYamlFile(io: Io, path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(resolve(io.cwd, path), 'utf8');
  } catch (error) {
    throw new PintleError('usage', `cannot read ${path}`, { cause: error });
  }
  return parseManifest(text, { file: path });
}
