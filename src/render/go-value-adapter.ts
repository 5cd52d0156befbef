import { GoObject, mapEntries, plainValue, sliceElements } from '../gotemplate/runtime/go-value.ts';
import type { GoMethod } from '../gotemplate/runtime/go-type.ts';
import { printValue } from '../gotemplate/runtime/print.ts';
import { plainValues, type ValueAdapter } from '../handlebars/value-adapter.ts';

/** Lets Handlebars templates see the structs and typed maps of `.Capabilities`, `.Files` and `.Values`. */
export const goValueAdapter: ValueAdapter = {
  get(value, key) {
    if (!(value instanceof GoObject)) return plainValues.get(value, key);
    const { methods } = value.type;
    const method = methods !== undefined && Object.hasOwn(methods, key) ? methods[key] : undefined;
    if (method !== undefined && method.params.length === 0) {
      return (method.call as (receiver: GoObject) => ReturnType<GoMethod['call']>)(value);
    }
    return value.field?.(key) ?? plainValues.get(plainValue(value), key);
  },
  entries(value) {
    if (!(value instanceof GoObject)) return plainValues.entries(value);
    return plainValues.entries(sliceElements(value) ?? mapEntries(value));
  },
  print(value) {
    return value instanceof GoObject ? printValue(value) : plainValues.print(value);
  },
};
