import { isObject } from '../base/json.ts';
import type { SchemaNode } from './schema-node.ts';

/** The properties and items of a value that no keyword has looked at, as far as somebody wants to know. */
export interface Unevaluated {
  properties: Set<string> | undefined;
  items: Set<number> | undefined;
}

/** What is left to look at when a schema begins with a value. */
export function unevaluatedOf(value: unknown, schema: SchemaNode, isWanted: boolean): Unevaluated {
  if (Array.isArray(value)) {
    const wanted = isWanted || schema.unevaluatedItems !== undefined;
    const first = schema.prefixItems?.length ?? 0;
    if (!wanted || schema.evaluatesAllItems || first >= value.length)
      return { properties: undefined, items: undefined };
    const items = new Set<number>();
    for (let i = first; i < value.length; i += 1) items.add(i);
    return { properties: undefined, items };
  }
  const wanted = isWanted || schema.unevaluatedProperties !== undefined;
  if (!wanted || schema.evaluatesAllProperties || !isObject(value)) return { properties: undefined, items: undefined };
  return { properties: new Set(Object.keys(value)), items: undefined };
}

/** Takes away what another schema, which holds for the same value, has looked at. */
export function intersect(left: Unevaluated, other: Unevaluated): void {
  for (const key of left.properties ?? []) if (other.properties?.has(key) !== true) left.properties?.delete(key);
  for (const i of left.items ?? []) if (other.items?.has(i) !== true) left.items?.delete(i);
}

/** True if nothing is left, or nobody wants to know. */
export function isSettled({ properties, items }: Unevaluated): boolean {
  return (properties?.size ?? 0) === 0 && (items?.size ?? 0) === 0;
}
