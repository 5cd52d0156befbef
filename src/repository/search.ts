import { PintleError } from '../base/errors.ts';
import { parseConstraint } from '../base/semver-constraint.ts';
import { tryParseVersion } from '../base/semver.ts';
import type { ChartVersion } from './index-file.ts';
import type { RepositoryContext } from './places.ts';
import { cachedIndex, listRepositories } from './repositories.ts';

/** A chart of a repository. */
export interface SearchResult {
  /** `repo/chart` */
  readonly name: string;
  /** The lower, the better it fits. */
  readonly score: number;
  readonly chart: ChartVersion;
}

/** What is looked for. */
export interface SearchOptions {
  /** '' for everything. */
  readonly term: string;
  /** The term is a regular expression; gives where a line matches, or -1. */
  readonly match: (line: string) => number;
  /** All versions of a chart instead of the newest. */
  readonly versions: boolean;
  /** A constraint. */
  readonly version: string;
}

const SEPARATOR = '\v';

/**
 * Looks through the indexes that are kept. helm: pkg/cmd/search_repo.go, pkg/cmd/search.
 *
 * @throws PintleError `usage` without repositories, or for a constraint that is none
 */
export function searchRepositories(context: RepositoryContext, options: SearchOptions): SearchResult[] {
  const entries = listRepositories(context);
  if (entries.length === 0) {
    throw new PintleError('usage', 'no repositories configured', { hint: '"pintle repo add NAME URL" adds one' });
  }
  const results: SearchResult[] = [];
  for (const { name } of entries) {
    for (const versions of chartsOf(context, name).values()) {
      for (const chart of versions) {
        const score = scoreOf(name, chart, options);
        if (score !== undefined) results.push({ name: `${name}/${chart.name}`, score, chart });
      }
    }
  }
  return constrained(results.sort(compare), options);
}

function chartsOf(context: RepositoryContext, name: string): ReadonlyMap<string, readonly ChartVersion[]> {
  try {
    return cachedIndex(context, name).entries;
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    context.note(`Warning: repo is corrupt or missing: ${name}: ${error.message}`);
    return new Map();
  }
}

function scoreOf(repository: string, chart: ChartVersion, { term, match }: SearchOptions): number | undefined {
  if (term === '') return 0;
  const { name, description = '', keywords = [] } = chart;
  const line = [name, `${repository}/${name}`, description, keywords.join(' ')].join(SEPARATOR);
  const at = match(line);
  if (at === -1) return undefined;
  const parts = line.slice(0, at).split(SEPARATOR).length - 1;
  return Math.min(parts, 3);
}

function compare(a: SearchResult, b: SearchResult): number {
  if (a.score !== b.score) return a.score - b.score;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  const [first, second] = [tryParseVersion(a.chart.version), tryParseVersion(b.chart.version)];
  return first === undefined || second === undefined ? 0 : second.compare(first);
}

function constrained(results: readonly SearchResult[], { version, versions }: SearchOptions): SearchResult[] {
  const constraint = (() => {
    try {
      return parseConstraint(version);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new PintleError('usage', `an invalid version/constraint format: ${reason}`, { cause: error });
    }
  })();
  const seen = new Set<string>();
  return results.filter(({ name, chart }) => {
    if (!versions && seen.has(name)) return false;
    const parsed = tryParseVersion(chart.version);
    if (parsed === undefined || !constraint.check(parsed)) return false;
    seen.add(name);
    return true;
  });
}
