import { PintleError } from '../base/errors.ts';
import { goQuote } from '../base/go-quote.ts';
import { parseConstraint } from '../base/semver-constraint.ts';
import { tryParseVersion } from '../base/semver.ts';
import { shownUrl } from '../base/shown-url.ts';
import type { ChartDependency } from '../chart/chart.ts';
import type { DependencySource, PrepareMode } from '../chart/update-dependencies.ts';
import { fetchChart, fetchLocated, type LocatedArchive, readKeyring, registryAccess } from './fetch-chart.ts';
import type { Access } from './get-file.ts';
import { findVersion, type RepositoryIndex } from './index-file.ts';
import { resolveOci } from './oci/chart-artifact.ts';
import { versionOf } from './oci/reference.ts';
import type { RepositoryContext } from './places.ts';
import { verifyArchive } from './provenance.ts';
import {
  cachedIndex,
  listRepositories,
  unnamedKey,
  UNNAMED,
  type UpdateResult,
  updateRepositories,
} from './repositories.ts';
import { accessOf, repositoryEntry, type RepositoryEntry } from './repositories-file.ts';
import { isOci, resolveReference, sameUrl } from './urls.ts';

/** How dependencies are fetched. */
export interface DependencyOptions {
  /** What flags say; for registries. */
  readonly access: Access;
  readonly plainHttp?: boolean | undefined;
  /** Take the indexes that are there. */
  readonly skipRefresh?: boolean | undefined;
  /** Archives must be signed by a key of this file. */
  readonly keyring?: string | undefined;
  /** Receives what is done, line by line. */
  readonly report: (line: string) => void;
}

/** Finds dependencies in repositories and registries. helm: pkg/downloader/manager.go, internal/resolver. */
export class RepositoryDependencies implements DependencySource {
  readonly #context: RepositoryContext;
  readonly #options: DependencyOptions;
  readonly #entries: readonly RepositoryEntry[];
  /** Indexes that were needed, by name: large ones take seconds to read. */
  readonly #indexes = new Map<string, RepositoryIndex>();

  constructor(context: RepositoryContext, options: DependencyOptions) {
    this.#context = context;
    this.#options = options;
    this.#entries = listRepositories(context);
  }

