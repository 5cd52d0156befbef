import type { Program, TemplateText } from './ast.ts';
import type { Output } from './output.ts';

/** A partial as a call finds it: its body and the template that it stands in. */
export interface Partial {
  readonly program: Program;
  readonly template: TemplateText;
}

/** The block that a partial was called with; `{{> @partial-block}}` runs it where it was written. */
export interface PartialBlock {
  readonly program: Program;
  readonly scope: Scope;
}

/** What names mean at one place of a template. */
export interface Scope {
  readonly template: TemplateText;
  readonly context: unknown;
  /** The scope that `../` leads to. */
  readonly outer: Scope | undefined;
  readonly root: unknown;
  /** `@index`, `@key`, `@first`, `@last` of the innermost loop, and the loop around it. */
  readonly loop: LoopVariables | undefined;
  /** Names given by `as |item index|`. */
  readonly names: ReadonlyMap<string, unknown>;
  /** Partials of `{{#*inline}}`. */
  readonly inlines: ReadonlyMap<string, Partial>;
  readonly partialBlock: PartialBlock | undefined;
  /** Partials that are being run. */
  readonly depth: number;
}

/** Where a block runs and writes. */
export interface BlockPlace {
  readonly scope: Scope;
  readonly out: Output;
}

export interface LoopVariables {
  readonly variables: ReadonlyMap<string, unknown>;
  readonly outer: LoopVariables | undefined;
}

/** The scope of a template run with some data. */
export function rootScope(template: TemplateText, context: unknown): Scope {
  return {
    template,
    context,
    outer: undefined,
    root: context,
    loop: undefined,
    names: new Map(),
    inlines: new Map(),
    partialBlock: undefined,
    depth: 0,
  };
}

/** The scope of a block whose context may be another one; only then `../` has a further step. */
export function withContext(scope: Scope, context: unknown): Scope {
  return context === scope.context ? scope : { ...scope, context, outer: scope };
}

/** The scope with further names. */
export function withNames(
  scope: Scope,
  names: readonly string[] | null | undefined,
  values: readonly unknown[],
): Scope {
  if (names === null || names === undefined || names.length === 0) return scope;
  const all = new Map(scope.names);
  names.forEach((name, index) => all.set(name, values[index]));
  return { ...scope, names: all };
}
