import type { Style } from './style.ts';
import { truncate } from './width.ts';

/** One line of a live view. */
export interface LiveRow {
  /** Stays the same over updates. */
  readonly id: string;
  readonly label: string;
  readonly state: 'ready' | 'working' | 'failed';
  /** `2/3`, or ''. */
  readonly count: string;
  readonly note: string;
}

/** Where a view is drawn. */
export interface LiveOutput {
  write(text: string): void;
  /** Columns of the terminal, or undefined when it is none: then changes are printed as lines. */
  readonly columns: number | undefined;
}

/** Shows what is waited for: redrawn in place on a terminal, a line for each change elsewhere. */
export class LiveView {
  readonly #output: LiveOutput;
  readonly #style: Style;
  readonly #last = new Map<string, string>();
  #lines = 0;
  #rows: readonly LiveRow[] = [];
  #notes: string[] = [];

  constructor(output: LiveOutput, style: Style) {
    this.#output = output;
    this.#style = style;
  }

  update(rows: readonly LiveRow[]): void {
    this.#rows = rows;
    if (this.#output.columns === undefined) this.#print(rows);
    else this.#draw();
  }

  /** A remark that stays: a reason why something is not ready. */
  note(text: string): void {
    if (this.#output.columns === undefined) {
      this.#output.write(`  ! ${text}\n`);
      return;
    }
    this.#notes = [...this.#notes, text].slice(-5);
    this.#draw();
  }

  /** Leaves the last picture and forgets it. */
  finish(): void {
    this.#lines = 0;
    this.#rows = [];
    this.#notes = [];
    this.#last.clear();
  }

  #print(rows: readonly LiveRow[]): void {
    for (const row of rows) {
      const text = `${row.label} ${row.count}`.trim();
      const line = row.state === 'ready' ? `  ${text}: ready` : `  ${text}: ${row.note}`;
      if (this.#last.get(row.id) === line) continue;
      this.#last.set(row.id, line);
      this.#output.write(`${line}\n`);
    }
  }

  #draw(): void {
    const columns = this.#output.columns ?? 80;
    const lines = this.#rows.map((row) => this.#format(row, columns));
    lines.push(...this.#notes.map((note) => this.#style.yellow(truncate(`  ! ${note}`, columns - 1))));
    const up = this.#lines === 0 ? '' : `\u001b[${this.#lines}A`;
    this.#output.write(`${up}${lines.map((line) => `\u001b[2K${line}\n`).join('')}\u001b[0J`);
    this.#lines = lines.length;
  }

  #format(row: LiveRow, columns: number): string {
    const mark = { ready: this.#style.green('✓'), working: this.#style.cyan('·'), failed: this.#style.red('✗') }[
      row.state
    ];
    const text = `${row.label.padEnd(40)} ${row.count.padStart(7)}  ${row.state === 'ready' ? '' : row.note}`;
    return `  ${mark} ${truncate(text.trimEnd(), columns - 5)}`;
  }
}
