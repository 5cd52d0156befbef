import { compareStrings } from '../base/json.ts';
import { escapeJsonText } from '../yaml/json-string.ts';

/*
 * Path elements as fieldsV1 writes them: `f:NAME`, `k:{…}`, `v:VALUE`, `i:INDEX`.
 * structured-merge-diff: fieldpath/element.go, serialize-pe.go.
 */

/** The way to a field: path elements as they stand in a FieldSet. */
export type FieldPath = readonly string[];

/** `k:{…}`, keys in order. */
export function keyElement(fields: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(fields);
  if (names.length > 1) names.sort(compareStrings);
  let out = 'k:{';
  for (const [i, name] of names.entries()) out += `${i > 0 ? ',' : ''}${jsonText(name)}:${jsonText(fields[name])}`;
  return `${out}}`;
}

/** `v:VALUE` */
export function valueElement(value: unknown): string {
  return `v:${jsonText(value)}`;
}

function jsonText(value: unknown): string {
  return escapeJsonText(JSON.stringify(value));
}

const KIND_ORDER = '.fkvi';

/** The order of path elements: fields by name, then list elements by their keys, then values, then indices. */
export function compareElements(a: string, b: string): number {
  const kind = KIND_ORDER.indexOf(a.charAt(0)) - KIND_ORDER.indexOf(b.charAt(0));
  if (kind !== 0) return kind;
  switch (a.charAt(0)) {
    case 'k':
      return compareKeys(a, b);
    case 'v':
      return compareValues(JSON.parse(a.slice(2)), JSON.parse(b.slice(2)));
    case 'i':
      return Number(a.slice(2)) - Number(b.slice(2));
    default:
      return compareStrings(a, b);
  }
}

const keyEntries = new Map<string, [string, unknown][]>();
const KEY_ENTRIES_LIMIT = 5000;

function entriesOf(element: string): readonly [string, unknown][] {
  let entries = keyEntries.get(element);
  if (entries === undefined) {
    entries = Object.entries(JSON.parse(element.slice(2)) as Record<string, unknown>);
    if (keyEntries.size >= KEY_ENTRIES_LIMIT) keyEntries.clear();
    keyEntries.set(element, entries);
  }
  return entries;
}

function compareKeys(a: string, b: string): number {
  const first = entriesOf(a);
  const second = entriesOf(b);
  for (let i = 0; i < Math.min(first.length, second.length); i += 1) {
    const [name = '', value] = first[i] ?? [];
    const [otherName = '', otherValue] = second[i] ?? [];
    const order = compareStrings(name, otherName) || compareValues(value, otherValue);
    if (order !== 0) return order;
  }
  return first.length - second.length;
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  if (typeof a === typeof b) return Number(a) - Number(b);
  const rank = (value: unknown): number => ['number', 'string', 'boolean'].indexOf(typeof value);
  return rank(a) - rank(b);
}

/** `.spec.containers[name="web"].image` */
export function formatFieldPath(path: FieldPath): string {
  return path.map(formatElement).join('');
}

function formatElement(element: string): string {
  const text = element.slice(2);
  switch (element.charAt(0)) {
    case 'f':
      return `.${text}`;
    case 'k': {
      return `[${entriesOf(element)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`;
    }
    case 'v':
      return `[=${JSON.stringify(JSON.parse(text))}]`;
    default:
      return `[${text}]`;
  }
}
