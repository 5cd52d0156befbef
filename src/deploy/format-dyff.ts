import { isObject } from '../base/json.ts';
import { toYaml } from '../yaml/index.ts';
import type { ObjectDiff } from './diff-release.ts';
import type { FieldChange } from './field-changes.ts';
import { type DiffStyle, PLAIN_STYLE } from './format-diff.ts';
import { diffLines } from './line-diff.ts';

/** How {@link formatDyff} writes. */
export interface DyffOptions {
  readonly style?: DiffStyle;
  /** Leave out what changed on the cluster since the last revision. */
  readonly hideDrift?: boolean;
}

/**
 * Differences field by field, as users of dyff know them: the path with its object, then what happened to it. '' when nothing differs.
 */
export function formatDyff(
  diffs: readonly ObjectDiff[],
  { style = PLAIN_STYLE, hideDrift = false }: DyffOptions = {},
): string {
  return diffs
    .flatMap((diff) => [...objectBlocks(diff, style), ...(hideDrift ? [] : driftBlocks(diff, style))])
    .join('\n');
}

function objectBlocks(diff: ObjectDiff, style: DiffStyle): string[] {
  const id = idOf(diff);
  if (diff.change === 'removed') {
    const why = diff.renamedTo === undefined ? '' : `, renamed to ${diff.renamedTo}`;
    const what = diff.kept ? '- object leaves the release, and is kept' : `- object removed${why}`;
    const body = diff.renamedTo === undefined && !diff.kept ? yamlBlock(diff.before, '-', style) : '';
    return [`${style.yellow(id)}\n  ${style.red(`${what}${body === '' ? '' : ':'}`)}\n${body}`];
  }
  if (diff.change === 'added' && diff.renamedFrom === undefined) {
    const what = diff.gone ? '+ object added again, it was deleted since the last revision:' : '+ object added:';
    return [`${style.yellow(id)}\n  ${style.green(what)}\n${yamlBlock(diff.after, '+', style)}`];
  }
  const head =
    diff.renamedFrom === undefined
      ? []
      : [`${style.yellow(id)}\n  ${style.green(`+ object added, renamed from ${diff.renamedFrom}`)}\n`];
  return [...head, ...diff.changes.map((change) => fieldBlock(change, id, style))];
}

function driftBlocks(diff: ObjectDiff, style: DiffStyle): string[] {
  return diff.drift.map((change) => fieldBlock(change, `${idOf(diff)}, changed past the release`, style));
}

function idOf({ apiVersion, kind, namespace, name }: ObjectDiff): string {
  return `${apiVersion}/${kind}/${namespace === '' ? '' : `${namespace}/`}${name}`;
}

function fieldBlock({ path, change, before, after }: FieldChange, id: string, style: DiffStyle): string {
  const head = `${style.yellow(path)}  ${style.dim(`(${id})`)}`;
  if (change === 'added')
    return `${head}\n  ${style.green(`+ ${noun(after)} added:`)}\n${yamlBlock(after, '+', style)}`;
  if (change === 'removed')
    return `${head}\n  ${style.red(`- ${noun(before)} removed:`)}\n${yamlBlock(before, '-', style)}`;
  if (typeOf(before) !== typeOf(after)) {
    const types = `± type change from ${typeOf(before)} to ${typeOf(after)}`;
    return `${head}\n  ${style.yellow(types)}\n${yamlBlock(before, '-', style)}${yamlBlock(after, '+', style)}`;
  }
  if (typeof before === 'string' && typeof after === 'string' && (before.includes('\n') || after.includes('\n'))) {
    return `${head}\n  ${style.yellow('± value change in a text of several lines')}\n${textBlock(before, after, style)}`;
  }
  return `${head}\n  ${style.yellow('± value change')}\n${yamlBlock(before, '-', style)}${yamlBlock(after, '+', style)}`;
}

function noun(value: unknown): string {
  if (Array.isArray(value)) return value.length === 1 ? 'list of one entry' : `list of ${value.length} entries`;
  if (!isObject(value)) return 'value';
  const count = Object.keys(value).length;
  return count === 1 ? 'map of one entry' : `map of ${count} entries`;
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (isObject(value)) return 'map';
  return value === null || value === undefined ? 'nothing' : typeof value === 'bigint' ? 'number' : typeof value;
}

function yamlBlock(value: unknown, sign: '+' | '-', style: DiffStyle): string {
  if (value === undefined) return '';
  const text = toYaml(value).replace(/\n$/, '');
  return text
    .split('\n')
    .map((line) => `    ${paint(`${sign} ${line}`, sign, style)}\n`)
    .join('');
}

/** Lines that differ, with one unchanged around. */
function textBlock(before: string, after: string, style: DiffStyle): string {
  const lines = diffLines(before.split('\n'), after.split('\n'));
  return lines
    .filter(({ sign }, i) =>
      [sign, lines[i - 1]?.sign, lines[i + 1]?.sign].some((each) => each === '+' || each === '-'),
    )
    .map(({ sign, text }) => `    ${sign === ' ' ? `  ${text}` : paint(`${sign} ${text}`, sign, style)}\n`)
    .join('');
}

function paint(text: string, sign: '+' | '-', style: DiffStyle): string {
  return sign === '+' ? style.green(text) : style.red(text);
}
