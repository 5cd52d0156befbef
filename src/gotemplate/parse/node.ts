/**
 * Nodes of the parse tree (Go: parse/node.go). Places are UTF-16 offsets: `pos` of lists and texts in the source of the tree, that of all
 * others from where their action begins, so that actions of the same text share their nodes; `base` is where that is.
 */
export type Node =
  | ActionNode
  | BoolNode
  | BreakNode
  | ChainNode
  | CommandNode
  | ContinueNode
  | DotNode
  | FieldNode
  | IdentifierNode
  | IfNode
  | ListNode
  | NilNode
  | NumberNode
  | PipeNode
  | RangeNode
  | StringNode
  | TemplateNode
  | TextNode
  | VariableNode
  | WithNode;

/** What may stand as an operand of a command. */
export type Operand =
  | BoolNode
  | ChainNode
  | DotNode
  | FieldNode
  | IdentifierNode
  | NilNode
  | NumberNode
  | PipeNode
  | StringNode
  | VariableNode;

/** What may stand in a list. */
export type Statement = ActionNode | BreakNode | ContinueNode | IfNode | RangeNode | TemplateNode | TextNode | WithNode;

export interface ListNode {
  readonly type: 'list';
  /** That of the first item. */
  pos: number;
  nodes: readonly Statement[];
}

interface TextNode {
  readonly type: 'text';
  readonly pos: number;
  readonly text: string;
}

export interface ActionNode {
  readonly type: 'action';
  readonly base: number;
  readonly pos: number;
  readonly pipe: PipeNode;
}

export interface PipeNode {
  readonly type: 'pipe';
  readonly pos: number;
  /** True for `=`, false for `:=`. */
  isAssign: boolean;
  decl: readonly VariableNode[];
  cmds: readonly CommandNode[];
  /** The variables beside `$` that a whole action's commands read; undefined if they declare some, or in parentheses. */
  variables: readonly string[] | undefined;
}

export interface CommandNode {
  readonly type: 'command';
  readonly pos: number;
  args: readonly Operand[];
}

export interface IdentifierNode {
  readonly type: 'identifier';
  readonly pos: number;
  readonly ident: string;
}

/** `$x.A.B`: the variable with its dollar sign, then the fields. */
export interface VariableNode {
  readonly type: 'variable';
  readonly pos: number;
  readonly ident: readonly string[];
}

interface DotNode {
  readonly type: 'dot';
  readonly pos: number;
}

interface NilNode {
  readonly type: 'nil';
  readonly pos: number;
}

/** `.A.B`, without the dots. */
export interface FieldNode {
  readonly type: 'field';
  readonly pos: number;
  readonly ident: readonly string[];
}

/** `(pipeline).A.B` or `function.A.B`. */
export interface ChainNode {
  readonly type: 'chain';
  readonly pos: number;
  readonly node: Operand;
  readonly field: readonly string[];
}

interface BoolNode {
  readonly type: 'bool';
  readonly pos: number;
  readonly value: boolean;
}

/** A number in every form that can hold it. */
export interface NumberNode {
  readonly type: 'number';
  readonly pos: number;
  readonly text: string;
  readonly int?: bigint;
  readonly uint?: bigint;
  readonly float?: number;
}

interface StringNode {
  readonly type: 'string';
  readonly pos: number;
  /** As it stands in the source, with its quotes. */
  readonly quoted: string;
  readonly text: string;
}

export interface BreakNode {
  readonly type: 'break';
  readonly base: number;
  readonly pos: number;
}

export interface ContinueNode {
  readonly type: 'continue';
  readonly base: number;
  readonly pos: number;
}

interface BranchNode {
  readonly base: number;
  readonly pos: number;
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | undefined;
}

export interface IfNode extends BranchNode {
  readonly type: 'if';
}

export interface RangeNode extends BranchNode {
  readonly type: 'range';
}

export interface WithNode extends BranchNode {
  readonly type: 'with';
}

export interface TemplateNode {
  readonly type: 'template';
  readonly base: number;
  readonly pos: number;
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}

/** Where a statement stands in its source. */
export function offsetOf(node: Statement): number {
  return node.type === 'text' ? node.pos : node.base + node.pos;
}
