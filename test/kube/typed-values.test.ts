import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isObject } from '../../src/base/json.ts';
import { formatFieldSet, parseFieldSet, type FieldSet } from '../../src/kube/field-set.ts';
import { compareTyped } from '../../src/kube/typed-compare.ts';
import { mergeTyped, removeFields } from '../../src/kube/typed-merge.ts';
import { validateTyped } from '../../src/kube/typed-validate.ts';
import { fieldSetOfValue } from '../../src/kube/typed-value.ts';
import type { FieldType } from '../../src/kube/type-table.ts';
import { plainType, type TypeSet } from './apply-types.ts';

/*
 * What can be done with values of a type, one case a line in test/fixtures/typed: inputs and outcomes are those of
 * structured-merge-diff (typed/*_test.go), but for types that are a scalar, a set and a map at once, which API schemas cannot say.
 */

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'typed');
const TYPES = JSON.parse(readFileSync(join(FOLDER, 'types.json'), 'utf8')) as Record<string, TypeSet>;

function typeNamed(name: string): FieldType {
  const set = TYPES[name];
  if (set === undefined) throw new Error(`no ${name}`);
  return plainType(set);
}

function cases(name: string): readonly (readonly [line: number, row: unknown])[] {
  const text = readFileSync(join(FOLDER, `${name}.jsonl`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line, i) => [i + 1, JSON.parse(line) as unknown]);
}

/** Null and absent are one to API objects. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value ?? undefined;
  const kept = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutNulls(item)]));
}

describe('what lies over what', () => {
  it.each(cases('merge'))('merge.jsonl, line %d', (_, row) => {
    const [type, below, above, both] = row as [type: string, below: unknown, above: unknown, both: unknown];
    expect(mergeTyped(below, above, typeNamed(type))).toEqual(both);
  });
});

describe('differences', () => {
  type Row = [type: string, before: unknown, after: unknown, removed: FieldSet, modified: FieldSet, added: FieldSet];
  it.each(cases('compare'))('compare.jsonl, line %d', (_, row) => {
    const [type, before, after, removed, modified, added] = row as Row;
    const there = compareTyped(before, after, typeNamed(type));
    expect([there.removed, there.modified, there.added].map(formatFieldSet)).toEqual([removed, modified, added]);
    const back = compareTyped(after, before, typeNamed(type));
    expect([back.added, back.modified, back.removed].map(formatFieldSet)).toEqual([removed, modified, added]);
  });
});

describe('the fields of a value', () => {
  it.each(cases('fields'))('fields.jsonl, line %d', (_, row) => {
    const [type, value, fields] = row as [type: string, value: unknown, fields: FieldSet];
    expect(formatFieldSet(fieldSetOfValue(value, typeNamed(type)))).toEqual(fields);
  });
});

describe('values that fit their type, and that do not', () => {
  it.each(cases('validate'))('validate.jsonl, line %d', (_, row) => {
    const [type, value, verdict] = row as [type: string, value: unknown, verdict: 'good' | 'bad' | 'twice'];
    const faults = validateTyped(value, typeNamed(type));
    if (verdict === 'good') expect(faults).toEqual([]);
    else expect(faults).not.toEqual([]);
  });
});

describe('what is left without some fields', () => {
  it.each(cases('remove'))('remove.jsonl, line %d', (_, row) => {
    const [type, value, fields, left] = row as [type: string, value: unknown, fields: FieldSet, left: unknown];
    const rest = removeFields(value, parseFieldSet(fields), typeNamed(type));
    expect(withoutNulls(rest)).toEqual(withoutNulls(left));
  });
});
