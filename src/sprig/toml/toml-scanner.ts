import { quoteRune } from '../../gotemplate/runtime/quote.ts';

/** The end of the text; as a character it prints as Go prints the rune 0. */
export const END = '\0';

/** A fault in the text at a line. */
export class TomlFault extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** Reads a TOML text character by character. */
export class TomlScanner {
  readonly text: string;
  pos = 0;
  /** From 1; grows when a newline is read. */
  line = 1;
  #atEnd = false;

  constructor(text: string) {
    this.text = text;
  }

  /** Reads a character, {@link END} at the end; control characters are refused. */
  next(): string {
    const code = this.text.codePointAt(this.pos);
    if (code === undefined) {
      this.#atEnd = true;
      return END;
    }
    const character = String.fromCodePoint(code);
    if (code >= 0xdc80 && code <= 0xdcff) {
      throw new TomlFault(`invalid UTF-8 byte: 0x${hex(code - 0xdc00)}`, this.line);
    }
    const loneReturn = character === '\r' && this.text[this.pos + 1] !== '\n';
    if (loneReturn || (code < 0x20 && !'\t\r\n'.includes(character)) || code === 0x7f) {
      throw new TomlFault(`TOML files cannot contain control characters: '0x${hex(code)}'`, this.line);
    }
    if (character === '\n') this.line += 1;
    this.pos += character.length;
    return character;
  }

  /** Takes back what {@link next} gave. */
  back(character: string): void {
    if (this.#atEnd) {
      this.#atEnd = false;
      return;
    }
    this.pos -= character.length;
    if (character === '\n') this.line -= 1;
  }

  peek(): string {
    const character = this.next();
    this.back(character);
    return character;
  }

  /** Reads a character if it is `wanted`. */
  accept(wanted: string): boolean {
    const character = this.next();
    if (character === wanted) return true;
    this.back(character);
    return false;
  }

  /** Reads characters as long as they belong to a set. */
  run(belongs: RegExp): string {
    const start = this.pos;
    for (;;) {
      const character = this.next();
      if (character === END || !belongs.test(character)) {
        this.back(character);
        return this.text.slice(start, this.pos);
      }
    }
  }

  skipBlanks(): void {
    this.run(/[ \t]/);
  }

  /** Blanks, newlines and comments. */
  skipLines(): void {
    for (;;) {
      this.run(/[ \t\r\n]/);
      if (!this.accept('#')) return;
      this.skipComment();
    }
  }

  /** The rest of a comment, without its newline. */
  skipComment(): void {
    this.run(/[^\r\n]/);
  }

  /** A fault where the reader stands; at the end of the text it belongs to the last line that holds something. */
  fault(message: string): TomlFault {
    const afterNewline = this.#atEnd && this.text[this.pos - 1] === '\n';
    return new TomlFault(message, afterNewline ? this.line - 1 : this.line);
  }

  /** A fault at a newline that has just been read. */
  faultBefore(message: string): TomlFault {
    return new TomlFault(message, this.line - 1);
  }
}

function hex(code: number): string {
  return code.toString(16).padStart(2, '0');
}

/** A character as Go's `%q` prints it. */
export function quoteCharacter(character: string): string {
  return quoteRune(character.codePointAt(0) ?? 0);
}

/** A character in quotes, or the end of the text in words. */
export function nameCharacter(character: string): string {
  return character === END ? 'end of file' : `'${character}'`;
}
