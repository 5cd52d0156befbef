import type { Operand } from '../parse/node.ts';
import type { ParamName } from '../runtime/convert.ts';
import type { GoMethod } from '../runtime/go-type.ts';
import type { GoObject } from '../runtime/go-value.ts';
import { countError, invoke, paramAt, validateType } from './call.ts';
import { execError } from './exec-error.ts';
import { BOXED, evalField, type FieldChain, type FieldInput, type FieldOwner } from './field.ts';
import type { Eval, Frame } from './frame.ts';

const NO_ARGS: readonly never[] = [];

interface ChainParts {
  readonly node: FieldOwner;
  readonly names: readonly string[];
  readonly args: readonly Operand[];
  /** True if a value comes from the pipeline. */
  readonly hasFinal: boolean;
  readonly argument: (node: Operand, param: ParamName) => Eval;
}

/** Fields one behind the other; the last one may be a method with arguments. */
export class Chain implements FieldChain {
  readonly names: readonly string[];
  readonly hasArgs: boolean;
  readonly #parts: ChainParts;
  /** Methods are known when they are met, so their arguments are compiled for each signature then. */
  #compiled: Map<readonly ParamName[], readonly Eval[]> | undefined;

  constructor(parts: ChainParts) {
    this.names = parts.names;
    this.hasArgs = parts.args.length > 0 || parts.hasFinal;
    this.#parts = parts;
  }

  run(frame: Frame, dot: unknown, receiver: unknown, final: unknown, boxed: boolean): unknown {
    const { names } = this;
    const count = names.length;
    let holder: unknown = boxed ? BOXED : undefined;
    let value = receiver;
    for (let index = 0; index < count; index += 1) {
      const next =
        this.#plainField(value, index) ?? evalField(frame, { dot, final }, value, { chain: this, index }, holder);
      holder = value;
      value = next;
    }
    return value;
  }

  /** A field that is there, of an object without prototype, which most are. */
  #plainField(value: unknown, index: number): unknown {
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== null || this.hasArgs)
      return undefined;
    return (value as Record<string, unknown>)[this.names[index] ?? ''];
  }

  call(frame: Frame, index: number, { dot, final }: FieldInput, receiver: GoObject, method: GoMethod): unknown {
    const { node, names, hasFinal: finalComes } = this.#parts;
    const name = names[index] ?? '';
    const isLast = index === names.length - 1;
    const args = isLast ? this.#parts.args : NO_ARGS;
    const hasFinal = isLast && finalComes;
    const wrong = countError(method, name, args.length, hasFinal);
    if (wrong !== undefined) throw execError(frame, wrong);
    const values: unknown[] = [receiver];
    if (args.length > 0) for (const evaluate of this.#evaluators(method)) values.push(evaluate(frame, dot));
    if (hasFinal) values.push(validateType(frame, final, paramAt(method, args.length)));
    return invoke(frame, method, name, node, values);
  }

  #evaluators(method: GoMethod): readonly Eval[] {
    this.#compiled ??= new Map();
    let found = this.#compiled.get(method.params);
    if (found === undefined) {
      const { args, argument } = this.#parts;
      found = args.map((arg, i) => argument(arg, paramAt(method, i)));
      this.#compiled.set(method.params, found);
    }
    return found;
  }
}
