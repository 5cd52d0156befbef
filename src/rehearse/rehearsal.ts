import type { ErrorCode, TraceEntry } from '../base/errors.ts';

/** What a pod is doing. `unplaced`: no node takes it; `failing`: something keeps it from running. */
export type PodPhase = 'waiting' | 'unplaced' | 'starting' | 'failing' | 'ready' | 'stopping' | 'done' | 'failed';

/** A phase of a pod; instants are ms since the operation began, negative before it. */
export interface PodSpan {
  readonly phase: PodPhase;
  readonly from: number;
  /** Absent: it lasted to the end. */
  readonly to?: number;
}

/** What became of one pod. */
export interface PodStory {
  readonly namespace: string;
  readonly name: string;
  /** `Deployment default/web`; '' for a pod of its own. */
  readonly workload: string;
  /** It was there before. */
  readonly old: boolean;
  readonly node: string;
  readonly spans: readonly PodSpan[];
}

/** How many pods of a workload could be reached. */
export interface WorkloadStory {
  /** `Deployment default/web` */
  readonly id: string;
  /** The release has or had it. */
  readonly ofRelease: boolean;
  /** Pods that were ready before, that it wants at the end, and that are ready at the end. */
  readonly before: number;
  readonly desired: number;
  readonly after: number;
  /** The fewest ready pods, from the beginning to the end of the operation. */
  readonly least: number;
  readonly leastAt: number;
  /** Ready pods over time: instants and counts. */
  readonly ready: readonly (readonly [at: number, count: number])[];
}

/** What an amount was before, at its most, and at the end. */
export interface Peak {
  readonly before: number;
  readonly peak: number;
  readonly peakAt: number;
  readonly after: number;
}

/** A pod that no node took for a while, or to the end. */
export interface Unplaced {
  readonly pod: string;
  readonly workload: string;
  readonly since: number;
  /** Absent: to the end. */
  readonly until?: number;
  /** The scheduler's words: `0/3 nodes are available: …`. */
  readonly message: string;
}

/** What a PodDisruptionBudget asks for, and whether it was kept. */
export interface BudgetStory {
  /** `default/web` */
  readonly name: string;
  /** Healthy pods that it asked for when there were fewest beyond that. */
  readonly desired: number;
  readonly least: number;
  readonly leastAt: number;
  readonly breached: boolean;
  /** ms */
  readonly breachedFor: number;
}

/** One line of the timeline. */
export interface TimelineEvent {
  /** ms since the operation began */
  readonly at: number;
  readonly kind: 'step' | 'write' | 'pods' | 'warning' | 'budget' | 'end';
  /** What it is about: `Deployment default/web`; '' for the operation. */
  readonly subject: string;
  readonly text: string;
}

/** A failure as data. */
export interface RehearsedFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly trace: readonly TraceEntry[];
  readonly hint?: string;
}

/** What undoing would come to. */
export interface RehearsedUndo {
  /** `nothing`: there is nothing to undo. */
  readonly action: 'nothing' | 'rollback' | 'uninstall';
  /** The revision that comes back. */
  readonly revision?: number;
  /** `--atomic` was given: it is a part of the operation. */
  readonly given: boolean;
  /** ms */
  readonly duration: number;
  readonly failure?: RehearsedFailure;
}

/** What an operation would come to on a cluster as it is now. */
export interface Rehearsal {
  readonly format: 'pintle-rehearsal/1';
  readonly verb: 'install' | 'upgrade' | 'rollback';
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  /** What the user calls the cluster. */
  readonly cluster: string;
  readonly copied: { readonly nodes: number; readonly pods: number; readonly objects: number };
  /** The command succeeds and all objects become ready. */
  readonly succeeds: boolean;
  readonly failure?: RehearsedFailure;
  /** The command would end well all the same: it does not wait. */
  readonly unnoticed: boolean;
  /** The first sign of what makes it fail, ms since the beginning. */
  readonly firstSign?: { readonly at: number; readonly text: string };
  /** ms that the command takes. */
  readonly commandDuration: number;
  /** ms until every object is ready, or it has failed. */
  readonly rolloutDuration: number;
  /** ms until nothing changes any more. */
  readonly settledAfter: number;
  readonly workloads: readonly WorkloadStory[];
  readonly surge: { readonly pods: Peak; readonly cpuMillis: Peak; readonly memoryBytes: Peak };
  readonly unplaced: readonly Unplaced[];
  readonly budgets: readonly BudgetStory[];
  readonly undo: RehearsedUndo;
  readonly timeline: readonly TimelineEvent[];
  readonly pods: readonly PodStory[];
  readonly notes: readonly string[];
}
