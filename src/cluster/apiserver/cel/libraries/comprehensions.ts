import type { ASTNode, Environment } from '@marcbachmann/cel-js';

/** What the package hands to a macro: the parts that are used here. */
interface MacroCall {
  readonly args: readonly ASTNode[];
  readonly receiver: ASTNode;
}

interface Scope {
  forkWithVariable(name: string, type: unknown): Scope;
  setIterValue(value: unknown, evaluator: unknown): Scope;
  reuse(parent: Scope): Scope;
}

interface Checker {
  check(node: ASTNode, scope: Scope): unknown;
  getType(name: string): unknown;
}

interface Evaluator {
  run(node: ASTNode, scope: Scope): unknown;
}

interface Macro extends MacroCall {
  readonly names: readonly [string, string];
  outer: Scope | undefined;
  inner: Scope | undefined;
  readonly typeCheck: (checker: Checker, macro: Macro, scope: Scope) => unknown;
  readonly evaluate: (evaluator: Evaluator, macro: Macro, scope: Scope) => unknown;
}

type Step = (test: (node: number) => unknown, key: unknown) => 'stop' | void;

/** Macros over index or key and value. cel-go: ext/comprehensions.go */
export function registerComprehensions(env: Environment): void {
  const define = (name: string, more: number, result: string, run: (loop: Loop) => unknown): void => {
    const asts = Array.from({ length: more + 2 }, () => 'ast').join(', ');
    env.registerFunction(`list.${name}(${asts}): ${result}`, (call: MacroCall) => twoVariables(call, result, run));
  };
  define('all', 1, 'bool', (loop) => loop.first((test) => test(0) !== true) === undefined);
  define('exists', 1, 'bool', (loop) => loop.first((test) => test(0) === true) !== undefined);
  for (const name of ['existsOne', 'exists_one']) {
    define(name, 1, 'bool', (loop) => loop.collect((test, out) => test(0) === true && out.push(true)).length === 1);
  }
  define('transformList', 1, 'list<dyn>', (loop) => loop.collect((test, out) => out.push(test(0))));
  define('transformList', 2, 'list<dyn>', (loop) => loop.collect((test, out) => test(0) === true && out.push(test(1))));
  define('transformMap', 1, 'map<dyn, dyn>', (loop) => loop.map((test, out, key) => out.set(key, test(0))));
  define('transformMap', 2, 'map<dyn, dyn>', (loop) =>
    loop.map((test, out, key) => test(0) === true && out.set(key, test(1))),
  );
}

/** Goes through a list or a map, with both variables set. */
interface Loop {
  /** The key at which a test holds first. */
  first(test: (run: (part: number) => unknown) => boolean): unknown;
  collect(step: (run: (part: number) => unknown, out: unknown[]) => unknown): unknown[];
  map(
    step: (run: (part: number) => unknown, out: Map<unknown, unknown>, key: unknown) => unknown,
  ): Map<unknown, unknown>;
}

function twoVariables(call: MacroCall, result: string, run: (loop: Loop) => unknown): Macro {
  const [first, second] = [nameOf(call.args[0]), nameOf(call.args[1])];
  return {
    ...call,
    names: [first, second],
    outer: undefined,
    inner: undefined,
    typeCheck(checker, macro, scope) {
      checker.check(macro.receiver, scope);
      macro.outer = scope.forkWithVariable(first, checker.getType('dyn'));
      macro.inner = macro.outer.forkWithVariable(second, checker.getType('dyn'));
      for (const part of macro.args.slice(2)) checker.check(part, macro.inner);
      return checker.getType(result);
    },
    evaluate: (evaluator, macro, scope) => run(loopOf(evaluator, macro, scope)),
  };
}

function nameOf(node: ASTNode | undefined): string {
  if (node?.op === 'id' && typeof node.args === 'string') return node.args;
  throw new Error('argument must be a simple name');
}

function loopOf(evaluator: Evaluator, macro: Macro, scope: Scope): Loop {
  const { outer, inner, args } = macro;
  if (outer === undefined || inner === undefined) throw new Error('the expression was not checked');
  const entries = entriesOf(evaluator.run(macro.receiver, scope));
  const each = (step: Step): void => {
    for (const [key, value] of entries) {
      const keyed = outer.reuse(scope).setIterValue(key, evaluator);
      const both = inner.reuse(keyed).setIterValue(value, evaluator);
      const test = (part: number): unknown => {
        const node = args[part + 2];
        return node === undefined ? undefined : evaluator.run(node, both);
      };
      if (step(test, key) === 'stop') return;
    }
  };
  return {
    first(test) {
      let found: unknown;
      each((run, key) => {
        if (!test(run)) return undefined;
        found = key;
        return 'stop';
      });
      return found;
    },
    collect(step) {
      const out: unknown[] = [];
      each((run) => void step(run, out));
      return out;
    },
    map(step) {
      const out = new Map<unknown, unknown>();
      each((run, key) => void step(run, out, key));
      return out;
    },
  };
}

function entriesOf(range: unknown): Iterable<readonly [unknown, unknown]> {
  if (Array.isArray(range)) return range.map((value: unknown, i) => [BigInt(i), value] as const);
  if (range instanceof Map) return range;
  if (typeof range === 'object' && range !== null) return Object.entries(range);
  throw new Error('expression of this type cannot be range of a comprehension (must be list, map, or dynamic)');
}
