import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { loadChartArchive } from '../chart/load-chart.ts';
import { type ChartVersion, type RepositoryIndex, sortVersions } from './index-file.ts';
import { sha256 } from './sha256.ts';
import { joinUrl } from './urls.ts';

/** How an index is made. */
export interface IndexOptions {
  /** The address of the folder; '' for relative ones. */
  readonly url: string;
  /** ms since the epoch */
  readonly now: number;
}

/**
 * The index of the archives in a folder and in the folders in it. What is no chart is passed over. helm: repo.IndexDirectory.
 *
 * @throws PintleError `io`
 */
export async function indexFolder(folder: string, { url, now }: IndexOptions): Promise<RepositoryIndex> {
  const time = new Date(now).toISOString();
  const entries = new Map<string, ChartVersion[]>();
  for (const [parent, file] of archivesIn(folder)) {
    const path = join(folder, parent, file);
    const data = readFileSync(path);
    const metadata = await metadataOf(data, path);
    if (metadata === undefined) continue;
    const base = parent === '' && url === '' ? '' : joinUrl(url, parent);
    const version: ChartVersion = {
      ...metadata,
      urls: [base === '' ? file : joinUrl(base, file)],
      created: time,
      digest: sha256(data),
    };
    entries.set(metadata.name, [...(entries.get(metadata.name) ?? []), version]);
  }
  const sorted = new Map([...entries].map(([name, versions]) => [name, sortVersions(versions)]));
  return { apiVersion: 'v1', generated: time, entries: sorted };
}

async function metadataOf(data: Uint8Array, path: string): Promise<ChartVersion | undefined> {
  try {
    return { urls: [], ...(await loadChartArchive(data, path)).metadata };
  } catch (error) {
    if (error instanceof PintleError) return undefined;
    throw error;
  }
}

/** Archives with the folder that they lie in, '' for the folder itself; two levels, as Helm's patterns reach. */
function archivesIn(folder: string): [string, string][] {
  const list = (parent: string): { readonly name: string; readonly isFolder: boolean }[] => {
    try {
      return readdirSync(posix.join(folder, parent), { withFileTypes: true })
        .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new PintleError('io', reason, { location: { file: folder }, cause: error });
    }
  };
  const isArchive = ({ name, isFolder }: { readonly name: string; readonly isFolder: boolean }): boolean =>
    !isFolder && name.endsWith('.tgz');
  const own = list('');
  const below = own.filter(({ isFolder }) => isFolder);
  return [
    ...own.filter(isArchive).map(({ name }): [string, string] => ['', name]),
    ...below.flatMap(({ name: parent }) =>
      list(parent)
        .filter(isArchive)
        .map(({ name }): [string, string] => [parent, name]),
    ),
  ];
}
