import { join, resolve } from 'node:path';
import { dependencyStatuses, undeclaredCharts } from '../chart/dependency-status.ts';
import { loadChart } from '../chart/load-chart.ts';
import { buildDependencies, updateDependencies } from '../chart/update-dependencies.ts';
import { RepositoryDependencies } from '../repository/dependency-source.ts';
import { formatTable } from '../terminal/table.ts';
import { accessOf, type FetchFlags } from './fetch-flags.ts';
import type { Io } from './io.ts';
import { keyringPath, repositoryContext } from './repository-context.ts';
import { integerFlag } from './settings.ts';

/** Lists the dependencies of a chart with their state. helm: pkg/action/dependency.go. */
export async function runDependencyList(io: Io, path: string, width: string): Promise<void> {
  const maxColumnWidth = integerFlag('--max-col-width', width);
  const folder = resolve(io.cwd, path);
  const chart = await loadChart(folder);
  if (chart.metadata.dependencies === undefined) {
    io.stdout(`WARNING: no dependencies at ${join(path, 'charts')}\n`);
    return;
  }
  const statuses = await dependencyStatuses(chart, folder);
  const rows = statuses.map(({ dependency, state }) => [
    dependency.name,
    dependency.version ?? '',
    dependency.repository ?? '',
    state,
  ]);
  io.stdout(
    `${formatTable([['NAME', 'VERSION', 'REPOSITORY', 'STATUS'], ...rows], { maxColumnWidth, separator: '\t', padLast: true })}\n\n`,
  );
  for (const warning of await undeclaredCharts(chart, folder)) io.stdout(`WARNING: ${warning}\n`);
}

/** Brings the dependencies of a chart into its charts/. */
export async function runDependencies(
  io: Io,
  verb: 'update' | 'build',
  path: string,
  flags: DependencyFlags,
): Promise<void> {
  await bringDependencies(io, verb, resolve(io.cwd, path), flags);
}

/** The flags of dependency update and build. */
export interface DependencyFlags extends Omit<FetchFlags, 'version'> {
  readonly skipRefresh?: boolean;
}

/** The same for a folder; what is done goes to stdout. @throws PintleError `chart-dependency`, `fetch-failed` */
export async function bringDependencies(
  io: Io,
  verb: 'update' | 'build',
  folder: string,
  flags: DependencyFlags,
): Promise<void> {
  const report = (line: string): void => io.stdout(`${line}\n`);
  const source = new RepositoryDependencies(repositoryContext(io, flags), {
    access: accessOf(io, flags),
    plainHttp: flags.plainHttp,
    skipRefresh: flags.skipRefresh,
    keyring: flags.verify === true ? keyringPath(io, flags) : undefined,
    report,
  });
  const options = { now: io.now(), report, source };
  await (verb === 'update' ? updateDependencies(folder, options) : buildDependencies(folder, options));
}
