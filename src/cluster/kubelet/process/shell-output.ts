/** A line that a process writes, ms after its start. */
export interface LogLine {
  readonly at: number;
  readonly text: string;
}

/** What a script writes: lines with their times, or text that is caught on its way. */
export class ShellOutput {
  readonly lines: LogLine[] = [];
  readonly #mostLines: number;
  #caught: string[] | undefined;
  /** The beginning of a line that has no end yet. */
  #open = '';

  constructor(mostLines: number) {
    this.#mostLines = mostLines;
  }

  /** Writes to standard output, as it is. */
  write(text: string, at: number): void {
    if (this.#caught !== undefined) {
      this.#caught.push(text);
      return;
    }
    const parts = (this.#open + text).split('\n');
    this.#open = parts.pop() ?? '';
    for (const line of parts) this.#add(line, at);
  }

  /** Writes whole lines to standard error. */
  complain(text: string, at: number): void {
    for (const line of text.split('\n')) this.#add(line, at);
  }

  /** Runs something and gives what it wrote to standard output. */
  catch(run: () => void): string {
    const outer = this.#caught;
    const own: string[] = [];
    this.#caught = own;
    try {
      run();
    } finally {
      this.#caught = outer;
    }
    return own.join('');
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
