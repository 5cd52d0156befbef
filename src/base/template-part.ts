/** A piece of a template's source that can run or be written, for measuring what was reached. */
export interface TemplatePart {
  readonly kind: 'text' | 'action' | 'if' | 'with' | 'range' | 'template';
  /** UTF-16 offset in the source, as recorders are told. */
  readonly offset: number;
  /** The text that is written; '' for statements. */
  readonly text: string;
  /** A block that has an `else`. */
  readonly hasElse: boolean;
}
