import type { ReadinessRule } from './custom-readiness-annotations.ts';
import type { FailFast } from './pod-watch.ts';
import type { Readiness } from './readiness.ts';
import type { Resource } from './resource.ts';

/** How far one object is, for a live view. */
export interface Progress {
  readonly resource: Resource;
  readonly readiness: Readiness;
}

/** Hears of every change while something is waited for. */
export interface ProgressListener {
  /** All objects with their state, after each change. */
  progress(objects: readonly Progress[]): void;
  /** Something that keeps a pod from being ready, once for each pod and reason. */
  trouble(text: string): void;
}

/** What is waited for, and how long. */
export interface WaitOptions {
  /** ms; 0 stands for 30 s, as in Helm. */
  readonly timeout: number;
  /** `ready`: as kstatus; `jobs`: Jobs must complete too; `hooks`: Jobs and Pods must complete, all else counts as ready. */
  readonly mode: 'ready' | 'jobs' | 'hooks';
  /** `legacy`: by the rules of Helm 3, looking every two seconds; not for hooks. */
  readonly strategy?: 'watcher' | 'legacy';
  /** End the wait when an object has failed, or its pods have been stuck for a while, whatever the others do. */
  readonly failFast?: FailFast | undefined;
  /** When objects are ready that do not say it themselves. */
  readonly rules?: readonly ReadinessRule[] | undefined;
  readonly listener?: ProgressListener | undefined;
  /** What is waited for is to go away. */
  readonly deletion?: boolean;
  /** Ends the wait early (the user interrupted). */
  readonly signal?: AbortSignal | undefined;
}
