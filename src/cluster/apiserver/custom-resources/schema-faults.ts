import { isObject } from '../../../base/json.ts';
import { deepEqual } from '../../../kube/equality.ts';
import type { FieldError, FieldErrorType } from '../../registry/field-error.ts';
import { correlate, itemsOf, propertyOf, type Schema, valuesOf } from './structural-schema.ts';

/**
 * What a schema has against a value, with the texts of the server; of an old value, only what is new. kube-openapi: pkg/validation/validate,
 * apiextensions: pkg/apiserver/validation
 */
export function schemaFaults(value: unknown, schema: Schema, path: string, old?: unknown): FieldError[] {
  const check = new SchemaCheck();
  check.value(value, schema, path, old);
  return check.faults;
}

class SchemaCheck {
  readonly faults: FieldError[] = [];

  value(value: unknown, schema: Schema, path: string, old?: unknown): void {
    // What was there before and has not changed may stay, whatever the schema says by now.
    if (old !== undefined && value !== undefined && deepEqual(value, old)) return;
    if (value === null && schema.nullable === true) return;
    if (!this.#type(value, schema, path)) return;
    this.#enum(value, schema, path);
    if (typeof value === 'string') this.#string(value, schema, path);
    else if (typeof value === 'number') this.#number(value, schema, path);
    else if (Array.isArray(value)) this.#list(value, schema, path, old);
    else if (isObject(value)) this.#object(value, schema, path, old);
    this.#combinations(value, schema, path);
  }

  #add(type: FieldErrorType, field: string, detail: string, badValue?: unknown): void {
    this.faults.push(badValue === undefined ? { type, field, detail } : { type, field, badValue, detail });
  }

