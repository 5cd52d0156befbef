import { GoInt } from '../../base/go-int.ts';
import type { Branch } from '../../base/template-engine.ts';
import { sortedKeys } from '../../base/json.ts';
import { nodeText } from '../parse/node-text.ts';
import { quote } from '../runtime/quote.ts';
import type { Tree } from '../parse/parse.ts';
import { isStackOverflow } from '../../base/stack-overflow.ts';
import { syntaxError } from '../parse/syntax-error.ts';
import type {
  ActionNode,
  IfNode,
  ListNode,
  PipeNode,
  RangeNode,
  Statement,
  TemplateNode,
  WithNode,
} from '../parse/node.ts';
import {
  GoObject,
  isNil,
  kindName,
  mapEntries,
  plainValue,
  sliceElements,
  truth,
  typeName,
} from '../runtime/go-value.ts';
import { containsItself } from '../runtime/contains-itself.ts';
import { printValue } from '../runtime/print.ts';
import { execError } from './exec-error.ts';
import { assignment, type ExpressionCompiler, type ExpressionContext } from './expressions.ts';
import { boxes } from './field.ts';
import { type LimitFault, TOO_MANY_STEPS, TOO_MUCH_OUTPUT } from './limit-error.ts';
import { recordedAssignment, recordedElements, recordedStep } from './recorded-step.ts';
import { BREAK, CONTINUE, type Eval, Frame, NEXT, type Signal, type Step } from './frame.ts';

/** Deepest nesting of `{{template}}`, as Go has it. The stack of the JS engine ends earlier, with the same error. */
const MAX_EXEC_DEPTH = 100_000;

/** Turns statements into closures (Go: the walk functions of exec.go). */
export class StatementCompiler {
  readonly #expressions: ExpressionCompiler;
  /** Each text and action reports what it wrote. */
  readonly #recording: boolean;

  constructor(expressions: ExpressionCompiler, recording: boolean) {
    this.#expressions = expressions;
    this.#recording = recording;
  }

  list(list: ListNode, context: ExpressionContext): Step {
    const steps = list.nodes.map((node) => this.#statement(node, context));
    const [first, second] = steps;
    if (first === undefined) return () => NEXT;
    if (second === undefined) return first;
    return (frame, dot) => {
      for (const step of steps) {
        const signal = step(frame, dot);
        if (signal !== NEXT) return signal;
      }
      return NEXT;
    };
  }

  /** A block, compiled when it is first reached: most blocks of large charts never are. */
  #block(list: ListNode, context: ExpressionContext): Step {
    const [first, second] = list.nodes;
    if (second === undefined && (first === undefined || first.type === 'text')) return this.list(list, context);
    let step: Step | undefined;
    let slots = 0;
    return (frame, dot) => {
      if (step === undefined) {
        step = compiling(frame.tree, () => this.list(list, context));
        slots = context.scope.slotCount;
      }
      // A frame may have begun before the block was compiled.
      if (frame.vars.length < slots) frame.addSlots(slots);
      return step(frame, dot);
    };
  }

  #statement(node: Statement, context: ExpressionContext): Step {
    if (!this.#recording) return this.#plain(node, context);
    return recordedStep(node, context.scope, () => this.#plain(node, context));
  }

  /** A part of a block; while recording it says that it runs. */
  #part(branch: Branch, list: ListNode | undefined, context: ExpressionContext): Step | undefined {
    const step = list === undefined ? undefined : this.#block(list, context);
    if (!this.#recording) return step;
    return (frame, dot) => {
      frame.run.recorder?.branch?.(branch);
      return step === undefined ? NEXT : step(frame, dot);
    };
  }

  #plain(node: Statement, context: ExpressionContext): Step {
    switch (node.type) {
      case 'text': {
        const { text } = node;
        return (frame) => {
          frame.run.out += text;
          return NEXT;
        };
      }
      case 'action':
        return this.#action(node, context);
      case 'break':
        return () => BREAK;
      case 'continue':
        return () => CONTINUE;
      case 'if':
      case 'with':
        return this.#branch(node, context);
      case 'range':
        return this.#range(node, context);
      default:
        return this.#template(node, context);
    }
  }

