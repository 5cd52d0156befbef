import type { CustomResourceColumnDefinition } from '../../../kube/api/apiextensions-v1.generated.ts';
import { age, ageColumn, type Cell, type Column, nameColumn } from '../table/columns.ts';
import { parseJsonPath } from '../../../kube/json-path.ts';

const TYPES: Readonly<Record<string, Column['type']>> = { integer: 'integer', boolean: 'boolean', date: 'date' };

/**
 * The columns that a definition declares for a version, behind the name; without any, the age.
 * apiextensions: pkg/registry/customresource/tableconvertor
 */
export function printerColumns(definitions: readonly CustomResourceColumnDefinition[]): readonly Column[] {
  if (definitions.length === 0) return [nameColumn, ageColumn];
  return [nameColumn, ...definitions.map(columnOf)];
}

function columnOf({ name, type, format = '', priority = 0, jsonPath }: CustomResourceColumnDefinition): Column {
  const path = parseJsonPath(jsonPath);
  return {
    name,
    type: TYPES[type] ?? 'string',
    format,
    priority,
    cell: (object, { now }) => cellOf(path?.(object)[0], type, now),
  };
}

function cellOf(value: unknown, type: string, now: number): Cell {
  if (value === undefined || value === null) return '';
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : '';
    case 'number':
      return typeof value === 'number' ? value : '';
    case 'boolean':
      return typeof value === 'boolean' ? value : '';
    case 'date':
      return typeof value === 'string' ? age(value, now) : '';
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}
