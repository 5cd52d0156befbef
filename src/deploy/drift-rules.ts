import { PintleError } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import type { KubeObject } from '../kube/object.ts';
import type { FieldChange } from './field-changes.ts';
import { literally, matchesName } from './matches-name.ts';

/** Paths of fields, parted by commas, whose changes by others are left alone; an annotation of the object in its chart. */
const IGNORE_DRIFT = 'pintle.dev/ignore-drift';

/** Changes by others that do not matter. Names are globs in which `*` stands for any text; what is absent matches everything. */
export interface DriftRule {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** As differences name fields: `spec.replicas`, `spec.template.spec.containers[*].image`. Absent: the whole object. */
  readonly paths?: readonly string[];
}

/** Whether a change of a field is left alone. */
export type IgnoresField = (path: string) => boolean;

const NOTHING: IgnoresField = () => false;

/** The changes of one object that are left alone, by its own annotation and the rules. */
export function ignoredFields(object: KubeObject, rules: readonly DriftRule[]): IgnoresField {
  const own = object.metadata.annotations?.[IGNORE_DRIFT];
  const patterns = (own ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map(pathPattern);
  for (const rule of rules) {
    if (!concerns(rule, object)) continue;
    if (rule.paths === undefined) return () => true;
    patterns.push(...rule.paths.map(pathPattern));
  }
  if (patterns.length === 0) return NOTHING;
  return (path) => patterns.some((pattern) => pattern.test(path));
}

/** Changes without those that are left alone. */
export function withoutIgnored(changes: readonly FieldChange[], ignores: IgnoresField): readonly FieldChange[] {
  return changes.filter(({ path }) => !ignores(path));
}

function concerns(rule: DriftRule, { apiVersion, kind, metadata }: KubeObject): boolean {
  const slash = apiVersion.indexOf('/');
  const group = slash === -1 ? '' : apiVersion.slice(0, slash);
  return (
    (rule.group === undefined || rule.group === group) &&
    matches(rule.kind, kind) &&
    matches(rule.namespace, metadata.namespace ?? '') &&
    matches(rule.name, metadata.name ?? '')
  );
}

function matches(pattern: string | undefined, text: string): boolean {
  return pattern === undefined || matchesName(pattern, text);
}

/** A path with everything below it; `[*]` is any element, `*` any name. */
function pathPattern(path: string): RegExp {
  const source = path
    .replace(/^\./, '')
    .split(/(\[\*\]|\*)/)
    .map((part) =>
      part === '[*]' ? String.raw`\[(?:"(?:[^"\\]|\\.)*"|[^\]])*\]` : part === '*' ? '[^.[]*' : literally(part),
    )
    .join('');
  return new RegExp(String.raw`^${source}(?=$|[.[])`);
}

/**
 * Reads rules from a file that was parsed from YAML or JSON: `ignore`, a list of rules.
 *
 * @throws PintleError `values-invalid` with every fault
 */
export function readDriftRules(value: unknown, file: string): readonly DriftRule[] {
  const faults: string[] = [];
  const list = isObject(value) ? value['ignore'] : undefined;
  if (!Array.isArray(list)) faults.push('ignore: must be a list of rules');
  const rules = (Array.isArray(list) ? (list as readonly unknown[]) : []).map((each, i) => readRule(each, i, faults));
  const [first, ...related] = faults.map((text) => new PintleError('values-invalid', `${file}: ${text}`));
  if (first === undefined) return rules;
  throw new PintleError('values-invalid', first.message, {
    related,
    hint: 'a rule reads like this: {kind: Deployment, name: "web*", paths: [spec.replicas]}',
  });
}

const FIELDS: readonly string[] = ['group', 'kind', 'namespace', 'name'];

function readRule(value: unknown, i: number, faults: string[]): DriftRule {
  const place = `ignore[${i}]`;
  if (!isObject(value)) {
    faults.push(`${place}: must be a mapping`);
    return {};
  }
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (FIELDS.includes(key) && typeof item === 'string') out[key] = item;
    else if (key === 'paths' && isTexts(item)) out[key] = item;
    else if (FIELDS.includes(key) || key === 'paths') {
      faults.push(`${place}.${key}: must be a ${key === 'paths' ? 'list of texts' : 'text'}`);
    } else faults.push(`${place}.${key}: there is no such field`);
  }
  return out;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string' && each !== '');
}
