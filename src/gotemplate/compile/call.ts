import type { TemplateRun } from '../../base/template-engine.ts';
import type { Builtin } from '../builtins/funcs.ts';
import { canBeNil, ConversionError, convertArgument, goTypeName, nilFor, type ParamName } from '../runtime/convert.ts';
import type { Node, NumberNode, Operand } from '../parse/node.ts';
import { nodeText } from '../parse/node-text.ts';
import { GoInt } from '../../base/go-int.ts';
import { isStackOverflow } from '../../base/stack-overflow.ts';
import { containsItself } from '../runtime/contains-itself.ts';
import { execError } from './exec-error.ts';
import type { Eval, Frame } from './frame.ts';

const MAX_INT = (1n << 63n) - 1n;

/** A function, builtin or method with what the compiler needs to call it. */
export type Callee = Pick<Builtin, 'params' | 'variadic' | 'contextual' | 'call'>;

/** An error's text for a call with a wrong number of arguments; undefined if the number is right. */
export function countError(callee: Callee, name: string, given: number, hasFinal: boolean): string | undefined {
  const count = given + (hasFinal ? 1 : 0);
  const wanted = callee.params.length;
  if (callee.variadic === true) {
    return count < wanted - 1
      ? `wrong number of args for ${name}: want at least ${wanted - 1} got ${given}`
      : undefined;
  }
  return count === wanted ? undefined : `wrong number of args for ${name}: want ${wanted} got ${count}`;
}

/** The type of the argument at a position; the last parameter of a variadic function repeats. */
export function paramAt(callee: Callee, position: number): ParamName {
  const { params } = callee;
  return params[Math.min(position, params.length - 1)] ?? 'any';
}

/** A value as an argument (Go: validateType). */
export function validateType(frame: Frame, value: unknown, param: ParamName): unknown {
  if (param === 'any') return value === undefined ? null : value;
  try {
    return convertArgument(value, param);
  } catch (error) {
    if (error instanceof ConversionError) throw execError(frame, error.message);
    throw error;
  }
}

/** Calls with evaluated arguments; what the function throws becomes `error calling NAME: …` at the node. */
export function invoke(frame: Frame, callee: Callee, name: string, node: Node, args: readonly unknown[]): unknown {
  const call = callee.call as (...args: unknown[]) => unknown;
  try {
    const result = callee.contextual === true ? call(frame.run satisfies TemplateRun, ...args) : call(...args);
    return result === undefined ? null : result;
  } catch (error) {
    throw callError(
      frame,
      { name, node, endless: () => callee.contextual !== true && args.some(containsItself) },
      error,
    );
  }
}

/** The failure of a called function; an overflow of the stack goes through as it is. */
function callError(
  frame: Frame,
  { name, node, endless }: { readonly name: string; readonly node: Node; readonly endless: () => boolean },
  error: unknown,
): unknown {
  if (isStackOverflow(error)) {
    if (!endless()) return error;
    frame.node = node;
    return execError(frame, `error calling ${name}: the value contains itself`);
  }
  frame.node = node;
  return execError(frame, `error calling ${name}: ${error instanceof Error ? error.message : String(error)}`, error);
}

/** The value of a constant where the type is not known (Go: idealConstant). */
export function idealConstant(node: NumberNode): GoInt | number | undefined {
  const { text } = node;
  const hexInteger = /^0[xX]/.test(text) && !/[pP]/.test(text);
  if (node.float !== undefined && !hexInteger && !text.startsWith("'") && /[.eEpP]/.test(text)) return node.float;
  return node.int === undefined || node.int > MAX_INT ? undefined : new GoInt(node.int);
}

/** A literal as an argument of a type; other operands give undefined. */
export function compileLiteral(node: Operand, param: ParamName): Eval | undefined {
  switch (node.type) {
    case 'nil':
      return nilLiteral(node, param);
    case 'bool':
    case 'number':
    case 'string':
      break;
    default:
      return undefined;
  }
  const value = literalFor(node, param);
  if (!(value instanceof LiteralError)) {
    return (frame) => {
      frame.node = node;
      return value;
    };
  }
  return (frame) => {
    frame.node = node;
    throw execError(frame, value.message);
  };
}

function nilLiteral(node: Operand, param: ParamName): Eval {
  return (frame) => {
    frame.node = node;
    if (!canBeNil(param)) throw execError(frame, `cannot assign nil to ${goTypeName(param)}`);
    return nilFor(param);
  };
}

class LiteralError extends Error {}

function literalFor(node: Operand, param: ParamName): unknown {
  switch (param) {
    case 'any':
    case 'reflect.Value':
      if (node.type === 'number') {
        return idealConstant(node) ?? new LiteralError(`${node.text} overflows int`);
      }
      return node.type === 'string' ? node.text : node.type === 'bool' && node.value;
    case 'string':
      return node.type === 'string' ? node.text : new LiteralError(`expected string; found ${nodeText(node)}`);
    case 'bool':
      return node.type === 'bool' ? node.value : new LiteralError(`expected bool; found ${nodeText(node)}`);
    case 'int':
    case 'int64':
      if (node.type === 'number' && node.int !== undefined) return node.int;
      return new LiteralError(`expected integer; found ${nodeText(node)}`);
    case 'uint32':
      if (node.type === 'number' && node.uint !== undefined) return BigInt.asUintN(32, node.uint);
      return new LiteralError(`expected unsigned integer; found ${nodeText(node)}`);
    case 'float64':
      if (node.type === 'number' && node.float !== undefined) return node.float;
      return new LiteralError(`expected float; found ${nodeText(node)}`);
    default:
      return new LiteralError(`can't handle ${nodeText(node)} for arg of type ${goTypeName(param)}`);
  }
}
