import type * as Cel from '@marcbachmann/cel-js';
import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { registerAddresses } from './libraries/addresses.ts';
import { registerAuthorizer } from './libraries/authorizer.ts';
import { registerComprehensions } from './libraries/comprehensions.ts';
import { registerFormats } from './libraries/formats.ts';
import { registerLists } from './libraries/lists.ts';
import { registerQuantities } from './libraries/quantities.ts';
import { registerStrings } from './libraries/strings.ts';

/** Steps that one evaluation may take. apiserver: pkg/apis/cel/config.go (PerCallLimit) */
const PER_CALL = 1_000_000;

const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

/** The steps that the expressions of one object may take together. */
export class CelBudget {
  left: number;

  constructor(steps: number) {
    this.left = steps;
  }
}

/** Why an expression gave nothing; `budget` when it took too many steps. */
export class CelFailure extends Error {
  readonly reason: 'call-budget' | 'budget' | 'evaluation';

  constructor(message: string, reason: CelFailure['reason'] = 'evaluation') {
    super(message);
    this.name = 'CelFailure';
    this.reason = reason;
  }
}

/** An expression that was read once. */
export interface CelExpression {
  readonly source: string;
  /** Why it cannot be run, as cel-go tells of it; undefined for a sound one. */
  readonly fault: string | undefined;
  /** What it gives: `bool`, `string`, `dyn`, …; '' for one that cannot be run. */
  readonly type: string;
  /** Names that it mentions. */
  readonly identifiers: ReadonlySet<string>;
  /** Fields that it selects one after the other, each list from a name on: `self.spec.replicas`. */
  readonly selections: readonly (readonly string[])[];
  /** @throws CelFailure */
  run(variables: Readonly<Record<string, unknown>>, budget: CelBudget): unknown;
}

/** Variables by name with their types. */
export type CelVariables = Readonly<Record<string, string>>;

type Evaluate = (this: unknown, ...args: unknown[]) => unknown;

interface Meter {
  spent: number;
  limit: number;
  /** Loops such as `all` go on after failures; this one ends them. */
  failure: CelFailure | undefined;
}

/** The Common Expression Language as Kubernetes' API server speaks it. apiserver: pkg/cel/environment/base.go */
export class CelLibrary {
  readonly #base: Environment;
  readonly #environments = new Map<string, Environment>();
  readonly #expressions = new Map<string, CelExpression>();
  readonly #meter: Meter = { spent: 0, limit: 0, failure: undefined };

  constructor(cel: typeof Cel) {
    this.#base = new cel.Environment({
      enableOptionalTypes: true,
      homogeneousAggregateLiterals: false,
      limits: { maxDepth: 250, maxAstNodes: 100_000 },
    });
    registerStrings(this.#base);
    registerLists(this.#base);
    registerComprehensions(this.#base);
    registerQuantities(this.#base);
    registerAddresses(this.#base);
    registerFormats(this.#base, cel.Optional);
    registerAuthorizer(this.#base);
    this.optionalOf = (value) => cel.Optional.of(value);
    this.optionalNone = () => cel.Optional.none();
    const toDuration = cel.parse('duration(text)');
    this.durationOf = (text) => {
      try {
        return toDuration({ text }) as unknown;
      } catch {
        return undefined;
      }
    };
  }

  /** A value that is there, for optional variables. */
  readonly optionalOf: (value: unknown) => unknown;
  /** A duration, or undefined for a text that is none. */
  readonly durationOf: (text: string) => unknown;
  /** A value that is not there. */
  readonly optionalNone: () => unknown;

  /** Reads an expression; the same one is read once. */
  compile(source: string, variables: CelVariables): CelExpression {
    const scope = JSON.stringify(variables);
    const key = `${scope}\n${source}`;
    let expression = this.#expressions.get(key);
    if (expression === undefined) {
      expression = this.#read(source, this.#environment(scope, variables));
      this.#expressions.set(key, expression);
    }
    return expression;
  }

  #environment(scope: string, variables: CelVariables): Environment {
    let environment = this.#environments.get(scope);
    if (environment === undefined) {
      environment = this.#base.clone();
      for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type);
      this.#environments.set(scope, environment);
    }
    return environment;
  }

  #read(source: string, environment: Environment): CelExpression {
    const broken = (error: unknown): CelExpression => {
      const fault = compilationFault(source, error);
      return {
        source,
        fault,
        type: '',
        identifiers: new Set(),
        selections: [],
        run: () => {
          throw new CelFailure(fault);
        },
      };
    };
    try {
      const parsed = environment.parse(source);
      const checked = parsed.check();
      if (!checked.valid) return broken(checked.error);
      const identifiers = new Set<string>();
      const selections: string[][] = [];
      this.#measure(parsed.ast, { identifiers, selections }, new Set());
      return {
        source,
        fault: undefined,
        type: checked.type ?? 'dyn',
        identifiers,
        selections,
        run: (variables, budget) => this.#run(() => parsed(variables) as unknown, budget),
      };
    } catch (error) {
      return broken(error);
    }
  }

  #run(evaluate: () => unknown, budget: CelBudget): unknown {
    const meter = this.#meter;
    const outer = { ...meter };
    meter.spent = 0;
    meter.limit = Math.min(PER_CALL, budget.left);
    meter.failure = undefined;
    try {
      const value = evaluate();
      if (meter.failure !== undefined) throw meter.failure;
      return value;
    } catch (error) {
      if (error instanceof CelFailure) throw error;
      if (meter.failure !== undefined) throw meter.failure;
      throw new CelFailure(runtimeFault(error));
    } finally {
      const { spent } = meter;
      budget.left -= spent;
      // An expression may run inside another one, as variables of policies do.
      meter.spent = outer.spent + spent;
      meter.limit = outer.limit;
      meter.failure = outer.failure;
    }
  }

  #count(node: ASTNode, evaluate: Evaluate): void {
    const meter = this.#meter;
    let inner = evaluate;
    const counted = function counted(this: unknown, ...args: unknown[]): unknown {
      meter.spent += 1;
      if (meter.spent > meter.limit) {
        meter.failure ??= overspent(meter.limit);
        throw meter.failure;
      }
      return inner.apply(this, args);
    };
    // Nodes replace their own method once they know what they are.
    Object.defineProperty(node, 'evaluate', {
      get: () => counted,
      set: (better: Evaluate) => {
        inner = better;
      },
      configurable: true,
    });
  }

  /** Lets every node of an expression count a step when it is evaluated. */
  #measure(node: unknown, found: Findings, seen: Set<object>): void {
    if (typeof node !== 'object' || node === null || seen.has(node)) return;
    seen.add(node);
    if (Array.isArray(node)) {
      for (const each of node) this.#measure(each, found, seen);
      return;
    }
    const step = node as ASTNode & { evaluate?: Evaluate };
    if (typeof step.op !== 'string') return;
    if (step.op === 'id' && typeof step.args === 'string') found.identifiers.add(step.args);
    const selection = selectionOf(step);
    if (selection !== undefined && selection.length > 1) found.selections.push(selection);
    if (typeof step.evaluate === 'function') this.#count(step, step.evaluate);
    for (const part of partsOf(step)) this.#measure(part, found, seen);
  }
}

