import type { ExecuteOptions, TemplateEngineOptions, TemplateSet, TemplateSource } from '../base/template-engine.ts';
import { BUILTINS } from './builtins/funcs.ts';
import { ExpressionCompiler } from './compile/expressions.ts';
import { Frame, type Budget, type Run, type Unit } from './compile/frame.ts';
import { Scope, type SlotCounter } from './compile/scope.ts';
import { compiling, depthError, StatementCompiler } from './compile/statements.ts';
import { limitError, TOO_MANY_STEPS } from './compile/limit-error.ts';
import { isEmptyTree, type Tree } from './parse/parse.ts';
import { functionNames, parseCached, type RememberedNames } from './parse/parse-cache.ts';
import { isStackOverflow } from '../base/stack-overflow.ts';
import { quote } from './runtime/quote.ts';

/** A template's tree with what it was compiled to so far. */
interface Entry {
  readonly tree: Tree;
  unit?: Unit;
  recordingUnit?: Unit;
}

/** What a set shares with the sets that extend it. */
interface Core {
  readonly options: TemplateEngineOptions;
  readonly expressions: ExpressionCompiler;
  readonly names: RememberedNames;
  /** The budget of the execution that is going on. */
  budget: Budget | undefined;
}

/** Go templates that share one namespace. Templates are compiled when they are first run. */
export class GoTemplateSet implements TemplateSet {
  readonly #core: Core;
  readonly #parent: GoTemplateSet | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #extensions = new Map<string, GoTemplateSet>();

  private constructor(core: Core, parent: GoTemplateSet | undefined) {
    this.#core = core;
    this.#parent = parent;
  }

  /** Parses all sources; throws PintleError `template-syntax`. */
  static compile(sources: readonly TemplateSource[], options: TemplateEngineOptions): GoTemplateSet {
    const { functions } = options;
    const core: Core = {
      options,
      expressions: new ExpressionCompiler(functions),
      names: functionNames([...functions.keys(), ...BUILTINS.keys()]),
      budget: undefined,
    };
    const set = new GoTemplateSet(core, undefined);
    for (const source of sources) set.#add(source);
    return set;
  }

  has(name: string): boolean {
    return this.#entry(name) !== undefined;
  }

  /** Runs a template. An unknown name throws a plain Error with Go's text. */
  execute(name: string, data: unknown, options: ExecuteOptions = {}): string {
    const unit = this.#unit(name, options.recorder !== undefined);
    if (unit === undefined) {
      throw new Error(`template: no template ${quote(name)} associated with template "gotpl"`);
    }
    const core = this.#core;
    const outermost = core.budget === undefined;
    const { steps, output } = core.options.limits ?? {};
    core.budget ??= { steps: steps ?? Number.POSITIVE_INFINITY, maxOutput: output ?? Number.POSITIVE_INFINITY };
    if (!outermost) {
      core.budget.steps -= 1;
      if (core.budget.steps < 0) throw limitError(TOO_MANY_STEPS);
    }
    const run: Run = {
      set: this,
      lookup: (template, recording) => this.#unit(template, recording),
      budget: core.budget,
      recorder: options.recorder,
      out: '',
      deepest: undefined,
    };
    try {
      const value = data ?? undefined;
      unit.root(new Frame(run, unit, value, { strict: core.options.strict === true, depth: 0 }), value);
      options.recorder?.finish?.(run.out);
      return run.out;
    } catch (error) {
      if (isStackOverflow(error) && outermost && run.deepest !== undefined) throw depthError(run.deepest, error);
      throw error;
    } finally {
      if (outermost) core.budget = undefined;
    }
  }

  extend(source: TemplateSource): GoTemplateSet {
    const key = `${source.name}\0${source.text}`;
    let set = this.#extensions.get(key);
    if (set === undefined) {
      set = new GoTemplateSet(this.#core, this);
      set.#add(source, true);
      this.#extensions.set(key, set);
    }
    return set;
  }

  /** @param replaces the source itself counts even if it is empty */
  #add({ name, text }: TemplateSource, replaces = false): void {
    for (const [template, tree] of parseCached(name, text, this.#core.names)) {
      // A template that holds only space never replaces another one.
      const wins = (replaces && template === name) || !isEmptyTree(tree.root) || this.#entry(template) === undefined;
      if (wins) this.#entries.set(template, { tree });
    }
  }

  #entry(name: string): Entry | undefined {
    const parent = this.#parent;
    return this.#entries.get(name) ?? (parent === undefined ? undefined : parent.#entry(name));
  }

  #unit(name: string, recording: boolean): Unit | undefined {
    const entry = this.#entry(name);
    if (entry === undefined) return undefined;
    if (recording) {
      entry.recordingUnit ??= compileTree(entry.tree, this.#core.expressions, true);
      return entry.recordingUnit;
    }
    entry.unit ??= compileTree(entry.tree, this.#core.expressions, false);
    return entry.unit;
  }
}

function compileTree(tree: Tree, expressions: ExpressionCompiler, recording: boolean): Unit {
  const slots: SlotCounter = { count: 0 };
  const scope = Scope.root(slots);
  const statements = new StatementCompiler(expressions, recording);
  const root = compiling(tree, () => statements.list(tree.root, { scope, boxedSlot: undefined }));
  return { tree, root, slots };
}
