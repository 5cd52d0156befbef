import { toYaml } from '../yaml/index.ts';
import type { ObjectDiff } from './diff-release.ts';
import type { FieldChange } from './field-changes.ts';
import { type DiffLine, diffLines } from './line-diff.ts';

/** Colours, or none: what writes to a terminal gives one that writes escape sequences. */
export interface DiffStyle {
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  dim(text: string): string;
}

export interface FormatDiffOptions {
  /** Default: no colours. */
  readonly style?: DiffStyle;
  /** Unchanged lines around a change; undefined: all of them. */
  readonly context?: number | undefined;
  /** Leave out what changed on the cluster since the last revision. */
  readonly hideDrift?: boolean;
}

/** No colours. */
export const PLAIN_STYLE: DiffStyle = { red: same, green: same, yellow: same, dim: same };

function same(text: string): string {
  return text;
}

/**
 * Differences as text, in the shape that users of the diff plugin know: a header for each object that differs, then its
 * lines with `-` and `+`. Lines that begin with `!` tell what was changed past the release. '' when nothing differs.
 */
export function formatDiff(diffs: readonly ObjectDiff[], options: FormatDiffOptions = {}): string {
  const style = options.style ?? PLAIN_STYLE;
  let out = '';
  for (const diff of diffs) {
    const drift = options.hideDrift === true ? [] : driftLines(diff);
    if (diff.change === 'unchanged' && drift.length === 0) continue;
    out += `${style.yellow(header(diff))}\n`;
    for (const line of drift) out += `${style.yellow(`! ${line}`)}\n`;
    // What differs is told with the new name.
    if (diff.change !== 'unchanged' && diff.renamedTo === undefined) out += body(diff, style, options.context);
  }
  return out;
}

/** `default, web, Deployment (apps) has changed (wave 0, after Deployment/db):` */
function header(diff: ObjectDiff): string {
  const text = headline(diff);
  if (diff.turn === undefined || !text.endsWith(':')) return text;
  const { wave, after } = diff.turn;
  return `${text.slice(0, -1)} (wave ${wave}${after.length === 0 ? '' : `, after ${after.join(', ')}`}):`;
}

function headline(diff: ObjectDiff): string {
  const slash = diff.apiVersion.indexOf('/');
  const group = slash === -1 ? diff.apiVersion : diff.apiVersion.slice(0, slash);
  const id = `${diff.namespace}, ${diff.name}, ${diff.kind} (${group})`;
  switch (diff.change) {
    case 'added':
      return diff.renamedFrom === undefined
        ? `${id} has been added:`
        : `${id} has been added, renamed from ${diff.renamedFrom}:`;
    case 'removed':
      return diff.kept
        ? `${id} has been removed, but is kept (helm.sh/resource-policy: keep):`
        : `${id} has been removed${diff.renamedTo === undefined ? ':' : `, renamed to ${diff.renamedTo}`}`;
    case 'changed':
      return `${id} has changed:`;
    default:
      return `${id} has drifted, and is as the new manifest says:`;
  }
}

function driftLines(diff: ObjectDiff): string[] {
  if (diff.gone && diff.change === 'added') return ['it was deleted since the last revision'];
  return diff.drift.map(driftLine);
}

function driftLine(change: FieldChange): string {
  const value = (item: unknown): string => (typeof item === 'string' ? item : JSON.stringify(item));
  switch (change.change) {
    case 'added':
      return `${change.path} was added since the last revision: ${value(change.after)}`;
    case 'removed':
      return `${change.path} was removed since the last revision: it was ${value(change.before)}`;
    default:
      return `${change.path} was changed since the last revision: ${value(change.before)} → ${value(change.after)}`;
  }
}

function body(diff: ObjectDiff, style: DiffStyle, context: number | undefined): string {
  const lines = diffLines(yamlLines(diff.before), yamlLines(diff.after));
  let out = '';
  for (const line of context === undefined ? lines : withContext(lines, Math.max(0, context))) {
    out += line === undefined ? `${style.dim('...')}\n` : `${paint(line, style)}\n`;
  }
  return out;
}

function yamlLines(object: Readonly<Record<string, unknown>> | undefined): string[] {
  return object === undefined ? [] : toYaml(object).replace(/\n$/, '').split('\n');
}

function paint({ sign, text }: DiffLine, style: DiffStyle): string {
  const line = `${sign} ${text}`;
  if (sign === '-') return style.red(line);
  return sign === '+' ? style.green(line) : line;
}

/** The lines within reach of a change; undefined stands for those left out. */
function withContext(lines: readonly DiffLine[], reach: number): (DiffLine | undefined)[] {
  const near = new Uint8Array(lines.length);
  for (const [i, line] of lines.entries()) {
    if (line.sign !== ' ') near.fill(1, Math.max(0, i - reach), i + reach + 1);
  }
  const out: (DiffLine | undefined)[] = [];
  for (const [i, line] of lines.entries()) {
    if (near[i] === 1) out.push(line);
    else if (out.length === 0 || out.at(-1) !== undefined) out.push(undefined);
  }
  return out;
}

/** How many objects of each kind of change there are. */
export interface DiffCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Objects that somebody changed or deleted past the release. */
  readonly drifted: number;
}

/** Counts what differs; objects that are kept count as unchanged. */
export function countDiffs(diffs: readonly ObjectDiff[]): DiffCounts {
  const count = (change: ObjectDiff['change']): number =>
    diffs.filter((diff) => diff.change === change && !diff.kept).length;
  return {
    added: count('added'),
    changed: count('changed'),
    removed: count('removed'),
    drifted: diffs.filter((diff) => diff.drift.length > 0 || (diff.gone && diff.change === 'added')).length,
  };
}

/** `Plan: 1 to add, 2 to change, 0 to destroy.` */
export function formatDiffCounts({ added, changed, removed }: DiffCounts): string {
  return `Plan: ${added} to add, ${changed} to change, ${removed} to destroy.`;
}

/** Differences as data for `-o json` and `-o yaml`: one entry for each object that differs. */
export function diffJson(diffs: readonly ObjectDiff[]): unknown[] {
  return diffs
    .filter((diff) => diff.change !== 'unchanged' || diff.drift.length > 0)
    .map(({ apiVersion, kind, namespace, name, change, kept, gone, renamedFrom, renamedTo, turn, changes, drift }) => ({
      apiVersion,
      kind,
      ...(namespace === '' ? {} : { namespace }),
      name,
      change,
      ...(kept ? { kept } : {}),
      ...(gone ? { gone } : {}),
      ...(renamedFrom === undefined ? {} : { renamedFrom }),
      ...(renamedTo === undefined ? {} : { renamedTo }),
      ...turn,
      changes,
      ...(drift.length === 0 ? {} : { drift }),
    }));
}
