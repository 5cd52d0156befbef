/** One line of a container's log. */
export interface WrittenLine {
  /** ms since the epoch */
  readonly at: number;
  readonly text: string;
}

/** Which lines of a log are asked for. */
export interface LogWindow {
  /** The previous instance of the container. */
  readonly previous?: boolean | undefined;
  /** Only lines that were written then or later, ms since the epoch. */
  readonly since?: number | undefined;
  /** At most as many, the newest. */
  readonly tailLines?: number | undefined;
}

/**
 * Where somebody stands in a log that grows. It is told by time, and by the number of lines of the last instant, since lines are
 * not numbered and the oldest ones go.
 */
export class LogCursor {
  #at = Number.NEGATIVE_INFINITY;
  #seen = 0;

  /** Lines from here on have to be looked at; undefined: all. */
  get since(): number | undefined {
    return this.#at === Number.NEGATIVE_INFINITY ? undefined : this.#at;
  }

  /** Nothing that was written before an instant is of interest. */
  skipTo(instant: number): void {
    if (instant <= this.#at) return;
    this.#at = instant;
    this.#seen = 0;
  }

  /** Goes to the end of the lines, which are in order and begin with those of {@link since}; gives those that are new. */
  take(lines: readonly WrittenLine[]): readonly WrittenLine[] {
    let begin = 0;
    let known = this.#seen;
    for (const { at } of lines) {
      if (at > this.#at || (at === this.#at && known === 0)) break;
      if (at === this.#at) known -= 1;
      begin += 1;
    }
    const fresh = lines.slice(begin);
    for (const { at } of fresh) {
      this.#seen = at === this.#at ? this.#seen + 1 : 1;
      this.#at = at;
    }
    return fresh;
  }
}
