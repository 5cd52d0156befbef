import { quote } from '../runtime/quote.ts';
import type { CommandNode, Node, Operand, PipeNode } from './node.ts';

/** A node as its String method in Go writes it; error messages show nodes so. */
export function nodeText(node: Node): string {
  switch (node.type) {
    case 'list':
      return node.nodes.map(nodeText).join('');
    case 'text':
      return node.text;
    case 'action':
      return `{{${nodeText(node.pipe)}}}`;
    case 'pipe':
      return pipeText(node);
    case 'command':
      return commandText(node);
    case 'if':
    case 'range':
    case 'with': {
      const otherwise = node.elseList === undefined ? '' : `{{else}}${nodeText(node.elseList)}`;
      return `{{${node.type} ${nodeText(node.pipe)}}}${nodeText(node.list)}${otherwise}{{end}}`;
    }
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe === undefined ? '' : ` ${nodeText(node.pipe)}`}}}`;
    case 'break':
    case 'continue':
      return `{{${node.type}}}`;
    default:
      return operandText(node);
  }
}

function pipeText(node: PipeNode): string {
  const declarations = node.decl.map(nodeText).join(', ');
  const commands = node.cmds.map(commandText).join(' | ');
  return node.decl.length === 0 ? commands : `${declarations} ${node.isAssign ? '=' : ':='} ${commands}`;
}

function commandText(node: CommandNode): string {
  return node.args.map((arg) => (arg.type === 'pipe' ? `(${pipeText(arg)})` : operandText(arg))).join(' ');
}

function operandText(node: Operand): string {
  switch (node.type) {
    case 'identifier':
      return node.ident;
    case 'variable':
      return node.ident.join('.');
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'field':
      return node.ident.map((name) => `.${name}`).join('');
    case 'chain': {
      const start = operandText(node.node);
      return (node.node.type === 'pipe' ? `(${start})` : start) + node.field.map((name) => `.${name}`).join('');
    }
    case 'bool':
      return String(node.value);
    case 'number':
      return node.text;
    case 'string':
      return node.quoted;
    default:
      return pipeText(node);
  }
}
