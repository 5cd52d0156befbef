import { readFileSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { buildChart } from './build-chart.ts';
import type { Chart, ChartFile } from './chart.ts';
import { errorCode, fileFailure } from './file-errors.ts';
import type { LoadChartOptions } from './load-chart-files.ts';
import { DEFAULT_LIMITS, type ChartLimits } from './limits.ts';
import { BAD_HEADER } from './archive-entries.ts';
import { readChartArchive } from './read-archive.ts';
import { readChartFolder } from './read-folder.ts';
import { goQuote } from '../base/go-quote.ts';

/**
 * Loads a chart from a folder or an archive. helm: pkg/chart/loader, pkg/chart/v2/loader.
 *
 * @throws PintleError `chart-not-found`, `chart-invalid`, `chart-archive-unsafe`, `yaml-syntax`, `io`
 */
export async function loadChart(path: string, options: LoadChartOptions = {}): Promise<Chart> {
  const stats = statChart(path);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  if (!stats.isDirectory()) {
    const bytes = readFile(path);
    checkArchive(path, bytes);
    return await loadChartArchive(bytes, path, options);
  }
  requireChartYaml(path);
  return await buildChart(readChartFolder(path, limits, options.warn), path, { limits, warn: options.warn });
}

/**
 * Loads a packaged chart.
 *
 * @param origin what the archive is called in messages
 */
export async function loadChartArchive(
  bytes: Uint8Array,
  origin: string,
  options: LoadChartOptions = {},
): Promise<Chart> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const files = await readArchive(bytes, origin, limits);
  return await buildChart(files, origin, { limits, warn: options.warn });
}

async function readArchive(bytes: Uint8Array, origin: string, limits: Required<ChartLimits>): Promise<ChartFile[]> {
  try {
    return await readChartArchive(bytes, origin, limits);
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    const { location, hint } = error;
    const message =
      error.message === BAD_HEADER
        ? `file '${origin}' does not appear to be a valid chart file (details: ${BAD_HEADER})`
        : `unable to load chart archive: ${error.message}`;
    throw new PintleError(error.code, message, {
      ...(location === undefined ? {} : { location }),
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}

function statChart(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      throw new PintleError('io', fileFailure('stat', path, error), { location: { file: path }, cause: error });
    }
    throw new PintleError('chart-not-found', `path ${goQuote(path)} not found`, {
      hint: 'name a folder with a Chart.yaml, or a .tgz archive',
      cause: error,
    });
  }
}

function requireChartYaml(folder: string): void {
  const file = join(folder, 'Chart.yaml');
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return;
  throw new PintleError('chart-invalid', `unable to detect chart at ${file}: open ${file}: no such file or directory`, {
    location: { file },
    hint: nearbyChart(folder),
  });
}

function nearbyChart(folder: string): string {
  const exists = (name: string): boolean => statSync(join(folder, name), { throwIfNoEntry: false }) !== undefined;
  if (exists('Chart.yml')) return 'the file must be called Chart.yaml, not Chart.yml';
  if (exists('../Chart.yaml')) return 'the chart is the folder above';
  return 'a chart is a folder with a Chart.yaml in it';
}

function readFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new PintleError('io', fileFailure('open', path, error), { location: { file: path }, cause: error });
  }
}

/** helm: archive.EnsureArchive. */
function checkArchive(path: string, bytes: Uint8Array): void {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 0x08) return;
  const isYaml = /\.ya?ml$/.test(path);
  const message = isYaml
    ? `file '${path}' seems to be a YAML file, but expected a gzipped archive`
    : `file '${path}' does not appear to be a gzipped archive; got '${contentType(bytes)}'`;
  throw new PintleError('chart-invalid', message, {
    location: { file: path },
    hint: isYaml ? 'values files are given with -f, behind the chart' : 'a chart is a folder or a .tgz archive',
  });
}

/** The kinds of files that are most likely named in place of a chart, as Go's http.DetectContentType calls them. */
function contentType(bytes: Uint8Array): string {
  // Go looks at a block that is padded with zeros.
  const head = bytes.subarray(0, 512);
  const text = Buffer.from(head).toString('latin1');
  if (text.startsWith('PK\x03\x04')) return 'application/zip';
  if (text.startsWith('%PDF-')) return 'application/pdf';
  if (/^[\t\n\f\r ]*<(?:!DOCTYPE HTML|HTML)[ >]/i.test(text)) return 'text/html; charset=utf-8';
  if (/^[\t\n\f\r ]*<\?xml/.test(text)) return 'text/xml; charset=utf-8';
  const isBinary = bytes.length < 512 || /[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]/.test(text);
  return isBinary ? 'application/octet-stream' : 'text/plain; charset=utf-8';
}
