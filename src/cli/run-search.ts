import { RE2JS } from 're2js';
import { PintleError } from '../base/errors.ts';
import { getFile } from '../repository/get-file.ts';
import { searchRepositories } from '../repository/search.ts';
import { toUrl } from '../repository/urls.ts';
import { formatTable } from '../terminal/table.ts';
import { encodeJson } from '../yaml/json-encode.ts';
import { formatData, outputFormat } from './formats.ts';
import type { Io } from './io.ts';
import { NodeHttp } from './node-http.ts';
import { repositoryContext, type RepositoryPathFlags } from './repository-context.ts';
import { integerFlag } from './settings.ts';

interface ResultFlags {
  readonly output: string;
  readonly maxColWidth: string;
  readonly failOnNoResult?: boolean;
}

/** The flags of search repo. */
export interface SearchFlags extends RepositoryPathFlags, ResultFlags {
  readonly regexp?: boolean;
  readonly versions?: boolean;
  readonly devel?: boolean;
  readonly version?: string;
}

/** The flags of search hub. */
export interface HubFlags extends ResultFlags {
  readonly endpoint: string;
  readonly listRepoUrl?: boolean;
}

/** Looks through the repositories that were added. helm: pkg/cmd/search_repo.go. */
export async function runSearchRepo(io: Io, words: readonly string[], flags: SearchFlags): Promise<void> {
  const term = words.join(' ');
  const { version = '' } = flags;
  const results = searchRepositories(repositoryContext(io, flags), {
    term,
    match: flags.regexp === true ? matcher(term) : literal(term),
    versions: flags.versions === true,
    version: version === '' ? (flags.devel === true ? '>0.0.0-0' : '>0.0.0') : version,
  });
  const rows = results.map(({ name, chart }) => ({
    name,
    version: chart.version,
    app_version: chart.appVersion ?? '',
    description: chart.description ?? '',
  }));
  print(io, flags, ['NAME', 'CHART VERSION', 'APP VERSION', 'DESCRIPTION'], rows);
}

function literal(term: string): (line: string) => number {
  const wanted = term.toLowerCase();
  return (line) => line.toLowerCase().indexOf(wanted);
}

/** Go's expressions, in linear time. @throws PintleError `usage` */
function matcher(term: string): (line: string) => number {
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(term);
  } catch (error) {
    throw new PintleError('usage', error instanceof Error ? error.message : String(error), { cause: error });
  }
  return (line) => {
    const found = expression.matcher(line);
    return found.find() ? found.start() : -1;
  };
}

/** Looks through a hub. helm: pkg/cmd/search_hub.go, internal/monocular. */
export async function runSearchHub(io: Io, words: readonly string[], flags: HubFlags): Promise<void> {
  const url = new URL('/api/chartsvc/v1/charts/search', toUrl(flags.endpoint));
  url.searchParams.set('q', words.join(' '));
  const bytes = await getFile(new NodeHttp(io.env), url.href, { base: url.href }).catch((error: unknown) => {
    if (!(error instanceof PintleError)) throw error;
    throw new PintleError(error.code, `unable to perform search against "${flags.endpoint}": ${error.message}`, {
      cause: error,
    });
  });
  const rows = hubRows(Buffer.from(bytes).toString('utf8'), flags.endpoint);
  const withRepo = flags.listRepoUrl === true;
  const shown = rows.map(({ repository, ...row }) => ({ ...row, ...(withRepo ? { repo_url: repository.url } : {}) }));
  const header = ['URL', 'CHART VERSION', 'APP VERSION', 'DESCRIPTION', ...(withRepo ? ['REPO URL'] : [])];
  const format = outputFormat(flags.output);
  print(io, flags, header, format === 'table' ? shown : rows);
}

interface HubRow extends Readonly<Record<string, unknown>> {
  readonly url: string;
  readonly version: string;
  readonly app_version: string;
  readonly description: string;
  readonly repository: { readonly url: string; readonly name: string };
}

interface HubChart {
  readonly id?: string;
  readonly artifactHub?: { readonly packageUrl?: string };
  readonly attributes?: {
    readonly description?: string;
    readonly repo?: { readonly url?: string; readonly name?: string };
  };
  readonly relationships?: {
    readonly latestChartVersion?: { readonly data?: { readonly version?: string; readonly app_version?: string } };
  };
}

function hubRows(text: string, endpoint: string): HubRow[] {
  let charts: readonly HubChart[];
  try {
    charts = (JSON.parse(text) as { readonly data?: readonly HubChart[] }).data ?? [];
  } catch (error) {
    throw new PintleError('fetch-failed', `unable to perform search against "${endpoint}": the answer is no JSON`, {
      cause: error,
    });
  }
  return charts.map(({ id = '', artifactHub, attributes, relationships }) => {
    const latest = relationships?.latestChartVersion?.data;
    return {
      url: artifactHub?.packageUrl || `${endpoint}/charts/${id}`,
      version: latest?.version ?? '',
      app_version: latest?.app_version ?? '',
      description: attributes?.description ?? '',
      repository: { url: attributes?.repo?.url ?? '', name: attributes?.repo?.name ?? '' },
    };
  });
}

type Row = Readonly<Record<string, unknown>>;

/** JSON in the order of the fields, as Go writes structs. */
function inOrder(rows: readonly Row[]): string {
  const text = (value: unknown): string =>
    typeof value === 'object' && value !== null ? object(value as Row) : encodeJson(value);
  const object = (row: Row): string =>
    `{${Object.entries(row)
      .map(([key, value]) => `${encodeJson(key)}:${text(value)}`)
      .join(',')}}`;
  return `[${rows.map(object).join(',')}]`;
}

function print(io: Io, flags: ResultFlags, header: readonly string[], rows: readonly Row[]): void {
  const format = outputFormat(flags.output);
  if (rows.length === 0 && flags.failOnNoResult === true) throw new PintleError('not-found', 'no results found');
  if (format !== 'table') {
    io.stdout(format === 'json' ? `${inOrder(rows)}\n` : formatData(format, rows));
    return;
  }
  if (rows.length === 0) {
    io.stdout('No results found\n');
    return;
  }
  const maxColumnWidth = integerFlag('--max-col-width', flags.maxColWidth);
  const cells = rows.map((row) => Object.values(row).map(String));
  io.stdout(`${formatTable([header, ...cells], { maxColumnWidth, separator: '\t', padLast: true })}\n`);
}
