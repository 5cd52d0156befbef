import type { TemplatePart } from '../base/template-part.ts';
import type { HandlebarsParser, Program, TemplateText } from './ast.ts';
import { offsetOf } from './output.ts';
import { parseTemplate } from './parse-template.ts';
import { tracedStatement } from './traced-statement.ts';

/** The parts of a source. Throws PintleError `template-syntax`. */
export function handlebarsParts(template: TemplateText, parser: HandlebarsParser): TemplatePart[] {
  const out: TemplatePart[] = [];
  visit(parseTemplate(template, parser), template, out);
  return out;
}

function visit(program: Program | null | undefined, template: TemplateText, out: TemplatePart[]): void {
  for (const statement of program?.body ?? []) {
    const { type } = statement;
    if (type === 'ContentStatement') {
      if (statement.value === '') continue;
      out.push({ kind: 'text', offset: offsetOf(template, statement), text: statement.value, hasElse: false });
      continue;
    }
    const traced = tracedStatement(statement, template);
    const inverse = type === 'BlockStatement' ? statement.inverse : undefined;
    const hasElse = inverse !== undefined && inverse !== null;
    if (traced !== undefined) out.push({ kind: traced.kind, offset: traced.offset, text: '', hasElse });
    if ('program' in statement) visit(statement.program, template, out);
    visit(inverse, template, out);
  }
}
