import { quote } from '../../gotemplate/runtime/quote.ts';
import { END, TomlFault, type TomlScanner } from './toml-scanner.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  e: '\x1b',
  '"': '"',
  '\\': '\\',
};
const DIGITS: Readonly<Record<string, readonly [count: number, word: string]>> = {
  x: [2, 'two'],
  u: [4, 'four'],
  U: [8, 'eight'],
};

/** Reads a string of any form; its first quote has been read. */
export function readString(scanner: TomlScanner, mark: '"' | "'", multiline = true): string {
  if (multiline && scanner.accept(mark)) {
    if (scanner.accept(mark)) return readMultiline(scanner, mark);
    return '';
  }
  return readLine(scanner, mark);
}

function readLine(scanner: TomlScanner, mark: '"' | "'"): string {
  const start = scanner.pos;
  let escaped = false;
  for (;;) {
    const character = scanner.next();
    if (character === END) throw scanner.fault(`unexpected EOF; expected ${mark === '"' ? `'"'` : `"'"`}`);
    if (character === '\n') throw scanner.faultBefore('strings cannot contain newlines');
    if (character === '\r') throw new TomlFault('strings cannot contain newlines', scanner.line - 1);
    if (character === mark) break;
    if (character === '\\' && mark === '"') {
      escaped = true;
      checkEscape(scanner, start);
    }
  }
  const text = scanner.text.slice(start, scanner.pos - 1);
  return escaped ? replaceEscapes(text, scanner.line) : text;
}

function readMultiline(scanner: TomlScanner, mark: '"' | "'"): string {
  const start = scanner.pos;
  for (;;) {
    const character = scanner.next();
    if (character === END) throw scanner.fault(`unexpected EOF; expected ${mark === '"' ? `'"""'` : `"'''"`}`);
    if (character === '\\' && mark === '"') {
      if (!scanner.accept('\n') && !(scanner.peek() === '\r' && scanner.next() === '\r')) checkEscape(scanner, start);
    } else if (character === mark) {
      let count = 1;
      while (count < 6 && scanner.accept(mark)) count += 1;
      if (count === 6) throw scanner.fault(mark === '"' ? `unexpected '""""""'` : `unexpected "''''''"`);
      if (count >= 3) break;
    }
  }
  const text = scanner.text.slice(start, scanner.pos - 3).replace(/^\r?\n/, '');
  if (mark === "'") return text;
  return replaceEscapes(joinLines(text), scanner.line);
}

/** Reads an escape behind its backslash, to see whether it is one. */
function checkEscape(scanner: TomlScanner, start: number): void {
  const character = scanner.next();
  if (Object.hasOwn(SIMPLE, character) || character === ' ' || character === '\t') return;
  const digits = Object.hasOwn(DIGITS, character) ? DIGITS[character] : undefined;
  if (digits === undefined) throw scanner.fault(`invalid escape in string '\\${character}'`);
  const [count, word] = digits;
  for (let i = 0; i < count; i += 1) {
    if (/[0-9A-Fa-f]/.test(scanner.next())) continue;
    const seen = quote(scanner.text.slice(start, scanner.pos));
    throw scanner.fault(`expected ${word} hexadecimal digits after '\\${character}', but got ${seen} instead`);
  }
}

/** A backslash at the end of a line joins it with the next text. */
function joinLines(text: string): string {
  return text.replaceAll(/\\(\\|[ \t\r]*\n[ \t\r\n]*)/g, (whole, rest: string) => (rest === '\\' ? whole : ''));
}

function replaceEscapes(text: string, line: number): string {
  return text.replaceAll(
    /\\(?:x(..)|u(.{4})|U(.{8})|([\s\S]))/g,
    (_, x?: string, u?: string, long?: string, simple?: string) => {
      if (simple !== undefined) {
        const value = SIMPLE[simple];
        if (value === undefined) throw new TomlFault(`invalid escape: '\\${simple}'`, line);
        return value;
      }
      const digits = x ?? u ?? long ?? '';
      const code = Number.parseInt(digits, 16);
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
        throw new TomlFault(`Escaped character '\\u${digits}' is not valid UTF-8.`, line);
      }
      return String.fromCodePoint(code);
    },
  );
}
