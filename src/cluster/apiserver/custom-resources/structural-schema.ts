import { isObject } from '../../../base/json.ts';
import type { JSONSchemaProps } from '../../../kube/api/apiextensions-v1.generated.ts';
import { cloneJson } from '../../../kube/clone.ts';
import { deepEqual } from '../../../kube/equality.ts';

export type Schema = JSONSchemaProps;

/** The schema of a list's elements. */
export function itemsOf(schema: Schema): Schema | undefined {
  return isObject(schema.items) ? schema.items : undefined;
}

/** The schema of fields that are not listed. */
export function valuesOf(schema: Schema): Schema | undefined {
  return isObject(schema.additionalProperties) ? schema.additionalProperties : undefined;
}

/** The schema of a listed field. */
export function propertyOf(schema: Schema, key: string): Schema | undefined {
  const { properties } = schema;
  return properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

/** Fields that every object has, whatever its schema says. */
const TYPE_FIELDS = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * Drops what a structural schema does not know, in place. apiextensions: pkg/apiserver/schema/pruning
 *
 * @returns the paths of what was dropped
 */
export function prune(object: Record<string, unknown>, schema: Schema): string[] {
  const dropped: string[] = [];
  pruneObject(object, schema, { path: '', dropped, isResource: true });
  return dropped;
}

interface PruneContext {
  readonly path: string;
  readonly dropped: string[];
  /** apiVersion, kind and metadata stay. */
  readonly isResource: boolean;
}

function pruneObject(
  object: Record<string, unknown>,
  schema: Schema,
  { path, dropped, isResource }: PruneContext,
): void {
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
  const values = valuesOf(schema);
  for (const key of Object.keys(object)) {
    if (isResource && TYPE_FIELDS.has(key)) continue;
    const at = path === '' ? key : `${path}.${key}`;
    const known = propertyOf(schema, key) ?? values;
    if (known !== undefined) pruneValue(object[key], known, at, dropped);
    else if (!keepsUnknown) {
      delete object[key];
      dropped.push(at);
    }
  }
}

function pruneValue(value: unknown, schema: Schema, path: string, dropped: string[]): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items !== undefined) value.forEach((item, i) => pruneValue(item, items, `${path}[${i}]`, dropped));
  } else if (isObject(value)) {
    pruneObject(value, schema, { path, dropped, isResource: schema['x-kubernetes-embedded-resource'] === true });
  }
}

/**
 * Fills in the defaults of a structural schema, in place; a null that the schema does not allow is as if it were not there.
 * apiextensions: pkg/apiserver/schema/defaulting (algorithm.go, prunenulls.go)
 */
export function applySchemaDefaults(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items === undefined) return;
    for (let i = 0; i < value.length; i += 1) {
      if (value[i] === null && items.nullable !== true && items.default !== undefined)
        value[i] = cloneJson(items.default);
      applySchemaDefaults(value[i], items);
    }
    return;
  }
  if (!isObject(value)) return;
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const missing = value[key] === undefined || (value[key] === null && property.nullable !== true);
    if (missing && property.default !== undefined) value[key] = cloneJson(property.default);
    else if (missing) delete value[key];
    if (Object.hasOwn(value, key)) applySchemaDefaults(value[key], property);
  }
  const values = valuesOf(schema);
  if (values === undefined) return;
  for (const key of Object.keys(value)) {
    if (propertyOf(schema, key) !== undefined) continue;
    if (value[key] === null && values.nullable !== true && values.default === undefined) delete value[key];
    else applySchemaDefaults(value[key], values);
  }
}

/** Finds the old element of a list that elements of the new one stand for: by the keys of a list of the type `map`. */
export function correlate(old: unknown, schema: Schema): (item: unknown) => unknown {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (!Array.isArray(old) || schema['x-kubernetes-list-type'] !== 'map' || keys.length === 0) return () => undefined;
  return (item) =>
    isObject(item)
      ? old.find((other: unknown) => isObject(other) && keys.every((key) => deepEqual(other[key], item[key])))
      : undefined;
}
