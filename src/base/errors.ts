import type { SourceLocation } from './source.ts';

/**
 * Every stable error code. docs/errors.md explains each one, a test holds the two lists together.
 * The exit code of the CLI is derived from the code in src/cli alone.
 */
export const ERROR_CODES = [
  'usage',
  'internal',
  'io',
  'not-found',
  'chart-not-found',
  'chart-invalid',
  'chart-archive-unsafe',
  'chart-dependency',
  'fetch-failed',
  'repository-index',
  'repositories-invalid',
  'verification-failed',
  'values-invalid',
  'values-schema',
  'set-syntax',
  'yaml-syntax',
  'json-syntax',
  'template-syntax',
  'template-exec',
  'template-function',
  'manifest-invalid',
  'kube-version',
  'release-name',
  'release-exists',
  'release-not-found',
  'release-pending',
  'release-corrupt',
  'release-too-large',
  'plan-stale',
  'rehearsal-failed',
  'rehearsal-breach',
  'ownership-conflict',
  'api-error',
  'no-kind-match',
  'wait-timeout',
  'wait-failed',
  'request-failed',
  'hook-failed',
  'rolled-back',
  'rollback-failed',
  'lock-timeout',
  'store-full',
  'store-corrupt',
  'target',
  'differences',
  'lint-failed',
  'interrupted',
  'no-progress',
] as const;

/** One of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What a {@link PintleError} carries besides its message. */
export interface ErrorDetails {
  /** Where the fault lies; text and frame are made from it in the CLI. */
  readonly location?: SourceLocation;
  /** What the user can do about it; one sentence. */
  readonly hint?: string;
  /** The failure underneath. */
  readonly cause?: unknown;
  /** Further faults of the same kind, where all of them are collected. */
  readonly related?: readonly PintleError[];
  /** Frames from the innermost outwards, e.g. a template's include chain. */
  readonly trace?: readonly TraceEntry[];
}

/** One step of an include chain or of another nesting. */
export interface TraceEntry {
  readonly text: string;
  readonly location?: SourceLocation;
}

/** An error as data: a stable code, a message, a place and a hint. */
export class PintleError extends Error {
  readonly code: ErrorCode;
  readonly location: SourceLocation | undefined;
  readonly hint: string | undefined;
  readonly related: readonly PintleError[];
  readonly trace: readonly TraceEntry[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PintleError';
    this.code = code;
    this.location = details.location;
    this.hint = details.hint;
    this.related = details.related ?? [];
    this.trace = details.trace ?? [];
  }
}
