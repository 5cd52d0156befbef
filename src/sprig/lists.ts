import { compareStrings } from '../base/json.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import { deepEqual } from '../gotemplate/runtime/deep-equal.ts';
import { ANY_SLICE, sliceOf } from '../gotemplate/runtime/go-type.ts';
import { GoTyped, goStrings, kindName, plainValue, sliceElements, truth } from '../gotemplate/runtime/go-value.ts';
import { toInt64 } from './cast.ts';
import { checkElements } from './bounds.ts';
import { alias, define, defineVariadic } from './define.ts';
import { elementsOf, isUntypedNil, NIL_DEREFERENCE, nilSlice, toText, toTexts } from './reflect.ts';

const CHUNKS = sliceOf(ANY_SLICE);
const LENGTH_OUT_OF_RANGE = 'runtime error: makeslice: len out of range';

/** Lists: Sprig's list.go. The `must` forms say the same as the others, whose panics templates see as errors. */
export const listFunctions: readonly TemplateFunction[] = [
  ...variadic(['list', 'tuple'], ['any'], (...values: unknown[]) => values),
  ...both(['append', 'push'], ['any', 'any'], (list: unknown, value: unknown) => [
    ...elementsOf(list, 'Cannot push on type'),
    value,
  ]),
  ...both(['prepend'], ['any', 'any'], (list: unknown, value: unknown) => [
    value,
    ...elementsOf(list, 'Cannot prepend on type'),
  ]),
  ...both(['first'], ['any'], (list: unknown) => elementsOf(list, 'Cannot find first on type')[0] ?? null),
  ...both(['last'], ['any'], (list: unknown) => elementsOf(list, 'Cannot find last on type').at(-1) ?? null),
  ...both(['rest'], ['any'], (list: unknown) => orNil(elementsOf(list, 'Cannot find rest on type'), 1)),
  ...both(['initial'], ['any'], (list: unknown) => orNil(elementsOf(list, 'Cannot find initial on type'), 0, -1)),
  ...both(['reverse'], ['any'], (list: unknown) => elementsOf(list, 'Cannot find reverse on type').toReversed()),
  ...both(['uniq'], ['any'], (list: unknown) => uniq(elementsOf(list, 'Cannot find uniq on type'))),
  ...both(['compact'], ['any'], (list: unknown) => elementsOf(list, 'Cannot compact on type').filter(truth)),
  ...both(['chunk'], ['int', 'any'], chunk),
  ...both(['has'], ['any', 'any'], has),
  ...variadic(['without', 'mustWithout'], ['any', 'any'], (list: unknown, ...omitted: unknown[]) =>
    elementsOf(list, 'Cannot find without on type').filter((item) => !includes(omitted, item)),
  ),
  ...variadic(['slice', 'mustSlice'], ['any', 'any'], slice),
  defineVariadic('concat', ['any'], concat),
  define('sortAlpha', ['any'], sortAlpha),
];

type Call = (...args: never[]) => unknown;

/** A function under its names, and under each with `must`. */
function both(names: readonly string[], params: TemplateFunction['params'], call: Call): TemplateFunction[] {
  return names.flatMap((name) => {
    const original = define(name, params, call);
    return [original, alias(`must${name.charAt(0).toUpperCase()}${name.slice(1)}`, original)];
  });
}

function variadic(names: readonly string[], params: TemplateFunction['params'], call: Call): TemplateFunction[] {
  return names.map((name) => defineVariadic(name, params, call));
}

function orNil(elements: readonly unknown[], start: number, end?: number): unknown {
  return elements.length === 0 ? nilSlice() : elements.slice(start, end);
}

function includes(list: readonly unknown[], wanted: unknown): boolean {
  return list.some((item) => deepEqual(wanted, item));
}

function uniq(elements: readonly unknown[]): unknown[] {
  const kept: unknown[] = [];
  for (const element of elements) if (!includes(kept, element)) kept.push(element);
  return kept;
}

function has(needle: unknown, haystack: unknown): boolean {
  return !isUntypedNil(haystack) && includes(elementsOf(haystack, 'Cannot find has on type'), needle);
}

function chunk(sizeArgument: bigint, list: unknown): unknown {
  const elements = elementsOf(list, 'Cannot chunk type');
  const size = Number(sizeArgument);
  const { length } = elements;
  const count = Math.floor((length - 1) / size) + 1;
  if (!Number.isFinite(count) || count < 0) throw new Error(LENGTH_OUT_OF_RANGE);
  checkElements(count);
  const chunks = Array.from({ length: count }, (_, index) => {
    // With a size below zero the last chunk alone may have a length.
    const last = index === count - 1 ? Math.floor(length % size) : 0;
    const wanted = last === 0 ? size : last;
    if (wanted < 0) throw new Error(LENGTH_OUT_OF_RANGE);
    return elements.slice(index * size, index * size + wanted);
  });
  return new GoTyped(CHUNKS, chunks);
}

/** `slice list [start [end]]`; the result has the type of the list. */
function slice(list: unknown, ...indices: unknown[]): unknown {
  const elements = elementsOf(list, 'list should be type of slice or array but');
  if (elements.length === 0) return null;
  const start = Number(indices.length > 0 ? toInt64(indices[0]) : 0n);
  const end = indices.length < 2 ? elements.length : Number(toInt64(indices[1]));
  if (start < 0 || end < start || end > elements.length) {
    throw new Error('reflect.Value.Slice: slice index out of bounds');
  }
  if (list instanceof GoTyped)
    return new GoTyped(list.type, (plainValue(list) as readonly unknown[]).slice(start, end));
  return list instanceof Uint8Array ? list.subarray(start, end) : elements.slice(start, end);
}

function concat(...lists: unknown[]): unknown {
  let length = 0;
  const parts = lists.map((list) => {
    const elements = sliceElements(list);
    if (elements === undefined) {
      throw new Error(isUntypedNil(list) ? NIL_DEREFERENCE : `Cannot concat type ${kindName(list)} as list`);
    }
    length += elements.length;
    checkElements(length);
    return elements;
  });
  const all = ([] as unknown[]).concat(...parts);
  return all.length === 0 ? nilSlice() : all;
}

function sortAlpha(list: unknown): unknown {
  if (sliceElements(list) === undefined) return goStrings([toText(list)]);
  return goStrings(toTexts(list).sort(compareStrings));
}
