import { GoInt } from '../base/go-int.ts';
import { isObject } from '../base/json.ts';
import type { TemplateRun } from '../base/template-engine.ts';
import type { ParamType, TemplateFunction } from '../base/template-function.ts';

const MIN_INT64 = -(1n << 63n);
const MAX_INT64 = (1n << 63n) - 1n;
const MAX_UINT32 = (1n << 32n) - 1n;

/**
 * Calls a template function with values of a Handlebars template: the number of arguments is checked, whole numbers become
 * integers where the function wants them, nothing (a missing value) is nil. Throws an Error that says what is wrong.
 */
export function callFunction(
  { params, variadic = false, contextual = false, call, name }: TemplateFunction,
  args: readonly unknown[],
  run: TemplateRun,
): unknown {
  const fixed = variadic ? params.length - 1 : params.length;
  if (args.length < fixed || (!variadic && args.length > fixed)) {
    const wanted = variadic ? `at least ${fixed}` : `${fixed}`;
    throw new Error(`wrong number of args for ${name}: want ${wanted} got ${args.length}`);
  }
  const converted = args.map((arg, index) => {
    const type = params[Math.min(index, params.length - 1)] ?? 'any';
    return convert(arg, type, index);
  });
  const invoke = call as (...values: readonly unknown[]) => unknown;
  return contextual ? invoke(run, ...converted) : invoke(...converted);
}

function convert(value: unknown, type: ParamType, index: number): unknown {
  const wrong = (): Error =>
    new Error(`wrong type for argument ${index + 1}; expected ${type}; got ${describe(value)}`);
  switch (type) {
    case 'string':
      if (typeof value !== 'string') throw wrong();
      return value;
    case 'bool':
      if (typeof value !== 'boolean') throw wrong();
      return value;
    case 'int':
    case 'int64':
    case 'uint32': {
      const integer = toInteger(value);
      const [low, high] = type === 'uint32' ? [0n, MAX_UINT32] : [MIN_INT64, MAX_INT64];
      if (integer === undefined || integer < low || integer > high) throw wrong();
      return integer;
    }
    case 'float64': {
      const integer = toInteger(value);
      if (typeof value === 'number') return value;
      if (integer === undefined) throw wrong();
      return Number(integer);
    }
    case 'map[string]any':
      if (!isObject(value)) throw wrong();
      return value;
    case '[]any':
    case '[]string':
      if (!Array.isArray(value)) throw wrong();
      return value;
    default:
      return value ?? null;
  }
}

function toInteger(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (value instanceof GoInt) return value.value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'bigint' || value instanceof GoInt) return 'integer';
  return Array.isArray(value) ? 'list' : typeof value;
}
