import type { TracedStatement } from '../base/template-engine.ts';
import { type BlockStatement, type Expression, plainName, type Statement, type TemplateText } from './ast.ts';
import { offsetOf } from './output.ts';

const known = new WeakMap<Statement, TracedStatement>();

const BLOCK_KINDS: ReadonlyMap<string | undefined, TracedStatement['kind']> = new Map([
  ['each', 'range'],
  ['with', 'with'],
]);

/** A statement as recorders know it; undefined for text, comments and declarations. */
export function tracedStatement(statement: Statement, template: TemplateText): TracedStatement | undefined {
  const kind = kindOf(statement);
  if (kind === undefined) return undefined;
  let traced = known.get(statement);
  if (traced === undefined) {
    traced = { kind, source: template.name, text: template.text, offset: offsetOf(template, statement) };
    known.set(statement, traced);
  }
  return traced;
}

function kindOf(statement: Statement): TracedStatement['kind'] | undefined {
  switch (statement.type) {
    case 'MustacheStatement':
      return 'action';
    case 'BlockStatement':
      return BLOCK_KINDS.get(plainName(statement.path)) ?? blockKind(statement);
    case 'PartialStatement':
    case 'PartialBlockStatement':
      return 'template';
    default:
      return undefined;
  }
}

/** `{{#name}}` is a condition or a loop, as its value will have it. */
function blockKind({ params, path }: BlockStatement): TracedStatement['kind'] {
  return params.length === 0 && path.type === 'PathExpression' ? 'with' : 'if';
}

/** True if a statement prints or passes on the context itself, or a name that a loop gave. */
export function usesContext(statement: Statement): boolean {
  if (statement.type !== 'MustacheStatement') return false;
  const expressions: readonly Expression[] = [statement.path, ...statement.params];
  return expressions.some((each) => each.type === 'PathExpression' && !each.data && each.parts.length <= 1);
}
