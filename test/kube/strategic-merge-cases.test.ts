import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mergeMap } from '../../src/kube/strategic-merge-apply.ts';
import { diffMaps } from '../../src/kube/strategic-merge-diff.ts';
import type { Field, FieldType, ListType, StructType } from '../../src/kube/type-table.ts';
import { plainField } from '../../src/kube/typed-value.ts';

/*
 * Patches between objects of one made-up kind, one case a line in test/fixtures/strategic: the inputs and outcomes of
 * apimachinery's pkg/util/strategicpatch/patch_test.go.
 */

type Json = Record<string, unknown>;

interface Case {
  readonly from: Json;
  readonly to?: Json;
  /** From `from` to `to`; or one that is only applied. */
  readonly patch: Json;
  /** `from` after `patch`. */
  readonly result: Json;
  readonly live?: Json;
  /** Brings `live` to `to`. */
  readonly threeWay?: Json;
  /** `live` after `threeWay`. */
  readonly after?: Json;
  readonly error?: string;
}

/** An item that holds lists of items that merge by name, are replaced, or keep the fields that are named. */
function itemType(): StructType {
  const text: FieldType = { kind: 'scalar', scalar: 'string' };
  const number: FieldType = { kind: 'scalar', scalar: 'int64' };
  const any: FieldType = { kind: 'any', atomic: false };
  const fields = new Map<string, Field>();
  const kept = new Map<string, Field>();
  const struct = (of: Map<string, Field>, goName: string): StructType => ({
    kind: 'struct',
    name: goName,
    goName,
    fields: of,
    atomic: false,
  });
  const item = struct(fields, 'MergeItem');
  const list = (element: FieldType): ListType => ({ kind: 'list', element, listType: 'atomic', keys: [] });
  const texts: FieldType = { kind: 'map', value: text, atomic: false };
  const add = (to: Map<string, Field>, name: string, type: FieldType, strategies = '', patchMergeKey = ''): void => {
    const patchStrategies = strategies === '' ? [] : strategies.split(',');
    to.set(name, { ...plainField(name, type), patchStrategies, patchMergeKey });
  };
  for (const to of [fields, kept]) {
    for (const name of ['name', 'value', 'other']) add(to, name, text);
    add(to, 'simpleMap', texts);
    add(to, 'mergingList', list(item), 'merge', 'name');
    add(to, 'nonMergingList', list(item));
    add(to, 'mergingIntList', list(number), 'merge');
  }
  add(fields, 'nonMergingIntList', list(number));
  add(fields, 'mergeItemPtr', list(item), 'merge', 'name');
  add(fields, 'replacingItem', any, 'replace');
  add(fields, 'jsonItem', any);
  add(fields, 'retainKeysMap', struct(kept, 'RetainKeysMergeItem'), 'retainKeys');
  add(fields, 'retainKeysMergingList', list(item), 'merge,retainKeys', 'name');
  return item;
}

const TYPE = itemType();

function cases(name: string): readonly (readonly [line: number, each: Case])[] {
  const text = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'strategic', `${name}.jsonl`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line, i) => [i + 1, JSON.parse(line) as Case]);
}

const apply = (object: Json, patch: Json): Json => mergeMap(object, patch, TYPE, { applying: true });

/** Applying a patch gives the result, or is refused. */
function expectApplied(
  object: Json,
  patch: Json,
  { result, error }: { result: Json; error: string | undefined },
): void {
  if (error === undefined) expect(apply(object, patch)).toEqual(result);
  else expect(() => apply(object, patch)).toThrow(error);
}

describe.each(['applied', 'made-sorted', 'made'])('%s.jsonl', (name) => {
  it.each(cases(name))('line %d', (_, { from, to, patch, result, live, threeWay, after, error }) => {
    if (to !== undefined) expect(diffMaps(from, to, TYPE, { changes: true, deletions: true })).toEqual(patch);
    expectApplied(from, patch, { result, error });
    if (to === undefined || live === undefined || after === undefined) return;
    const delta = diffMaps(live, to, TYPE, { changes: true, deletions: false });
    const deletions = diffMaps(from, to, TYPE, { changes: false, deletions: true });
    const made = mergeMap(deletions, delta, TYPE, { applying: false });
    expect(made).toEqual(threeWay);
    expectApplied(live, made, { result: after, error });
  });
});
