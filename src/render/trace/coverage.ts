import { positionAt, type SourceLocation } from '../../base/source.ts';
import type { TemplatePart } from '../../base/template-part.ts';
import { goTemplateParts } from '../../gotemplate/template-parts.ts';
import { handlebarsParts } from '../../handlebars/template-parts.ts';
import { loadHandlebarsParser } from '../heavy-modules.ts';
import type { Reached, TracedSource } from './render-trace.ts';
import { statementText } from './statement-text.ts';

/** A way through a block that was never gone. */
export interface MissedBranch {
  readonly location: SourceLocation;
  readonly code: string;
  /** `never true`, `never false`, … */
  readonly problem: string;
}

/** What of a template's file was reached. */
export interface FileCoverage {
  readonly name: string;
  /** Lines with something that can run or be written. */
  readonly lines: number;
  readonly missedLines: readonly number[];
  readonly branches: number;
  readonly missedBranches: readonly MissedBranch[];
}

/** What renders reached of templates; files without anything to reach are left out. */
export function coverageOf(
  sources: Iterable<TracedSource>,
  reached: ReadonlyMap<string, ReadonlyMap<number, Reached>>,
): FileCoverage[] {
  const out: FileCoverage[] = [];
  for (const source of sources) {
    const coverage = fileCoverage(source, reached.get(source.name) ?? new Map<number, Reached>());
    if (coverage.lines > 0) out.push(coverage);
  }
  return out.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function fileCoverage(source: TracedSource, reached: ReadonlyMap<number, Reached>): FileCoverage {
  const { name, text } = source;
  const parts =
    source.engine === 'handlebars' ? handlebarsParts(source, loadHandlebarsParser()) : goTemplateParts(name, text);
  const lineOf = lineCounter(text);
  const lines = new Map<number, boolean>();
  const missedBranches: MissedBranch[] = [];
  let branches = 0;
  for (const part of parts) {
    const state = reached.get(part.offset);
    for (const line of linesOf(part, lineOf)) {
      lines.set(line, (lines.get(line) ?? false) || state !== undefined);
    }
    for (const { taken, problem } of branchesOf(part, state)) {
      branches += 1;
      if (taken) continue;
      const { start, code } = statementText(text, part.offset);
      missedBranches.push({ location: { file: name, ...positionAt(text, start), source: text }, code, problem });
    }
  }
  const missedLines = [...lines].flatMap(([line, ran]) => (ran ? [] : [line])).sort((a, b) => a - b);
  return { name, lines: lines.size, missedLines, branches, missedBranches };
}

function branchesOf(
  { kind, hasElse }: TemplatePart,
  state: Reached | undefined,
): readonly { readonly taken: boolean; readonly problem: string }[] {
  const body = state?.body === true;
  const otherwise = state?.else === true;
  const never = state === undefined ? 'never reached' : undefined;
  switch (kind) {
    case 'if':
    case 'with':
      return [
        { taken: body, problem: never ?? (kind === 'if' ? 'never true' : 'never set') },
        { taken: otherwise, problem: never ?? (kind === 'if' ? 'never false' : 'never empty') },
      ];
    case 'range':
      return [
        { taken: body, problem: never ?? 'never has elements' },
        ...(hasElse ? [{ taken: otherwise, problem: never ?? 'never empty' }] : []),
      ];
    default:
      return [];
  }
}

function linesOf({ kind, offset, text }: TemplatePart, lineOf: (offset: number) => number): number[] {
  if (kind !== 'text') return [lineOf(offset)];
  const first = lineOf(offset);
  return text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [first + i]));
}

/** Lines of offsets without counting from the start each time. */
function lineCounter(text: string): (offset: number) => number {
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
