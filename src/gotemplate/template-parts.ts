import type { TemplatePart } from '../base/template-part.ts';
import type { ListNode } from './parse/node.ts';
import { parse } from './parse/parse.ts';

/** The parts of a source and of all templates that it defines. Throws PintleError `template-syntax`. */
export function goTemplateParts(name: string, text: string): TemplatePart[] {
  // Any function may be there; `break` and `continue` are keywords then.
  const trees = parse(name, text, (word) => word !== 'break' && word !== 'continue');
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
        out.push({ kind: 'text', offset: node.pos, text: node.text, hasElse: false });
        break;
      case 'action':
      case 'template':
        out.push({ kind: node.type, offset: node.pos, text: '', hasElse: false });
        break;
      default:
        out.push({ kind: node.type, offset: node.pos, text: '', hasElse: node.elseList !== undefined });
        visit(node.list, out);
        if (node.elseList !== undefined) visit(node.elseList, out);
    }
  }
}
