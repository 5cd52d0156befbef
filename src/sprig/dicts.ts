import { newObject, sortedKeys } from '../base/json.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import { GoObject, goStrings, GoTyped, isNil, typeName } from '../gotemplate/runtime/go-value.ts';
import { alias, define, defineVariadic } from './define.ts';
import { mergeInto } from './merge.ts';
import { isUntypedNil, recordOf, toText } from './reflect.ts';

type Dict = Record<string, unknown>;

const MAP = 'map[string]interface {}';
const merge = defineVariadic('merge', ['map[string]any', 'map[string]any'], (target: Dict, ...sources: Dict[]) =>
  mergeAll(target, sources, false),
);
const mergeOverwrite = defineVariadic(
  'mergeOverwrite',
  ['map[string]any', 'map[string]any'],
  (target: Dict, ...sources: Dict[]) => mergeAll(target, sources, true),
);
const deepCopy = define('deepCopy', ['any'], (value: unknown) => {
  if (isUntypedNil(value)) throw new Error('reflect: call of reflect.Value.Type on zero Value');
  return copy(value);
});

/** Dictionaries: Sprig's dict.go. Where Go's order is that of chance (`keys`, `values`), here keys are sorted. */
export const dictFunctions: readonly TemplateFunction[] = [
  defineVariadic('dict', ['any'], dict),
  define('get', ['map[string]any', 'string'], (target: Dict, key: string) => member(recordOf(target), key) ?? null),
  define('set', ['map[string]any', 'string', 'any'], (target: Dict, key: string, value: unknown) => {
    recordOf(target, 'write')[key] = value;
    return target;
  }),
  define('unset', ['map[string]any', 'string'], (target: Dict, key: string) => {
    delete recordOf(target)[key];
    return target;
  }),
  define('hasKey', ['map[string]any', 'string'], (target: Dict, key: string) => Object.hasOwn(recordOf(target), key)),
  defineVariadic('pluck', ['string', 'map[string]any'], (key: string, ...dicts: Dict[]) =>
    dicts
      .map((each) => recordOf(each))
      .filter((each) => Object.hasOwn(each, key))
      .map((each) => each[key]),
  ),
  defineVariadic('keys', ['map[string]any'], (...dicts: Dict[]) =>
    goStrings(dicts.flatMap((each) => sortedKeys(recordOf(each)))),
  ),
  define('values', ['map[string]any'], (target: Dict) => {
    const record = recordOf(target);
    return sortedKeys(record).map((key) => record[key]);
  }),
  defineVariadic('pick', ['map[string]any', 'string'], (target: Dict, ...keys: string[]) =>
    filterKeys(target, (key) => keys.includes(key)),
  ),
  defineVariadic('omit', ['map[string]any', 'string'], (target: Dict, ...keys: string[]) =>
    filterKeys(target, (key) => !keys.includes(key)),
  ),
  merge,
  alias('mustMerge', merge),
  mergeOverwrite,
  alias('mustMergeOverwrite', mergeOverwrite),
  deepCopy,
  alias('mustDeepCopy', deepCopy),
  defineVariadic('dig', ['any'], dig),
];

/** The value of a key, '' if there is none. */
function member(record: Dict, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : '';
}

function dict(...values: unknown[]): Dict {
  const out = newObject();
  for (let i = 0; i < values.length; i += 2) out[toText(values[i])] = i + 1 < values.length ? values[i + 1] : '';
  return out;
}

function filterKeys(target: Dict, keep: (key: string) => boolean): Dict {
  const record = recordOf(target);
  const out = newObject();
  for (const key of sortedKeys(record)) if (keep(key)) out[key] = record[key];
  return out;
}

function mergeAll(target: Dict, sources: readonly Dict[], overwrite: boolean): Dict {
  // A nil map is replaced by a new one, unless there is nothing to put into it.
  if (sources.every(isNil)) return target;
  const record = isNil(target) ? newObject() : recordOf(target);
  for (const source of sources) mergeInto(record, recordOf(source), overwrite);
  return record;
}

/** copystructure.Copy: maps and lists of all types are copied, whatever else is shared. */
function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof GoTyped) return new GoTyped(value.type, copy(value.value));
  if (value instanceof Uint8Array) return value.slice();
  if (value instanceof GoObject) return value.copied?.(copy) ?? value;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== null) return value;
  const out = newObject();
  for (const [key, item] of Object.entries(value)) out[key] = copy(item);
  return out;
}

/** `dig "a" "b" default dict`. */
function dig(...args: unknown[]): unknown {
  if (args.length < 3) throw new Error('dig needs at least three arguments');
  let current = asserted(args.at(-1));
  const keys = args.slice(0, -2);
  for (const key of keys) {
    if (typeof key !== 'string') throw new Error(`interface conversion: interface {} is ${goType(key)}, not string`);
  }
  for (const [index, key] of (keys as string[]).entries()) {
    if (!Object.hasOwn(current, key)) return args.at(-2);
    if (index === keys.length - 1) return current[key];
    current = asserted(current[key]);
  }
  return args.at(-2);
}

/** A type assertion to `map[string]interface {}`. */
function asserted(value: unknown): Dict {
  if (typeName(value) !== MAP) throw new Error(`interface conversion: interface {} is ${goType(value)}, not ${MAP}`);
  return recordOf(value);
}

function goType(value: unknown): string {
  return value === null || value === undefined ? 'nil' : typeName(value);
}
