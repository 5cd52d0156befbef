import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { goQuote } from '../base/go-quote.ts';
import { shownUrl } from '../base/shown-url.ts';
import { parseConstraint, type VersionConstraint } from '../base/semver-constraint.ts';
import { tryParseVersion } from '../base/semver.ts';
import type { Chart, ChartDependency, ChartLock } from './chart.ts';
import { replaceFile } from './files.ts';
import { dependencyDigest, oldDependencyDigest } from './dependency-digest.ts';
import { loadChart, loadChartArchive } from './load-chart.ts';
import { lockText } from './metadata-text.ts';
import { archiveName, packageChart } from './package-chart.ts';
import { writeChartFile } from './save-chart.ts';

/** What dependencies are got for: newest versions, or those of a lock. */
export type PrepareMode = 'update' | 'build';

/** Where charts of repositories come from; `file://` and charts/ need none. */
export interface DependencySource {
  /** The dependencies with addresses in place of the names of repositories. @throws PintleError `chart-dependency` */
  resolveNames(dependencies: readonly ChartDependency[]): ChartDependency[];
  /** Gets to know what repositories have now. @throws PintleError `chart-dependency` */
  prepare(dependencies: readonly ChartDependency[], mode: PrepareMode): Promise<void>;
  /** The version that fits best; undefined if there is none. */
  resolve(dependency: ChartDependency): Promise<string | undefined>;
  /** The archive of an exact version, and its file name. */
  fetch(dependency: ChartDependency): Promise<{ readonly name: string; readonly archive: Uint8Array }>;
}

/** What dependencies are brought with. */
export interface UpdateOptions {
  /** The time for the lock, ms since the epoch. */
  readonly now: number;
  readonly source?: DependencySource;
  /** Receives what is done, line by line. */
  readonly report?: (line: string) => void;
}

/**
 * Brings the declared dependencies of a chart folder into its charts/, and writes its lock.
 * helm: pkg/downloader/manager.go, Update.
 *
 * @throws PintleError `chart-dependency`, `chart-not-found`, `io`
 */
export async function updateDependencies(folder: string, options: UpdateOptions): Promise<void> {
  const chart = await loadFolder(folder);
  if (chart.metadata.dependencies === undefined) return;
  const declared = options.source?.resolveNames(chart.metadata.dependencies) ?? chart.metadata.dependencies;
  await options.source?.prepare(declared, 'update');
  const resolved = await new Updater(folder, options).resolve(declared);
  const locked = await new Updater(folder, options).bring(resolved);
  const digest = dependencyDigest(declared, locked);
  if (chart.lock?.digest === digest) return;
  const generated = new Date(options.now).toISOString();
  const name = chart.metadata.apiVersion === 'v1' ? 'requirements.lock' : 'Chart.lock';
  writeChartFile(join(folder, name), lockText({ generated, digest, dependencies: locked }));
}

/**
 * Brings the dependencies that the lock names; without a lock as {@link updateDependencies}.
 * helm: pkg/downloader/manager.go, Build.
 *
 * @throws PintleError `chart-dependency` also when the lock does not fit Chart.yaml
 */
export async function buildDependencies(folder: string, options: UpdateOptions): Promise<void> {
  const chart = await loadFolder(folder);
  const { lock } = chart;
  if (lock === undefined) {
    await updateDependencies(folder, options);
    return;
  }
  checkLock(chart, lock, options.source);
  await options.source?.prepare(lock.dependencies, 'build');
  await new Updater(folder, options).bring(lock.dependencies);
}

function checkLock({ metadata }: Chart, lock: ChartLock, source: DependencySource | undefined): void {
  const written = metadata.dependencies ?? [];
  const declared = source?.resolveNames(written) ?? written;
  if (dependencyDigest(declared, lock.dependencies) === lock.digest) return;
  const isOld = metadata.apiVersion === 'v1';
  if (isOld && oldDependencyDigest(written) === lock.digest) return;
  const files = isOld ? ['requirements.lock', 'requirements.yaml'] : ['Chart.lock', 'Chart.yaml'];
  throw new PintleError(
    'chart-dependency',
    `the lock file (${files[0]}) is out of sync with the dependencies file (${files[1]}). Please update the dependencies`,
    { hint: '"dependency update" writes the lock anew' },
  );
}

async function loadFolder(folder: string): Promise<Chart> {
  const stats = statSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) {
    throw new PintleError('chart-not-found', `could not find ${folder}: stat ${folder}: no such file or directory`);
  }
  if (!stats.isDirectory()) {
    throw new PintleError('chart-dependency', 'only unpacked charts can be updated', { location: { file: folder } });
  }
  return await loadChart(folder);
}

class Updater {
  readonly #folder: string;
  readonly #options: UpdateOptions;
  readonly #fetched = new Set<string>();

