import { isNumber } from './rational.ts';

/** The types of JSON Schema. */
export type JsonType = 'null' | 'boolean' | 'number' | 'integer' | 'string' | 'array' | 'object';

/** In the order in which messages name them. */
export const JSON_TYPES: readonly JsonType[] = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object'];

/** The type of a value; `integer` is told from `number` only where a schema asks. Undefined for what is no JSON. */
export function jsonType(value: unknown): JsonType | undefined {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'number':
    case 'bigint':
      return 'number';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return 'array';
      return isNumber(value) ? 'number' : 'object';
    default:
      return undefined;
  }
}
