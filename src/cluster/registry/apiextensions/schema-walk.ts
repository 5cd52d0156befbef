import { isObject } from '../../../base/json.ts';
import type { JSONSchemaProps } from '../../../kube/api/apiextensions-v1.generated.ts';

/** A schema, or a part of one. */
export type Schema = JSONSchemaProps;

/** The value as a schema; undefined for the booleans and lists that the fields may hold too. */
export function asSchema(value: unknown): Schema | undefined {
  return isObject(value) ? value : undefined;
}

/** The parts that say of which shape values are, with the ends of their paths. */
export function structuralParts(schema: Schema): readonly (readonly [string, Schema])[] {
  const parts: [string, Schema][] = [];
  const items = asSchema(schema.items);
  if (items !== undefined) parts.push(['.items', items]);
  for (const [key, property] of Object.entries(schema.properties ?? {})) parts.push([`.properties[${key}]`, property]);
  const values = asSchema(schema.additionalProperties);
  if (values !== undefined) parts.push(['.additionalProperties', values]);
  return parts;
}

/** The parts that combine schemas, with the ends of their paths. */
export function junctorParts(schema: Schema): readonly (readonly [string, Schema])[] {
  const parts: [string, Schema][] = [];
  schema.anyOf?.forEach((part, i) => parts.push([`.anyOf[${i}]`, part]));
  schema.allOf?.forEach((part, i) => parts.push([`.allOf[${i}]`, part]));
  schema.oneOf?.forEach((part, i) => parts.push([`.oneOf[${i}]`, part]));
  if (schema.not !== undefined) parts.push(['.not', schema.not]);
  return parts;
}

/** True if a default is anywhere in the schema. */
export function hasDefaults(schema: Schema | undefined): boolean {
  if (schema === undefined) return false;
  if (schema.default !== undefined) return true;
  return [...structuralParts(schema), ...junctorParts(schema)].some(([, part]) => hasDefaults(part));
}

/** The part that a path of fields leads to, or why it leads nowhere. */
export function schemaAt(schema: Schema, path: string): Schema | string {
  if (!path.startsWith('.')) return 'expected [ or . but got: EOF';
  let current = schema;
  for (const key of path.slice(1).split('.')) {
    const { properties } = current;
    const next =
      properties !== undefined && Object.hasOwn(properties, key)
        ? properties[key]
        : asSchema(current.additionalProperties);
    if (next === undefined) return `does not refer to a valid field`;
    current = next;
  }
  return current;
}
