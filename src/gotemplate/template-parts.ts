import type { TemplatePart } from '../base/template-part.ts';
import { offsetOf, type ListNode } from './parse/node.ts';
import { parse } from './parse/parse.ts';
import { namesOf } from './parse/parse-clause.ts';

/** Any function may be there; `break` and `continue` are keywords then. */
const ANY_NAME = namesOf((word) => word !== 'break' && word !== 'continue');

/** The parts of a source and of all templates that it defines. Throws PintleError `template-syntax`. */
export function goTemplateParts(name: string, text: string): TemplatePart[] {
  const trees = parse(name, text, ANY_NAME);
  const out: TemplatePart[] = [];
  for (const tree of trees.values()) visit(tree.root, out);
  return out;
}

function visit(list: ListNode, out: TemplatePart[]): void {
  for (const node of list.nodes) {
    switch (node.type) {
      case 'break':
      case 'continue':
        break;
      case 'text':
        out.push({ kind: 'text', offset: offsetOf(node), text: node.text, hasElse: false });
        break;
      case 'action':
      case 'template':
        out.push({ kind: node.type, offset: offsetOf(node), text: '', hasElse: false });
        break;
      default:
        out.push({ kind: node.type, offset: offsetOf(node), text: '', hasElse: node.elseList !== undefined });
        visit(node.list, out);
        if (node.elseList !== undefined) visit(node.elseList, out);
    }
  }
}
