/** A file that a process makes, changes or removes, ms after its start. */
export interface FileChange {
  readonly at: number;
  readonly path: string;
  readonly exists: boolean;
  /** What is in it from then on, or what comes to its end; absent for a file that is removed, and for a folder. */
  readonly text?: string;
  /** The text comes behind what the change before it has left at this path: a log is kept once, however often it grows. */
  readonly appends?: true;
  readonly isFolder?: true;
}

/** What came of one or more changes of a path: the text is whole. */
export interface SettledChange extends Omit<FileChange, 'appends'> {
  /** The last of the changes, by its place among all. */
  readonly last: number;
}

interface Open {
  change: FileChange;
  last: number;
  readonly pieces: string[];
}

/**
 * Changes in order, those of one file taken together as far as it is not removed in between, with the time of the last of them.
 * Done one after the other they come to the same as all changes.
 */
export function settledChanges(changes: readonly FileChange[]): readonly SettledChange[] {
  const settled: Open[] = [];
  const open = new Map<string, Open>();
  for (const [last, change] of changes.entries()) {
    const { path, text, appends, exists, isFolder } = change;
    const known = open.get(path);
    if (!exists) {
      for (const each of open.keys()) if (each === path || each.startsWith(`${path}/`)) open.delete(each);
    }
    if (known === undefined || !exists || isFolder !== known.change.isFolder) {
      const made = { change, last, pieces: text === undefined ? [] : [text] };
      settled.push(made);
      if (exists) open.set(path, made);
      continue;
    }
    if (appends !== true) known.pieces.length = 0;
    if (text !== undefined) known.pieces.push(text);
    known.change = change;
    known.last = last;
  }
  return settled.map(settledOf);
}

function settledOf({ change: { at, path, exists, isFolder }, last, pieces }: Open): SettledChange {
  const text = pieces.length === 0 ? {} : { text: pieces.join('') };
  return { at, path, exists, ...(isFolder === true ? { isFolder } : {}), ...text, last };
}

/** A file that a script writes: what is appended is kept in pieces until somebody reads it. */
export class WrittenText {
  #pieces: string[];
  #length: number;

  constructor(text: string) {
    this.#pieces = [text];
    this.#length = text.length;
  }

  get length(): number {
    return this.#length;
  }

  append(text: string): void {
    this.#pieces.push(text);
    this.#length += text.length;
  }

  read(): string {
    const text = this.#pieces.length === 1 ? (this.#pieces[0] ?? '') : this.#pieces.join('');
    this.#pieces = [text];
    return text;
  }
}
