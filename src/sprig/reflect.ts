import { decodeUtf8 } from '../base/go-string.ts';
import { ANY_MAP, ANY_SLICE } from '../gotemplate/runtime/go-type.ts';
import { GoTyped, isNil, kindName, mapEntries, plainValue, sliceElements } from '../gotemplate/runtime/go-value.ts';
import { printValue } from '../gotemplate/runtime/print.ts';

/** What Go says when the type of nil is asked for. */
export const NIL_DEREFERENCE = 'runtime error: invalid memory address or nil pointer dereference';

/** The nil `[]interface {}`, which JSON writes as null. */
export function nilSlice(): GoTyped {
  return new GoTyped(ANY_SLICE, null);
}

/** The nil `map[string]interface {}`. */
export function nilMap(): GoTyped {
  return new GoTyped(ANY_MAP, null);
}

/** Sprig's strval: text of strings, bytes and everything that fmt's `%v` prints. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? decodeUtf8(value) : printValue(value);
}

/** The elements of a slice of any type; throws an Error with `message` and the kind of what is none. */
export function elementsOf(value: unknown, message: string): readonly unknown[] {
  const elements = sliceElements(value);
  if (elements !== undefined) return elements;
  if (value === null || value === undefined) throw new Error(NIL_DEREFERENCE);
  throw new Error(`${message} ${kindName(value)}`);
}

/** Sprig's strslice: the texts of a list without its nils; of a scalar a list of one. */
export function toTexts(value: unknown): string[] {
  const elements = sliceElements(value);
  if (elements !== undefined) return elements.filter((element) => !isUntypedNil(element)).map(toText);
  return isUntypedNil(value) ? [] : [toText(value)];
}

/** True for nil itself, not for nil values of a type. */
export function isUntypedNil(value: unknown): boolean {
  return value === null || value === undefined;
}

/** The object behind a map argument, to read or to change; throws Go's panic for a nil map when it is to be changed. */
export function recordOf(value: unknown, use: 'read' | 'write' = 'read'): Record<string, unknown> {
  if (isNil(value)) {
    if (use === 'write') throw new Error('assignment to entry in nil map');
    return mapEntries(nilMap()) ?? {};
  }
  return plainValue(value) as Record<string, unknown>;
}
