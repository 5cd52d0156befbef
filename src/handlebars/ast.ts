/** The syntax tree that the package handlebars parses, as far as it is evaluated here. */

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 0. */
  readonly column: number;
}

interface Located {
  readonly loc: { readonly start: Position; readonly end: Position };
}

export interface Program extends Located {
  readonly type: 'Program';
  readonly body: readonly Statement[];
  readonly blockParams?: readonly string[] | null;
}

export interface Call extends Located {
  readonly path: Expression;
  readonly params: readonly Expression[];
  readonly hash?: Hash | null;
}

export interface MustacheStatement extends Call {
  readonly type: 'MustacheStatement';
}

export interface BlockStatement extends Call {
  readonly type: 'BlockStatement';
  readonly program?: Program | null;
  readonly inverse?: Program | null;
}

export interface PartialCall extends Located {
  readonly name: PathExpression | SubExpression | Literal;
  readonly params: readonly Expression[];
  readonly hash?: Hash | null;
}

export interface PartialStatement extends PartialCall {
  readonly type: 'PartialStatement';
  /** The blanks in front of a partial that stands alone on its line. */
  readonly indent: string;
}

export interface PartialBlockStatement extends PartialCall {
  readonly type: 'PartialBlockStatement';
  readonly program: Program;
}

export interface DecoratorBlock extends Call {
  readonly type: 'DecoratorBlock';
  readonly program: Program;
}

export interface Decorator extends Call {
  readonly type: 'Decorator';
}

export interface ContentStatement extends Located {
  readonly type: 'ContentStatement';
  readonly value: string;
  /** The value before tags ate blanks around them. */
  readonly original: string;
}

export interface CommentStatement extends Located {
  readonly type: 'CommentStatement';
}

export type Statement =
  | MustacheStatement
  | BlockStatement
  | PartialStatement
  | PartialBlockStatement
  | DecoratorBlock
  | Decorator
  | ContentStatement
  | CommentStatement;

export interface SubExpression extends Call {
  readonly type: 'SubExpression';
}

export interface PathExpression extends Located {
  readonly type: 'PathExpression';
  /** Starts with `@`. */
  readonly data: boolean;
  /** The number of `../`. */
  readonly depth: number;
  readonly parts: readonly string[];
  readonly original: string;
}

export type Literal = Located &
  (
    | { readonly type: 'StringLiteral'; readonly value: string }
    | { readonly type: 'NumberLiteral'; readonly value: number }
    | { readonly type: 'BooleanLiteral'; readonly value: boolean }
    | { readonly type: 'UndefinedLiteral' }
    | { readonly type: 'NullLiteral' }
  );

export type Expression = PathExpression | SubExpression | Literal;

export interface Hash extends Located {
  readonly pairs: readonly { readonly key: string; readonly value: Expression }[];
}

/** The template that a node belongs to, for locations. */
export interface TemplateText {
  readonly name: string;
  readonly text: string;
}

/** The name if a path is a single one that may be a function's; `./name` and `this.name` are the context's. */
export function plainName(path: Expression): string | undefined {
  if (path.type !== 'PathExpression' || path.data || path.depth > 0 || path.parts.length !== 1) return undefined;
  return isScoped(path) ? undefined : path.parts[0];
}

/** True if a path starts at the context: `./name`, `this.name`. */
export function isScoped({ original }: PathExpression): boolean {
  return /^\.|^this\b/.test(original);
}

/** The part of the package handlebars that is used: its parser. */
export interface HandlebarsParser {
  parse(text: string, options?: { readonly srcName?: string }): unknown;
}
