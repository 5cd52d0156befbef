import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PintleError } from '../base/errors.ts';
import { parseVersion } from '../base/semver.ts';
import type { Chart, ChartFile } from './chart.ts';
import { fileFailure } from './file-errors.ts';
import { packagedFiles } from './packaged-files.ts';

/** How a chart is packaged. */
export interface PackageOptions {
  /** ms since the epoch; every file gets it, and equal charts become equal archives. Default: the files' own times. */
  readonly modTime?: number;
  /** In place of the one in Chart.yaml. */
  readonly version?: string;
  readonly appVersion?: string;
}

const BLOCK = 512;

/**
 * A chart with its subcharts as a .tgz archive. helm: chartutil.Save.
 *
 * @throws PintleError `chart-invalid`
 */
export async function packageChart(chart: Chart, options: PackageOptions = {}): Promise<Uint8Array> {
  const { Header, Pax } = await import('tar');
  const now = options.modTime ?? Date.now();
  const blocks: Uint8Array[] = [];
  for (const file of archivedFiles(withVersions(chart, options), '')) {
    const mtime = new Date(options.modTime ?? file.modTime ?? now);
    mtime.setUTCMilliseconds(0);
    const fields = { path: file.name, mode: 0o644, size: file.data.length, mtime, type: 'File' } as const;
    const header = Buffer.alloc(BLOCK);
    if (new Header(fields).encode(header, 0))
      blocks.push(new Pax({ path: file.name, size: file.data.length }).encode());
    blocks.push(header, file.data, new Uint8Array((BLOCK - (file.data.length % BLOCK)) % BLOCK));
  }
  blocks.push(new Uint8Array(2 * BLOCK));
  const archive = gzipSync(Buffer.concat(blocks));
  // The system that packed it is nobody's business: archives are the same everywhere.
  archive[9] = 255;
  return archive;
}

/** The file name of a chart's archive. */
export function archiveName({ metadata }: Chart): string {
  return `${metadata.name}-${metadata.version}.tgz`;
}

/**
 * Writes the archive of a chart into a folder, which is made if need be.
 *
 * @returns the path of the archive
 * @throws PintleError `chart-invalid`, `io`
 */
export async function savePackage(chart: Chart, folder: string, options: PackageOptions = {}): Promise<string> {
  const archive = await packageChart(chart, options);
  const path = join(folder, archiveName(withVersions(chart, options)));
  try {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
      throw new PintleError('io', `is not a directory: ${folder}`, { location: { file: folder } });
    }
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, archive);
  } catch (error) {
    if (error instanceof PintleError) throw error;
    throw new PintleError('io', fileFailure('open', path, error), { location: { file: path }, cause: error });
  }
  return path;
}

function withVersions(chart: Chart, { version, appVersion }: PackageOptions): Chart {
  if (version === undefined && appVersion === undefined) return chart;
  if (version !== undefined) checkVersion(version);
  const metadata = {
    ...chart.metadata,
    ...(version === undefined ? {} : { version }),
    ...(appVersion === undefined ? {} : { appVersion }),
  };
  return { ...chart, metadata };
}

function checkVersion(version: string): void {
  try {
    parseVersion(version);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PintleError('chart-invalid', reason, { hint: 'a version is written as 1.2.3', cause: error });
  }
}

function archivedFiles(chart: Chart, prefix: string): ChartFile[] {
  const base = `${prefix}${chart.metadata.name}/`;
  const own = packagedFiles(chart).map((file) => ({ ...file, name: base + file.name }));
  return [...own, ...chart.subcharts.flatMap((child) => archivedFiles(child, `${base}charts/`))];
}
