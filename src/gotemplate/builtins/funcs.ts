import type { TemplateFunction } from '../../base/template-function.ts';
import type { ParamName } from '../runtime/convert.ts';
import { truth, typeName } from '../runtime/go-value.ts';
import { sprint, sprintln } from '../runtime/print.ts';
import { sprintf } from '../runtime/printf.ts';
import { eq, ge, gt, le, lt, ne } from './compare.ts';
import { html, js, urlquery } from './escape.ts';
import { index, len, slice } from './index-of.ts';

/** A function that is part of the language (Go: funcs.go). */
export interface Builtin extends Omit<TemplateFunction, 'params'> {
  readonly params: readonly ParamName[];
}

function builtin(
  name: string,
  params: readonly ParamName[],
  variadic: boolean,
  call: (...args: never[]) => unknown,
): [string, Builtin] {
  return [name, { name, params, variadic, call }];
}

const VALUE = 'reflect.Value';

/** The functions of the language itself. A set's own functions of the same name come first. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map([
  // `and` and `or` evaluate their arguments one by one: the compiler treats them itself.
  builtin('and', [VALUE, VALUE], true, () => undefined),
  builtin('or', [VALUE, VALUE], true, () => undefined),
  builtin('call', [VALUE, VALUE], true, (callee: unknown) => callValue(callee)),
  builtin('html', ['any'], true, html),
  builtin('index', [VALUE, VALUE], true, index),
  builtin('js', ['any'], true, js),
  builtin('len', [VALUE], false, len),
  builtin('not', [VALUE], false, (value: unknown) => !truth(value)),
  builtin('print', ['any'], true, (...values: unknown[]) => sprint(values)),
  builtin('printf', ['string', 'any'], true, (format: string, ...values: unknown[]) => sprintf(format, values)),
  builtin('println', ['any'], true, (...values: unknown[]) => sprintln(values)),
  builtin('slice', [VALUE, VALUE], true, slice),
  builtin('urlquery', ['any'], true, urlquery),
  builtin('eq', [VALUE, VALUE], true, eq),
  builtin('ge', [VALUE, VALUE], false, ge),
  builtin('gt', [VALUE, VALUE], false, gt),
  builtin('le', [VALUE, VALUE], false, le),
  builtin('lt', [VALUE, VALUE], false, lt),
  builtin('ne', [VALUE, VALUE], false, ne),
]);

/**
 * `call f args…`: no value that templates see is a function.
 *
 * @param shown what the template calls the value
 */
export function callValue(
  callee: unknown,
  shown = typeof callee === 'string' ? callee : `<${typeName(callee)} Value>`,
): never {
  if (callee === null || callee === undefined) throw new Error('call of nil');
  throw new Error(`non-function ${shown} of type ${typeName(callee)}`);
}
