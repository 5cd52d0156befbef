import { PintleError } from '../base/errors.ts';
import { goQuote } from '../base/go-quote.ts';
import { newObject, sortedKeys } from '../base/json.ts';
import { parseConstraint, type VersionConstraint } from '../base/semver-constraint.ts';
import { tryParseVersion } from '../base/semver.ts';
import type { ChartMetadata } from '../chart/chart.ts';
import { METADATA } from '../chart/chart-types.ts';
import { DecodeFault, decodeStruct, type GoStruct } from '../chart/decode-struct.ts';
import { dependencyFields } from '../chart/metadata-text.ts';
import { validateMetadata } from '../chart/validate-metadata.ts';
import { fromYaml, toYaml } from '../yaml/index.ts';
import { escapeJsonText } from '../yaml/json-string.ts';

/** One version of a chart in an index. */
export interface ChartVersion extends ChartMetadata {
  readonly urls: readonly string[];
  readonly created?: string;
  readonly removed?: boolean;
  /** SHA-256 of the archive in hex, maybe behind `sha256:`. */
  readonly digest?: string;
}

/** index.yaml. helm: pkg/repo/v1/index.go. */
export interface RepositoryIndex {
  readonly apiVersion: string;
  readonly generated: string;
  /** By name of the chart, the newest version first. */
  readonly entries: ReadonlyMap<string, readonly ChartVersion[]>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly publicKeys?: readonly string[];
}

const TEXTS = { kind: 'list', element: { kind: 'string' }, goType: '[]string' } as const;

const CHART_VERSION: GoStruct = {
  kind: 'struct',
  name: 'ChartVersion',
  goType: 'v1.ChartVersion',
  fields: {
    ...METADATA.fields,
    urls: TEXTS,
    created: { kind: 'time' },
    removed: { kind: 'bool' },
    digest: { kind: 'string' },
  },
};

const INDEX: GoStruct = {
  kind: 'struct',
  name: 'IndexFile',
  goType: 'v1.IndexFile',
  fields: {
    apiVersion: { kind: 'string' },
    generated: { kind: 'time' },
    entries: { kind: 'any' },
    publicKeys: TEXTS,
    annotations: { kind: 'map', goType: 'map[string]string' },
  },
};

/**
 * Reads index.yaml, which may be JSON. Versions that are no charts are left out and told of.
 *
 * @param source what it is called in messages
 * @throws PintleError `repository-index`, `yaml-syntax`
 */
