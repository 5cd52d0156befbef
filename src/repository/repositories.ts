import { rmSync } from 'node:fs';
import { PintleError } from '../base/errors.ts';
import { goQuote } from '../base/go-quote.ts';
import { shownUrl } from '../base/shown-url.ts';
import { exclusively } from './exclusively.ts';
import { readOptional, writeWhole } from '../chart/files.ts';
import { type Access, getFile } from './get-file.ts';
import { findVersion, parseIndex, type RepositoryIndex } from './index-file.ts';
import { chartsPath, indexPath, type RepositoryContext, type RepositoryPaths } from './places.ts';
import {
  accessOf,
  NO_REPOSITORIES,
  readRepositories,
  type RepositoriesFile,
  type RepositoryEntry,
  writeRepositories,
} from './repositories-file.ts';
import { sha256 } from './sha256.ts';
import { resolveReference, toUrl } from './urls.ts';

/** Repositories that are gone for good, and what took their place. */
const GONE: Readonly<Record<string, string>> = {
  '//kubernetes-charts.storage.googleapis.com': 'https://charts.helm.sh/stable',
  '//kubernetes-charts-incubator.storage.googleapis.com': 'https://charts.helm.sh/incubator',
};

/** How a repository is added. */
export interface AddOptions {
  /** Replace one of the same name. */
  readonly force?: boolean;
  readonly allowDeprecated?: boolean;
  /** ms for an answer. */
  readonly timeout?: number;
}

/**
 * Adds a repository whose index can be read. helm: pkg/cmd/repo_add.go.
 *
 * @returns false when it was there already, just so
 * @throws PintleError `usage`, `fetch-failed`, `repository-index`, `io`
 */
export async function addRepository(
  context: RepositoryContext,
  entry: RepositoryEntry,
  options: AddOptions = {},
): Promise<boolean> {
  const gone = Object.keys(GONE).find((url) => entry.url.includes(url));
  if (gone !== undefined && options.allowDeprecated !== true) {
    throw new PintleError(
      'usage',
      `repo ${goQuote(shownUrl(entry.url))} is no longer available; try ${goQuote(GONE[gone] ?? '')} instead`,
    );
  }
  const file = readRepositories(context.paths.config) ?? NO_REPOSITORIES;
  if (entry.name.includes('/')) {
    throw new PintleError(
      'usage',
      `repository name (${entry.name}) contains '/', please specify a different name without '/'`,
    );
  }
  if (isKnown(file, entry, options.force === true) === 'same') return false;
  toUrl(entry.url);
  await downloadIndex(context, entry, options.timeout).catch((error: unknown) => {
    throw unreachable(entry.url, error);
  });
  return await exclusively(context, context.paths.config, () => keepEntry(context, entry, options.force === true));
}

/** Others may have added repositories since the file was looked at. */
function keepEntry({ paths }: RepositoryContext, entry: RepositoryEntry, force: boolean): boolean {
  const file = readRepositories(paths.config) ?? NO_REPOSITORIES;
  const isThere = isKnown(file, entry, force);
  if (isThere === 'same') return false;
  const repositories = isThere
    ? file.repositories.map((each) => (each.name === entry.name ? entry : each))
    : [...file.repositories, entry];
  writeRepositories(paths.config, { ...file, repositories });
  return true;
}

/** Whether there is a repository of this name, and just so where that matters. @throws PintleError `usage` */
function isKnown(file: RepositoriesFile, entry: RepositoryEntry, force: boolean): boolean | 'same' {
  const existing = file.repositories.find(({ name }) => name === entry.name);
  if (existing === undefined || force) return existing !== undefined;
  if (sameEntry(existing, entry)) return 'same';
  throw new PintleError('usage', `repository name (${entry.name}) already exists, please specify a different name`, {
    hint: '--force-update replaces it',
  });
}

function sameEntry(a: RepositoryEntry, b: RepositoryEntry): boolean {
  return (Object.keys(a) as (keyof RepositoryEntry)[]).every((key) => a[key] === b[key]);
}

function unreachable(url: string, error: unknown): PintleError {
  if (!(error instanceof PintleError)) throw error;
  const { hint, location } = error;
  return new PintleError(
    error.code,
    `looks like ${goQuote(shownUrl(url))} is not a valid chart repository or cannot be reached: ${error.message}`,
    { ...(hint === undefined ? {} : { hint }), ...(location === undefined ? {} : { location }), cause: error },
  );
}

/** The named repositories, in their order. */
export function listRepositories({ paths }: RepositoryContext): readonly RepositoryEntry[] {
  return readRepositories(paths.config)?.repositories ?? [];
}

/** Takes repositories out of the file, with what was kept of them. helm: pkg/cmd/repo_remove.go. @throws PintleError `usage` */
export async function removeRepository(context: RepositoryContext, name: string): Promise<void> {
  const { paths } = context;
  await exclusively(context, paths.config, () => dropEntry(paths, name));
  for (const path of [chartsPath(paths, name), indexPath(paths, name)]) rmSync(path, { force: true });
}

