import type { Branch, TracedStatement } from '../../base/template-engine.ts';
import { valuePathText } from './value-path.ts';
import type { ValueRead } from './watch-values.ts';

/** One run of a statement. */
export class Step {
  readonly statement: TracedStatement;
  /** The statement that it runs inside of, also over the border of an include. */
  readonly parent: Step | undefined;
  readonly children: Step[] = [];
  /** What `include` and `tpl` gave. */
  readonly nested: TracedOutput[] = [];
  readonly #reads = new Map<string, ValueRead>();
  /** Where variables and the dot got their values; counts if nothing else was read. */
  readonly indirect: ValueRead[] = [];
  branch: Branch | undefined;
  /** The element that the loop is at. */
  element: ValueRead | undefined;

  constructor(statement: TracedStatement, parent: Step | undefined) {
    this.statement = statement;
    this.parent = parent;
    parent?.children.push(this);
  }

  read(read: ValueRead): void {
    const key = valuePathText(read.path);
    // A value that is looked at may be asked for its presence before.
    if (read.value !== undefined || !this.#reads.has(key)) this.#reads.set(key, read);
  }

  /** What the statement itself read, without the maps that it only passed through. */
  get reads(): readonly ValueRead[] {
    return leaves([...this.#reads.values()]);
  }

  /** {@link reads}; if there are none, what the variables and the dot in it came from. */
  get sources(): readonly ValueRead[] {
    const own = this.reads;
    return own.length > 0 ? own : leaves(this.indirect);
  }

  /** What the statement and everything that it ran read. */
  get allReads(): readonly ValueRead[] {
    return leaves([...this.sources, ...this.children.flatMap((child) => child.allReads)]);
  }
}

/** A part of an output with the statement that wrote it. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  /** Source name and offset of what wrote it. */
  readonly source: string;
  readonly offset: number;
  /** The text stands in the source as it is; `step` is then the block around it. */
  readonly isText: boolean;
  readonly step: Step | undefined;
}

/** The output of one run of a template with its origin. */
export interface TracedOutput {
  /** What was run: a file, a defined template, or text given to `tpl`. */
  readonly template: string;
  /** The text of the source if it is no file (`tpl`). */
  readonly sourceText: string | undefined;
  readonly text: string;
  readonly segments: readonly Segment[];
}

/** Reads that are no prefix of another one, each path once. */
function leaves(reads: readonly ValueRead[]): ValueRead[] {
  const byPath = new Map(reads.map((read) => [valuePathText(read.path), read]));
  const inner = new Set<string>();
  for (const { path } of byPath.values()) {
    for (let length = path.length - 1; length > 0; length -= 1) {
      const prefix = valuePathText(path.slice(0, length));
      if (inner.has(prefix)) break;
      inner.add(prefix);
    }
  }
  return [...byPath].flatMap(([key, read]) => (inner.has(key) ? [] : [read]));
}
