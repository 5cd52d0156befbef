import type { PipeNode } from './node.ts';

/** What stands between the delimiters of one action. */
export interface Clause {
  readonly type:
    | 'action'
    | 'block'
    | 'break'
    | 'continue'
    | 'define'
    | 'else'
    | 'else if'
    | 'else with'
    | 'end'
    | 'if'
    | 'range'
    | 'template'
    | 'with';
  /** From where the action begins. */
  readonly pos: number;
  readonly pipe?: PipeNode;
  /** Of `template`, `block` and `define`. */
  readonly name?: string;
}

/** A clause as it is wherever its text stands. */
export interface KnownClause {
  readonly clause: Clause;
  /** The variables that must be there. */
  readonly reads: readonly string[];
  readonly declares: readonly string[];
  /** True if the space behind the action does not count. */
  readonly trims: boolean;
}

/** The most clauses that are kept. */
const MAX_KNOWN = 50_000;

/** The actions that were read, by their text with the delimiters. */
export class KnownClauses {
  readonly #byText = new Map<string, KnownClause>();

  get(text: string): KnownClause | undefined {
    return this.#byText.get(text);
  }

  add(text: string, clause: KnownClause): void {
    if (this.#byText.size >= MAX_KNOWN) this.#byText.clear();
    this.#byText.set(text, clause);
  }
}