function dropEntry(paths: RepositoryPaths, name: string): void {
  const file = readRepositories(paths.config);
  if (file === undefined || file.repositories.length === 0) {
    throw new PintleError('usage', 'no repositories configured');
  }
  const repositories = file.repositories.filter((each) => each.name !== name);
  if (repositories.length === file.repositories.length) {
    throw new PintleError('usage', `no repo named ${goQuote(name)} found`);
  }
  writeRepositories(paths.config, { ...file, repositories });
}

/** Fetches the index of a repository and keeps it. @throws PintleError `fetch-failed`, `repository-index`, `yaml-syntax` */
export async function downloadIndex(
  context: RepositoryContext,
  entry: RepositoryEntry,
  timeout?: number,
): Promise<RepositoryIndex> {
  toUrl(entry.url);
  const access: Access = { ...accessOf(entry), timeout };
  const bytes = await getFile(context.http, resolveReference(entry.url, 'index.yaml'), { ...access, base: entry.url });
  const text = Buffer.from(bytes).toString('utf8');
  const index = parseIndex(text, shownUrl(entry.url), warner(context));
  writeWhole(chartsPath(context.paths, entry.name), [...index.entries.keys()].map((name) => `${name}\n`).join(''));
  writeWhole(indexPath(context.paths, entry.name), bytes);
  return index;
}

/** The index of a repository as it was fetched last. @throws PintleError `repository-index` when it never was */
export function cachedIndex(context: RepositoryContext, name: string): RepositoryIndex {
  return parseCachedIndex(context, name, cachedIndexText(context, name));
}

/** The text of {@link cachedIndex}. @throws PintleError `repository-index` when there is none */
export function cachedIndexText({ paths }: RepositoryContext, name: string): string {
  const path = indexPath(paths, name);
  const bytes = readOptional(path);
  if (bytes === undefined) {
    throw new PintleError('repository-index', `open ${path}: no such file or directory`, {
      hint: '"pintle repo update" fetches it',
    });
  }
  return bytes.toString('utf8');
}

/** Reads what {@link cachedIndexText} gave. @throws PintleError `repository-index`, `yaml-syntax` */
export function parseCachedIndex(context: RepositoryContext, name: string, text: string): RepositoryIndex {
  return parseIndex(text, indexPath(context.paths, name), warner(context));
}

function warner(context: RepositoryContext): (message: string) => void {
  return (message) => context.note(`Warning: ${message}`);
}

/** The names of a repository's charts as they were kept with its index; undefined if they were not. @throws PintleError `io` */
export function cachedNames({ paths }: RepositoryContext, name: string): string[] | undefined {
  const text = readOptional(chartsPath(paths, name))?.toString('utf8');
  return text?.split('\n').filter((line) => line !== '');
}

/** How an update of one repository ended. */
export interface UpdateResult {
  readonly entry: RepositoryEntry;
  /** Why it failed. */
  readonly error?: PintleError;
}

/** Fetches indexes anew, all at once; `told` hears of each as it ends, with what was fetched. */
export async function updateRepositories(
  context: RepositoryContext,
  entries: readonly RepositoryEntry[],
  told: (result: UpdateResult, index: RepositoryIndex | undefined) => void,
  timeout?: number,
): Promise<UpdateResult[]> {
  return await Promise.all(
    entries.map(async (entry) => {
      let result: UpdateResult = { entry };
      let index: RepositoryIndex | undefined;
      try {
        index = await downloadIndex(context, entry, timeout);
      } catch (error) {
        if (!(error instanceof PintleError)) throw error;
        result = { entry, error };
      }
      told(result, index);
      return result;
    }),
  );
}

/**
 * Where a repository that has no name keeps a chart. helm: repo.FindChartInRepoURL.
 *
 * @returns the address, and the sum of the archive where the index tells it
 * @throws PintleError `fetch-failed`, `repository-index`, `chart-not-found`
 */
export async function findInRepository(
  context: RepositoryContext,
  url: string,
  chart: string,
  version: string,
  access: Access,
): Promise<{ readonly url: string; readonly digest: string }> {
  toUrl(url);
  const what = `chart ${goQuote(chart)}${version === '' ? '' : ` version ${goQuote(version)}`}`;
  let index: RepositoryIndex;
  try {
    const bytes = await getFile(context.http, resolveReference(url, 'index.yaml'), { ...access, base: url });
    index = parseIndex(Buffer.from(bytes).toString('utf8'), shownUrl(url), warner(context));
  } catch (error) {
    throw unreachable(url, error);
  }
  const found = findVersion(index, chart, version, warner(context));
  if (typeof found === 'string') {
    throw new PintleError('chart-not-found', `${what} not found in ${shownUrl(url)} repository`);
  }
  const [address] = found.urls;
  if (address === undefined) throw new PintleError('chart-not-found', `${what} has no downloadable URLs`);
  return { url: resolveReference(url, address), digest: found.digest ?? '' };
}

/** The name under which the index of a repository without name is kept. helm: managerKeyPrefix. */
export function unnamedKey(url: string): string {
  return `${UNNAMED}${sha256(url)}`;
}

/** What such names begin with. */
export const UNNAMED = 'helm-manager-';
