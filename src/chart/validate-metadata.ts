import { newObject } from '../base/json.ts';
import { tryParseVersion } from '../base/semver.ts';
import type { ChartDependency, ChartMaintainer, ChartMetadata } from './chart.ts';
import { goQuote } from '../base/go-quote.ts';

/** A fault in Chart.yaml; the path leads to it. */
export interface MetadataFault {
  readonly message: string;
  readonly path: readonly (string | number)[];
}

type Loose = Record<string, unknown>;

const SPACE = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;

/** Spaces of all kinds become plain ones, characters that cannot be printed go. helm: sanitizeString. */
function sanitize(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : text.replace(SPACE, ' ').replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '');
}

const SANITIZED = ['name', 'description', 'home', 'icon', 'condition', 'tags', 'appVersion', 'kubeVersion'] as const;

/**
 * Checks what Chart.yaml says, and cleans its texts. helm: pkg/chart/v2/metadata.go, Validate.
 *
 * @param raw Chart.yaml as decoded
 * @returns the metadata, or the first fault with Helm's text
 */
export function validateMetadata(raw: Readonly<Record<string, unknown>>): ChartMetadata | MetadataFault {
  const metadata = cleaned(raw);
  const fault = identityFault(metadata) ?? maintainersFault(metadata) ?? dependenciesFault(metadata);
  if (fault !== undefined) return { ...fault, message: `validation: ${fault.message}` };
  return metadata as unknown as ChartMetadata;
}

function cleaned(raw: Readonly<Record<string, unknown>>): Loose {
  const out = Object.assign(newObject(), raw);
  for (const key of SANITIZED) {
    const text = out[key];
    if (typeof text === 'string') out[key] = sanitize(text);
  }
  for (const key of ['sources', 'keywords']) {
    const texts = out[key];
    if (Array.isArray(texts)) out[key] = (texts as string[]).map(sanitize);
  }
  if (Array.isArray(out['maintainers'])) {
    out['maintainers'] = (out['maintainers'] as (ChartMaintainer | null)[]).map((each) =>
      each === null ? null : cleanedFields(each, ['name', 'email', 'url']),
    );
  }
  if (Array.isArray(out['dependencies'])) {
    out['dependencies'] = (out['dependencies'] as (ChartDependency | null)[]).map(cleanedDependency);
  }
  return out;
}

function cleanedDependency(dependency: ChartDependency | null): Loose | null {
  if (dependency === null) return null;
  const out = cleanedFields(dependency, ['name', 'version', 'repository', 'condition']);
  if (dependency.tags !== undefined) out['tags'] = dependency.tags.map(sanitize);
  return out;
}

function cleanedFields(value: object, fields: readonly string[]): Loose {
  const out = Object.assign(newObject(), value);
  for (const field of fields) {
    const text = out[field];
    if (typeof text === 'string') out[field] = sanitize(text);
  }
  return out;
}

function identityFault(metadata: Loose): MetadataFault | undefined {
  const text = (key: string): string => {
    const value = metadata[key];
    return typeof value === 'string' ? value : '';
  };
  const fault = (key: string, message: string): MetadataFault => ({ path: [key], message });
  if (text('apiVersion') === '') return fault('apiVersion', 'chart.metadata.apiVersion is required');
  const name = text('name');
  if (name === '') return fault('name', 'chart.metadata.name is required');
  if (name === '.' || name === '..') return fault('name', `chart.metadata.name ${goQuote(name)} is not allowed`);
  if (name.includes('/')) return fault('name', `chart.metadata.name ${goQuote(name)} is invalid`);
  const version = text('version');
  if (version === '') return fault('version', 'chart.metadata.version is required');
  if (tryParseVersion(version) === undefined) {
    return fault('version', `chart.metadata.version ${goQuote(version)} is invalid`);
  }
  if (!['', 'application', 'library'].includes(text('type'))) {
    return fault('type', 'chart.metadata.type must be application or library');
  }
  return undefined;
}

function maintainersFault(metadata: Loose): MetadataFault | undefined {
  const maintainers = (metadata['maintainers'] ?? []) as unknown[];
  const at = maintainers.indexOf(null);
  if (at === -1) return undefined;
  return { path: ['maintainers', at], message: 'maintainers must not contain empty or null nodes' };
}

function dependenciesFault(metadata: Loose): MetadataFault | undefined {
  const dependencies = (metadata['dependencies'] ?? []) as (ChartDependency | null)[];
  const seen = new Set<string>();
  for (const [i, dependency] of dependencies.entries()) {
    if (dependency === null) {
      return { path: ['dependencies', i], message: 'dependencies must not contain empty or null nodes' };
    }
    const { name = '', alias = '' } = dependency as Partial<ChartDependency>;
    if (alias !== '' && !/^[a-zA-Z0-9_-]+$/.test(alias)) {
      const message = `dependency ${goQuote(name)} has disallowed characters in the alias`;
      return { path: ['dependencies', i, 'alias'], message };
    }
    const key = alias === '' ? name : alias;
    if (seen.has(key)) {
      const message = `more than one dependency with name or alias ${goQuote(key)}`;
      return { path: ['dependencies', i], message };
    }
    seen.add(key);
  }
  return undefined;
}
