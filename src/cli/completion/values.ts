import type { Option } from 'commander';
import { RESOURCES } from '../../kube/resources.ts';
import type { RepositoryContext } from '../../repository/places.ts';
import type * as Repositories from '../../repository/repositories.ts';
import type { RepositoryEntry } from '../../repository/repositories-file.ts';
import type { Io } from '../io.ts';
import type { Candidate, Candidates, Position } from './candidates.ts';

const NOTHING: Candidates = { found: [], files: false };
const FILES: Candidates = { found: [], files: true };

type Source = (io: Io, position: Position) => Promise<Candidates>;

/** What the arguments of commands are: one source an argument, the last one for all that follow when it says so. */
interface Arguments {
  readonly sources: readonly Source[];
  readonly repeats?: boolean;
}

const nothing: Source = () => Promise.resolve(NOTHING);
const files: Source = () => Promise.resolve(FILES);
const release: Arguments = { sources: [releases] };
const chartOnly: Arguments = { sources: [charts] };

const ARGUMENTS: ReadonlyMap<string, Arguments> = new Map([
  ...['status', 'history', 'test', 'repair', 'release verify', 'release migrate'].map(
    (path) => [path, release] as const,
  ),
  ...['all', 'hooks', 'manifest', 'metadata', 'notes', 'values'].map((part) => [`get ${part}`, release] as const),
  ...['all', 'chart', 'values', 'readme', 'crds'].map((part) => [`show ${part}`, chartOnly] as const),
  ['uninstall', { sources: [releases], repeats: true }],
  ['rollback', { sources: [releases, revisions] }],
  ['upgrade', { sources: [releases, charts] }],
  ['plan', { sources: [releases, charts] }],
  ['install', { sources: [nothing, charts] }],
  ['template', { sources: [nothing, charts] }],
  ['pull', { sources: [charts], repeats: true }],
  ['repo remove', { sources: [repositories], repeats: true }],
  ['repo update', { sources: [repositories], repeats: true }],
  ['env', { sources: [variables] }],
]);

/** Commands whose arguments are files. */
const ON_FILES = new Set([
  'apply',
  'lint',
  'package',
  'verify',
  'dependency list',
  'dependency update',
  'dependency build',
  'push',
  'repo index',
]);

/** What may stand as an argument. Whatever fails on the way, there is just nothing to offer. */
export async function positionalValues(io: Io, position: Position): Promise<Candidates> {
  if (ON_FILES.has(position.path)) return FILES;
  const known = ARGUMENTS.get(position.path);
  if (known === undefined) return NOTHING;
  const generated = position.options['generateName'] === true || position.options['nameTemplate'] !== undefined;
  const index = position.args.length + (generated && known.sources[0] === nothing ? 1 : 0);
  const source = known.sources[index] ?? (known.repeats === true ? known.sources.at(-1) : undefined);
  return source === undefined ? NOTHING : await forgiving(source, io, position);
}

const VALUES: Readonly<Record<string, Source>> = {
  namespace: namespaces,
  kubeContext: contexts,
  output: () => Promise.resolve(choices('table', 'json', 'yaml')),
  color: () => Promise.resolve(choices('never', 'auto', 'always')),
  colour: () => Promise.resolve(choices('never', 'auto', 'always')),
  revision: revisions,
  version: versions,
};

/** What may stand as the value of a flag. */
export async function flagValues(io: Io, option: Option, position: Position): Promise<Candidates> {
  const source = VALUES[option.attributeName()];
  if (source !== undefined) return await forgiving(source, io, position);
  return await (/file|folder|path|dir/i.test(option.flags) ? files : nothing)(io, position);
}

async function forgiving(source: Source, io: Io, position: Position): Promise<Candidates> {
  try {
    // What is told on the way would stand in the middle of the command line.
    return await source({ ...io, stderr: () => {} }, position);
  } catch {
    return NOTHING;
  }
}

function choices(...values: readonly string[]): Candidates {
  return { found: values.map((value) => ({ value })), files: false };
}

async function releases(io: Io, { options, prefix, args }: Position): Promise<Candidates> {
  const { withSession } = await import('../session.ts');
  const found = await withSession(io, options, { access: 'read', command: 'completion' }, async ({ context }) => {
    const { list } = await import('../../actions/list.ts');
    const filter = `^${prefix.replaceAll(/[^\w-]/g, '\\$&')}`;
    return await list(context, { statuses: [], filter, byDate: false, reverse: false, max: 0, offset: 0 });
  });
  return {
    found: found
      .filter(({ name }) => !args.includes(name))
      .map(({ name, info, chart: { metadata } }) => ({
        value: name,
        about: `${metadata.name}-${metadata.version} -> ${info.status}`,
      })),
    files: false,
  };
}

