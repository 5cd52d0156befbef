import { displayWidth, truncate } from './width.ts';

/** How {@link formatTable} lays out. */
export interface TableOptions {
  /** Longer cells end in `...`; default: no limit. */
  readonly maxColumnWidth?: number;
  readonly separator?: string;
  /** Pad the last column too, as Helm's tables do. */
  readonly padLast?: boolean;
}

/** Rows of cells as aligned columns, a line each, without a newline at the end. */
export function formatTable(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { maxColumnWidth = Number.POSITIVE_INFINITY, separator = '   ', padLast = false } = options;
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, Math.min(maxColumnWidth, displayWidth(cell)));
    });
  }
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        const text = truncate(cell, width);
        const last = column === row.length - 1;
        return last && !padLast ? text : text + ' '.repeat(width - displayWidth(text));
      })
      .join(separator),
  );
  return lines.join('\n');
}
