import { PintleError } from '../base/errors.ts';
import { formatLocation } from '../base/source.ts';
import { coverageOf, type FileCoverage } from '../render/trace/coverage.ts';
import type { RenderTrace } from '../render/trace/render-trace.ts';
import { formatTable } from '../terminal/table.ts';
import type { Io } from './io.ts';

/** One render with a set of values. */
export interface CoverageCase {
  /** What it is called in messages. */
  readonly name: string;
  readonly render: () => Promise<unknown>;
}

/**
 * Renders all cases, which the trace follows, and prints which lines and branches of the templates none of them reached.
 *
 * @throws what the last case threw, if all of them fail
 */
export async function runCoverage(io: Io, cases: readonly CoverageCase[], trace: RenderTrace): Promise<void> {
  let failures = 0;
  for (const each of cases) {
    try {
      await each.render();
    } catch (error) {
      failures += 1;
      if (!(error instanceof PintleError) || failures === cases.length) throw error;
      io.stderr(`Warning: ${each.name}: ${error.message}\n`);
    }
  }
  io.stdout(coverageText(coverageOf(trace.sources, trace.reached)));
}

function coverageText(files: readonly FileCoverage[]): string {
  const total = (of: (file: FileCoverage) => number): number => files.reduce((sum, file) => sum + of(file), 0);
  const rows = files.map((file) => [
    file.name,
    share(file.lines - file.missedLines.length, file.lines),
    share(file.branches - file.missedBranches.length, file.branches),
    ranges(file.missedLines),
  ]);
  const lines = total(({ lines: count }) => count);
  const branches = total(({ branches: count }) => count);
  rows.push([
    'total',
    share(lines - total(({ missedLines }) => missedLines.length), lines),
    share(branches - total(({ missedBranches }) => missedBranches.length), branches),
    '',
  ]);
  const missed = files.flatMap(({ missedBranches }) =>
    missedBranches.map(({ location, code, problem }) => `${formatLocation(location)}: ${problem}: ${oneLine(code)}\n`),
  );
  const head = `${formatTable([['TEMPLATE', 'LINES', 'BRANCHES', 'LINES NOT REACHED'], ...rows])}\n`;
  return missed.length === 0 ? head : `${head}\nBranches not reached:\n${missed.join('')}`;
}

function share(part: number, whole: number): string {
  if (whole === 0) return '-';
  // Rounded down: 100 % is said of nothing less.
  return `${Math.floor((100 * part) / whole)}% (${part}/${whole})`;
}

/** `1-3,7` */
function ranges(lines: readonly number[]): string {
  const out: string[] = [];
  for (let i = 0; i < lines.length; i += 1) {
    const first = lines[i] ?? 0;
    while ((lines[i + 1] ?? 0) === (lines[i] ?? 0) + 1) i += 1;
    const last = lines[i] ?? 0;
    out.push(first === last ? String(first) : `${first}-${last}`);
  }
  return out.join(',');
}

function oneLine(code: string): string {
  return code.replaceAll(/\s+/g, ' ');
}
