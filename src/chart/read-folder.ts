import { lstatSync, readdirSync, readFileSync, realpathSync, statSync, type Stats } from 'node:fs';
import { join, sep } from 'node:path';
import { withoutByteOrderMark } from './byte-order-mark.ts';
import { PintleError } from '../base/errors.ts';
import { decodeUtf8 } from '../base/go-string.ts';
import { compareStrings } from '../base/json.ts';
import type { ChartFile } from './chart.ts';
import { errorCode, fileFailure } from './file-errors.ts';
import { IGNORE_FILE, parseIgnoreRules, type IgnoreRules } from './ignore-rules.ts';
import type { ChartLimits } from './limits.ts';
import { goQuote } from '../base/go-quote.ts';

/**
 * The files of a chart folder in Helm's order: by name within each folder, links followed, without what `.helmignore` names.
 * helm: pkg/chart/v2/loader/directory.go, internal/sympath.
 *
 * @param warn hears of links that lead out of the folder
 * @throws PintleError `chart-invalid`, `io`
 */
export function readChartFolder(
  folder: string,
  limits: Required<ChartLimits>,
  warn?: (message: string) => void,
): ChartFile[] {
  const reader = new FolderReader(folder, limits, warn);
  reader.walk('', folder);
  return reader.files;
}

class FolderReader {
  readonly files: ChartFile[] = [];
  readonly #rules: IgnoreRules;
  readonly #root: string;
  readonly #limits: Required<ChartLimits>;
  readonly #warn: ((message: string) => void) | undefined;
  /** The real folders from the root down to where the walk is. */
  readonly #open: string[] = [];

  constructor(root: string, limits: Required<ChartLimits>, warn: ((message: string) => void) | undefined) {
    this.#root = root;
    this.#limits = limits;
    this.#warn = warn;
    this.#rules = readRules(root);
  }

  /** @param path of the folder inside the chart, '' for the chart itself */
  walk(path: string, folder: string): void {
    const names = attempt('open', folder, () => readdirSync(folder)).sort(compareStrings);
    // Paths as `join` makes them, which it does once for all.
    const base = join(folder, '_').slice(0, -1);
    for (const name of names) {
      const inside = path === '' ? name : `${path}/${name}`;
      const full = `${base}${name}`;
      const stats = attempt('lstat', full, () => lstatSync(full));
      if (stats.isSymbolicLink()) this.#link(inside, full);
      else this.#visit(inside, full, stats);
    }
  }

  #visit(path: string, full: string, stats: Stats): void {
    if (stats.isDirectory()) {
      if (!this.#rules.ignores(path, true)) this.walk(path, full);
      return;
    }
    if (this.#rules.ignores(path, false)) return;
    if (!stats.isFile()) {
      throw new PintleError('chart-invalid', `cannot load irregular file ${full} as it has file mode type bits set`, {
        location: { file: full },
        hint: `a chart holds plain files only; remove it or name it in ${IGNORE_FILE}`,
      });
    }
    if (stats.size > this.#limits.file) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      throw new PintleError(
        'chart-invalid',
        `chart file ${goQuote(name)} is larger than the maximum file size ${this.#limits.file}`,
        { location: { file: full }, hint: `if it is no part of the chart, name it in ${IGNORE_FILE}` },
      );
    }
    const data = attempt('open', full, () => readFileSync(full));
    this.files.push({ name: path, data: withoutByteOrderMark(data), modTime: stats.mtimeMs });
  }

  #link(path: string, full: string): void {
    let target: string;
    let stats: Stats;
    try {
      target = realpathSync(full);
      stats = statSync(target);
    } catch (error) {
      throw new PintleError('chart-invalid', `error evaluating symlink ${full}: ${fileFailure('lstat', full, error)}`, {
        location: { file: full },
        hint: 'the link leads nowhere; repair or remove it',
        cause: error,
      });
    }
    const root = realpathSync(this.#root);
    if (target !== root && !target.startsWith(`${root}${sep}`)) {
      this.#warn?.(`Warning: the link ${full} leads out of the chart; what it leads to is used: ${target}`);
    }
    if (!stats.isDirectory()) {
      this.#visit(path, full, stats);
      return;
    }
    const parent = realpathSync(join(full, '..'));
    if (this.#open.includes(target) || parent === target || parent.startsWith(`${target}/`)) {
      throw new PintleError('chart-invalid', `error evaluating symlink ${full}: EvalSymlinks: too many links`, {
        location: { file: full },
        hint: `the link leads to a folder that it lies in; remove it or name it in ${IGNORE_FILE}`,
      });
    }
    this.#open.push(target);
    this.#visit(path, full, stats);
    this.#open.pop();
  }
}

function readRules(root: string): IgnoreRules {
  const file = join(root, IGNORE_FILE);
  let text = '';
  try {
    text = decodeUtf8(readFileSync(file));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') {
      throw new PintleError('io', fileFailure('open', file, error), { location: { file }, cause: error });
    }
  }
  return parseIgnoreRules(text, file);
}

function attempt<T>(operation: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new PintleError('io', fileFailure(operation, path, error), { location: { file: path }, cause: error });
  }
}
