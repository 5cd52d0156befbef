import type { Surroundings } from './surroundings.ts';

/** What a command of a script comes to. */
export interface ToolResult {
  readonly exitCode: number;
  readonly millis?: number;
  /** Text on standard output. */
  readonly output?: string;
  /** The output is as it is; else a line end follows it. */
  readonly raw?: boolean;
  /** Text on standard error. */
  readonly error?: string;
  readonly endless?: 'waits' | 'serves';
  /** The result came from the network. */
  readonly network?: boolean;
  /** Nobody knows the program. */
  readonly unknown?: boolean;
  /** It was a script, whose last command decides on the rest. */
  readonly script?: boolean;
}

/** What programs see of the shell that runs them. */
export interface ToolShell {
  readonly surroundings: Surroundings;
  readonly variables: Record<string, string>;
  readonly times: { readonly startedAt?: number | undefined };
  /** ms since the script began. */
  elapsed: number;
  fileExists(path: string): boolean;
  /** The text of a file; undefined when there is none or nobody knows it. */
  readFile(path: string): string | undefined;
  /** Names in a folder; undefined when nobody knows them. */
  listFolder(path: string): readonly string[] | undefined;
  /** Writes a file; undefined removes it. */
  writeFile(path: string, text: string | undefined): void;
  /** Writes to the end of a file, which is made where there is none. */
  appendFile(path: string, text: string): void;
  makeFolder(path: string): void;
  /** Runs a script whose exit ends only itself; gives its exit code. */
  nested(script: string): number;
}