  #action(node: ActionNode, context: ExpressionContext): Step {
    const { base } = node;
    const evaluate = this.#expressions.pipeline(node.pipe, context);
    if (node.pipe.decl.length > 0) {
      return (frame, dot) => {
        frame.base = base;
        frame.node = node;
        evaluate(frame, dot);
        return NEXT;
      };
    }
    return (frame, dot) => {
      frame.base = base;
      frame.node = node;
      const value = evaluate(frame, dot);
      if (typeof value === 'string') frame.run.out += value;
      else frame.run.out += printable(frame, node, value);
      return NEXT;
    };
  }

  /** The pipeline of a block, whose variables the block alone sees. */
  #blockPipeline(pipe: PipeNode, context: ExpressionContext): Eval {
    const evaluate = this.#expressions.pipeline(pipe, context);
    return this.#recording ? recordedAssignment(pipe, context.scope, evaluate) : evaluate;
  }

  #branch(node: IfNode | WithNode, context: ExpressionContext): Step {
    const scope = context.scope.child();
    const inner = { scope, boxedSlot: context.boxedSlot };
    const evaluate = this.#blockPipeline(node.pipe, inner);
    const { base } = node;
    const isWith = node.type === 'with';
    const bodyContext = { scope: scope.child(), boxedSlot: isWith ? undefined : context.boxedSlot };
    const list = this.#part('body', node.list, bodyContext) ?? emptyStep;
    const otherwise = this.#part('else', node.elseList, { scope: scope.child(), boxedSlot: context.boxedSlot });
    return (frame, dot) => {
      frame.base = base;
      frame.node = node;
      const value = evaluate(frame, dot);
      if (truth(value)) return list(frame, isWith ? value : dot);
      return otherwise === undefined ? NEXT : otherwise(frame, dot);
    };
  }

  #range(node: RangeNode, context: ExpressionContext): Step {
    const scope = context.scope.child();
    const evaluate = this.#blockPipeline(node.pipe, { scope, boxedSlot: context.boxedSlot });
    const body = scope.child();
    const boxedSlot = body.newSlot();
    const list = this.#block(node.list, { scope: body, boxedSlot });
    const otherwise = this.#part('else', node.elseList, { scope: scope.child(), boxedSlot: context.boxedSlot });
    const store = loopVariables(node, scope);
    const { base } = node;
    const withIndex = node.pipe.decl.length > 1;
    const recording = this.#recording;
    return (frame, dot) => {
      frame.base = base;
      frame.node = node;
      const value = evaluate(frame, dot);
      frame.vars[boxedSlot] = boxes(value, '');
      const iterate = new Iteration(frame, recording ? recordedElements(value, list) : list, store);
      if (iterate.over(value, withIndex)) return iterate.signal;
      return otherwise === undefined ? NEXT : otherwise(frame, dot);
    };
  }

  #template(node: TemplateNode, context: ExpressionContext): Step {
    const evaluate = node.pipe === undefined ? undefined : this.#expressions.pipeline(node.pipe, context);
    const recording = this.#recording;
    const { base } = node;
    return (frame, dot) => {
      frame.base = base;
      frame.node = node;
      const { run } = frame;
      const unit = run.lookup(node.name, recording);
      if (unit === undefined) throw execError(frame, `template ${quote(node.name)} not defined`);
      if (frame.depth === MAX_EXEC_DEPTH) throw depthError(frame);
      const data = evaluate?.(frame, dot);
      spend(frame);
      unit.root(new Frame(run, unit, data, { strict: frame.strict, depth: frame.depth + 1 }), data);
      return NEXT;
    };
  }
}

/** Compiles; nesting that exhausts the stack is an error of the template. */
export function compiling(tree: Tree, compile: () => Step): Step {
  try {
    return compile();
  } catch (error) {
    if (isStackOverflow(error)) throw syntaxError(tree.parseName, tree.text, 1, 'max expression depth exceeded');
    throw error;
  }
}

const emptyStep: Step = () => NEXT;

/** The error of templates that call themselves without end. */
export function depthError(frame: Frame, cause?: unknown): Error {
  return execError(frame, `exceeded maximum template depth (${MAX_EXEC_DEPTH})`, cause);
}

function overLimit(frame: Frame, { message, hint }: LimitFault): Error {
  return execError(frame, message, undefined, hint);
}