export function parseIndex(text: string, source: string, warn: (message: string) => void): RepositoryIndex {
  if (text === '') throw invalid(source, 'empty index.yaml file');
  const raw = decoded(source, INDEX, fromYaml(text, { file: source, numbers: 'exact', target: 'map' }));
  const { apiVersion = '', generated = ZERO_TIME, entries = {}, publicKeys, annotations } = raw as Loose;
  if (typeof entries !== 'object' || Array.isArray(entries)) throw invalid(source, 'entries is not an object');
  const out = new Map<string, ChartVersion[]>();
  for (const name of sortedKeys(entries)) out.set(name, versionsOf(source, name, entries[name], warn));
  if (apiVersion === '') throw invalid(source, 'no API version specified');
  return {
    apiVersion,
    generated,
    entries: out,
    ...(publicKeys === undefined ? {} : { publicKeys }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

interface Loose {
  readonly apiVersion?: string;
  readonly generated?: string;
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly publicKeys?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
}

const ZERO_TIME = '0001-01-01T00:00:00Z';

function versionsOf(source: string, name: string, list: unknown, warn: (message: string) => void): ChartVersion[] {
  if (list !== null && !Array.isArray(list)) throw invalid(source, `entries.${name} is not a list`);
  const out: ChartVersion[] = [];
  for (const item of (list ?? []) as unknown[]) {
    const skip = (version: string, reason: string): void =>
      warn(`skipping loading invalid entry for chart ${goQuote(name)}${version} from ${source}: ${reason}`);
    if (item === null) {
      skip('', 'empty entry');
      continue;
    }
    const fields = { apiVersion: 'v1', ...decoded(source, CHART_VERSION, item) };
    if (fields.apiVersion === '') fields.apiVersion = 'v1';
    const version = fields as unknown as ChartVersion;
    const checked = validateMetadata(fields);
    if (!('message' in checked)) out.push({ ...(checked as ChartVersion), urls: version.urls ?? [] });
    // Some servers leave out the aliases by which dependencies differ.
    else if (checked.message.startsWith('validation: more than one dependency with name or alias')) {
      out.push({ ...version, urls: version.urls ?? [] });
    } else skip(` ${goQuote(version.version ?? '')}`, checked.message);
  }
  return sortVersions(out);
}

function decoded(source: string, shape: GoStruct, value: unknown): Record<string, unknown> {
  try {
    return decodeStruct(value, shape);
  } catch (error) {
    if (error instanceof DecodeFault)
      throw invalid(source, `error unmarshaling JSON: while decoding JSON: ${error.message}`);
    throw error;
  }
}

function invalid(source: string, fault: string): PintleError {
  return new PintleError('repository-index', fault, { location: { file: source } });
}

/** The newest first; what is no version comes last. */
export function sortVersions<T extends { readonly version: string }>(versions: readonly T[]): T[] {
  const parsed = versions.map((value) => ({ value, version: tryParseVersion(value.version) }));
  parsed.sort((a, b) => {
    if (a.version === undefined || b.version === undefined) {
      return Number(a.version === undefined) - Number(b.version === undefined);
    }
    return b.version.compare(a.version);
  });
  return parsed.map(({ value }) => value);
}

/**
 * The version of a chart that a constraint asks for: the very one, else the newest that satisfies it.
 *
 * @param version '' for the newest that is no pre-release
 * @param warn hears of a version that was taken for another
 * @returns the version, or why there is none, in Helm's words
 */
export function findVersion(
  index: RepositoryIndex,
  name: string,
  version: string,
  warn: (message: string) => void = () => {},
): ChartVersion | string {
  const versions = index.entries.get(name);
  if (versions === undefined) return 'no chart name found';
  if (versions.length === 0) return 'no chart version found';
  let constraint: VersionConstraint;
  try {
    constraint = parseConstraint(version === '' ? '*' : version);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const exact = version === '' ? undefined : versions.find((each) => each.version === version);
  if (exact !== undefined) return exact;
  const found = versions.find((each) => {
    const parsed = tryParseVersion(each.version);
    return parsed !== undefined && constraint.check(parsed);
  });
  if (found === undefined) return `no chart version found for ${name}-${version}`;
  if (version !== '') warn(`there is no version ${version} of chart ${goQuote(name)}; taking ${found.version}`);
  return found;
}

/** The charts of one index with those of another that it does not have. */
export function mergeIndexes(index: RepositoryIndex, other: RepositoryIndex): RepositoryIndex {
  const entries = new Map([...index.entries].map(([name, versions]) => [name, [...versions]]));
  for (const versions of other.entries.values()) {
    for (const version of versions) {
      const own = entries.get(version.name) ?? [];
      if (!own.some((each) => each.version === version.version)) entries.set(version.name, [...own, version]);
    }
  }
  return { ...index, entries: new Map([...entries].map(([name, versions]) => [name, sortVersions(versions)])) };
}

/** The text of index.yaml. */
export function indexText(index: RepositoryIndex, format: 'yaml' | 'json'): string {
  const entries = newObject();
  for (const name of [...index.entries.keys()].sort()) entries[name] = (index.entries.get(name) ?? []).map(fieldsOf);
  const { apiVersion, generated, publicKeys = [], annotations } = index;
  const file = {
    apiVersion,
    generated,
    entries,
    ...(publicKeys.length === 0 ? {} : { publicKeys }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  if (format === 'yaml') return toYaml(file);
  return escapeJsonText(JSON.stringify(file, undefined, 2));
}

/** The fields of a version in the order of Helm's JSON, without those that are empty. */
function fieldsOf(version: ChartVersion): Record<string, unknown> {
  const out = newObject();
  for (const key of Object.keys(CHART_VERSION.fields) as (keyof ChartVersion)[]) {
    const value: unknown = version[key];
    const isEmpty =
      value === undefined ||
      value === null ||
      value === '' ||
      value === false ||
      (typeof value === 'object' && Object.keys(value).length === 0);
    if (key === 'dependencies' && !isEmpty) out[key] = (version.dependencies ?? []).map(dependencyFields);
    else if (!isEmpty || key === 'urls') out[key] = value;
  }
  return out;
}
