import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { goQuote } from '../base/go-quote.ts';
import { shownUrl } from '../base/shown-url.ts';
import { updateLine } from '../repository/dependency-source.ts';
import { existsFile, writeWhole } from '../chart/files.ts';
import { indexFolder } from '../repository/index-folder.ts';
import { indexText, mergeIndexes, parseIndex, type RepositoryIndex } from '../repository/index-file.ts';
import {
  addRepository,
  listRepositories,
  removeRepository,
  type UpdateResult,
  updateRepositories,
} from '../repository/repositories.ts';
import { repositoryEntry } from '../repository/repositories-file.ts';
import { accessOf, type FetchFlags } from './fetch-flags.ts';
import { formatData, helmTable, outputFormat } from './formats.ts';
import type { Io } from './io.ts';
import { readPassword } from './read-password.ts';
import { repositoryContext, type RepositoryPathFlags } from './repository-context.ts';
import { durationFlag } from './settings.ts';

/** The flags of repo update. */
export interface UpdateFlags extends RepositoryPathFlags {
  readonly timeout: string;
}

/** The flags of repo add. */
export interface AddFlags extends UpdateFlags, Omit<FetchFlags, 'version'> {
  readonly passwordStdin?: boolean;
  readonly forceUpdate?: boolean;
  readonly allowDeprecatedRepos?: boolean;
}

/** The flags of repo list and remove. */
export interface ListFlags extends RepositoryPathFlags {
  readonly output: string;
  readonly headers?: boolean;
}

/** The flags of repo index. */
export interface IndexFlags extends RepositoryPathFlags {
  readonly url?: string;
  readonly merge?: string;
  readonly json?: boolean;
}

/** Names a repository. helm: pkg/cmd/repo_add.go. */
export async function runRepoAdd(io: Io, name: string, url: string, flags: AddFlags): Promise<void> {
  const access = accessOf(io, flags);
  const needsPassword = (flags.username ?? '') !== '' && (flags.password ?? '') === '';
  const password = needsPassword ? await readPassword(io, 'Password: ', flags.passwordStdin === true) : flags.password;
  const entry = repositoryEntry(name, url, { ...access, password });
  const isNew = await addRepository(repositoryContext(io, flags), entry, {
    force: flags.forceUpdate === true,
    allowDeprecated: flags.allowDeprecatedRepos === true,
    timeout: durationFlag('timeout', flags.timeout),
  });
  io.stdout(
    isNew
      ? `${goQuote(name)} has been added to your repositories\n`
      : `${goQuote(name)} already exists with the same configuration, skipping\n`,
  );
}

/** Lists repositories. helm: pkg/cmd/repo_list.go. */
export function runRepoList(io: Io, flags: ListFlags): void {
  const format = outputFormat(flags.output);
  const rows = entriesOrNone(io, flags).map(({ name, url }) => ({ name, url }));
  if (format !== 'table') {
    io.stdout(formatData(format, rows));
    return;
  }
  if (rows.length === 0) {
    io.stderr('no repositories to show\n');
    return;
  }
  const header = flags.headers === false ? undefined : ['NAME', 'URL'];
  io.stdout(
    helmTable(
      header,
      rows.map(({ name, url }) => [name, url]),
    ),
  );
}

/** A file that cannot be read holds no repositories, as Helm has it; it is told of, though. */
function entriesOrNone(io: Io, flags: RepositoryPathFlags): ReturnType<typeof listRepositories> {
  try {
    return listRepositories(repositoryContext(io, flags));
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    io.stderr(`Warning: ${error.message}\n`);
    return [];
  }
}

/** Fetches indexes anew. helm: pkg/cmd/repo_update.go. */
export async function runRepoUpdate(io: Io, names: readonly string[], flags: UpdateFlags): Promise<void> {
  const context = repositoryContext(io, flags);
  const entries = listRepositories(context);
  if (entries.length === 0) {
    throw new PintleError('usage', 'no repositories found. You must add one before updating');
  }
  for (const name of names) {
    if (entries.some((entry) => entry.name === name)) continue;
    throw new PintleError('usage', `no repositories found matching '${name}'.  Nothing will be updated`);
  }
  const wanted = names.length === 0 ? entries : entries.filter(({ name }) => names.includes(name));
  io.stdout('Hang tight while we grab the latest from your chart repositories...\n');
  const tell = (result: UpdateResult): void => io.stdout(`${updateLine(result)}\n`);
  const results = await updateRepositories(context, wanted, tell, durationFlag('timeout', flags.timeout));
  const failed = results.filter(({ error }) => error !== undefined).map(({ entry }) => shownUrl(entry.url));
  if (failed.length > 0) {
    throw new PintleError('fetch-failed', `failed to update the following repositories: [${failed.join(' ')}]`);
  }
  io.stdout('Update Complete. ⎈Happy Helming!⎈\n');
}

/** Forgets repositories. helm: pkg/cmd/repo_remove.go. */
export async function runRepoRemove(io: Io, names: readonly string[], flags: RepositoryPathFlags): Promise<void> {
  const context = repositoryContext(io, flags);
  for (const name of names) {
    await removeRepository(context, name);
    io.stdout(`${goQuote(name)} has been removed from your repositories\n`);
  }
}

/** Writes index.yaml for a folder of archives. helm: pkg/cmd/repo_index.go. */
export async function runRepoIndex(io: Io, folder: string, flags: IndexFlags): Promise<void> {
  const path = resolve(io.cwd, folder);
  const format = flags.json === true ? 'json' : 'yaml';
  const index = await indexFolder(path, { url: flags.url ?? '', now: io.now() });
  const merged = flags.merge === undefined || flags.merge === '' ? index : merge(io, index, flags.merge, format);
  writeWhole(resolve(path, 'index.yaml'), indexText(merged, format));
}

function merge(io: Io, index: RepositoryIndex, file: string, format: 'yaml' | 'json'): RepositoryIndex {
  const path = resolve(io.cwd, file);
  if (!existsFile(path)) {
    writeWhole(path, indexText({ ...index, entries: new Map() }, format));
    return index;
  }
  try {
    const other = parseIndex(readFileSync(path, 'utf8'), path, (message) => io.stderr(`Warning: ${message}\n`));
    return mergeIndexes(index, other);
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    throw new PintleError(error.code, `merge failed: error loading ${path}: ${error.message}`, {
      ...(error.location === undefined ? {} : { location: error.location }),
      cause: error,
    });
  }
}