/** Counts a step of the run's budget. */
function spend(frame: Frame): void {
  const { budget, out } = frame.run;
  budget.steps -= 1;
  if (budget.steps < 0) throw overLimit(frame, TOO_MANY_STEPS);
  if (out.length > budget.maxOutput) throw overLimit(frame, TOO_MUCH_OUTPUT);
}

/** What an action prints for a value that is no string. */
function printable(frame: Frame, node: ActionNode, value: unknown): string {
  frame.node = node;
  if (value === undefined || value === null) return '<no value>';
  if (kindName(value) === 'func') throw execError(frame, `can't print ${nodeText(node)} of type ${typeName(value)}`);
  if (value instanceof GoObject && value.type.string === undefined && value.type.pointerString !== undefined) {
    return (value.type.pointerString as (value: GoObject) => string)(value);
  }
  try {
    return printValue(value);
  } catch (error) {
    throw isStackOverflow(error) && containsItself(value) ? execError(frame, 'the value contains itself') : error;
  }
}

/** Sets the loop's variables to key and element. */
type LoopStore = (frame: Frame, key: unknown, element: unknown) => void;

function loopVariables(node: RangeNode, scope: ExpressionContext['scope']): LoopStore | undefined {
  const { decl, isAssign } = node.pipe;
  const names = decl.map((declaration) => declaration.ident[0] ?? '');
  const [first = '', second] = names;
  if (names.length === 0) return undefined;
  if (isAssign) {
    const setFirst = assignment(scope.find(first), first);
    if (second === undefined) return (frame, _, element) => setFirst(frame, element);
    const setSecond = assignment(scope.find(second), second);
    return (frame, key, element) => {
      setFirst(frame, key);
      setSecond(frame, element);
    };
  }
  const slots = names.map((name) => scope.find(name)?.slot ?? 0);
  const [slot = 0, elementSlot] = slots;
  if (elementSlot === undefined) {
    return (frame, _, element) => {
      frame.vars[slot] = element;
    };
  }
  return (frame, key, element) => {
    frame.vars[slot] = key;
    frame.vars[elementSlot] = element;
  };
}

/** One run of a loop. */
class Iteration {
  readonly #frame: Frame;
  readonly #body: Step;
  readonly #store: LoopStore | undefined;
  signal: Signal = NEXT;

  constructor(frame: Frame, body: Step, store: LoopStore | undefined) {
    this.#frame = frame;
    this.#body = body;
    this.#store = store;
  }

  /** Runs the body for each element; false if there are none. */
  over(value: unknown, withIndex: boolean): boolean {
    if (value === undefined || value === null) return false;
    if (Array.isArray(value)) return this.#slice(value, withIndex);
    const kind = kindName(value);
    if (kind === 'map') return this.#map(mapEntries(value) ?? {});
    if (kind === 'slice') return this.#slice(sliceElements(value) ?? [], withIndex);
    const plain = plainValue(value);
    if (plain instanceof GoInt || typeof plain === 'bigint') return this.#integer(value, plain, withIndex);
    const shown = isNil(value) ? '<nil>' : printValue(value);
    throw execError(this.#frame, `range can't iterate over ${shown}`);
  }

  #once(key: unknown, element: unknown): boolean {
    spend(this.#frame);
    this.#store?.(this.#frame, key, element);
    return this.#body(this.#frame, element) !== BREAK;
  }

  #slice(elements: readonly unknown[], withIndex: boolean): boolean {
    const { length } = elements;
    for (let i = 0; i < length; i += 1) {
      if (!this.#once(withIndex ? new GoInt(i) : undefined, elements[i] ?? null)) break;
    }
    return length > 0;
  }

  #map(entries: Readonly<Record<string, unknown>>): boolean {
    const keys = sortedKeys(entries);
    const values = keys.map((key) => entries[key] ?? null);
    for (let i = 0; i < keys.length; i += 1) {
      if (!this.#once(keys[i], values[i])) break;
    }
    return keys.length > 0;
  }

  #integer(value: unknown, count: GoInt | bigint, withIndex: boolean): boolean {
    if (withIndex) {
      const shown = printValue(value);
      throw execError(this.#frame, `can't use ${shown} to iterate over more than one variable`);
    }
    const limit = typeof count === 'bigint' ? count : count.value;
    for (let i = 0n; i < limit; i += 1n) {
      if (!this.#once(undefined, typeof count === 'bigint' ? i : new GoInt(i, count.kind))) break;
    }
    return limit > 0n;
  }
}
