import type { Release } from '../release/release.ts';
import type { ActionContext } from './context.ts';
import { checkReleaseName } from './release-name.ts';

/**
 * One revision of a release; 0 is the newest.
 *
 * @throws PintleError `release-not-found`
 */
export async function getRelease(context: ActionContext, name: string, revision: number): Promise<Release> {
  checkReleaseName(name, 'releaseContent: Release name is invalid');
  if (revision > 0) return await context.store.get(name, revision);
  return await context.store.last(name);
}
