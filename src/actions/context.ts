import type { Random } from '../base/random.ts';
import type { ReadinessRule } from '../deploy/custom-readiness-annotations.ts';
import type { DeployEnvironment } from '../deploy/environment.ts';
import type { ProgressListener } from '../deploy/wait-options.ts';
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
  /** Who works, for others to read: `alice@host (pid 7)`. */
  readonly holder?: string | undefined;
  /** Which process works, for others on its machine; absent: nobody can tell whether it has ended. */
  readonly process?: ProcessWitness | undefined;
  /** Held by the operation that this one is a part of. */
  readonly lease?: HeldLease | undefined;
  /** Receives what hooks print, when their policy asks for it. */
  readonly hookOutput?: ((text: string) => void) | undefined;
}

/** Tells processes of one machine apart. */
export interface ProcessWitness {
  /** This process: text that a witness on the same machine understands. */
  readonly identity: string;
  /** True for a process of this machine that is no longer there; false when it is, or when nothing can be told. */
  hasEnded(identity: string): boolean;
}

/** An operation as its lease tells of it. */
export interface LeasedOperation {
  /** `alice@host (pid 7)` */
  readonly holder: string;
  /** `upgrade` */
  readonly verb: string;
  /** How far it has come. */
  readonly step: string;
  /** It was to be undone in case it fails. */
  readonly atomic: boolean;
  /** When it was heard of last, ms since the epoch. */
  readonly renewed: number;
}

/** What an operation has a release for itself by. */
export interface HeldLease {
  /** The operation that was under way when its holder died. */
  readonly interrupted: LeasedOperation | undefined;
  /** Somebody took the release over: its records are no longer this operation's to write. */
  readonly isLost: boolean;
  /** Notes how far the operation is. @throws PintleError `release-pending` when somebody took the release over */
  step(text: string): Promise<void>;
  /** Takes the lease where that was not possible before, for want of a namespace. @throws PintleError `release-pending` */
  retake(): Promise<void>;
  /** Lets the lease expire instead of giving it back: the release is left as the operation of a client that died would leave it. */
  abandon(): void;
}

/** What becomes of an operation whose client died: undone, gone on with, or left as it is. */
export type OnInterrupted = 'rollback' | 'resume' | 'fail';

/** How an operation deals with others on the same release. */
export interface ConcurrencyOptions {
  /** Default: `rollback` when the operation was atomic, else `resume`. */
  readonly onInterrupted?: OnInterrupted | undefined;
  /** How long to wait for whoever is at work, ms; default 0. */
  readonly lockTimeout?: number | undefined;
}

/** Options that install, upgrade and rollback share; times in ms. */
export interface OperationOptions extends ConcurrencyOptions {
  readonly timeout: number;
  /** Wait until all objects are ready. */
  readonly wait: boolean;
  readonly waitForJobs: boolean;
  /** Default `watcher`: by kstatus; `legacy`: by the rules of Helm 3. */
  readonly waitStrategy?: 'watcher' | 'legacy';
  /** Give up on objects whose pods have been stuck for this long, ms; absent: wait for the timeout. */
  readonly failFast?: number | undefined;
  /** When objects are ready that do not say it themselves (`--readiness`). */
  readonly readiness?: readonly ReadinessRule[] | undefined;
  readonly noHooks: boolean;
  /** Take over what is there already, what hooks create included. */
  readonly takeOwnership?: boolean;
  /** `auto`: as the release was applied before. */
  readonly serverSide: 'true' | 'false' | 'auto';
  readonly forceConflicts: boolean;
  readonly forceReplace: boolean;
  /** Drop fields that a kind does not have instead of refusing the object. */
  readonly ignoreUnknownFields?: boolean;
}

/** What `--dry-run` asks for. */
export type DryRun = 'none' | 'client' | 'server';

/** The clock's instant as a record keeps it. */
export function timestamp(context: Pick<ActionContext, 'clock'>): string {
  return new Date(context.clock.now()).toISOString();
}
