import type { OutputRecorder, TemplateRun, TemplateSet } from '../../base/template-engine.ts';
import type { Node } from '../parse/node.ts';
import type { Tree } from '../parse/parse.ts';
import type { SlotCounter } from './scope.ts';

/** What a statement says to the loop around it. */
export const NEXT = 0;
export const BREAK = 1;
export const CONTINUE = 2;
export type Signal = typeof NEXT | typeof BREAK | typeof CONTINUE;

/** The content of a variable's slot that was not declared on the way taken. */
export const UNSET: unique symbol = Symbol('unset');

/** A compiled statement: writes to the frame's output. */
export type Step = (frame: Frame, dot: unknown) => Signal;

/**
 * A compiled expression. Results are values as the runtime knows them; nil inside an interface (an element of a map or list)
 * is null, the absence of any value (Go's zero reflect.Value) is undefined.
 */
export type Eval = (frame: Frame, dot: unknown) => unknown;

/** A compiled command; `final` is the result of the command before it in the pipeline. */
export type Command = (frame: Frame, dot: unknown, final: unknown) => unknown;

/** A template ready to run. */
export interface Unit {
  readonly tree: Tree;
  readonly root: Step;
  /** The variable slots of what is compiled so far; slot 0 is `$`. */
  readonly slots: SlotCounter;
}

/** Finds the template of a name, for `{{template}}`. */
type UnitLookup = (name: string, recording: boolean) => Unit | undefined;

/** What all templates of one execution share. */
export interface Run extends TemplateRun {
  readonly set: TemplateSet;
  readonly lookup: UnitLookup;
  readonly budget: Budget;
  readonly recorder: OutputRecorder | undefined;
  /** What has been written. */
  out: string;
  /** The frame that began last, for reporting an overflow of the stack. */
  deepest: Frame | undefined;
}

/** Steps and output left; shared by nested executions. */
export interface Budget {
  steps: number;
  readonly maxOutput: number;
}

/** The execution of one template. */
export class Frame {
  readonly run: Run;
  readonly tree: Tree;
  readonly vars: unknown[];
  readonly strict: boolean;
  readonly depth: number;
  /** The node that errors are reported at (Go: state.node). */
  node: Node;
  /** Where the action of that node begins. */
  base = 0;

  constructor(run: Run, unit: Unit, data: unknown, { strict, depth }: { strict: boolean; depth: number }) {
    this.run = run;
    this.tree = unit.tree;
    this.strict = strict;
    this.depth = depth;
    this.node = unit.tree.root;
    this.vars = [data];
    this.addSlots(unit.slots.count);
    run.deepest = this;
  }

  /** Makes room for the slots of blocks that were compiled after the frame began. */
  addSlots(count: number): void {
    const { vars } = this;
    for (let i = vars.length; i < count; i += 1) vars.push(UNSET);
  }
}
