/** A text that is read character by character. */
export class SetReader {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#characters = Array.from(text);
  }

  /** UTF-16 offset of what is read next. */
  get offset(): number {
    return this.#characters.slice(0, this.#at).join('').length;
  }

  /** What has not been read. */
  get rest(): string {
    return this.#characters.slice(this.#at).join('');
  }

  /** Undefined at the end. */
  next(): string | undefined {
    const character = this.#characters[this.#at];
    if (character !== undefined) this.#at += 1;
    return character;
  }

  back(): void {
    this.#at -= 1;
  }

  skip(text: string): void {
    this.#at += Array.from(text).length;
  }

  /**
   * The characters up to one of `stops`, which is read too and given as `stop`; undefined at the end of the text.
   *
   * @param escapes take the character behind a backslash as it is
   */
  until(stops: string, escapes: boolean): { text: string; stop: string | undefined } {
    let text = '';
    for (;;) {
      const character = this.next();
      if (character === undefined || stops.includes(character)) return { text, stop: character };
      if (character === '\\' && escapes) {
        const escaped = this.next();
        if (escaped === undefined) return { text, stop: undefined };
        text += escaped;
      } else {
        text += character;
      }
    }
  }
}
