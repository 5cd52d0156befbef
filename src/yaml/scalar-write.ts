/** Where a scalar stands and how it may be cut into lines. */
export interface ScalarPlace {
  /** Column of its first character. */
  readonly column: number;
  /** Indentation of its further lines. */
  readonly indent: number;
  /** Column behind which a space becomes a break; Infinity for never. */
  readonly width: number;
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x00, '\\0'],
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x1b, '\\e'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [0x85, '\\N'],
  [0xa0, '\\_'],
  [0x2028, '\\L'],
  [0x2029, '\\P'],
]);

/** Spaces up to a column. */
export function pad(column: number): string {
  return column < PADS.length ? (PADS[column] ?? '') : ' '.repeat(column);
}

const PADS: readonly string[] = Array.from({ length: 41 }, (_, length) => ' '.repeat(length));

/** A plain scalar; it has no breaks of its own. */
export function writePlain(text: string, { column, indent, width }: ScalarPlace): string {
  if (column + text.length <= width) return text;
  let out = '';
  let from = 0;
  let lineStart = column;
  for (let space = text.indexOf(' '); space !== -1; space = text.indexOf(' ', space + 1)) {
    const alone = text[space - 1] !== ' ' && text[space + 1] !== ' ';
    if (!alone || lineStart + space - from <= width) continue;
    out += `${text.slice(from, space)}\n${pad(indent)}`;
    from = space + 1;
    lineStart = indent;
  }
  return out + text.slice(from);
}

/** A scalar in single quotes; its breaks can only be LS and PS. */
export function writeSingleQuoted(text: string, { column, indent, width }: ScalarPlace): string {
  if (column + text.length + 1 <= width && !/[\u2028\u2029]/.test(text)) return `'${text.replaceAll("'", "''")}'`;
  let out = "'";
  let at = column + 1;
  let afterSpace = false;
  let afterBreak = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (char === ' ') {
      if (!afterSpace && at > width && i > 0 && i < text.length - 1 && text[i + 1] !== ' ') {
        out += `\n${pad(indent)}`;
        at = indent;
      } else {
        out += ' ';
        at += 1;
      }
      afterSpace = true;
    } else if (char === '\u2028' || char === '\u2029') {
      out += char;
      at = 0;
      afterBreak = true;
    } else {
      if (afterBreak) {
        out += pad(indent);
        at = indent;
      }
      out += char === "'" ? "''" : char;
      at += char === "'" ? 2 : 1;
      afterSpace = false;
      afterBreak = false;
    }
  }
  return `${out}'`;
}

const SIMPLE = /^[ !#-[\]-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;

/** A scalar in double quotes. */
export function writeDoubleQuoted(text: string, { column, indent, width }: ScalarPlace): string {
  if (column + text.length + 1 <= width && SIMPLE.test(text)) return `"${text}"`;
  // libyaml looks for the mark at the start of the text whichever character it is about to write.
  const escapeAll = text.charCodeAt(0) === 0xfeff;
  let out = '"';
  let at = column + 1;
  let afterSpace = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.codePointAt(i) ?? 0;
    if (code > 0xffff) i += 1;
    if (escapeAll || needsEscape(code)) {
      const escaped = escapeCode(code);
      out += escaped;
      at += escaped.length;
      afterSpace = false;
    } else if (code === 0x20) {
      if (!afterSpace && at > width && i > 0 && i < text.length - 1) {
        out += `\n${pad(indent)}`;
        at = indent;
        if (text[i + 1] === ' ') {
          out += '\\';
          at += 1;
        }
      } else {
        out += ' ';
        at += 1;
      }
      afterSpace = true;
    } else {
      out += String.fromCharCode(code);
      at += 1;
      afterSpace = false;
    }
  }
  return `${out}"`;
}

function needsEscape(code: number): boolean {
  if (code <= 0x7e) return code < 0x20 || code === 0x22 || code === 0x5c;
  if (code < 0xa0 || code === 0x2028 || code === 0x2029) return true;
  return !(code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff));
}

function escapeCode(code: number): string {
  const short = ESCAPES.get(code);
  if (short !== undefined) return short;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/**
 * A literal scalar with its header. Its last character is a break if the text's is.
 *
 * @param step the digit that tells the indentation where the text begins with a space or a break
 */
export function writeLiteral(text: string, indent: number, step: number): string {
  let out = '|';
  const first = text.charCodeAt(0);
  if (first === 0x20 || isBreak(first)) out += String(step);
  out += `${chomping(text)}\n`;
  const prefix = pad(indent);
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (!isBreak(text.charCodeAt(i))) continue;
    if (i > start) out += prefix;
    out += text.slice(start, i + 1);
    start = i + 1;
  }
  return start < text.length ? out + prefix + text.slice(start) : out;
}

function chomping(text: string): '' | '-' | '+' {
  const last = text.length - 1;
  if (last < 0 || !isBreak(text.charCodeAt(last))) return '-';
  return last === 0 || isBreak(text.charCodeAt(last - 1)) ? '+' : '';
}

/** The breaks that a literal scalar can hold. */
export function isBreak(code: number): boolean {
  return code === 0x0a || code === 0x2028 || code === 0x2029;
}