  resolveNames(dependencies: readonly ChartDependency[]): ChartDependency[] {
    const missing: string[] = [];
    const out = dependencies.map((dependency) => {
      const { repository = '' } = dependency;
      if (isLocal(repository) || isOci(repository)) return dependency;
      const alias = /^(?:@|alias:)(.*)$/.exec(repository)?.[1];
      const named = this.#entries.find((entry) =>
        alias === undefined ? sameUrl(entry.url, repository) : entry.name === alias,
      );
      if (named !== undefined) return alias === undefined ? dependency : { ...dependency, repository: named.url };
      if (alias !== undefined || !URL.canParse(repository)) missing.push(repository);
      return dependency;
    });
    if (missing.length > 0) throw unknown(missing);
    return out;
  }

  async prepare(dependencies: readonly ChartDependency[], mode: PrepareMode): Promise<void> {
    const remote = dependencies.filter(({ repository = '' }) => !isLocal(repository) && !isOci(repository));
    const unnamed = [...new Set(remote.map(({ repository = '' }) => repository))].filter(
      (url) => this.#entryOf(url) === undefined,
    );
    if (mode === 'build' && unnamed.length > 0) {
      throw new PintleError(
        'chart-dependency',
        `no repository definition for ${shownUrl(unnamed.join(', '))}. Please add the missing repos via 'pintle repo add'`,
      );
    }
    if (this.#options.skipRefresh === true) return;
    const { report } = this.#options;
    const wanted = new Set(remote.map(({ repository = '' }) => this.#keyOf(repository)));
    if (unnamed.length > 0) {
      report('Getting updates for unmanaged Helm repositories...');
      await this.#update(
        unnamed.map((url) => repositoryEntry(unnamedKey(url), url)),
        wanted,
      );
    }
    if (this.#entries.length === 0) return;
    report('Hang tight while we grab the latest from your chart repositories...');
    const unique = new Map(this.#entries.map((entry) => [entry.url.replace(/\/$/, ''), entry]));
    await this.#update([...unique.values()], wanted);
    report('Update Complete. ⎈Happy Helming!⎈');
  }

  async resolve(dependency: ChartDependency): Promise<string | undefined> {
    const { name, repository = '', version = '' } = dependency;
    if (isOci(repository)) {
      if (tryParseVersion(version) !== undefined) return version;
      const text = `${repository}/${name}`;
      return versionOf((await resolveOci(this.#context, text, version, registryAccess(this.#options))).tag);
    }
    const versions = this.#index(this.#keyOf(repository)).entries.get(name);
    if (versions === undefined) {
      throw new PintleError('chart-dependency', `${name} chart not found in repo ${shownUrl(repository)}`);
    }
    const constraint = parseConstraint(version);
    return versions.find((each) => {
      const parsed = tryParseVersion(each.version);
      return parsed !== undefined && each.urls.length > 0 && constraint.check(parsed);
    })?.version;
  }

  async fetch(dependency: ChartDependency): Promise<{ readonly name: string; readonly archive: Uint8Array }> {
    const { name, repository = '', version = '' } = dependency;
    const { access, plainHttp, keyring } = this.#options;
    const fetched = isOci(repository)
      ? await fetchChart(this.#context, { reference: `${repository}/${name}`, version, access, plainHttp })
      : await fetchLocated(this.#context, this.#locate(name, repository, version), { access, plainHttp });
    if (keyring !== undefined) {
      await verifyArchive(fetched.archive, await fetched.provenance(), fetched.name, readKeyring(keyring));
    }
    return { name: fetched.name, archive: fetched.archive };
  }

  #locate(name: string, repository: string, version: string): LocatedArchive {
    const entry = this.#entryOf(repository);
    const found = findVersion(this.#index(this.#keyOf(repository)), name, version);
    const address = typeof found === 'string' ? undefined : found.urls[0];
    if (typeof found === 'string' || address === undefined) {
      throw new PintleError('chart-dependency', `could not find ${name} ${version} in ${shownUrl(repository)}`);
    }
    return {
      url: resolveReference(repository, address),
      digest: found.digest ?? '',
      base: entry?.url ?? repository,
      access: entry === undefined ? {} : accessOf(entry),
    };
  }

  #entryOf(url: string): RepositoryEntry | undefined {
    return this.#entries.find((entry) => sameUrl(entry.url, url));
  }

  /** Under which name the index of a repository is kept. */
  #keyOf(url: string): string {
    return this.#entryOf(url)?.name ?? unnamedKey(url);
  }

  #index(key: string): RepositoryIndex {
    try {
      const index = this.#indexes.get(key) ?? cachedIndex(this.#context, key);
      this.#indexes.set(key, index);
      return index;
    } catch (error) {
      if (!(error instanceof PintleError)) throw error;
      throw new PintleError(
        'chart-dependency',
        `no cached repository for ${key} found. (try 'pintle repo update'): ${error.message}`,
        { cause: error },
      );
    }
  }

  /** @param wanted the names of those that will be looked into */
  async #update(entries: readonly RepositoryEntry[], wanted: ReadonlySet<string>): Promise<void> {
    await updateRepositories(this.#context, entries, (result, index) => {
      const { name } = result.entry;
      this.#indexes.delete(name);
      if (index !== undefined && wanted.has(name)) this.#indexes.set(name, index);
      this.#options.report(updateLine(result));
    });
  }
}

/** What is said of one repository that was updated. */
export function updateLine({ entry, error }: UpdateResult): string {
  const isUnnamed = entry.name.startsWith(UNNAMED);
  if (error === undefined) {
    return `...Successfully got an update from the ${goQuote(isUnnamed ? shownUrl(entry.url) : entry.name)} chart repository`;
  }
  const name = isUnnamed ? goQuote(shownUrl(entry.url)) : goQuote(entry.name);
  const address = isUnnamed ? '' : ` (${shownUrl(entry.url)})`;
  return `...Unable to get an update from the ${name} chart repository${address}:\n\t${error.message}`;
}

function isLocal(repository: string): boolean {
  return repository === '' || repository.startsWith('file://');
}

function unknown(missing: readonly string[]): PintleError {
  const isPlain = missing.some((each) => !each.includes('//') && !/^(?:@|alias:)/.test(each));
  return new PintleError(
    'chart-dependency',
    `no repository definition for ${shownUrl(missing.join(', '))}. Please add them via 'pintle repo add'`,
    isPlain
      ? {
          hint: 'repositories are addresses such as https://charts.example.com/, or names that were added, as "@example"',
        }
      : {},
  );
}
