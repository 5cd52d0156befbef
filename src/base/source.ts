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
    const content = (lines[n - 1] ?? '').replaceAll('\t', ' ').replace(/\r$/, '');
    out.push(`${marker} ${String(n).padStart(width)} | ${content}`.trimEnd());
    if (n === location.line && location.column !== undefined) {
      out.push(`  ${' '.repeat(width)} | ${' '.repeat(Math.max(0, location.column - 1))}^`);
    }
  }
  return out.join('\n');
}
