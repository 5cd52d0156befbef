import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseConstraint } from '../base/semver-constraint.ts';
import { parseStrictVersion, tryParseVersion } from '../base/semver.ts';
import type { Chart, ChartDependency } from './chart.ts';
import { loadChart } from './load-chart.ts';

/** How a declared dependency stands. */
type DependencyState =
  | 'ok'
  | 'unpacked'
  | 'missing'
  | 'corrupt'
  | 'misnamed'
  | 'wrong version'
  | 'invalid version'
  | 'too many matches';

/** A dependency with its state, as `dependency list` shows it. */
export interface DependencyStatus {
  readonly dependency: ChartDependency;
  readonly state: DependencyState;
}

/**
 * How the declared dependencies of a chart folder stand. helm: pkg/action/dependency.go, dependencyStatus.
 *
 * @param folder that the chart was loaded from
 */
export async function dependencyStatuses(chart: Chart, folder: string): Promise<DependencyStatus[]> {
  const names = childNames(folder);
  const out: DependencyStatus[] = [];
  for (const dependency of chart.metadata.dependencies ?? []) {
    const state = (await archiveState(dependency, folder, names)) ?? unpackedState(dependency, chart);
    out.push({ dependency, state });
  }
  return out;
}

/** What lies in a folder's charts/ but is no chart, or no declared one: warnings. */
export async function undeclaredCharts(chart: Chart, folder: string): Promise<string[]> {
  const declared = new Set((chart.metadata.dependencies ?? []).map(({ name }) => name));
  const out: string[] = [];
  for (const entry of childEntries(folder)) {
    if (!entry.isFolder && !entry.name.endsWith('.tgz')) continue;
    const path = join(folder, 'charts', entry.name);
    const loaded = await tryLoad(path);
    if (loaded === undefined) out.push(`${JSON.stringify(path)} is not a chart.`);
    else if (!declared.has(loaded.metadata.name)) out.push(`${JSON.stringify(path)} is not in Chart.yaml.`);
  }
  return out;
}

async function archiveState(
  dependency: ChartDependency,
  folder: string,
  names: readonly string[],
): Promise<DependencyState | undefined> {
  const prefix = `${dependency.name}-`;
  let archives = names.filter((name) => name.startsWith(prefix) && name.endsWith('.tgz'));
  if (archives.length > 1) {
    archives = archives.filter((name) => isStrictVersion(name.slice(prefix.length, -'.tgz'.length)));
    if (archives.length > 1) return 'too many matches';
  }
  const [archive] = archives;
  if (archive === undefined) return undefined;
  const loaded = await tryLoad(join(folder, 'charts', archive));
  if (loaded === undefined) return 'corrupt';
  if (loaded.metadata.name !== dependency.name) return 'misnamed';
  return versionState(dependency, loaded) ?? 'ok';
}

function unpackedState(dependency: ChartDependency, chart: Chart): DependencyState {
  const child = chart.subcharts.findLast(({ metadata }) => metadata.name === dependency.name);
  return child === undefined ? 'missing' : (versionState(dependency, child) ?? 'unpacked');
}

function versionState({ version = '' }: ChartDependency, { metadata }: Chart): DependencyState | undefined {
  if (metadata.version === version) return undefined;
  const found = tryParseVersion(metadata.version);
  if (found === undefined) return 'invalid version';
  try {
    return parseConstraint(version).check(found) ? undefined : 'wrong version';
  } catch {
    return 'invalid version';
  }
}

function isStrictVersion(text: string): boolean {
  try {
    parseStrictVersion(text);
    return true;
  } catch {
    return false;
  }
}

async function tryLoad(path: string): Promise<Chart | undefined> {
  try {
    return await loadChart(path);
  } catch {
    return undefined;
  }
}

function childNames(folder: string): string[] {
  return childEntries(folder).map(({ name }) => name);
}

function childEntries(folder: string): { readonly name: string; readonly isFolder: boolean }[] {
  try {
    return readdirSync(join(folder, 'charts'), { withFileTypes: true })
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}