async function revisions(io: Io, { options, args }: Position): Promise<Candidates> {
  const { withSession } = await import('../session.ts');
  const [name = ''] = args;
  const found = await withSession(io, options, { access: 'read', command: 'completion', name }, ({ context }) =>
    context.store.summaries(name, 256),
  );
  return {
    found: found.map(({ version, info, chart: { metadata } }) => ({
      value: String(version),
      about: `${info.status}, ${metadata.name}-${metadata.version}, ${info.description ?? ''}`.replaceAll(/\s+/g, ' '),
    })),
    files: false,
  };
}

async function namespaces(io: Io, { options }: Position): Promise<Candidates> {
  const { openTarget } = await import('../target.ts');
  const { silentLogger } = await import('../../base/logger.ts');
  const { namespace: _, ...others } = options;
  const target = await openTarget(io, others, { access: 'read', command: 'completion', logger: silentLogger });
  try {
    const { items } = await target.client.list(RESOURCES.namespaces, { metadataOnly: true });
    return choices(...items.map(({ metadata }) => metadata.name ?? ''));
  } finally {
    await target.close();
  }
}

async function contexts(io: Io, { options }: Position): Promise<Candidates> {
  const [{ contextNames }, { kubeconfigSources }] = await Promise.all([
    import('../../client/http/kubeconfig.ts'),
    import('../open-http.ts'),
  ]);
  const sources = kubeconfigSources(io, options.kubeconfig ?? (io.env['KUBECONFIG'] || undefined));
  return choices(...contextNames(sources));
}

async function repositories(io: Io, { options, args }: Position): Promise<Candidates> {
  const entries = await knownRepositories(io, options);
  const found = entries
    .filter(({ name }) => !args.includes(name))
    .map(({ name, url }) => ({ value: name, about: url }));
  return { found, files: false };
}

async function knownRepositories(io: Io, options: Position['options']): Promise<readonly RepositoryEntry[]> {
  const [{ repositoryContext }, { listRepositories }] = await Promise.all([
    import('../repository-context.ts'),
    import('../../repository/repositories.ts'),
  ]);
  return listRepositories(repositoryContext(io, options));
}

/** Names of repositories, then of their charts; and files. */
async function charts(io: Io, { options, prefix }: Position): Promise<Candidates> {
  const slash = prefix.indexOf('/');
  if (slash === -1) {
    const entries = await knownRepositories(io, options);
    const found: Candidate[] = entries.map(({ name, url }) => ({ value: `${name}/`, about: url }));
    return { found: [...found, { value: 'oci://', about: 'a registry' }], files: true, goesOn: true };
  }
  const repository = prefix.slice(0, slash);
  const names = await chartNames(io, options, repository);
  return { found: names.map((name) => ({ value: `${repository}/${name}` })), files: names.length === 0 };
}

/** The versions of the chart that stands in the command line. */
async function versions(io: Io, { options, args }: Position): Promise<Candidates> {
  const chart = args.at(-1) ?? '';
  const [repository = '', name = ''] = chart.split('/');
  const index = await inRepository(io, options, repository, (context, { cachedIndex }) =>
    cachedIndex(context, repository),
  );
  const found = (index?.entries.get(name) ?? []).map(({ version, appVersion }) => ({
    value: version,
    about: `App: ${appVersion ?? ''}`,
  }));
  return { found, files: false };
}

/** The names that were kept for this purpose; Helm, too, reads the index only when there are none. */
async function chartNames(io: Io, options: Position['options'], repository: string): Promise<readonly string[]> {
  const names = await inRepository(
    io,
    options,
    repository,
    (context, { cachedIndex, cachedNames }) =>
      cachedNames(context, repository) ?? [...cachedIndex(context, repository).entries.keys()],
  );
  return names ?? [];
}

/** What is kept of a repository that was added; undefined for others. */
async function inRepository<T>(
  io: Io,
  options: Position['options'],
  repository: string,
  read: (context: RepositoryContext, module: typeof Repositories) => T,
): Promise<T | undefined> {
  const known = await knownRepositories(io, options);
  if (!known.some(({ name }) => name === repository)) return undefined;
  const [{ repositoryContext }, module] = await Promise.all([
    import('../repository-context.ts'),
    import('../../repository/repositories.ts'),
  ]);
  return read(repositoryContext(io, options), module);
}

async function variables(io: Io, { options }: Position): Promise<Candidates> {
  const { environmentValues } = await import('../environment-values.ts');
  return choices(...(await environmentValues(io, options)).keys());
}
