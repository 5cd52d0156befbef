import { isObject } from '../base/json.ts';
import { objectMetaType, type Field, type FieldType, type StructType } from './type-table.ts';
import { plainField } from './typed-value.ts';

const ANY: FieldType = { kind: 'any', atomic: false };
const known = new WeakMap<object, StructType>();

/**
 * The type that a custom resource's OpenAPI schema describes, for server-side apply and managedFields: list types, map types and
 * keys come from `x-kubernetes-list-type`, `x-kubernetes-map-type` and `x-kubernetes-list-map-keys`.
 * kube-openapi: pkg/schemaconv.
 */
export function customResourceType(schema: object): StructType {
  const cached = known.get(schema);
  if (cached !== undefined) return cached;
  const type = resourceStruct(schema as Schema);
  known.set(schema, type);
  return type;
}

type Schema = Readonly<Record<string, unknown>>;

function resourceStruct(schema: Schema): StructType {
  const fields = new Map(structFields(schema));
  const text: FieldType = { kind: 'scalar', scalar: 'string' };
  fields.set('apiVersion', plainField('apiVersion', text));
  fields.set('kind', plainField('kind', text));
  fields.set('metadata', plainField('metadata', objectMetaType()));
  return struct(fields, schema);
}

function struct(fields: ReadonlyMap<string, Field>, schema: Schema): StructType {
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const additional = schema['additionalProperties'];
  return {
    kind: 'struct',
    name: '',
    goName: 'Unstructured',
    fields,
    others: isObject(additional) ? schemaType(additional) : open || additional === true ? ANY : undefined,
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
  };
}

function structFields(schema: Schema): Map<string, Field> {
  const fields = new Map<string, Field>();
  const properties = schema['properties'];
  if (!isObject(properties)) return fields;
  for (const [name, property] of Object.entries(properties)) {
    if (!isObject(property)) continue;
    const field = plainField(name, schemaType(property));
    const fallback = property['default'];
    fields.set(name, isScalar(fallback) ? { ...field, default: fallback } : field);
  }
  return fields;
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function schemaType(schema: Schema): FieldType {
  if (schema['x-kubernetes-int-or-string'] === true) return { kind: 'scalar', scalar: 'intOrString' };
  switch (schema['type']) {
    case 'string':
      return { kind: 'scalar', scalar: 'string' };
    case 'integer':
      return { kind: 'scalar', scalar: 'int64' };
    case 'number':
      return { kind: 'scalar', scalar: 'double' };
    case 'boolean':
      return { kind: 'scalar', scalar: 'boolean' };
    case 'array':
      return listType(schema);
    case 'object':
      return objectType(schema);
    default:
      return ANY;
  }
}

function listType(schema: Schema): FieldType {
  const { items } = schema;
  const element = isObject(items) ? schemaType(items) : ANY;
  const named = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'];
  return {
    kind: 'list',
    element,
    listType: named === 'set' || named === 'map' ? named : 'atomic',
    keys: Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [],
  };
}

function objectType(schema: Schema): FieldType {
  const additional = schema['additionalProperties'];
  if (isObject(schema['properties'])) {
    if (schema['x-kubernetes-embedded-resource'] === true) return resourceStruct(schema);
    return struct(structFields(schema), schema);
  }
  const atomic = schema['x-kubernetes-map-type'] === 'atomic';
  if (isObject(additional)) return { kind: 'map', value: schemaType(additional), atomic };
  return { kind: 'any', atomic };
}