  #invalid(path: string, badValue: unknown, detail: string): void {
    this.#add('FieldValueInvalid', path, `${path} in body ${detail}`, badValue);
  }

  #type(value: unknown, schema: Schema, path: string): boolean {
    const actual = typeName(value);
    if (schema['x-kubernetes-int-or-string'] === true) {
      if (actual === 'integer' || actual === 'string') return true;
      this.#wrongType(path, actual, 'integer,string');
      return false;
    }
    const { type } = schema;
    if (type === undefined || type === '' || type === actual || (type === 'number' && actual === 'integer'))
      return true;
    this.#wrongType(path, actual, type);
    return false;
  }

  #wrongType(path: string, actual: string, wanted: string): void {
    const detail = `${path} in body must be of type ${wanted}: ${JSON.stringify(actual)}`;
    this.#add('FieldValueTypeInvalid', path, detail, actual);
  }

  #enum(value: unknown, { enum: allowed }: Schema, path: string): void {
    if (allowed === undefined || allowed.some((each) => deepEqual(each, value))) return;
    const list = allowed.map((each) => JSON.stringify(each));
    this.#add('FieldValueNotSupported', path, `supported values: ${list.join(', ')}`, value);
  }

  #string(value: string, schema: Schema, path: string): void {
    const length = Array.from(value).length;
    const { minLength, maxLength, pattern } = schema;
    if (maxLength !== undefined && length > maxLength) {
      this.#add('FieldValueTooLong', path, `may not be more than ${maxLength} ${maxLength === 1 ? 'byte' : 'bytes'}`);
    }
    if (minLength !== undefined && length < minLength) {
      this.#invalid(path, value, `should be at least ${minLength} chars long`);
    }
    if (pattern !== undefined && !matches(pattern, value)) this.#invalid(path, value, `should match '${pattern}'`);
  }

  #number(value: number, schema: Schema, path: string): void {
    const { minimum, maximum, multipleOf, exclusiveMinimum, exclusiveMaximum } = schema;
    if (minimum !== undefined && (value < minimum || (exclusiveMinimum === true && value === minimum))) {
      const than = exclusiveMinimum === true ? 'greater than' : 'greater than or equal to';
      this.#invalid(path, value, `should be ${than} ${minimum}`);
    }
    if (maximum !== undefined && (value > maximum || (exclusiveMaximum === true && value === maximum))) {
      const than = exclusiveMaximum === true ? 'less than' : 'less than or equal to';
      this.#invalid(path, value, `should be ${than} ${maximum}`);
    }
    if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
      this.#invalid(path, value, `should be a multiple of ${multipleOf}`);
    }
  }

  #list(list: readonly unknown[], schema: Schema, path: string, old?: unknown): void {
    const { minItems, maxItems } = schema;
    if (minItems !== undefined && list.length < minItems) {
      this.#invalid(path, list.length, `should have at least ${minItems} items`);
    }
    if (maxItems !== undefined && list.length > maxItems) {
      const items = maxItems === 1 ? 'item' : 'items';
      this.#add('FieldValueTooMany', path, `must have at most ${maxItems} ${items}`, list.length);
    }
    this.#duplicates(list, schema, path);
    const items = itemsOf(schema);
    if (items === undefined) return;
    const before = correlate(old, schema);
    list.forEach((item, i) => this.value(item, items, `${path}[${i}]`, before(item)));
  }

  #duplicates(list: readonly unknown[], schema: Schema, path: string): void {
    const listType = schema['x-kubernetes-list-type'];
    const keys = schema['x-kubernetes-list-map-keys'] ?? [];
    if (listType !== 'set' && listType !== 'map') return;
    const identity = (item: unknown): unknown =>
      listType === 'set' || !isObject(item) ? item : Object.fromEntries(keys.map((key) => [key, item[key]]));
    const seen: unknown[] = [];
    list.forEach((item, i) => {
      const id = identity(item);
      if (seen.some((other) => deepEqual(other, id))) this.#add('FieldValueDuplicate', `${path}[${i}]`, '', id);
      seen.push(id);
    });
  }

  #object(object: Record<string, unknown>, schema: Schema, path: string, old?: unknown): void {
    const count = Object.keys(object).length;
    const { minProperties, maxProperties, required = [] } = schema;
    if (minProperties !== undefined && count < minProperties) {
      this.#invalid(path, count, `should have at least ${minProperties} properties`);
    }
    if (maxProperties !== undefined && count > maxProperties) {
      this.#add('FieldValueTooMany', path, `must have at most ${maxProperties} items`, count);
    }
    for (const key of required) if (!Object.hasOwn(object, key)) this.#add('FieldValueRequired', join(path, key), '');
    const values = valuesOf(schema);
    for (const [key, value] of Object.entries(object)) {
      if (path === '' && key === 'metadata') continue;
      const known = propertyOf(schema, key) ?? values;
      if (known !== undefined) this.value(value, known, join(path, key), isObject(old) ? old[key] : undefined);
    }
  }

  #combinations(value: unknown, { allOf, anyOf, oneOf, not }: Schema, path: string): void {
    for (const each of allOf ?? []) this.value(value, each, path);
    const fits = (schema: Schema): boolean => schemaFaults(value, schema, path).length === 0;
    if (anyOf !== undefined && !anyOf.some(fits)) {
      this.#add('FieldValueInvalid', path, `${quotedPath(path)} must validate at least one schema (anyOf)`, value);
    }
    if (oneOf !== undefined && oneOf.filter(fits).length !== 1) {
      const count = oneOf.filter(fits).length;
      const found = count === 0 ? 'none valid' : `${count} valid alternatives`;
      this.#add(
        'FieldValueInvalid',
        path,
        `${quotedPath(path)} must validate one and only one schema (oneOf). Found ${found}`,
        value,
      );
    }
    if (not !== undefined && fits(not)) {
      this.#add('FieldValueInvalid', path, `${quotedPath(path)} must not validate the schema (not)`, value);
    }
  }
}

function quotedPath(path: string): string {
  return JSON.stringify(path);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

const patterns = new Map<string, RegExp | undefined>();

/** Patterns are Go's; one that JavaScript cannot read refuses nothing. */
function matches(pattern: string, value: string): boolean {
  let expression = patterns.get(pattern);
  if (expression === undefined && !patterns.has(pattern)) {
    expression = compile(pattern);
    patterns.set(pattern, expression);
  }
  return expression === undefined || expression.test(value);
}

function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
}
