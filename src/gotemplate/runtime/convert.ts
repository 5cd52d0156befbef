import { GoInt } from '../../base/go-int.ts';
import type { ParamType } from '../../base/template-function.ts';
import { ANY_MAP } from './go-type.ts';
import { GoTyped, kindName, typeName, typeOf } from './go-value.ts';

/** The parameter types of functions, and reflect.Value for builtins that see the difference of nil and nothing. */
export type ParamName = ParamType | 'reflect.Value';

const GO_NAMES: Readonly<Partial<Record<string, string>>> = {
  any: 'interface {}',
  'map[string]any': 'map[string]interface {}',
  '[]any': '[]interface {}',
  '[]byte': '[]uint8',
};

/** A parameter type as Go prints it. */
export function goTypeName(param: ParamName): string {
  return GO_NAMES[param] ?? param;
}

/** True if nil can be passed for a parameter of the type. */
export function canBeNil(param: ParamName): boolean {
  return param === 'any' || param === 'reflect.Value' || /^(?:\[\]|map\[|\*)/.test(goTypeName(param));
}

/** What stands for nil in a parameter of the type; a nil map is told from an empty one, since it cannot be written to. */
export function nilFor(param: ParamName): unknown {
  if (param === 'reflect.Value') return undefined;
  if (param === 'map[string]any') return new GoTyped(ANY_MAP, null);
  if (param === '[]byte') return new Uint8Array();
  return param === '[]any' || param === '[]string' ? [] : null;
}

/** Why a value does not fit a parameter. */
export class ConversionError extends Error {}

/**
 * A value as an argument for a parameter, by Go's rules of assignability; throws {@link ConversionError} with the text of
 * text/template. `undefined` is no value at all, null the nil of an interface.
 */
export function convertArgument(value: unknown, param: ParamName): unknown {
  switch (param) {
    case 'any':
      return value === undefined ? null : value;
    case 'reflect.Value':
      return value;
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'bool':
      if (typeof value === 'boolean') return value;
      break;
    case 'int':
      if (value instanceof GoInt && value.kind === 'int') return value.value;
      break;
    case 'int64':
      if (typeof value === 'bigint') return value;
      break;
    case 'uint32':
      if (value instanceof GoInt && value.kind === 'uint32') return value.value;
      break;
    case 'float64':
      if (typeof value === 'number') return value;
      break;
    default:
      return convertOther(value, param);
  }
  throw mismatch(value, param);
}

function convertOther(value: unknown, param: ParamName): unknown {
  if (value === undefined && canBeNil(param)) return nilFor(param);
  if (typeof value !== 'object' || value === null) throw mismatch(value, param);
  const kind = kindName(value);
  switch (param) {
    case 'map[string]any':
      if (kind === 'map' && (!(value instanceof GoTyped) || holdsAny(value))) return unwrap(value, param);
      break;
    case '[]any':
      if (Array.isArray(value) || (kind === 'slice' && value instanceof GoTyped && holdsAny(value))) {
        return unwrap(value, param);
      }
      break;
    case '[]string':
      if (value instanceof GoTyped && kind === 'slice' && value.type.elem?.name === 'string')
        return unwrap(value, param);
      break;
    case '[]byte':
      if (value instanceof Uint8Array) return value;
      if (value instanceof GoTyped && kind === 'slice' && value.type.elem?.name === 'uint8')
        return unwrap(value, param);
      break;
    default:
      if (matchesNamed(value, param)) return value;
      break;
  }
  throw mismatch(value, param);
}

/** Named types are compared by name; a pointer fits where its element is wanted. */
function matchesNamed(value: object, param: string): boolean {
  const name = typeName(value);
  return name === param || name === `*${param}`;
}

function holdsAny(value: GoTyped): boolean {
  return value.type.elem?.kind === 'interface';
}

function unwrap(value: object, param: ParamName): unknown {
  return value instanceof GoTyped ? (value.value ?? nilFor(param)) : value;
}

function mismatch(value: unknown, param: ParamName): ConversionError {
  const expected = goTypeName(param);
  if (value === undefined) return new ConversionError(`invalid value; expected ${expected}`);
  const got = value === null ? 'interface {}' : (typeOf(value)?.name ?? 'interface {}');
  return new ConversionError(`wrong type for value; expected ${expected}; got ${got}`);
}
