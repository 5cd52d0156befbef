import { isObject } from '../base/json.ts';
import { deepEqual } from './equality.ts';
import { fieldElement, subtractFieldSetsDeep, type FieldSet } from './field-set.ts';
import type { FieldType, ListType } from './type-table.ts';
import { FieldSetBuilder, childType, listElements, shapeOf, type Shape } from './typed-value.ts';

/** What differs between two objects; no field is in two of the sets. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/**
 * Compares two values of a type. Containers that come or go are members as their fields are.
 * structured-merge-diff: typed/compare.go.
 *
 * @throws TypedError for list elements without keys
 */
export function compareTyped(before: unknown, after: unknown, type: FieldType): Comparison {
  const walk = new CompareWalk();
  walk.compare(before, after, type);
  return { added: walk.added.build(), modified: walk.modified.build(), removed: walk.removed.build() };
}

/** The comparison without these fields and all below them. */
export function withoutFields(comparison: Comparison, ignored: FieldSet | undefined): Comparison {
  if (ignored === undefined) return comparison;
  return {
    added: subtractFieldSetsDeep(comparison.added, ignored),
    modified: subtractFieldSetsDeep(comparison.modified, ignored),
    removed: subtractFieldSetsDeep(comparison.removed, ignored),
  };
}

class CompareWalk {
  readonly added = new FieldSetBuilder();
  readonly modified = new FieldSetBuilder();
  readonly removed = new FieldSetBuilder();
  readonly #path: string[] = [];

  /** Absent values are undefined; at least one of the two must be there. */
  compare(before: unknown, after: unknown, type: FieldType): void {
    if (before === after) return;
    const shape = shapeOf(type, after === undefined || after === null ? before : after);
    if (shape.kind === 'leaf' || (isEmpty(before, shape) && isEmpty(after, shape))) {
      // A map that became a scalar, in objects without a type: its fields are gone.
      if (type.kind === 'any' && !type.atomic && isObject(before) && after !== undefined)
        this.#map(before, undefined, type);
      this.#leaf(before, after);
      return;
    }
    if (shape.kind === 'list') this.#list(before, after, shape.type);
    else this.#map(before, after, shape.type);
    if (before === undefined) this.added.insert(this.#path);
    else if (after === undefined) this.removed.insert(this.#path);
  }

  #leaf(before: unknown, after: unknown): void {
    if (before === undefined) this.added.insert(this.#path);
    else if (after === undefined) this.removed.insert(this.#path);
    else if (!deepEqual(before, after)) this.modified.insert(this.#path);
  }

  #map(before: unknown, after: unknown, type: FieldType): void {
    const first = isObject(before) ? before : undefined;
    const second = isObject(after) ? after : undefined;
    // A scalar in the place of a map, in objects without a type.
    if (first === undefined && before !== undefined && before !== null) this.#leaf(before, after);
    if (first !== undefined) {
      for (const key in first) {
        const own = first[key];
        const other = second !== undefined && Object.hasOwn(second, key) ? second[key] : undefined;
        if (own !== other) this.#field(key, own, other, type);
      }
    }
    if (second === undefined) return;
    for (const key in second) {
      if (second[key] !== undefined && (first === undefined || !Object.hasOwn(first, key))) {
        this.#field(key, undefined, second[key], type);
      }
    }
  }

  #field(key: string, before: unknown, after: unknown, type: FieldType): void {
    this.#path.push(fieldElement(key));
    this.compare(before, after, childType(type, key) ?? { kind: 'any', atomic: false });
    this.#path.pop();
  }

  #list(before: unknown, after: unknown, type: ListType): void {
    const first = group(type, before);
    const second = group(type, after);
    for (const [element, own] of first) this.#elements(element, own, second.get(element) ?? [], type);
    for (const [element, other] of second) if (!first.has(element)) this.#elements(element, [], other, type);
  }

  #elements(element: string, before: readonly unknown[], after: readonly unknown[], type: ListType): void {
    this.#path.push(element);
    if (before.length <= 1 && after.length <= 1) this.compare(before[0], after[0], type.element);
    else if (before.length >= 2 && after.length >= 2) {
      if (!deepEqual(before, after)) this.modified.insert(this.#path);
    } else if (before.length >= 2) {
      if (after.length > 0) this.compare(undefined, after[0], type.element);
      this.removed.insert(this.#path);
    } else {
      if (before.length > 0) this.compare(before[0], undefined, type.element);
      this.added.insert(this.#path);
    }
    this.#path.pop();
  }
}

function group(type: ListType, value: unknown): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const { element, item } of listElements(type, value)) {
    const known = groups.get(element);
    if (known === undefined) groups.set(element, [item]);
    else known.push(item);
  }
  return groups;
}

/** Containers that are empty, null or absent on both sides are leaves, which keeps them apart. */
function isEmpty(value: unknown, shape: Shape): boolean {
  if (value === undefined || value === null) return true;
  if (shape.kind === 'list') return !Array.isArray(value) || value.length === 0;
  if (!isObject(value)) return false;
  for (const _ in value) return false;
  return true;
}
