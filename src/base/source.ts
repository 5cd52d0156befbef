/** A named text that errors point into. */
export interface SourceText {
  /** File name as the user knows it. */
  readonly name: string;
  readonly text: string;
}

/** A place in a source; lines and columns count from 1, columns in UTF-16 units. */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The text of the file, when it is at hand, for a code frame. */
  readonly source?: string;
}

/** The line and column (both from 1) of a UTF-16 offset in a text. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let i = text.indexOf('\n'); i !== -1 && i < offset; i = text.indexOf('\n', i + 1)) {
    line += 1;
    start = i + 1;
  }
  return { line, column: offset - start + 1 };
}

/** `file:line:column`, as far as known. */
export function formatLocation(location: SourceLocation): string {
  let text = location.file;
  if (location.line !== undefined) {
    text += `:${location.line}`;
    if (location.column !== undefined) text += `:${location.column}`;
  }
  return text;
}

/**
 * The lines around a location with a marker under the column, or '' if the text is not known.
 *
 * @param context lines shown before and after (default 2)
 */
export function codeFrame(location: SourceLocation, context = 2): string {
  if (location.source === undefined || location.line === undefined) return '';
  const lines = location.source.split('\n');
  const last = Math.min(lines.length, location.line + context);
  const width = String(last).length;
  const out: string[] = [];
  for (let n = Math.max(1, location.line - context); n <= last; n += 1) {
    const marker = n === location.line ? '>' : ' ';
    const column = n === location.line ? (location.column ?? 1) : 1;
    const { text, shift } = shownPart((lines[n - 1] ?? '').replace(/\r$/, ''), column);
    out.push(`${marker} ${String(n).padStart(width)} | ${text}`.trimEnd());
    if (n === location.line && location.column !== undefined) {
      out.push(`  ${' '.repeat(width)} | ${' '.repeat(Math.max(0, location.column - 1 - shift))}^`);
    }
  }
  return out.join('\n');
}

/** Units of a line that are shown at most. */
const LONGEST = 240;
const LEAD = 80;

/** What of a line is shown, without what a terminal would obey, and how far the column moves to the left. */
function shownPart(line: string, column: number): { readonly text: string; readonly shift: number } {
  const from = line.length <= LONGEST ? 0 : Math.max(0, Math.min(column - 1 - LEAD, line.length - LONGEST));
  const cut = line.slice(from, from + LONGEST);
  const text = cut.replaceAll('\t', ' ').replaceAll(/\p{Cc}/gu, '\ufffd');
  const before = from > 0 ? '…' : '';
  const behind = from + LONGEST < line.length ? '…' : '';
  return { text: before + text + behind, shift: from - before.length };
}
