import { PintleError } from '../base/errors.ts';
import { encodeJson } from '../yaml/json-encode.ts';
import { toYaml } from '../yaml/index.ts';
import { displayWidth } from '../terminal/width.ts';
import { sortedKeys } from '../base/json.ts';

/** `-o`. */
export type OutputFormat = 'table' | 'json' | 'yaml';

/**
 * The value of `-o`.
 *
 * @throws PintleError `usage`
 */
export function outputFormat(text: string | undefined): OutputFormat {
  if (text === undefined || text === 'table') return 'table';
  if (text === 'json' || text === 'yaml') return text;
  throw new PintleError('usage', `invalid argument "${text}" for "-o, --output" flag: invalid format type`, {
    hint: 'allowed values: table, json, yaml',
  });
}

/** Data in one of the formats, with the newline at the end that Helm writes. */
export function formatData(format: Exclude<OutputFormat, 'table'>, value: unknown): string {
  return format === 'json' ? `${encodeJson(value)}\n` : toYaml(value);
}

/**
 * Rows, under a header if there is one, as Helm's table: columns as wide as their longest line, parted by tabs. A cell of several lines takes
 * several, after all of it was cut to the width of its column (github.com/gosuri/uitable).
 */
export function helmTable(header: readonly string[] | undefined, rows: readonly (readonly string[])[]): string {
  const all = header === undefined ? rows : [header, ...rows];
  const widths = (all[0] ?? []).map((_, column) =>
    all.reduce((widest, row) => Math.max(widest, cellWidth(row[column] ?? '')), 0),
  );
  return `${all.map((row) => tableRow(row, widths)).join('\n')}\n`;
}

function cellWidth(cell: string): number {
  return cell.includes('\n') ? Math.max(...cell.split('\n').map(displayWidth)) : displayWidth(cell);
}

function tableRow(row: readonly string[], widths: readonly number[]): string {
  if (row.every((cell, column) => !cell.includes('\n') && displayWidth(cell) <= (widths[column] ?? 0))) {
    return row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - displayWidth(cell))).join('\t');
  }
  const cells = row.map((cell, column) => resize(cell, widths[column] ?? 0).split('\n'));
  const height = Math.max(...cells.map((lines) => lines.length));
  const lines: string[] = [];
  for (let i = 0; i < height; i += 1) {
    lines.push(cells.map((each, column) => resize(each[i] ?? '', widths[column] ?? 0)).join('\t'));
  }
  return lines.join('\n');
}

/** Pads a text to a width, or cuts it with dots at the end; line breaks have no width. */
function resize(text: string, width: number): string {
  const own = displayWidth(text.replaceAll('\n', ''));
  if (own <= width) return text + ' '.repeat(width - own);
  let out = '';
  let used = 0;
  for (const rune of text) {
    out += rune;
    const step = rune === '\n' ? 0 : displayWidth(rune);
    if (used + step >= width - 3) break;
    used += step;
  }
  return `${out}...`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface Moment {
  readonly date: Date;
  /** Minutes east of UTC. */
  readonly offset: number;
  readonly fraction: string;
}

/** RFC 3339 taken apart, with the offset that it was written with. */
function parseMoment(text: string): Moment | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|([-+])(\d\d):(\d\d))$/.exec(text);
  if (match === null) return undefined;
  const offset = match[3] === 'Z' ? 0 : (match[4] === '-' ? -1 : 1) * (Number(match[5]) * 60 + Number(match[6]));
  // The fields are read as if they were UTC: they are printed with their own offset.
  return {
    date: new Date(`${match[1] ?? ''}Z`),
    offset,
    fraction: (match[2] ?? '').replace(/0+$/, '').replace(/^\.$/, ''),
  };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** `Mon Jan _2 15:04:05 2006`, Go's ANSIC. */
export function ansiTime(text: string | undefined): string {
  const moment = text === undefined ? undefined : parseMoment(text);
  if (moment === undefined) return '';
  const { date } = moment;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const day = String(date.getUTCDate()).padStart(2, ' ');
  return `${DAYS[date.getUTCDay()] ?? ''} ${MONTHS[date.getUTCMonth()] ?? ''} ${day} ${time} ${date.getUTCFullYear()}`;
}

/** As Go prints a time: `2006-01-02 15:04:05.999 +0000 UTC`. */
export function goTime(text: string | undefined): string {
  const moment = text === undefined ? undefined : parseMoment(text);
  if (moment === undefined) return '-';
  const { date, offset, fraction } = moment;
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const day = `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}${fraction}`;
  return `${day} ${time} ${zone} ${offset === 0 ? 'UTC' : zone}`;
}

/** A label set as Kubernetes prints it: `a=1,b=2`. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  return labels === undefined
    ? ''
    : sortedKeys(labels)
        .map((key) => `${key}=${labels[key] ?? ''}`)
        .join(',');
}
