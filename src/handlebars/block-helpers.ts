import type { PintleError } from '../base/errors.ts';
import type { Branch } from '../base/template-engine.ts';
import { type BlockStatement, type Expression, plainName } from './ast.ts';
import { type BlockPlace, type Scope, withContext } from './scope.ts';
import { isTruthy, isZero } from './value-adapter.ts';

/** What block helpers need of the interpreter. */
export interface BlockRunner {
  branch(branch: Branch, statement: BlockStatement, place: BlockPlace, values?: readonly unknown[]): void;
  each(statement: BlockStatement, collection: unknown, place: BlockPlace): void;
  evaluate(expression: Expression, scope: Scope, optional?: boolean): unknown;
  failure(message: string, node: BlockStatement, scope: Scope): PintleError;
}

/** Runs a block of the built-in helpers `if`, `unless`, `each`, `with` and `raw`; false if it is none of them. */
export function runBlockHelper(statement: BlockStatement, place: BlockPlace, interpreter: BlockRunner): boolean {
  const { scope, out } = place;
  switch (plainName(statement.path)) {
    case 'if':
      interpreter.branch(condition(statement, scope, interpreter) ? 'body' : 'else', statement, place);
      return true;
    case 'unless':
      interpreter.branch(condition(statement, scope, interpreter) ? 'else' : 'body', statement, place);
      return true;
    case 'each':
      interpreter.each(statement, argument(statement, scope, interpreter), place);
      return true;
    case 'with': {
      const value = argument(statement, scope, interpreter);
      if (!isTruthy(value) && !isZero(value)) interpreter.branch('else', statement, place);
      else interpreter.branch('body', statement, { scope: withContext(scope, value), out }, [value]);
      return true;
    }
    case 'raw':
      interpreter.branch('body', statement, place);
      return true;
    default:
      return false;
  }
}

function argument(statement: BlockStatement, scope: Scope, interpreter: BlockRunner): unknown {
  const [param] = statement.params;
  if (param === undefined || statement.params.length > 1) {
    throw interpreter.failure(`${plainName(statement.path) ?? ''} needs exactly one argument`, statement, scope);
  }
  return interpreter.evaluate(param, scope, true);
}

function condition(statement: BlockStatement, scope: Scope, interpreter: BlockRunner): boolean {
  const value = argument(statement, scope, interpreter);
  const includeZero = statement.hash?.pairs.find((pair) => pair.key === 'includeZero')?.value;
  if (isZero(value) && includeZero !== undefined) return isTruthy(interpreter.evaluate(includeZero, scope));
  return isTruthy(value);
}
