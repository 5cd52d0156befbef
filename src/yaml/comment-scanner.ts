import { CLOSE_BRACE, CLOSE_BRACKET, HASH, isBlank, isBreak, isBreakOrEnd } from './characters.ts';
import type { Cursor } from './cursor.ts';
import type { Mark } from './fault.ts';
import type { Token } from './token.ts';

/** A comment with the token that it goes with; one of `head`, `line` and `foot` is its text. */
interface Comment {
  /** The first token at or behind this offset gets it. */
  tokenOffset: number;
  readonly start: Mark;
  /** Where the blanks and comments begin that it is part of. */
  readonly scanOffset: number;
  readonly endOffset: number;
  head: string;
  line: string;
  readonly foot: string;
}

/** What is known of the scanner when a comment is met. */
export interface ScannerState {
  /** The last tokens of the queue, taken ones too. */
  readonly last: Token | undefined;
  readonly beforeLast: Token | undefined;
  /** Column of the innermost block, -1 outside of all. */
  readonly indent: number;
  readonly inFlow: boolean;
}

/** Characters that are looked at for the next comment. */
const LOOK_AHEAD = 512;

/** Comments that belong to a token. */
export interface TokenComments {
  head: string;
  line: string;
  foot: string;
}

/**
 * Collects the comments of a text and decides, as go-yaml v3 does, which of them stand above what follows, behind it on its line,
 * or below what went before (go-yaml v3: scannerc.go, yaml_parser_scan_comments).
 */
export class CommentScanner {
  readonly #comments: Comment[] = [];
  #next = 0;

  /** Adds to `into` the comments that go with a token. */
  takeFor(token: Token, into: TokenComments): void {
    for (;;) {
      const comment = this.#comments[this.#next];
      if (comment === undefined || token.start.offset < comment.tokenOffset) return;
      // What stands above waits for a token that begins something.
      if (comment.head !== '' && token.kind === 'block-end') return;
      into.head = join(into.head, comment.head);
      into.foot = join(into.foot, comment.foot);
      into.line = join(into.line, comment.line);
      this.#next += 1;
    }
  }

