import type { ScalarStyle } from './token.ts';

/** A part of a document with the comments around it, as it can be written again (go-yaml v3: yaml.Node). */
export interface CommentedNode {
  readonly kind: 'scalar' | 'mapping' | 'sequence' | 'alias';
  /** As it is written (`!!str`, `!x`), '' if it is not. */
  tag: string;
  anchor: string;
  /** Text of a scalar, name of an alias. */
  value: string;
  style: ScalarStyle;
  flow: boolean;
  /** Entries of a sequence; keys and values of a mapping in turn. */
  items: CommentedNode[];
  head: string;
  line: string;
  foot: string;
}

/** A document's root with the comments of the document. */
export interface CommentedDocument {
  readonly root: CommentedNode;
  readonly head: string;
  readonly foot: string;
}

/** A node without comments. */
export function newNode(kind: CommentedNode['kind'], parts: Partial<CommentedNode> = {}): CommentedNode {
  return {
    kind,
    tag: '',
    anchor: '',
    value: '',
    style: 'plain',
    flow: false,
    items: [],
    head: '',
    line: '',
    foot: '',
    ...parts,
  };
}
