import { CR, LF, DASH, DOT, isBlankOrEnd } from './characters.ts';
import { type Mark, YamlFault } from './fault.ts';

/** A place in a text that moves forward. The text ends with a NUL, so that looking ahead needs no bounds. */
export class Cursor {
  readonly text: string;
  offset = 0;
  line = 0;
  /** Offset of the first character of the current line. */
  lineStart = 0;

  constructor(text: string) {
    this.text = text;
  }

  get column(): number {
    return this.offset - this.lineStart;
  }

  /** The code `ahead` of the current one. */
  code(ahead = 0): number {
    return this.text.charCodeAt(this.offset + ahead);
  }

  mark(): Mark {
    return { offset: this.offset, line: this.line, column: this.offset - this.lineStart };
  }

  /** Passes a break; CR LF is one. */
  skipBreak(): void {
    this.offset += this.code() === CR && this.code(1) === LF ? 2 : 1;
    this.line += 1;
    this.lineStart = this.offset;
  }

  /** Passes a break and gives it as scalars keep it: LF for all but LS and PS. */
  readBreak(): string {
    const code = this.code();
    this.skipBreak();
    return code === 0x2028 ? '\u2028' : code === 0x2029 ? '\u2029' : '\n';
  }

  /** True at `---` or `...` in the first column with a blank behind. */
  atDocumentIndicator(): boolean {
    if (this.offset !== this.lineStart) return false;
    const code = this.code();
    return (
      (code === DASH || code === DOT) && this.code(1) === code && this.code(2) === code && isBlankOrEnd(this.code(3))
    );
  }

  /** A fault at this place. */
  fault(problem: string, context?: Mark): YamlFault {
    return new YamlFault('scanner', problem, this.mark(), context);
  }
}
