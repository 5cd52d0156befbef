import { PintleError, type TraceEntry } from '../../base/errors.ts';
import { byteLength } from '../../base/go-string.ts';
import { positionAt, type SourceLocation } from '../../base/source.ts';
import { nodeText } from '../parse/node-text.ts';
import { quote } from '../runtime/quote.ts';
import type { Frame } from './frame.ts';

/**
 * A failure of the running template, in Go's words:
 * `template: web/templates/x.yaml:3:14: executing "web/templates/x.yaml" at <.Values.a.b>: …`.
 * The location is that of the innermost template, the trace leads from there outwards.
 *
 * @param cause what the function that failed threw
 * @param ownHint what can be done; default: what the cause says
 */
export function execError(frame: Frame, message: string, cause?: unknown, ownHint?: string): PintleError {
  const { tree, node } = frame;
  const place = frame.base + node.pos;
  const { line, column } = positionAt(tree.text, place);
  const bytes = byteLength(tree.text.slice(place - column + 1, place));
  const context = nodeText(node);
  const text = `template: ${tree.parseName}:${line}:${bytes}: executing ${quote(tree.name)} at <${context}>: ${message}`;
  const own: SourceLocation = { file: tree.parseName, line, column, source: tree.text };
  const inner = innermost(cause);
  const hint = ownHint ?? hintIn(cause);
  const entry: TraceEntry = { text: `executing ${quote(tree.name)} at <${context}>`, location: own };
  return new PintleError('template-exec', text, {
    location: inner?.location ?? own,
    trace: [...(inner?.trace ?? []), entry],
    ...(cause === undefined ? {} : { cause }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What can be done about the failure underneath. */
function hintIn(cause: unknown): string | undefined {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if (error instanceof PintleError && error.hint !== undefined) return error.hint;
  }
  return undefined;
}

/** The template error at the bottom of what a function threw. */
function innermost(cause: unknown): PintleError | undefined {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if (error instanceof PintleError && error.location !== undefined) return error;
  }
  return undefined;
}
