/** A line that a process writes, ms after its start. */
export interface LogLine {
  readonly at: number;
  readonly text: string;
}

/** The longest text that a script may have, characters. */
export const MOST_TEXT = 16 * 1024 * 1024;

/** A line is ended after so many characters. */
const LONGEST_LINE = 1024 * 1024;

/** A script wants more than it can have. */
export class OutOfMemory extends Error {}

/** What a script writes: lines with their times, or text that is caught on its way. */
export class ShellOutput {
  readonly lines: LogLine[] = [];
  readonly #mostLines: number;
  #caught: { readonly texts: string[]; length: number } | undefined;
  /** The beginning of a line that has no end yet. */
  #open = '';

  constructor(mostLines: number) {
    this.#mostLines = mostLines;
  }

  /** Writes to standard output, as it is. @throws OutOfMemory when more is caught than anybody can take */
  write(text: string, at: number): void {
    const caught = this.#caught;
    if (caught !== undefined) {
      caught.length += text.length;
      if (caught.length > MOST_TEXT) throw new OutOfMemory();
      caught.texts.push(text);
      return;
    }
    const [first = '', ...parts] = text.split('\n');
    this.#open += first;
    for (const part of parts) {
      this.#add(this.#open, at);
      this.#open = part;
    }
    if (this.#open.length > LONGEST_LINE) this.end(at);
  }

  /** Writes whole lines to standard error. */
  complain(text: string, at: number): void {
    for (const line of text.split('\n')) this.#add(line, at);
  }

  /** Runs something and gives what it wrote to standard output. */
  catch(run: () => void): string {
    const outer = this.#caught;
    const own = { texts: [], length: 0 };
    this.#caught = own;
    try {
      run();
    } finally {
      this.#caught = outer;
    }
    return own.texts.join('');
  }

  /** The process has ended: what it began to write is a line, too. */
  end(at: number): void {
    if (this.#open !== '') this.#add(this.#open, at);
    this.#open = '';
  }

  #add(text: string, at: number): void {
    this.lines.push({ at, text });
    // The newest count; half of the room is made free at a time.
    if (this.lines.length > this.#mostLines) this.lines.splice(0, Math.ceil(this.#mostLines / 2));
  }
}
