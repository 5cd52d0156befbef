import { isObject } from '../../src/base/json.ts';
import { childrenOf, fieldElement, type FieldSet } from '../../src/kube/field-set.ts';
import type { FieldType } from '../../src/kube/type-table.ts';
import { childType, listElements, shapeOf } from '../../src/kube/typed-value.ts';

/** What is left of a value when only these fields are kept; keys of list elements stay with them. */
export function extractFields(value: unknown, fields: FieldSet, type: FieldType): unknown {
  const shape = shapeOf(type, value);
  if (shape.kind === 'leaf') return value;
  if (shape.kind === 'list') {
    return listElements(shape.type, value).flatMap(({ element, item }) => {
      const node = fields[element];
      if (node === undefined) return [];
      return [extractFields(item, childrenOf(fields, element), shape.type.element)];
    });
  }
  if (!isObject(value)) return value;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const node = fields[fieldElement(key)];
    if (node === undefined) continue;
    const own = childType(shape.type, key) ?? { kind: 'any' as const, atomic: false };
    out[key] = extractFields(item, childrenOf(fields, fieldElement(key)), own);
  }
  return out;
}
