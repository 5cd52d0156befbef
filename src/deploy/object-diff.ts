import type { StateDiff } from './diff-objects.ts';

/** What an upgrade would do to one object of the release. */
export interface ObjectDiff extends StateDiff {
  readonly apiVersion: string;
  readonly kind: string;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  /** It leaves the release, but stays on the cluster: it is marked `helm.sh/resource-policy: keep`. */
  readonly kept: boolean;
  /** Of an added object: the one that goes seems to be the same under its old name, and `before` is that one's. */
  readonly renamedFrom?: string;
  /** Of a removed object. */
  readonly renamedTo?: string;
  /** When it is written, where annotations order the objects of the release. */
  readonly turn?: Turn;
}

/** When an object is written. */
export interface Turn {
  readonly wave: number;
  /** What must be ready before: `Deployment/db`. */
  readonly after: readonly string[];
}
