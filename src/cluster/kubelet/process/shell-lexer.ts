import { ShellSyntaxError, type Word, type WordPart } from './shell-syntax.ts';

/** A token: a word, an operator (`;`, `&&`, `>`, …) or the end. */
export type ShellToken =
  | { readonly kind: 'word'; readonly word: Word; readonly plain: string | undefined }
  | { readonly kind: 'operator'; readonly text: string }
  | { readonly kind: 'end' };

const OPERATORS = [
  '&&',
  '||',
  ';;',
  '2>&1',
  '1>&2',
  '2>>',
  '2>',
  '>&2',
  '&>',
  '>>',
  '<<<',
  '<<-',
  '<<',
  '>',
  '<',
  ';',
  '&',
  '|',
  '(',
  ')',
  '\n',
];

/**
 * Cuts a script into tokens.
 *
 * @throws ShellSyntaxError
 */
export function tokenizeShell(script: string): readonly ShellToken[] {
  return new Lexer(script).run();
}

class Lexer {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): ShellToken[] {
    const tokens: ShellToken[] = [];
    for (;;) {
      this.#skipBlanks();
      if (this.#at >= this.#text.length) break;
      const operator = this.#operator();
      if (operator === undefined) tokens.push(this.#word());
      else if (operator.startsWith('<<') && operator !== '<<<') this.#skipHereDocument();
      else tokens.push({ kind: 'operator', text: operator });
    }
    tokens.push({ kind: 'end' });
    return tokens;
  }

  #skipBlanks(): void {
    for (;;) {
      const character = this.#text[this.#at];
      if (character === ' ' || character === '\t' || character === '\r') this.#at += 1;
      else if (character === '\\' && this.#text[this.#at + 1] === '\n') this.#at += 2;
      else if (character === '#') {
        while (this.#at < this.#text.length && this.#text[this.#at] !== '\n') this.#at += 1;
      } else return;
    }
  }

  #operator(): string | undefined {
    for (const operator of OPERATORS) {
      if (this.#text.startsWith(operator, this.#at)) {
        this.#at += operator.length;
        return operator;
      }
    }
    return undefined;
  }

  /** What follows `<<` until its end mark is input, which no command here reads. */
  #skipHereDocument(): void {
    this.#skipBlanks();
    const mark = /^(['"]?)([\w-]+)\1/.exec(this.#text.slice(this.#at));
    if (mark === null) throw new ShellSyntaxError('here-document without an end mark');
    this.#at += mark[0].length;
    const end = new RegExp(`\\n[\\t ]*${mark[2] ?? ''}(?=\\n|$)`).exec(this.#text.slice(this.#at));
    const newline = this.#text.indexOf('\n', this.#at);
    if (end === null || newline === -1) {
      this.#at = this.#text.length;
      return;
    }
    // The rest of the line still counts.
    const rest = this.#text.slice(this.#at, newline);
    if (rest.trim() === '') this.#at += end.index + end[0].length;
    else throw new ShellSyntaxError('commands behind a here-document');
  }

  #word(): ShellToken {
    const parts: WordPart[] = [];
    let text = '';
    let plain = true;
    const flush = (): void => {
      if (text !== '') parts.push({ kind: 'text', text, quoted: false });
      text = '';
    };
    for (;;) {
      const character = this.#text[this.#at];
      if (character === '(' && parts.length === 0 && /^[A-Za-z_]\w*\+?=$/.test(text)) {
        plain = false;
        parts.push({ kind: 'text', text, quoted: false }, ...this.#array(text.endsWith('+=')));
        text = '';
        continue;
      }
      if (character === undefined || /[\s;&|<>()]/.test(character)) break;
      if (character === '\\') {
        const next = this.#text[this.#at + 1];
        if (next !== '\n') text += next ?? '\\';
        this.#at += 2;
      } else if (character === "'") {
        flush();
        plain = false;
        parts.push({ kind: 'text', text: this.#single(), quoted: true });
      } else if (character === '"') {
        flush();
        plain = false;
        parts.push(...this.#double());
      } else if (character === '$' || character === '`') {
        const expansion = this.#expansion(false);
        if (expansion === undefined) text += '$';
        else {
          flush();
          plain = false;
          parts.push(expansion);
        }
      } else {
        text += character;
        this.#at += 1;
      }
    }
    const whole = text;
    flush();
    return { kind: 'word', word: parts, plain: plain ? whole : undefined };
  }

  /** The elements of an array as one text; more are put behind a blank. */
  #array(appends: boolean): readonly WordPart[] {
    const inside = this.#balanced(this.#at + 1, '(', ')')
      .replaceAll(/["']/g, '')
      .trim();
    const parts = new Lexer(`"${inside}"`).#double();
    return appends ? [{ kind: 'text', text: ' ', quoted: true }, ...parts] : parts;
  }

  #single(): string {
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end === -1) throw new ShellSyntaxError('unterminated quoted string');
    const text = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return text;
  }

  #double(): WordPart[] {
    const parts: WordPart[] = [];
    let text = '';
    this.#at += 1;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw new ShellSyntaxError('unterminated quoted string');
      if (character === '"') break;
      if (character === '\\' && /["\\$`\n]/.test(this.#text[this.#at + 1] ?? '')) {
        if (this.#text[this.#at + 1] !== '\n') text += this.#text[this.#at + 1] ?? '';
        this.#at += 2;
        continue;
      }
      const expansion = character === '$' || character === '`' ? this.#expansion(true) : undefined;
      if (expansion !== undefined) {
        if (text !== '') parts.push({ kind: 'text', text, quoted: true });
        text = '';
        parts.push(expansion);
      } else if (character === '$') text += '$';
      else {
        text += character;
        this.#at += 1;
      }
    }
    this.#at += 1;
    if (text !== '' || parts.length === 0) parts.push({ kind: 'text', text, quoted: true });
    return parts;
  }

  /** An expansion; undefined for a `$` that is just one, which is then passed over. */
  #expansion(quoted: boolean): WordPart | undefined {
    if (this.#text[this.#at] === '`') {
      const end = this.#text.indexOf('`', this.#at + 1);
      if (end === -1) throw new ShellSyntaxError('unterminated backquote');
      const script = this.#text.slice(this.#at + 1, end);
      this.#at = end + 1;
      return { kind: 'command', script, quoted };
    }
    const rest = this.#text.slice(this.#at + 1);
    if (rest.startsWith('((')) return this.#arithmetic(quoted);
    if (rest.startsWith('(')) {
      const script = this.#balanced(this.#at + 2, '(', ')');
      return { kind: 'command', script, quoted };
    }
    if (rest.startsWith('{')) {
      const inside = this.#balanced(this.#at + 2, '{', '}');
      const match = /^#?([A-Za-z_]\w*|[0-9@*#?$!-])(:?[-+=?]|%%?|##?)?([\s\S]*)$/.exec(inside);
      if (match === null) throw new ShellSyntaxError('bad substitution');
      const [, name = '', operator = '', operand = ''] = match;
      return { kind: 'variable', name, operator, operand, quoted };
    }
    const name = /^(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(rest);
    this.#at += 1;
    if (name === null) return undefined;
    this.#at += name[0].length;
    return { kind: 'variable', name: name[0], operator: '', operand: '', quoted };
  }

  #arithmetic(quoted: boolean): WordPart {
    const end = this.#text.indexOf('))', this.#at);
    if (end === -1) throw new ShellSyntaxError('unterminated arithmetic');
    const expression = this.#text.slice(this.#at + 3, end);
    this.#at = end + 2;
    return {
      kind: 'command',
      script: `expr ${expression.replaceAll(/([*+/-])/g, " '$1' ").replaceAll(/\b([A-Za-z_]\w*)/g, '$$$1')}`,
      quoted,
    };
  }

  /** The text up to the bracket that closes; the place moves behind it. */
  #balanced(from: number, open: string, close: string): string {
    let depth = 1;
    for (let i = from; i < this.#text.length; i += 1) {
      const character = this.#text[i];
      if (character === '\\') i += 1;
      else if (character === "'") {
        const end = this.#text.indexOf("'", i + 1);
        if (end !== -1) i = end;
      } else if (character === open) depth += 1;
      else if (character === close) {
        depth -= 1;
        if (depth === 0) {
          this.#at = i + 1;
          return this.#text.slice(from, i);
        }
      }
    }
    throw new ShellSyntaxError(`missing ${close}`);
  }
}
