import type { Random } from '../base/random.ts';
import type { DeployEnvironment } from '../deploy/environment.ts';
import type { ProgressListener } from '../deploy/wait.ts';
import type { ReleaseStore } from '../release/store.ts';

/** What every action on releases works with. */
export interface ActionContext extends DeployEnvironment {
  /** The namespace of the release. */
  readonly namespace: string;
  readonly store: ReleaseStore;
  /** Chance for templates (`randAlphaNum`, `genCA`). */
  readonly random: Random;
  /**
   * True when nobody else can be working on this cluster (the embedded cluster's lock is held): a release found pending
   * was then left by a client that died.
   */
  readonly exclusive: boolean;
  readonly listener?: ProgressListener | undefined;
  /** Aborted when the user interrupts. */
  readonly signal?: AbortSignal | undefined;
  /** Receives what hooks print, when their policy asks for it. */
  readonly hookOutput?: ((text: string) => void) | undefined;
}

/** Options that install, upgrade and rollback share; times in ms. */
export interface OperationOptions {
  readonly timeout: number;
  /** Wait until all objects are ready. */
  readonly wait: boolean;
  readonly waitForJobs: boolean;
  readonly noHooks: boolean;
  /** `auto`: as the release was applied before. */
  readonly serverSide: 'true' | 'false' | 'auto';
  readonly forceConflicts: boolean;
  readonly forceReplace: boolean;
}

/** What `--dry-run` asks for. */
export type DryRun = 'none' | 'client' | 'server';

/** The clock's instant as a record keeps it. */
export function timestamp(context: ActionContext): string {
  return new Date(context.clock.now()).toISOString();
}
