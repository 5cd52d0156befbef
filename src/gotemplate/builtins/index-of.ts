import { GoInt } from '../../base/go-int.ts';
import { byteLength, encodeUtf8, sliceBytes } from '../../base/go-string.ts';
import {
  elementType,
  GoTyped,
  kindName,
  mapEntries,
  plainValue,
  sliceElements,
  typeName,
  typeOf,
  zeroValue,
} from '../runtime/go-value.ts';
import { ANY } from '../runtime/go-type.ts';

/** `index x 1 "a"`: x[1]["a"]. A missing key of a map gives the zero value of its elements. */
export function index(item: unknown, ...indexes: unknown[]): unknown {
  if (item === null || item === undefined) throw new Error('index of untyped nil');
  let current: unknown = item;
  for (const key of indexes) current = indexOnce(current, key);
  return current;
}

function indexOnce(item: unknown, key: unknown): unknown {
  const plain = plainValue(item);
  if (item === null || item === undefined || (plain === null && kindName(item) === 'ptr')) {
    throw new Error('index of nil pointer');
  }
  if (typeof plain === 'string') {
    const bytes = encodeUtf8(plain);
    const at = indexArgument(key, bytes.length);
    if (at === bytes.length) throw new Error('reflect: string index out of range');
    return new GoInt(bytes[at] ?? 0, 'uint8');
  }
  const elements = sliceElements(item);
  if (elements !== undefined) {
    const at = indexArgument(key, elements.length);
    if (at === elements.length) throw new Error('reflect: slice index out of range');
    return elements[at] ?? null;
  }
  const entries = mapEntries(item);
  if (entries === undefined) throw new Error(`can't index item of type ${pointeeName(item)}`);
  if (key === null || key === undefined) throw new Error('value is nil; should be of type string');
  if (typeof key !== 'string') throw new Error(`value has type ${typeName(key)}; should be string`);
  if (Object.hasOwn(entries, key)) return entries[key] ?? null;
  return zeroValue(elementType(typeOf(item) ?? ANY));
}

function indexArgument(key: unknown, capacity: number): number {
  if (key === null || key === undefined) throw new Error('cannot index slice/array with nil');
  const plain = plainValue(key);
  const value = plain instanceof GoInt ? plain.value : plain;
  if (typeof value !== 'bigint') throw new Error(`cannot index slice/array with type ${typeName(key)}`);
  if (value < 0n || value > BigInt(capacity)) throw new Error(`index out of range: ${value}`);
  return Number(value);
}

/** `slice x 1 2`: x[1:2], of strings by bytes. (Sprig has a function of the same name that replaces it.) */
export function slice(item: unknown, ...indexes: unknown[]): unknown {
  if (item === null || item === undefined) throw new Error('slice of untyped nil');
  if (indexes.length > 3) throw new Error(`too many slice indexes: ${indexes.length}`);
  const plain = plainValue(item);
  const elements = sliceElements(item);
  if (typeof plain !== 'string' && elements === undefined) {
    throw new Error(`can't slice item of type ${typeName(item)}`);
  }
  if (typeof plain === 'string' && indexes.length === 3) throw new Error('cannot 3-index slice a string');
  const length = typeof plain === 'string' ? byteLength(plain) : (elements?.length ?? 0);
  const bounds = [0, length, length];
  indexes.forEach((key, i) => {
    bounds[i] = indexArgument(key, length);
  });
  const [start = 0, end = length, limit = length] = bounds;
  if (start > end) throw new Error(`invalid slice index: ${start} > ${end}`);
  if (indexes.length === 3 && end > limit) throw new Error(`invalid slice index: ${end} > ${limit}`);
  if (typeof plain === 'string') {
    const part = sliceBytes(plain, start, end);
    return item instanceof GoTyped ? new GoTyped(item.type, part) : part;
  }
  if (plain instanceof Uint8Array) return plain.subarray(start, end);
  const part = (elements ?? []).slice(start, end);
  return item instanceof GoTyped ? new GoTyped(item.type, part) : part;
}

/** `len x`: bytes of a string, entries of a map, elements of a slice. */
export function len(item: unknown): GoInt {
  const plain = plainValue(item);
  if (typeof plain === 'string') return new GoInt(byteLength(plain));
  if (item === null || (plain === null && kindName(item) === 'ptr')) throw new Error('len of nil pointer');
  if (item === undefined) throw new Error('reflect: call of reflect.Value.Type on zero Value');
  if (plain instanceof Uint8Array) return new GoInt(plain.length);
  const elements = sliceElements(item);
  if (elements !== undefined) return new GoInt(elements.length);
  const entries = mapEntries(item);
  if (entries !== undefined) return new GoInt(Object.keys(entries).length);
  throw new Error(`len of type ${pointeeName(item)}`);
}

/** The type's name behind all pointers. */
function pointeeName(item: unknown): string {
  return typeName(item).replace(/^\*+/, '');
}
