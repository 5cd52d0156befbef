import { PintleError } from '../base/errors.ts';

/**
 * Refuses names of embedded clusters that could leave their folder.
 *
 * @throws PintleError `usage`
 */
export function checkClusterName(name: string): void {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return;
  throw new PintleError('usage', `invalid cluster name "${name}"`, {
    hint: 'use lower-case letters, digits and "-", at most 63',
  });
}

/**
 * The cluster that is meant: the argument, `--name`, or `default`.
 *
 * @throws PintleError `usage`
 */
export function clusterNameOf(argument: string | undefined, flag: string | undefined): string {
  if (argument !== undefined && flag !== undefined && argument !== flag) {
    throw new PintleError('usage', `the cluster is named twice: "${argument}" and "${flag}"`);
  }
  const name = argument ?? flag ?? 'default';
  checkClusterName(name);
  return name;
}
