import type { TemplateFunction } from '../../base/template-function.ts';
import { BUILTINS, callValue } from '../builtins/funcs.ts';
import { nodeText } from '../parse/node-text.ts';
import type {
  ChainNode,
  CommandNode,
  FieldNode,
  IdentifierNode,
  Node,
  Operand,
  PipeNode,
  VariableNode,
} from '../parse/node.ts';
import { quote } from '../runtime/quote.ts';
import { truth } from '../runtime/go-value.ts';
import { compileLiteral, countError, idealConstant, invoke, paramAt, validateType, type Callee } from './call.ts';
import type { ParamName } from '../runtime/convert.ts';
import { execError } from './exec-error.ts';
import { Chain } from './chain.ts';
import type { FieldOwner } from './field.ts';
import { UNSET, type Command, type Eval, type Frame } from './frame.ts';
import type { Scope, Variable } from './scope.ts';

/** What an expression can see. */
export interface ExpressionContext {
  readonly scope: Scope;
  /** Slot that tells whether Go would hold dot in an interface (set by the loop around); undefined: it does not. */
  readonly boxedSlot: number | undefined;
}

const NO_ARGS: readonly never[] = [];

/** Turns pipelines into closures (Go: the eval functions of exec.go). */
export class ExpressionCompiler {
  readonly #functions: ReadonlyMap<string, TemplateFunction>;
  /** What pipelines were compiled to last, and in which slots they find the variables. */
  readonly #shared = new Map<PipeNode, { readonly slots: string; readonly evaluate: Eval }>();

  constructor(functions: ReadonlyMap<string, TemplateFunction>) {
    this.#functions = functions;
  }

  /** A pipeline; its variables are declared in the scope. The result is never an interface's nil. */
  pipeline(pipe: PipeNode, context: ExpressionContext): Eval {
    const evaluate = this.#commands(pipe, context);
    if (pipe.decl.length === 0) return evaluate;
    const store = pipe.decl.map((declaration) => {
      const name = declaration.ident[0] ?? '';
      return pipe.isAssign ? assignment(context.scope.find(name), name) : context.scope.declare(name).slot;
    });
    return (frame, dot) => {
      const value = evaluate(frame, dot);
      for (const target of store) {
        if (typeof target === 'number') frame.vars[target] = value;
        else target(frame, value);
      }
      return value;
    };
  }

