import type { CelLibrary } from '../cel/cel-library.ts';
import { isObject } from '../../../base/json.ts';
import { celValue } from '../cel/cel-values.ts';
import { itemsOf, propertyOf, type Schema, valuesOf } from './structural-schema.ts';

const RESERVED: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const META: Schema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};
const TYPE_FIELDS: Readonly<Record<string, Schema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: META,
};

/** A field's name as expressions write it; undefined for one that they cannot name. apiserver: pkg/cel/escaping.go */
export function escapedName(name: string): string | undefined {
  if (RESERVED.has(name)) return `__${name}__`;
  if (!/^[A-Za-z_./-][\w./-]*$/.test(name)) return undefined;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}

/** The schema of a resource's field, with those that every resource has. */
export function fieldSchema(schema: Schema, key: string, isResource: boolean): Schema | undefined {
  if (isResource && Object.hasOwn(TYPE_FIELDS, key)) return TYPE_FIELDS[key];
  return propertyOf(schema, key);
}

/**
 * A value as the rules of its schema see it: fields that the schema does not list are not there, numbers are what it says, and
 * texts with a format are times, durations and bytes. apiserver: pkg/cel/common/values.go
 */
export function ruleValue(value: unknown, schema: Schema, cel: CelLibrary, isResource: boolean): unknown {
  if (value === null || value === undefined) return null;
  if (schema['x-kubernetes-int-or-string'] === true) return celValue(value);
  if (typeof value === 'number') {
    return schema.type === 'number' || !Number.isSafeInteger(value) ? value : BigInt(value);
  }
  if (typeof value === 'string') return textValue(value, schema, cel);
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return items === undefined ? celValue(value) : value.map((item) => ruleValue(item, items, cel, isEmbedded(items)));
  }
  if (!isObject(value)) return value;
  const values = valuesOf(schema);
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const known = fieldSchema(schema, key, isResource);
    if (known !== undefined) {
      const name = escapedName(key);
      if (name !== undefined && item !== undefined) out[name] = ruleValue(item, known, cel, isEmbedded(known));
    } else if (values !== undefined) out[key] = ruleValue(item, values, cel, isEmbedded(values));
  }
  return out;
}

/** True for objects within an object that have apiVersion, kind and metadata themselves. */
export function isEmbedded(schema: Schema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}

function textValue(text: string, { format }: Schema, cel: CelLibrary): unknown {
  switch (format) {
    case 'date-time':
    case 'date': {
      const time = new Date(text);
      return Number.isNaN(time.getTime()) ? text : time;
    }
    case 'duration':
      return cel.durationOf(text) ?? text;
    case 'byte':
      return new Uint8Array(Buffer.from(text, 'base64'));
    default:
      return text;
  }
}
