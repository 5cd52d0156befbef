/** A piece of a word: text, or a `$` expansion. Only unquoted expansions are split at blanks. */
export type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  /** `$NAME`, `${NAME:-fallback}`; `operator` is '' or `-`, `:-`, `+`, `:+`, `=`, `:=`, `?`, `:?`. */
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly operator: string;
      readonly operand: string;
      readonly quoted: boolean;
    }
  /** `$(…)` or a backquoted command. */
  | { readonly kind: 'command'; readonly script: string; readonly quoted: boolean };

/** A shell word. */
export type Word = readonly WordPart[];

/** A redirection; those that join two streams (`2>&1`) have no target. */
export interface Redirection {
  readonly operator: string;
  readonly target: Word;
}

/** A command of the shell language, as far as scripts in charts use it. */
export type ShellNode =
  | {
      readonly kind: 'simple';
      readonly assignments: readonly { readonly name: string; readonly value: Word }[];
      readonly words: readonly Word[];
      readonly redirections: readonly Redirection[];
    }
  | { readonly kind: 'pipeline'; readonly commands: readonly ShellNode[]; readonly negated: boolean }
  | { readonly kind: 'list'; readonly items: readonly ListItem[] }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: ShellNode | undefined }
  | { readonly kind: 'loop'; readonly until: boolean; readonly condition: ShellNode; readonly body: ShellNode }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[]; readonly body: ShellNode }
  | { readonly kind: 'case'; readonly word: Word; readonly branches: readonly CaseBranch[] }
  | { readonly kind: 'function'; readonly name: string; readonly body: ShellNode };

/** A command of a list and how it hangs on the one before. */
export interface ListItem {
  readonly node: ShellNode;
  readonly when: 'always' | 'success' | 'failure';
  readonly background: boolean;
}

/** A condition and what is done when it holds. */
export interface Branch {
  readonly condition: ShellNode;
  readonly body: ShellNode;
}

/** Patterns of `case` and what is done when one matches. */
export interface CaseBranch {
  readonly patterns: readonly Word[];
  readonly body: ShellNode;
}

/** A script that is not understood. */
export class ShellSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ShellSyntaxError';
  }
}