/** What expressions are looked through for. */
interface Findings {
  readonly identifiers: Set<string>;
  readonly selections: string[][];
}

/** The names of a chain of plain field accesses; undefined for anything else. */
function selectionOf(node: ASTNode): string[] | undefined {
  const { op, args } = node as { readonly op: string; readonly args: unknown };
  if (op === 'id' && typeof args === 'string') return [args];
  if (op !== '.' || !Array.isArray(args)) return undefined;
  const [target, name] = args as [ASTNode, unknown];
  const before = selectionOf(target);
  return before === undefined || typeof name !== 'string' ? undefined : [...before, name];
}

function overspent(limit: number): CelFailure {
  return limit >= PER_CALL
    ? new CelFailure('operation cancelled: actual cost limit exceeded', 'call-budget')
    : new CelFailure(OUT_OF_BUDGET, 'budget');
}

/** What hangs below a node: its arguments, and what macros made of them. */
function partsOf(node: ASTNode): readonly unknown[] {
  const { args, meta } = node as unknown as {
    readonly args: unknown;
    readonly meta?: Readonly<Record<string, unknown>>;
  };
  const parts: unknown[] = [args, meta?.['alternate']];
  for (const group of [args, meta?.['macro']]) {
    if (typeof group === 'object' && group !== null && !Array.isArray(group)) parts.push(...Object.values(group));
  }
  return parts;
}

/** Loads the language; it takes some tens of milliseconds, and once. */
export async function loadCel(): Promise<CelLibrary> {
  return new CelLibrary(await import('@marcbachmann/cel-js'));
}

interface Located {
  readonly summary?: string;
  readonly message: string;
  readonly range?: { readonly start: number };
}

/** `compilation failed: ERROR: <input>:1:5: …` with the line and a mark under the place. cel-go: common/error.go */
function compilationFault(source: string, error: unknown): string {
  const { summary, message, range } = error as Located;
  const start = range?.start ?? 0;
  const before = source.slice(0, start);
  const line = before.split('\n').length;
  const column = start - (before.lastIndexOf('\n') + 1);
  const text = source.split('\n')[line - 1] ?? '';
  const words = compileWords(summary ?? message);
  return `compilation failed: ERROR: <input>:${line}:${column + 1}: ${words}\n | ${text}\n | ${'.'.repeat(column)}^`;
}

function compileWords(words: string): string {
  const unknown = /^Unknown variable: (.*)$/.exec(words);
  if (unknown !== null) return `undeclared reference to '${unknown[1] ?? ''}' (in container '')`;
  const operator = /^no such overload: (.+?) (==|!=|<=|>=|<|>|\+|-|\*|\/|%|in|&&|\|\|) (.+)$/.exec(words);
  if (operator !== null) {
    const [, left = '', sign = '', right = ''] = operator;
    return `found no matching overload for '_${sign}_' applied to '(${plainType(left)}, ${plainType(right)})'`;
  }
  const call = /^found no matching overload for '(?:(.+)\.)?(\w+)\((.*)\)'$/.exec(words);
  if (call !== null) {
    const [, receiver, name = '', args = ''] = call;
    const applied = receiver === undefined ? `(${args})` : `${plainType(receiver)}.(${args})`;
    return `found no matching overload for '${name}' applied to '${applied}'`;
  }
  return words.startsWith('Unexpected') ? `Syntax error: ${words.charAt(0).toLowerCase()}${words.slice(1)}` : words;
}

/** `dyn<string>` is dyn to the checker. */
function plainType(type: string): string {
  return type.startsWith('dyn<') ? 'dyn' : type;
}

/** What went wrong at run time, in cel-go's words. */
function runtimeFault(error: unknown): string {
  const { summary, message } = error as Located;
  const words = summary ?? message;
  const index = /^No such key: index out of bounds, index (-?\d+)/.exec(words);
  if (index !== null) return `index out of bounds: ${index[1] ?? ''}`;
  if (words.startsWith('No such key')) return `n${words.slice(1)}`;
  if (words === 'modulo by zero') return 'modulus by zero';
  if (/^(no such overload|found no matching overload)/.test(words)) return 'no such overload';
  const unknown = /^Unknown variable: (.*)$/.exec(words);
  return unknown === null ? words : `no such attribute(s): ${unknown[1] ?? ''}`;
}
