import type { KubeObject } from '../../../kube/object.ts';

/** One cell as JSON carries it. */
export type Cell = string | number | boolean;

/** A column of a kind's table. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  /** `name` for the first column. */
  readonly format: string;
  /** 0: always shown; 1: with `-o wide`. */
  readonly priority: number;
  cell(object: KubeObject, context: TableContext): Cell;
}

/** What cells are computed with. */
export interface TableContext {
  /** ms since the epoch, of the cluster's clock. */
  readonly now: number;
}

type MakeCell = (object: KubeObject, context: TableContext) => Cell;

/** A column that is always shown. */
export function column(name: string, cell: MakeCell, type: Column['type'] = 'string'): Column {
  return { name, type, format: name === 'Name' ? 'name' : '', priority: 0, cell };
}

/** A column of `-o wide`. */
export function wide(name: string, cell: MakeCell, type: Column['type'] = 'string'): Column {
  return { ...column(name, cell, type), priority: 1 };
}

export const NONE = '<none>';
export const UNSET = '<unset>';
export const UNKNOWN = '<unknown>';

export const nameColumn = column('Name', (object) => object.metadata.name ?? '');

export const ageColumn = column('Age', (object, { now }) => age(object.metadata.creationTimestamp, now));

/** A plain value of a field, by its path; `fallback` when it is absent. */
export function field(path: string, fallback: Cell = ''): MakeCell {
  const steps = path.split('.');
  return (object) => {
    const value = at(object, steps);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : fallback;
  };
}

/** The value at a path of keys, or undefined. */
export function at(value: unknown, steps: readonly string[]): unknown {
  let current: unknown = value;
  for (const step of steps) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Readonly<Record<string, unknown>>)[step];
  }
  return current;
}

/** How long ago an instant was, `<unknown>` when there is none. */
export function age(timestamp: unknown, now: number): string {
  if (typeof timestamp !== 'string' || timestamp === '') return UNKNOWN;
  return humanDuration(now - Date.parse(timestamp));
}

/** A duration as kubectl prints it: `10s`, `3m20s`, `5h`, `2d3h`, `1y20d`. apimachinery: pkg/util/duration/duration.go. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  if (hours < 192) return hours % 24 === 0 ? `${Math.trunc(hours / 24)}d` : `${Math.trunc(hours / 24)}d${hours % 24}h`;
  const days = Math.trunc(hours / 24);
  if (days < 730) return `${days}d`;
  const years = Math.trunc(days / 365);
  if (years < 8) return days % 365 === 0 ? `${years}y` : `${years}y${days % 365}d`;
  return `${years}y`;
}

/** `a=1,b=2` sorted, or `<none>`. */
export function labelsText(labels: unknown): string {
  if (typeof labels !== 'object' || labels === null) return NONE;
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? NONE : entries.map(([key, value]) => `${key}=${String(value)}`).join(',');
}

/** A value that should be text or a number, as text. */
export function textOf(value: unknown, fallback = ''): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : fallback;
}
