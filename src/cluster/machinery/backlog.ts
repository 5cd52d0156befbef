import type { Pod } from '../../kube/api/core-v1.generated.ts';

/** Pods of one workload that may wait for a node. */
const MOST_WAITING = 5000;

/**
 * True when so many pods of a workload have no node that further ones would only wait with them: its controller makes none until
 * some have. A real cluster is held up by its API there, whose clients make 20 pods a second, and fills its store in the end.
 */
export function hasBacklog(pods: readonly Pod[]): boolean {
  if (pods.length < MOST_WAITING) return false;
  let waiting = 0;
  for (const { spec } of pods) if ((spec?.nodeName ?? '') === '') waiting += 1;
  return waiting >= MOST_WAITING;
}
