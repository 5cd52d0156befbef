import { PintleError } from '../base/errors.ts';
import { goQuote } from '../base/go-quote.ts';
import { parseConstraint } from '../base/semver-constraint.ts';
import { tryParseVersion } from '../base/semver.ts';
import type { ChartDependency } from '../chart/chart.ts';
import type { DependencySource, PrepareMode } from '../chart/update-dependencies.ts';
import { fetchChart, readKeyring, registryAccess, type ChartRequest } from './fetch-chart.ts';
import type { Access } from './get-file.ts';
import { findVersion } from './index-file.ts';
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
        `no repository definition for ${unnamed.join(', ')}. Please add the missing repos via 'pintle repo add'`,
      );
    }
    if (this.#options.skipRefresh === true) return;
    const { report } = this.#options;
    if (unnamed.length > 0) {
      report('Getting updates for unmanaged Helm repositories...');
      await this.#update(unnamed.map((url) => repositoryEntry(unnamedKey(url), url)));
    }
    if (this.#entries.length === 0) return;
    report('Hang tight while we grab the latest from your chart repositories...');
    const unique = new Map(this.#entries.map((entry) => [entry.url.replace(/\/$/, ''), entry]));
    await this.#update([...unique.values()]);
    report('Update Complete. ⎈Happy Helming!⎈');
  }

  async resolve(dependency: ChartDependency): Promise<string | undefined> {
    const { name, repository = '', version = '' } = dependency;
    if (isOci(repository)) {
      if (tryParseVersion(version) !== undefined) return version;
      const text = `${repository}/${name}`;
      return versionOf((await resolveOci(this.#context, text, version, registryAccess(this.#options))).tag);
    }
    const key = this.#entryOf(repository)?.name ?? unnamedKey(repository);
    const versions = this.#index(key).entries.get(name);
    if (versions === undefined) {
      throw new PintleError('chart-dependency', `${name} chart not found in repo ${repository}`);
    }
    const constraint = parseConstraint(version);
    return versions.find((each) => {
      const parsed = tryParseVersion(each.version);
      return parsed !== undefined && each.urls.length > 0 && constraint.check(parsed);
    })?.version;
  }

  async fetch(dependency: ChartDependency): Promise<{ readonly name: string; readonly archive: Uint8Array }> {
    const { name, repository = '', version = '' } = dependency;
    const request = isOci(repository)
      ? { ...this.#request(`${repository}/${name}`, this.#options.access), version }
      : this.#request(...this.#addressOf(name, repository, version));
    const fetched = await fetchChart(this.#context, request);
    const { keyring } = this.#options;
    if (keyring !== undefined) {
      await verifyArchive(fetched.archive, await fetched.provenance(), fetched.name, readKeyring(keyring));
    }
    return { name: fetched.name, archive: fetched.archive };
  }

  #request(reference: string, access: Access): ChartRequest {
    return { reference, version: '', access, plainHttp: this.#options.plainHttp };
  }

  #addressOf(name: string, repository: string, version: string): [string, Access] {
    const entry = this.#entryOf(repository);
    const index = this.#index(entry?.name ?? unnamedKey(repository));
    const found = findVersion(index, name, version);
    const [address] = typeof found === 'string' ? [] : found.urls;
    if (address === undefined) {
      throw new PintleError('chart-dependency', `could not find ${name} ${version} in ${repository}`);
    }
    return [resolveReference(repository, address), entry === undefined ? {} : accessOf(entry)];
  }

  #entryOf(url: string): RepositoryEntry | undefined {
    return this.#entries.find((entry) => sameUrl(entry.url, url));
  }

  #index(key: string): ReturnType<typeof cachedIndex> {
    try {
      return cachedIndex(this.#context, key);
    } catch (error) {
      if (!(error instanceof PintleError)) throw error;
      throw new PintleError(
        'chart-dependency',
        `no cached repository for ${key} found. (try 'pintle repo update'): ${error.message}`,
        { cause: error },
      );
    }
  }

  async #update(entries: readonly RepositoryEntry[]): Promise<void> {
    await updateRepositories(this.#context, entries, (result) => this.#options.report(updateLine(result)));
  }
}

/** What is said of one repository that was updated. */
export function updateLine({ entry, error }: UpdateResult): string {
  const isUnnamed = entry.name.startsWith(UNNAMED);
  if (error === undefined) {
    return `...Successfully got an update from the ${goQuote(isUnnamed ? entry.url : entry.name)} chart repository`;
  }
  const name = isUnnamed ? goQuote(entry.url) : goQuote(entry.name);
  const address = isUnnamed ? '' : ` (${entry.url})`;
  return `...Unable to get an update from the ${name} chart repository${address}:\n\t${error.message}`;
}

function isLocal(repository: string): boolean {
  return repository === '' || repository.startsWith('file://');
}

function unknown(missing: readonly string[]): PintleError {
  const isPlain = missing.some((each) => !each.includes('//') && !/^(?:@|alias:)/.test(each));
  return new PintleError(
    'chart-dependency',
    `no repository definition for ${missing.join(', ')}. Please add them via 'pintle repo add'`,
    isPlain
      ? {
          hint: 'repositories are addresses such as https://charts.example.com/, or names that were added, as "@example"',
        }
      : {},
  );
}