  /** A comment behind a token on its line. */
  line(cursor: Cursor, tokenMark: Mark): void {
    if (newlinesBefore(cursor) > 0) return;
    let ahead = 0;
    while (ahead < LOOK_AHEAD && isBlank(cursor.code(ahead))) ahead += 1;
    if (cursor.code(ahead) !== HASH || ahead >= LOOK_AHEAD) return;
    cursor.offset += ahead;
    const start = cursor.mark();
    const line = readLine(cursor);
    this.#comments.push({
      tokenOffset: tokenMark.offset,
      start,
      scanOffset: 0,
      endOffset: 0,
      head: '',
      line,
      foot: '',
    });
  }

  /** A comment behind the `-` of a sequence's first entry stands above what follows rather than behind the `-`. */
  moveUp(cursor: Cursor, { last, beforeLast }: ScannerState): void {
    const comment = this.#comments.at(-1);
    if (comment === undefined || this.#next === this.#comments.length || comment.line === '') return;
    if (beforeLast?.kind !== 'block-sequence-start' || last?.kind !== 'block-entry' || isBreak(cursor.code())) return;
    comment.head = comment.line;
    comment.line = '';
    if (comment.start.line === cursor.line - 1) comment.tokenOffset = cursor.offset;
  }

  /** Comments on lines of their own, from the first `#` on. */
  block(cursor: Cursor, scanStart: Mark, state: ScannerState): void {
    new BlockOfComments(cursor, scanStart, state, this.#comments).read();
  }

  /**
   * Where a block ends that comments follow: before those that stand at its indentation.
   *
   * @param from the mark that was found for the block inside of it
   */
  blockEnd(from: Mark, indent: number): Mark {
    let mark = from;
    let stop = from.offset;
    for (let i = this.#comments.length - 1; i >= this.#next; i -= 1) {
      const comment = this.#comments[i];
      if (comment === undefined || comment.endOffset < stop) break;
      if (comment.start.column === indent + 1) mark = comment.start;
      stop = comment.scanOffset;
    }
    return mark;
  }
}

function join(a: string, b: string): string {
  return a === '' ? b : b === '' ? a : `${a}\n${b}`;
}

/** Breaks between the cursor and the last character before it that is no blank. */
function newlinesBefore({ text, offset }: Cursor): number {
  let count = 0;
  for (let i = offset - 1; i >= 0; i -= 1) {
    const code = text.charCodeAt(i);
    if (isBreak(code)) count += 1;
    else if (!isBlank(code)) break;
  }
  return count;
}

/** The rest of the line; the cursor stays at its break. */
function readLine(cursor: Cursor): string {
  const from = cursor.offset;
  while (!isBreakOrEnd(cursor.code())) cursor.offset += 1;
  return cursor.text.slice(from, cursor.offset);
}

/** Comments one below the other, which may belong to what is above and below them. */
class BlockOfComments {
  readonly #cursor: Cursor;
  readonly #state: ScannerState;
  readonly #out: Comment[];
  readonly #footLine: number;
  readonly #token: Token | undefined;
  #scanOffset: number;
  #tokenOffset: number;
  #start: Mark = { offset: 0, line: 0, column: 0 };
  #text = '';
  /** No empty line was met yet. */
  #firstEmpty: boolean;
  #recentEmpty = false;
  #line: number;
  /** Counts from 1. */
  #column: number;

  constructor(cursor: Cursor, scanStart: Mark, state: ScannerState, out: Comment[]) {
    this.#cursor = cursor;
    this.#state = state;
    this.#out = out;
    this.#token = state.last?.kind === 'flow-entry' ? (state.beforeLast ?? state.last) : state.last;
    this.#tokenOffset = this.#token?.start.offset ?? 0;
    this.#scanOffset = scanStart.offset;
    const newlines = newlinesBefore(cursor);
    this.#firstEmpty = newlines <= 1;
    this.#line = cursor.line;
    this.#column = cursor.column;
    const own = newlines === 0 && cursor.column > 1 ? 1 : 0;
    this.#footLine = scanStart.line > 0 ? cursor.line - newlines + 1 + own : -1;
  }

  read(): void {
    const cursor = this.#cursor;
    let ahead = 0;
    for (; ahead < LOOK_AHEAD; ahead += 1) {
      this.#column += 1;
      const code = cursor.code(ahead);
      if (isBlank(code)) continue;
      const closes = this.#state.inFlow && (code === CLOSE_BRACKET || code === CLOSE_BRACE);
      if (closes || isBreakOrEnd(code)) {
        this.#emptyLine(code, closes, ahead);
        if (!isBreak(code)) break;
        this.#firstEmpty = false;
        this.#recentEmpty = true;
        this.#column = 0;
        this.#line += 1;
        continue;
      }
      if (this.#text !== '' && this.#column - 1 < this.#indent() && this.#column !== this.#start.column)
        this.#foot(ahead);
      if (code !== HASH) break;
      this.#comment(ahead);
      ahead = 0;
    }
    if (this.#text === '') return;
    const endOffset = cursor.offset + ahead - 1;
    const { offset } = this.#start;
    this.#push({ tokenOffset: offset, endOffset, head: this.#text, foot: '' });
  }

  #indent(): number {
    return Math.max(this.#state.indent, 0);
  }

  #emptyLine(code: number, closes: boolean, ahead: number): void {
    if (!closes && this.#recentEmpty) return;
    const dedented = this.#start.column - 1 < this.#indent();
    const below = this.#start.line === this.#footLine && this.#token?.kind !== 'value';
    if (closes || (this.#firstEmpty && (below || dedented))) {
      if (this.#text === '') return;
      // If dedented it has nothing to do with the token before.
      if (dedented) this.#tokenOffset = this.#start.offset;
      this.#foot(ahead);
    } else if (this.#text !== '' && code !== 0) {
      this.#text += '\n';
    }
  }

  /** What was read stands below what went before. */
  #foot(ahead: number): void {
    const end = this.#cursor.offset + ahead;
    this.#push({ tokenOffset: this.#tokenOffset, endOffset: end, head: '', foot: this.#text });
    this.#scanOffset = end;
    this.#tokenOffset = end;
    this.#text = '';
  }

  #push(part: Pick<Comment, 'tokenOffset' | 'endOffset' | 'head' | 'foot'>): void {
    this.#out.push({ ...part, start: this.#start, scanOffset: this.#scanOffset, line: '' });
  }

  #comment(ahead: number): void {
    const cursor = this.#cursor;
    if (this.#text === '') this.#start = { offset: cursor.offset + ahead, line: this.#line, column: this.#column };
    else this.#text += '\n';
    this.#recentEmpty = false;
    const target = cursor.offset + ahead;
    while (cursor.offset < target) {
      if (isBreak(cursor.code())) cursor.skipBreak();
      else cursor.offset += 1;
    }
    this.#text += readLine(cursor);
    this.#column = 0;
    this.#line = cursor.line;
  }
}
