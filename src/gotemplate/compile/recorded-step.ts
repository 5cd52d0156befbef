import type { TracedStatement } from '../../base/template-engine.ts';
import { type Node, offsetOf, type PipeNode, type Statement } from '../parse/node.ts';
import type { Eval, Frame, Step } from './frame.ts';
import type { Scope } from './scope.ts';

/**
 * A statement that tells the run's recorder what it writes, reads and sets.
 *
 * @param compile gives the statement without that
 */
export function recordedStep(node: Statement, scope: Scope, compile: () => Step): Step {
  if (node.type === 'break' || node.type === 'continue') return compile();
  if (node.type === 'text') {
    const step = compile();
    return (frame, dot) => written(frame, dot, node, step);
  }
  // Variables that the statement declares are not there yet when it reads others of the same name.
  const used = usedBy(node.pipe, scope);
  const step = compile();
  const assigned = node.type === 'action' ? assignedBy(node.pipe, scope) : [];
  let statement: TracedStatement | undefined;
  return (frame, dot) => {
    const { recorder } = frame.run;
    if (recorder?.enter === undefined)
      return node.type === 'action' ? written(frame, dot, node, step) : step(frame, dot);
    // The unit runs for one tree alone.
    statement ??= { kind: node.type, source: frame.tree.parseName, text: frame.tree.text, offset: offsetOf(node) };
    recorder.enter(statement);
    if (used.dot || used.variables.length > 0) recorder.use?.(frame.vars, used.variables, used.dot);
    if (assigned.length > 0) recorder.assign?.(frame.vars, assigned);
    const signal = node.type === 'action' ? written(frame, dot, node, step) : step(frame, dot);
    recorder.leave?.();
    return signal;
  };
}

/** A block's pipeline that tells which variables it sets. */
export function recordedAssignment(pipe: PipeNode, scope: Scope, evaluate: Eval): Eval {
  const assigned = assignedBy(pipe, scope);
  if (assigned.length === 0) return evaluate;
  return (frame, dot) => {
    frame.run.recorder?.assign?.(frame.vars, assigned);
    return evaluate(frame, dot);
  };
}

function written(frame: Frame, dot: unknown, node: Statement, step: Step): ReturnType<Step> {
  const start = frame.run.out.length;
  const signal = step(frame, dot);
  const end = frame.run.out.length;
  if (end > start) frame.run.recorder?.record(start, end, frame.tree.parseName, offsetOf(node));
  return signal;
}

/** The body of a loop that tells which element it runs for. */
export function recordedElements(container: unknown, body: Step): Step {
  let position = 0;
  return (frame, dot) => {
    frame.run.recorder?.branch?.('body');
    frame.run.recorder?.element?.(container, position);
    position += 1;
    return body(frame, dot);
  };
}

interface Used {
  readonly variables: number[];
  dot: boolean;
}

/** Slots of the variables that a pipeline reads, and whether it reads the dot itself. */
function usedBy(pipe: PipeNode | undefined, scope: Scope): Used {
  const used: Used = { variables: [], dot: false };
  if (pipe !== undefined) visit(pipe, scope, used);
  return used;
}

function visit(node: Node, scope: Scope, used: Used): void {
  switch (node.type) {
    case 'pipe':
      for (const command of node.cmds) for (const argument of command.args) visit(argument, scope, used);
      return;
    case 'chain':
      visit(node.node, scope, used);
      return;
    case 'dot':
      used.dot = true;
      return;
    case 'variable': {
      const variable = scope.find(node.ident[0] ?? '');
      // Slot 0 is `$`, the data of the whole template.
      if (variable !== undefined && variable.slot !== 0) used.variables.push(variable.slot);
      return;
    }
    default:
  }
}

function assignedBy(pipe: PipeNode, scope: Scope): number[] {
  return pipe.decl.flatMap((declaration) => scope.find(declaration.ident[0] ?? '')?.slot ?? []);
}