  /** The commands of a pipeline; those of actions with the same text are compiled once where variables are in the same slots. */
  #commands(pipe: PipeNode, context: ExpressionContext): Eval {
    const { variables } = pipe;
    if (variables === undefined) return this.#compileCommands(pipe, context);
    const { scope, boxedSlot } = context;
    const slots = `${boxedSlot ?? ''}:${variables.length === 0 ? '' : variables.map((name) => scope.slotsOf(name)).join()}`;
    const known = this.#shared.get(pipe);
    if (known?.slots === slots) return known.evaluate;
    // Whatever is declared later on is not seen from here.
    const evaluate = this.#compileCommands(pipe, { scope: scope.child(), boxedSlot });
    this.#shared.set(pipe, { slots, evaluate });
    return evaluate;
  }

  #compileCommands(pipe: PipeNode, context: ExpressionContext): Eval {
    const [firstNode, secondNode] = pipe.cmds;
    if (firstNode === undefined) return () => undefined;
    const first = this.#command(firstNode, context, false);
    if (secondNode === undefined) {
      return (frame, dot) => {
        frame.node = pipe;
        return first(frame, dot, undefined) ?? undefined;
      };
    }
    const second = this.#command(secondNode, context, true);
    if (pipe.cmds.length === 2) {
      return (frame, dot) => {
        frame.node = pipe;
        return second(frame, dot, first(frame, dot, undefined) ?? undefined) ?? undefined;
      };
    }
    const others = pipe.cmds.slice(2).map((command) => this.#command(command, context, true));
    return (frame, dot) => {
      frame.node = pipe;
      let value = second(frame, dot, first(frame, dot, undefined) ?? undefined) ?? undefined;
      for (const command of others) value = command(frame, dot, value) ?? undefined;
      return value;
    };
  }

  #command(command: CommandNode, context: ExpressionContext, hasFinal: boolean): Command {
    const first = command.args[0];
    if (first === undefined) return () => undefined;
    const args = command.args.length === 1 ? NO_ARGS : command.args.slice(1);
    switch (first.type) {
      case 'field':
        return this.#field(first, args, context, hasFinal);
      case 'chain':
        return this.#chain(first, args, context, hasFinal);
      case 'identifier':
        return this.#function(first, command, args, context, hasFinal);
      case 'variable':
        return this.#variable(first, args, context, hasFinal);
      case 'pipe': {
        if (args.length > 0 || hasFinal) return this.#notAFunction(undefined, first);
        return this.pipeline(first, context);
      }
      default:
        return args.length > 0 || hasFinal ? this.#notAFunction(first, first) : this.#constant(first);
    }
  }

  #notAFunction(at: Node | undefined, first: Operand): Command {
    return (frame) => {
      if (at !== undefined) frame.node = at;
      throw execError(frame, `can't give argument to non-function ${nodeText(first)}`);
    };
  }

  #constant(node: Operand): Command {
    switch (node.type) {
      case 'dot':
        return (frame, dot) => {
          frame.node = node;
          return dot;
        };
      case 'bool':
        return constantAt(node, node.value);
      case 'string':
        return constantAt(node, node.text);
      case 'number': {
        const value = idealConstant(node);
        return value === undefined ? failureAt(node, `${node.text} overflows int`) : constantAt(node, value);
      }
      default:
        return failureAt(node, 'nil is not a command');
    }
  }

  #field(node: FieldNode, args: readonly Operand[], context: ExpressionContext, hasFinal: boolean): Command {
    const chain = this.#fieldChain(node, node.ident, args, context, hasFinal);
    const { boxedSlot } = context;
    return (frame, dot, final) => {
      frame.node = node;
      return chain.run(frame, dot, dot, final, boxedSlot !== undefined && frame.vars[boxedSlot] === true);
    };
  }

  #chain(node: ChainNode, args: readonly Operand[], context: ExpressionContext, hasFinal: boolean): Command {
    if (node.node.type === 'nil') {
      return (frame) => {
        frame.node = node;
        throw execError(frame, `indirection through explicit nil in ${nodeText(node)}`);
      };
    }
    const start = this.#operand(node.node, context);
    const chain = this.#fieldChain(node, node.field, args, context, hasFinal);
    return (frame, dot, final) => {
      frame.node = node;
      return chain.run(frame, dot, start(frame, dot), final, false);
    };
  }

  #variable(node: VariableNode, args: readonly Operand[], context: ExpressionContext, hasFinal: boolean): Command {
    const read = variableReader(node, context.scope);
    if (node.ident.length === 1) {
      if (args.length > 0 || hasFinal) return this.#notAFunction(node, node);
      return read;
    }
    const chain = this.#fieldChain(node, node.ident.slice(1), args, context, hasFinal);
    return (frame, dot, final) => chain.run(frame, dot, read(frame, dot), final, false);
  }

  #fieldChain(
    node: FieldOwner,
    names: readonly string[],
    args: readonly Operand[],
    context: ExpressionContext,
    hasFinal: boolean,
  ): Chain {
    return new Chain({
      node,
      names,
      args,
      hasFinal,
      argument: (arg, param) => this.#argument(arg, param, context),
    });
  }

  #function(
    node: IdentifierNode,
    place: Node,
    args: readonly Operand[],
    context: ExpressionContext,
    hasFinal: boolean,
  ): Command {
    const name = node.ident;
    const own = this.#functions.get(name);
    let callee: Callee | undefined = own ?? BUILTINS.get(name);
    const wrong =
      callee === undefined
        ? `${quote(name)} is not a defined function`
        : countError(callee, name, args.length, hasFinal);
    if (callee === undefined || wrong !== undefined) {
      return (frame) => {
        frame.node = node;
        throw execError(frame, wrong ?? '');
      };
    }
    if (own === undefined && (name === 'and' || name === 'or')) {
      return this.#shortCircuit(node, name, args, context, hasFinal);
    }
    const [first] = args;
    if (own === undefined && name === 'call' && first !== undefined) {
      callee = { ...callee, call: (value: unknown) => callValue(value, nodeText(first)) };
    }
    const target = callee;
    const evaluators = args.map((arg, i) => this.#argument(arg, paramAt(target, i), context));
    if (!hasFinal) return this.#call(node, place, target, evaluators);
    const finalType = paramAt(target, args.length);
    return (frame, dot, final) => {
      frame.node = node;
      const values: unknown[] = [];
      for (const evaluate of evaluators) values.push(evaluate(frame, dot));
      values.push(validateType(frame, final, finalType));
      return invoke(frame, target, name, place, values);
    };
  }

  /** A call without a value from the pipeline. */
  #call(node: IdentifierNode, place: Node, callee: Callee, evaluators: readonly Eval[]): Command {
    const name = node.ident;
    const [first] = evaluators;
    if (evaluators.length === 1 && first !== undefined) {
      return (frame, dot) => {
        frame.node = node;
        return invoke(frame, callee, name, place, [first(frame, dot)]);
      };
    }
    return (frame, dot) => {
      frame.node = node;
      const values: unknown[] = [];
      for (const evaluate of evaluators) values.push(evaluate(frame, dot));
      return invoke(frame, callee, name, place, values);
    };
  }

  /** `and` and `or` stop at the first argument that decides. */
  #shortCircuit(
    node: IdentifierNode,
    name: 'and' | 'or',
    args: readonly Operand[],
    context: ExpressionContext,
    hasFinal: boolean,
  ): Command {
    const firstSlot = context.scope.slotCount;
    const evaluators = args.map((arg) => this.#argument(arg, 'reflect.Value', context));
    const lastSlot = context.scope.slotCount;
    const deciding = name === 'or';
    return (frame, dot, final) => {
      frame.node = node;
      // Variables that arguments declare exist only if the argument was reached.
      for (let slot = firstSlot; slot < lastSlot; slot += 1) frame.vars[slot] = UNSET;
      let value: unknown;
      for (const evaluate of evaluators) {
        value = evaluate(frame, dot);
        if (truth(value) === deciding) return value;
      }
      return hasFinal ? final : value;
    };
  }

  /** An operand as an argument of a type (Go: evalArg). */
  #argument(node: Operand, param: ParamName, context: ExpressionContext): Eval {
    const literal = compileLiteral(node, param);
    if (literal !== undefined) return literal;
    const evaluate = this.#operand(node, context);
    if (param === 'any' || param === 'reflect.Value') {
      return param === 'any' ? (frame, dot) => evaluate(frame, dot) ?? null : evaluate;
    }
    return (frame, dot) => validateType(frame, evaluate(frame, dot), param);
  }

  /** An operand by itself. */
  #operand(node: Operand, context: ExpressionContext): Eval {
    switch (node.type) {
      case 'dot':
        return (frame, dot) => {
          frame.node = node;
          return dot;
        };
      case 'field':
        return withoutFinal(this.#field(node, [], context, false));
      case 'variable':
        return withoutFinal(this.#variable(node, [], context, false));
      case 'pipe':
        return this.pipeline(node, context);
      case 'identifier':
        return withoutFinal(this.#function(node, node, [], context, false));
      case 'chain':
        return withoutFinal(this.#chain(node, [], context, false));
      default:
        return compileLiteral(node, 'reflect.Value') ?? (() => undefined);
    }
  }
}

function constantAt(node: Operand, value: unknown): Command {
  return (frame) => {
    frame.node = node;
    return value;
  };
}

function failureAt(node: Operand, message: string): Command {
  return (frame) => {
    frame.node = node;
    throw execError(frame, message);
  };
}

function withoutFinal(command: Command): Eval {
  return (frame, dot) => command(frame, dot, undefined);
}

/** Reads a variable; one that was declared only on a way not taken gives way to the one it hides. */
function variableReader(node: VariableNode, scope: Scope): Eval {
  const name = node.ident[0] ?? '';
  const variable = scope.find(name);
  const slot = variable?.slot ?? 0;
  return (frame) => {
    frame.node = node;
    const value = variable === undefined ? UNSET : frame.vars[slot];
    return value === UNSET ? hiddenValue(frame, variable?.outer, name) : value;
  };
}

function hiddenValue(frame: Frame, variable: Variable | undefined, name: string): unknown {
  for (let outer = variable; outer !== undefined; outer = outer.outer) {
    const value = frame.vars[outer.slot];
    if (value !== UNSET) return value;
  }
  throw execError(frame, `undefined variable: ${name}`);
}

/** Stores into the variable of the name that is nearest. */
export function assignment(variable: Variable | undefined, name: string): (frame: Frame, value: unknown) => void {
  return (frame, value) => {
    let target = variable;
    while (target !== undefined && frame.vars[target.slot] === UNSET) target = target.outer;
    if (target === undefined) throw execError(frame, `undefined variable: ${name}`);
    frame.vars[target.slot] = value;
  };
}
