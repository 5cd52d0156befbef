/** What a run of the CLI has of the outside; tests give their own. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly platform: string;
  /** Bytes where the text may hold broken UTF-8. */
  stdout(text: string | Uint8Array): void;
  stderr(text: string): void;
  /** Everything on standard input. */
  stdin(): Promise<Uint8Array>;
  /** Asks on the terminal for a text that does not show; undefined where there is no terminal. */
  askSecret?(prompt: string): Promise<string | undefined>;
  /** Columns of the terminal behind stderr, or undefined when it is none. */
  readonly columns: number | undefined;
  /** True when stdout is a terminal. */
  readonly interactive: boolean;
  /** The wall clock, ms since the epoch. */
  now(): number;
  readonly pid: number;
  /** The program and first arguments with which this one is started again. */
  readonly self: readonly string[];
  /**
   * Runs the command line once more in a process whose stack is larger; gives its exit code, or undefined where that is of no use.
   */
  runDeeper?(argv: readonly string[]): number | undefined;
  /** Says that a lot of work follows, for which the JavaScript engine may be set up otherwise. */
  expectWork?(): void;
}
