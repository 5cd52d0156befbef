import type { RepositoryPathFlags } from '../repository-context.ts';
import type { GlobalOptions } from '../settings.ts';

/** A shell that is completed in. */
export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

/** Something that may stand where the cursor is. */
export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

/** What may stand somewhere. */
export interface Candidates {
  readonly found: readonly Candidate[];
  /** Files may stand there, too. */
  readonly files: boolean;
  /** What is found goes on: no space behind it. */
  readonly goesOn?: boolean;
}

/** What flags before the cursor say. */
export type GivenOptions = GlobalOptions & RepositoryPathFlags & Readonly<Record<string, unknown>>;

/** Where the cursor is in a command line. */
export interface Position {
  /** `get values`, without the name of the program. */
  readonly path: string;
  /** What stands before, without flags. */
  readonly args: readonly string[];
  readonly options: GivenOptions;
  /** The beginning of what is looked for. */
  readonly prefix: string;
}
