import { isObject } from '../base/json.ts';
import { fieldElement } from './field-set.ts';
import { formatFieldPath } from './path-element.ts';
import type { FieldType, ScalarName } from './type-table.ts';
import { TypedError, childType, listElements } from './typed-value.ts';

/**
 * Checks an applied configuration against its type.
 *
 * @returns what is wrong, each with its path, in the words of structured-merge-diff (typed/validate.go)
 */
export function validateTyped(value: unknown, type: FieldType): readonly string[] {
  const faults: string[] = [];
  check(value, type, [], faults);
  return faults;
}

function check(value: unknown, type: FieldType, path: string[], faults: string[]): void {
  if (value === null || value === undefined) return;
  switch (type.kind) {
    case 'any':
      return;
    case 'scalar':
      checkScalar(value, type.scalar, path, faults);
      return;
    case 'list':
      if (!Array.isArray(value)) faults.push(at(path, `expected list, got ${shown(value)}`));
      else checkList(value, type, path, faults);
      return;
    default:
      if (!isObject(value)) {
        faults.push(at(path, `expected map, got ${shown(value)}`));
        return;
      }
      for (const [key, item] of Object.entries(value)) {
        path.push(fieldElement(key));
        const inner = childType(type, key);
        if (inner === undefined) faults.push(at(path, 'field not declared in schema'));
        else check(item, inner, path, faults);
        path.pop();
      }
  }
}

function at(path: readonly string[], message: string): string {
  return path.length === 0 ? message : `${formatFieldPath(path)}: ${message}`;
}

function shown(value: unknown): string {
  return `&{${typeof value === 'string' ? value : JSON.stringify(value)}}`;
}

function checkScalar(value: unknown, scalar: ScalarName, path: readonly string[], faults: string[]): void {
  const kind = typeof value;
  switch (scalar) {
    case 'int32':
    case 'int64':
    case 'double':
      if (kind !== 'number') faults.push(at(path, `expected numeric (int or float), got ${goKind(value)}`));
      return;
    case 'string':
    case 'bytes':
      if (kind !== 'string') faults.push(at(path, `expected string, got ${shown(value)}`));
      return;
    case 'boolean':
      if (kind !== 'boolean') faults.push(at(path, `expected boolean, got ${shown(value)}`));
      return;
    default:
      if (kind === 'object') faults.push(at(path, `expected any scalar, got ${shown(value)}`));
  }
}

function goKind(value: unknown): string {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

function checkList(
  value: readonly unknown[],
  type: FieldType & { kind: 'list' },
  path: string[],
  faults: string[],
): void {
  if (type.listType === 'atomic') {
    value.forEach((item, i) => {
      path.push(`i:${i}`);
      check(item, type.element, path, faults);
      path.pop();
    });
    return;
  }
  let items: ReturnType<typeof listElements>;
  try {
    items = listElements(type, value);
  } catch (error) {
    if (!(error instanceof TypedError)) throw error;
    faults.push(at(path, error.message));
    return;
  }
  const seen = new Set<string>();
  for (const { element, item } of items) {
    if (seen.has(element)) faults.push(at(path, `duplicate entries for key ${formatFieldPath([element])}`));
    seen.add(element);
    path.push(element);
    check(item, type.element, path, faults);
    path.pop();
  }
}
