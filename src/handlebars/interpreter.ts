import { PintleError, type TraceEntry } from '../base/errors.ts';
import { newObject } from '../base/json.ts';
import type { SourceLocation } from '../base/source.ts';
import type { Branch, TemplateRun } from '../base/template-engine.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import {
  type BlockStatement,
  type Call,
  type ContentStatement,
  type Expression,
  type MustacheStatement,
  type PartialBlockStatement,
  type PartialCall,
  type PartialStatement,
  type PathExpression,
  plainName,
  type Position,
  type Program,
  type Statement,
  type TemplateText,
} from './ast.ts';
import { type BlockRunner, runBlockHelper } from './block-helpers.ts';
import type { Budget } from './budget.ts';
import { callFunction } from './call-function.ts';
import { OPERATORS } from './operators.ts';
import { lookUpPath } from './look-up-path.ts';
import type { Output } from './output.ts';
import { type BlockPlace, type Partial, rootScope, type Scope, withContext, withNames } from './scope.ts';
import { tracedStatement, usesContext } from './traced-statement.ts';
import { isTruthy, type ValueAdapter } from './value-adapter.ts';

/** Partials and includes nested deeper than this are taken for an endless recursion. */
const MAX_DEPTH = 1000;

/** What a run of a template knows. */
export interface InterpreterOptions {
  readonly functions: ReadonlyMap<string, TemplateFunction>;
  readonly partials: ReadonlyMap<string, Partial>;
  readonly values: ValueAdapter;
  /** A missing value is an error. */
  readonly strict: boolean;
  readonly budget: Budget;
  /** Handed to contextual functions. */
  readonly run: TemplateRun;
}

/** One run of a template: evaluates syntax trees. */
export class Interpreter implements BlockRunner {
  readonly #options: InterpreterOptions;

  constructor(options: InterpreterOptions) {
    this.#options = options;
  }

  get values(): ValueAdapter {
    return this.#options.values;
  }

  /** Runs a template with data as its context and root. */
  run({ program, template }: Partial, data: unknown, out: Output): void {
    this.program(program, { scope: rootScope(template, data), out });
  }

  /** Runs the statements of a program; `values` are bound to its block parameters. */
  program(program: Program | null | undefined, { scope, out }: BlockPlace, values: readonly unknown[] = []): void {
    if (program === null || program === undefined) return;
    const inner = this.#declareInlines(program, withNames(scope, program.blockParams, values));
    for (const statement of program.body) this.#statement(statement, { scope: inner, out });
  }

  /** Runs one of the two programs of a block. */
  branch(branch: Branch, { program, inverse }: BlockStatement, place: BlockPlace, values?: readonly unknown[]): void {
    place.out.recorder?.branch?.(branch);
    this.program(branch === 'body' ? program : inverse, place, values);
  }

  /** The value of an expression; undefined if there is none. With `optional` that is no error in strict mode either. */
  evaluate(expression: Expression, scope: Scope, optional = false): unknown {
    switch (expression.type) {
      case 'PathExpression':
        return this.#reference(expression, scope, optional);
      case 'SubExpression':
        return this.#call(expression, scope);
      case 'NullLiteral':
        return null;
      case 'UndefinedLiteral':
        return undefined;
      default:
        return expression.value;
    }
  }

  /** A failure at a node of the scope's template. */
  failure(
    message: string,
    node: { readonly loc: { readonly start: Position } },
    scope: Scope,
    cause?: unknown,
  ): PintleError {
    return new PintleError('template-exec', message, { location: locate(scope.template, node.loc.start), cause });
  }

