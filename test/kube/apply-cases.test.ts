import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isObject } from '../../src/base/json.ts';
import type { ManagedFieldsEntry } from '../../src/kube/api/meta-v1.generated.ts';
import { fieldPaths, leafFields, parseFieldSet, type FieldSet } from '../../src/kube/field-set.ts';
import { formatFieldPath } from '../../src/kube/path-element.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { applyServerSide, updateManagedFields } from '../../src/kube/server-side-apply.ts';
import { StatusError } from '../../src/kube/status-error.ts';
import { extractFields } from './extract-fields.ts';
import { mergeTyped } from '../../src/kube/typed-merge.ts';
import { objectType, type TypeSet } from './apply-types.ts';

/*
 * Whole stories of applies and updates, one a line in test/fixtures/apply, and what the object and its owners are at their end.
 * The stories and their ends are those of structured-merge-diff (merge/*_test.go), but for those that convert between versions of
 * different shape, which there are none of here.
 */

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'apply');
const TYPES = JSON.parse(readFileSync(join(FOLDER, 'types.json'), 'utf8')) as Record<string, TypeSet>;

type Fields = Record<string, unknown> | null;
type Step =
  | readonly ['retype', string]
  | readonly [
      'apply' | 'force' | 'update' | 'extract',
      manager: string,
      version: string,
      fields: Fields,
      conflicts?: readonly (readonly [manager: string, field: FieldSet])[],
    ];

interface Story {
  readonly type: string;
  readonly steps: readonly Step[];
  readonly live?: Fields;
  readonly owners?: Readonly<Record<string, readonly [version: string, fields: FieldSet]>>;
  /** By version. */
  readonly ignored?: Readonly<Record<string, FieldSet>>;
  readonly fails?: boolean;
}

function stories(name: string): Story[] {
  return readFileSync(join(FOLDER, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Story);
}

function run({ type: first, steps, ignored = {} }: Story): KubeObject {
  let type = objectType(TYPES[first] ?? { root: 'any', types: {} });
  let live: KubeObject | undefined;
  for (const [i, step] of steps.entries()) {
    if (step[0] === 'retype') {
      type = objectType(TYPES[step[1]] ?? { root: 'any', types: {} });
      continue;
    }
    const [verb, manager, version, fields, conflicts] = step;
    const gvk = { group: 'tests', version, kind: 'Story' };
    const object = (content: object): KubeObject => ({
      ...content,
      apiVersion: `tests/${version}`,
      kind: 'Story',
      metadata: { name: 'story' },
    });
    const shared = { gvk, manager, type, now: i * 1000, ignoredFields: fieldsOf(ignored[version]) };
    const atVersion = live === undefined ? undefined : { ...live, apiVersion: `tests/${version}` };
    if (verb === 'update') {
      live = updateManagedFields({ ...shared, before: atVersion, after: object(fields ?? {}) });
      continue;
    }
    let config = object(fields ?? {});
    if (verb === 'extract' && atVersion !== undefined) {
      const own = atVersion.metadata.managedFields?.find((entry) => entry.manager === manager);
      const extracted = extractFields(bare(atVersion), leafFields(parseFieldSet(own?.fieldsV1 ?? {})), type);
      config = object(bare(mergeTyped(extracted ?? {}, bare(config), type) as object));
    }
    const apply = (): KubeObject =>
      applyServerSide({ ...shared, live: atVersion, config, force: verb !== 'apply' }).object;
    if (conflicts === undefined) live = apply();
    else expect(conflictsOf(apply)).toEqual(conflicts.flatMap(([who, fields]) => conflictTexts(who, fields)).sort());
  }
  return live ?? { apiVersion: '', kind: '', metadata: {} };
}

function fieldsOf(set: FieldSet | undefined): FieldSet | undefined {
  return set === undefined ? undefined : parseFieldSet(set);
}

function conflictTexts(manager: string, fields: FieldSet): string[] {
  return fieldPaths(parseFieldSet(fields)).map((path) => `${manager} ${formatFieldPath(path)}`);
}

function conflictsOf(apply: () => unknown): string[] {
  try {
    apply();
  } catch (error) {
    const causes = error instanceof StatusError ? error.status.details?.causes : undefined;
    if (causes === undefined) throw error;
    return causes.map(({ message = '', field = '' }) => `${/"(.*)"/.exec(message)?.[1] ?? ''} ${field}`).sort();
  }
  return [];
}

function bare(object: object): Record<string, unknown> {
  const { apiVersion: _, kind: __, metadata: ___, ...fields } = object as KubeObject;
  return fields;
}

/** API objects do not tell null from absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutNulls(item)]));
}

function ownersOf({ metadata }: KubeObject): Record<string, unknown> {
  return Object.fromEntries(
    (metadata.managedFields ?? []).map(({ manager = '', apiVersion = '', fieldsV1 }: ManagedFieldsEntry) => [
      manager,
      [apiVersion.replace('tests/', ''), fieldsV1],
    ]),
  );
}

describe.each(readdirSync(FOLDER).filter((name) => name.endsWith('.jsonl')))('%s', (name) => {
  it.each(stories(name).map((story, i) => [i + 1, story] as const))('line %d', (_, story) => {
    if (story.fails === true) {
      expect(() => run(story)).toThrow();
      return;
    }
    const object = run(story);
    if (story.live !== undefined) expect(withoutNulls(bare(object))).toEqual(withoutNulls(story.live ?? {}));
    if (story.owners !== undefined) expect(ownersOf(object)).toEqual(story.owners);
  });
});