  constructor(folder: string, options: UpdateOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** The dependencies with exact versions. */
  async resolve(declared: readonly ChartDependency[]): Promise<ChartDependency[]> {
    const missing: string[] = [];
    const out: ChartDependency[] = [];
    for (const dependency of declared) {
      const version = await this.#versionOf(dependency);
      if (version === undefined) missing.push(describe(dependency));
      else out.push(locked(dependency, version));
    }
    if (missing.length === 0) return out;
    throw new PintleError(
      'chart-dependency',
      `can't get a valid version for ${missing.length} subchart(s): ${missing.join(', ')}. Make sure a matching chart version exists in the repo, or change the version constraint in Chart.yaml`,
    );
  }

  /** Puts the charts into charts/, and takes away archives there that are no longer wanted. */
  async bring(dependencies: readonly ChartDependency[]): Promise<ChartDependency[]> {
    const target = join(this.#folder, 'charts');
    if (existsSync(target) && !statSync(target).isDirectory()) {
      throw new PintleError('chart-dependency', `${goQuote(target)} is not a directory`, {
        location: { file: target },
      });
    }
    mkdirSync(target, { recursive: true });
    this.#report(`Saving ${dependencies.length} charts`);
    const archives = new Map<string, Uint8Array>();
    const out: ChartDependency[] = [];
    for (const dependency of dependencies) out.push(await this.#bringOne(dependency, archives));
    await this.#replace(target, archives, dependencies);
    return out;
  }

  async #versionOf(dependency: ChartDependency): Promise<string | undefined> {
    const constraint = constraintOf(dependency, goQuote(dependency.name));
    const { repository = '', version = '' } = dependency;
    if (repository === '') {
      this.#localPath(join('charts', dependency.name));
      return version;
    }
    if (!repository.startsWith('file://')) return await this.#source(dependency).resolve(dependency);
    const { metadata } = await loadChart(this.#localPath(repository));
    const found = tryParseVersion(metadata.version);
    return found !== undefined && constraint.check(found) ? metadata.version : undefined;
  }

  async #bringOne(dependency: ChartDependency, archives: Map<string, Uint8Array>): Promise<ChartDependency> {
    const { name, repository = '', version = '' } = dependency;
    if (repository === '') {
      this.#report(`Dependency ${name} did not declare a repository. Assuming it exists in the charts directory`);
      await this.#checkPresent(dependency);
      return dependency;
    }
    if (repository.startsWith('file://')) {
      const chart = await loadChart(this.#localPath(repository));
      const found = tryParseVersion(chart.metadata.version);
      if (found === undefined || !constraintOf(dependency, name).check(found)) {
        throw new PintleError('chart-dependency', `can't get a valid version for dependency ${name}`, {
          hint: `${repository} has version ${chart.metadata.version}, ${version} is wanted`,
        });
      }
      archives.set(archiveName(chart), await packageChart(chart));
      return locked(dependency, chart.metadata.version);
    }
    const key = [name, repository, version].join(' ');
    if (this.#fetched.has(key)) {
      this.#report(`Already downloaded ${name} from repo ${shownUrl(repository)}`);
      return dependency;
    }
    this.#fetched.add(key);
    this.#report(`Downloading ${name} from repo ${shownUrl(repository)}`);
    const { name: file, archive } = await this.#source(dependency).fetch(dependency);
    await loadChartArchive(archive, file);
    archives.set(basename(file), archive);
    return dependency;
  }

  async #checkPresent(dependency: ChartDependency): Promise<void> {
    const { name, version = '' } = dependency;
    const path = join(this.#folder, 'charts', name);
    const { metadata } = await loadChart(path);
    const found = tryParseVersion(metadata.version);
    if (found !== undefined && constraintOf(dependency, name).check(found)) return;
    throw new PintleError(
      'chart-dependency',
      `dependency ${name} at version ${metadata.version} does not satisfy the constraint ${version}`,
      { location: { file: join(path, 'Chart.yaml') } },
    );
  }

  async #replace(
    target: string,
    archives: ReadonlyMap<string, Uint8Array>,
    dependencies: readonly ChartDependency[],
  ): Promise<void> {
    for (const [name, archive] of archives) {
      // Nobody who reads charts/ meanwhile sees half an archive.
      replaceFile(join(target, name), archive);
    }
    this.#report('Deleting outdated charts');
    const local = new Set(dependencies.filter(({ repository = '' }) => repository === '').map(({ name }) => name));
    for (const entry of readdirSync(target, { withFileTypes: true })) {
      if (entry.isDirectory() || archives.has(entry.name)) continue;
      const path = join(target, entry.name);
      const name = await archivedName(path);
      if (name === undefined) this.#report(`Could not verify ${path} for deletion (Skipping)`);
      else if (!local.has(name)) rmSync(path);
    }
  }

  #source(dependency: ChartDependency): DependencySource {
    const { source } = this.#options;
    if (source !== undefined) return source;
    throw new PintleError('chart-dependency', `no repository definition for ${shownUrl(dependency.repository ?? '')}`, {
      hint: 'without a repository client, dependencies are taken from file:// and charts/ alone',
    });
  }

  /** helm: resolver.GetLocalPath. */
  #localPath(repository: string): string {
    const path = repository.replace(/^file:\/\//, '');
    const full = isAbsolute(path) ? path : join(this.#folder, path);
    if (existsSync(full)) return full;
    throw new PintleError('chart-dependency', `directory ${full} not found`, {
      location: { file: join(this.#folder, 'Chart.yaml') },
    });
  }

  #report(line: string): void {
    this.#options.report?.(line);
  }
}

function locked({ name, repository = '' }: ChartDependency, version: string): ChartDependency {
  return { name, repository, version };
}

function describe({ name, repository = '', version = '' }: ChartDependency): string {
  return `${goQuote(name)} (repository ${goQuote(shownUrl(repository))}, version ${goQuote(version)})`;
}

function constraintOf({ version = '' }: ChartDependency, shown: string): VersionConstraint {
  try {
    return parseConstraint(version);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PintleError(
      'chart-dependency',
      `dependency ${shown} has an invalid version/constraint format: ${reason}`,
      {
        cause: error,
      },
    );
  }
}

async function archivedName(path: string): Promise<string | undefined> {
  try {
    return (await loadChartArchive(readFileSync(path), path)).metadata.name;
  } catch {
    return undefined;
  }
}