  #statement(statement: Statement, place: BlockPlace): void {
    const { recorder } = place.out;
    const traced = recorder?.enter === undefined ? undefined : tracedStatement(statement, place.scope.template);
    if (traced === undefined) return this.#plainStatement(statement, place);
    recorder?.enter?.(traced);
    if (usesContext(statement)) recorder?.use?.(place.scope, [], true);
    this.#plainStatement(statement, place);
    recorder?.leave?.();
  }

  #plainStatement(statement: Statement, place: BlockPlace): void {
    const { scope, out } = place;
    switch (statement.type) {
      case 'ContentStatement':
        return this.#write(statement.value, statement, place);
      case 'MustacheStatement':
        return this.#write(this.values.print(this.#mustache(statement, scope)), statement, place);
      case 'BlockStatement':
        return this.#block(statement, place);
      case 'PartialStatement': {
        if (statement.indent === '') return this.#partial(statement, place);
        const inner = out.nested(this.#partialName(statement, scope));
        this.#partial(statement, { scope, out: inner });
        return out.append(inner, statement.indent, { template: scope.template, node: statement });
      }
      case 'PartialBlockStatement':
        return this.#partialBlock(statement, place);
      case 'DecoratorBlock':
      case 'CommentStatement':
        return undefined;
      default:
        throw this.failure('only the decorator "inline" is known', statement, scope);
    }
  }

  #write(text: string, node: MustacheStatement | ContentStatement, { scope, out }: BlockPlace): void {
    if (text === '') return;
    if (!this.#options.budget.spendOutput(text.length)) throw this.failure('the output is too long', node, scope);
    out.write(text, scope.template, node);
  }

  #step(node: { readonly loc: { readonly start: Position } }, scope: Scope): void {
    if (!this.#options.budget.spendStep()) throw this.failure('the template takes too many steps', node, scope);
  }

  /** `{{#*inline "name"}}` declares for the whole block that it stands in. */
  #declareInlines(program: Program, scope: Scope): Scope {
    let inlines: Map<string, Partial> | undefined;
    for (const statement of program.body) {
      if (statement.type !== 'DecoratorBlock') continue;
      const [name] = statement.params;
      if (plainName(statement.path) !== 'inline' || name === undefined) {
        throw this.failure('only the decorator "inline" with a name is known', statement, scope);
      }
      inlines ??= new Map(scope.inlines);
      inlines.set(String(this.evaluate(name, scope)), { program: statement.program, template: scope.template });
    }
    return inlines === undefined ? scope : { ...scope, inlines };
  }

  #mustache(statement: MustacheStatement, scope: Scope): unknown {
    const { path, params, hash } = statement;
    const bare = params.length === 0 && (hash?.pairs.length ?? 0) === 0;
    if (!bare) return this.#call(statement, scope);
    return path.type === 'PathExpression' ? this.#reference(path, scope, false) : this.#member(path, scope);
  }

  /** `{{"odd key"}}` names a member of the context. */
  #member(path: Expression, scope: Scope): unknown {
    if (path.type === 'SubExpression') return this.#call(path, scope);
    return this.values.get(scope.context, String(this.evaluate(path, scope)));
  }

  /** A path without arguments: a member of the context, else a function that takes none. */
  #reference(path: PathExpression, scope: Scope, optional: boolean): unknown {
    const name = plainName(path);
    const value = lookUpPath(path, scope, this.values);
    if (value !== undefined) return value;
    const known = name === undefined ? undefined : this.#function(name);
    if (known !== undefined) return this.#invoke(known, [], path, scope);
    if (this.#options.strict && !optional) throw this.failure(`${path.original} is not defined`, path, scope);
    return undefined;
  }

  #function(name: string): TemplateFunction | undefined {
    if (name === 'lookup') return undefined;
    const known = this.#options.functions.get(name === 'lookupObject' ? 'lookup' : name);
    if (known !== undefined) return known;
    const operator = OPERATORS.get(name);
    if (operator === undefined) return undefined;
    return { name, params: ['any'], variadic: true, call: operator };
  }

  #call(call: Call, scope: Scope): unknown {
    const { path, params, hash } = call;
    const name = plainName(path);
    if (name === undefined) throw this.failure('only functions can be called with arguments', path, scope);
    if (name === 'lookup') return this.#lookupHelper(call, scope);
    const known = this.#function(name);
    if (known === undefined) {
      if (params.length === 0) return this.evaluate(path, scope);
      throw this.failure(`function "${name}" not defined`, path, scope);
    }
    if (hash !== null && hash !== undefined && hash.pairs.length > 0) {
      throw this.failure(`${name} takes no named arguments`, hash, scope);
    }
    const args = params.map((param) => this.evaluate(param, scope));
    // `include "name"` and `tpl text` go on with what is at hand.
    if ((name === 'include' || name === 'tpl') && args.length === 1) args.push(scope.context);
    return this.#invoke(known, args, call, scope);
  }

  #lookupHelper({ params, path }: Call, scope: Scope): unknown {
    const [object, key] = params;
    if (object === undefined || key === undefined) throw this.failure('lookup needs a value and a key', path, scope);
    const value = this.evaluate(object, scope);
    if (value === undefined || value === null) return undefined;
    return this.values.get(value, this.values.print(this.evaluate(key, scope)));
  }

  #invoke(
    known: TemplateFunction,
    args: readonly unknown[],
    node: { readonly loc: { readonly start: Position } },
    scope: Scope,
  ): unknown {
    try {
      return callFunction(known, args, this.#options.run);
    } catch (error) {
      if (error instanceof PintleError && error.location !== undefined) {
        const text = known.name === 'include' ? `include ${JSON.stringify(args[0])}` : known.name;
        throw this.#traced(error, { text, location: locate(scope.template, node.loc.start) });
      }
      const message = error instanceof Error ? error.message : String(error);
      throw this.failure(`error calling ${known.name}: ${message}`, node, scope, error);
    }
  }

  #block(statement: BlockStatement, place: BlockPlace): void {
    if (runBlockHelper(statement, place, this)) return;
    const { scope, out } = place;
    const value = this.#blockValue(statement, scope);
    if (value === true) this.branch('body', statement, place);
    else if (!isTruthy(value)) this.branch('else', statement, place);
    else if (Array.isArray(value)) this.each(statement, value, place);
    else this.branch('body', statement, { scope: withContext(scope, value), out }, [value]);
  }

  #blockValue(statement: BlockStatement, scope: Scope): unknown {
    if (statement.params.length > 0) return this.#call(statement, scope);
    return statement.path.type === 'PathExpression'
      ? this.#reference(statement.path, scope, true)
      : this.#member(statement.path, scope);
  }

  /** Runs the block for every member of a collection, its inverse if there is none. */
  each(statement: BlockStatement, collection: unknown, { scope, out }: BlockPlace): void {
    const entries = this.values.entries(collection) ?? [];
    if (entries.length === 0) return this.branch('else', statement, { scope, out });
    entries.forEach(({ key, value }, index) => {
      this.#step(statement, scope);
      const variables = new Map<string, unknown>([
        ['key', key],
        ['index', index],
        ['first', index === 0],
        ['last', index === entries.length - 1],
      ]);
      const inner = { ...withContext(scope, value), loop: { variables, outer: scope.loop } };
      out.recorder?.element?.(collection, index);
      this.branch('body', statement, { scope: inner, out }, [value, key]);
    });
  }

  #partial(statement: PartialStatement, { scope, out }: BlockPlace): void {
    const name = this.#partialName(statement, scope);
    if (name === '@partial-block') {
      const block = scope.partialBlock;
      if (block === undefined) throw this.failure('there is no partial block here', statement, scope);
      const context = this.#partialContext(statement, scope);
      return this.program(block.program, { scope: { ...withContext(block.scope, context), depth: scope.depth }, out });
    }
    const partial = this.#findPartial(name, scope);
    if (partial === undefined) throw this.failure(`partial "${name}" not defined`, statement, scope);
    return this.#runPartial({ partial, name, call: statement }, { scope, out });
  }

  /** `{{#> name}}` runs the block itself if there is no partial of the name. */
  #partialBlock(statement: PartialBlockStatement, { scope, out }: BlockPlace): void {
    const name = this.#partialName(statement, scope);
    const inner = this.#declareInlines(statement.program, scope);
    const partial = this.#findPartial(name, inner);
    if (partial === undefined) return this.program(statement.program, { scope, out });
    const partialBlock = { program: statement.program, scope };
    return this.#runPartial({ partial, name, call: statement }, { scope: { ...inner, partialBlock }, out });
  }

  #partialName({ name }: PartialCall, scope: Scope): string {
    if (name.type === 'PathExpression') return name.original;
    return this.values.print(this.evaluate(name, scope));
  }

  #findPartial(name: string, scope: Scope): Partial | undefined {
    return scope.inlines.get(name) ?? this.#options.partials.get(name);
  }

  #runPartial({ partial, name, call }: PartialRun, { scope, out }: BlockPlace): void {
    this.#step(call, scope);
    if (scope.depth >= MAX_DEPTH) {
      throw this.failure(`partial "${name}" is nested more than ${MAX_DEPTH} levels deep`, call, scope);
    }
    const context = this.#partialContext(call, scope);
    const inner: Scope = {
      ...withContext(scope, context),
      template: partial.template,
      names: new Map(),
      depth: scope.depth + 1,
    };
    try {
      this.program(partial.program, { scope: inner, out });
    } catch (error) {
      if (!(error instanceof PintleError)) throw error;
      throw this.#traced(error, { text: `partial "${name}"`, location: locate(scope.template, call.loc.start) });
    }
  }

  /** The argument, else the present context; named arguments are added to a copy of it. */
  #partialContext({ params, hash }: PartialCall, scope: Scope): unknown {
    const [param] = params;
    const context = param === undefined ? scope.context : this.evaluate(param, scope);
    if (hash === null || hash === undefined || hash.pairs.length === 0) return context;
    const merged = newObject();
    if (!Array.isArray(context)) {
      for (const { key, value } of this.values.entries(context) ?? []) merged[String(key)] = value;
    }
    for (const { key, value } of hash.pairs) merged[key] = this.evaluate(value, scope);
    return merged;
  }

  #traced(error: PintleError, entry: TraceEntry): PintleError {
    const { code, message, location, hint, related, trace, cause } = error;
    return new PintleError(code, message, {
      ...(location !== undefined && { location }),
      ...(hint !== undefined && { hint }),
      related,
      trace: [...trace, entry],
      cause,
    });
  }
}

function locate({ name, text }: TemplateText, { line, column }: Position): SourceLocation {
  return { file: name, line, column: column + 1, source: text };
}

interface PartialRun {
  readonly partial: Partial;
  readonly name: string;
  readonly call: PartialCall;
}
