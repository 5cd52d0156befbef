import { isEmpty } from '../wire.ts';
import { Faults } from '../faults.ts';
import type { FieldError } from '../field-error.ts';
import { formatFieldError } from '../status.ts';
import { asSchema, junctorParts, structuralParts, type Schema } from './schema-walk.ts';

/** Where a part stands: what is asked of its type depends on it. */
type Level = 'root' | 'item' | 'field';

const TYPE_REQUIRED: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

/**
 * The faults of a schema that does not say the shape of everything, in the order of their texts.
 * apiextensions: pkg/apiserver/schema/validation.go, complete.go
 */
export function structuralFaults(schema: Schema, path: string): readonly FieldError[] {
  const faults = new Faults();
  checkShape(schema, 'root', path, faults);
  checkComplete(schema, schema, path, path, faults);
  return faults.list
    .map((error) => ({ error, text: formatFieldError(error) }))
    .sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)))
    .map(({ error }) => error);
}

function checkShape(schema: Schema, level: Level, path: string, faults: Faults): void {
  const { type = '', additionalProperties } = schema;
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  if (type === 'array' && schema.items === undefined) faults.required(`${path}.items`, 'must be specified');
  for (const [end, part] of structuralParts(schema)) {
    checkShape(part, end === '.items' ? 'item' : 'field', `${path}${end}`, faults);
  }
  if (additionalProperties !== undefined) {
    if (level === 'root') faults.forbidden(`${path}.additionalProperties`, 'must not be used at the root');
    if (embedded) {
      faults.forbidden(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set');
    }
  }
  checkExtensions(schema, path, faults);
  checkValueRules(
    schema,
    { skipAnyOf: isIntOrString(schema), skipFirst: isIntOrString(schema.allOf?.[0]) },
    path,
    faults,
  );
  checkType(schema, level, path, faults);
  if (level === 'root' || embedded) checkTypeMeta(schema, path, faults);
  const metadata = schema.properties?.['metadata'];
  if (metadata !== undefined) checkMetadata(metadata, level, embedded, `${path}.properties[metadata]`, faults);
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (embedded && !keepsUnknown && isEmpty(schema.properties)) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    faults.required(`${path}.properties`, detail);
  }
}

function checkType(schema: Schema, level: Level, path: string, faults: Faults): void {
  const { type = '' } = schema;
  const at = `${path}.type`;
  if (schema['x-kubernetes-embedded-resource'] === true && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    if (type === '') faults.required(at, detail);
    else faults.invalid(at, type, detail);
  } else if (
    type === '' &&
    schema['x-kubernetes-int-or-string'] !== true &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true
  ) {
    faults.required(at, TYPE_REQUIRED[level]);
  }
  if (level === 'root' && type !== '' && type !== 'object') faults.invalid(at, type, 'must be object at the root');
}

function checkTypeMeta({ properties }: Schema, path: string, faults: Faults): void {
  for (const field of ['kind', 'apiVersion'] as const) {
    const property = properties?.[field];
    if (property === undefined || property.type === 'string') continue;
    faults.invalid(`${path}.properties[${field}].type`, property.type ?? '', 'must be string');
  }
}

function checkMetadata(schema: Schema, level: Level, embedded: boolean, path: string, faults: Faults): void {
  if ((level === 'root' || embedded) && schema.type !== 'object') {
    faults.invalid(`${path}.type`, schema.type ?? '', 'must be object');
  }
  if (level !== 'root') return;
  const { type: _type, default: _default, properties = {}, ...rest } = schema;
  const isPlain = Object.values(rest).every((value) => value === undefined || value === false || value === '');
  const isKnown = Object.keys(properties).every((key) => key === 'name' || key === 'generateName');
  if (isPlain && isKnown) return;
  const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
  faults.forbidden(path, detail);
}

function checkExtensions(schema: Schema, path: string, faults: Faults): void {
  if (schema['x-kubernetes-int-or-string'] !== true) return;
  for (const field of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const) {
    if (schema[field] !== true) continue;
    faults.invalid(`${path}.${field}`, true, 'must be false if x-kubernetes-int-or-string is true');
  }
}

/** The one use of types inside of anyOf. */
function isIntOrString(schema: Schema | undefined): boolean {
  const { anyOf = [] } = schema ?? {};
  return anyOf.length === 2 && ['integer', 'string'].every((type, i) => isOnlyType(anyOf[i], type));
}

function isOnlyType(schema: Schema | undefined, type: string): boolean {
  return schema?.type === type && Object.keys(schema).length === 1;
}

interface Skips {
  readonly skipAnyOf: boolean;
  readonly skipFirst: boolean;
}

function checkValueRules(schema: Schema, { skipAnyOf, skipFirst }: Skips, path: string, faults: Faults): void {
  for (const [end, part] of junctorParts(schema)) {
    if (skipAnyOf && end.startsWith('.anyOf')) continue;
    checkNested(part, { skipAnyOf: skipFirst && end === '.allOf[0]', skipFirst: false }, `${path}${end}`, faults);
  }
}

const FORBIDDEN_NESTED: readonly (readonly [keyof Schema, string])[] = [
  ['type', 'must be empty to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

/** What stands under allOf, anyOf, oneOf and not may only restrict. */
function checkNested(schema: Schema, skips: Skips, path: string, faults: Faults): void {
  checkValueRules(schema, skips, path, faults);
  const none: Skips = { skipAnyOf: false, skipFirst: false };
  const items = asSchema(schema.items);
  if (items !== undefined) checkNested(items, none, `${path}.items`, faults);
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    checkNested(property, none, `${path}.properties[${key}]`, faults);
  }
  for (const [field, detail] of FORBIDDEN_NESTED) {
    const value = schema[field];
    const isUnset = value === undefined || value === false || value === '' || (Array.isArray(value) && isEmpty(value));
    if (!isUnset) faults.forbidden(`${path}.${field}`, detail);
  }
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) {
    faults.forbidden(`${path}.additionalProperties`, 'must be undefined to be structural');
  }
  if (schema.properties?.['metadata'] !== undefined) {
    faults.forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context');
  }
}

/** What a rule restricts has to have a shape. */
function checkComplete(rules: Schema, shape: Schema, shapePath: string, path: string, faults: Faults): void {
  for (const [end, part] of junctorParts(rules)) {
    checkNestedComplete(part, shape, shapePath, `${path}${end}`, faults);
  }
}

function checkNestedComplete(rules: Schema, shape: Schema, shapePath: string, path: string, faults: Faults): void {
  checkComplete(rules, shape, shapePath, path, faults);
  const items = asSchema(rules.items);
  if (items !== undefined) {
    const itemShape = asSchema(shape.items);
    if (itemShape === undefined) faults.required(`${shapePath}.items`, `because it is defined in ${path}.items`);
    else checkNestedComplete(items, itemShape, `${shapePath}.items`, `${path}.items`, faults);
  }
  for (const [key, property] of Object.entries(rules.properties ?? {})) {
    const end = `.properties[${key}]`;
    const known = shape.properties?.[key];
    if (known === undefined) faults.required(`${shapePath}${end}`, `because it is defined in ${path}${end}`);
    else checkNestedComplete(property, known, `${shapePath}${end}`, `${path}${end}`, faults);
  }
}
