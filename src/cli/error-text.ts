import { codeFrame, formatLocation } from '../base/source.ts';
import { PintleError } from '../base/errors.ts';
import { StatusError } from '../kube/status-error.ts';
import type { Style } from '../terminal/style.ts';

/** How deep an error's details are shown. */
export interface ErrorTextOptions {
  readonly style: Style;
  /** Also the stack and the causes. */
  readonly debug: boolean;
}

/** An error as the user reads it: what, where with a frame, how it came about, what to do. docs/errors.md lists the codes. */
export function errorText(error: unknown, options: ErrorTextOptions): string {
  const { style } = options;
  const lines: string[] = [`${style.red('Error:')} ${error instanceof Error ? error.message : String(error)}`];
  if (error instanceof PintleError) lines.push(...details(error, style));
  else if (error instanceof StatusError) lines.push(...causes(error));
  if (options.debug && error instanceof Error) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
      lines.push(style.dim(cause.stack ?? cause.message));
  }
  return `${lines.filter((line) => line !== '').join('\n')}\n`;
}

function details(error: PintleError, style: Style): string[] {
  const lines: string[] = [];
  if (error.location !== undefined) {
    lines.push(`  at ${style.cyan(formatLocation(error.location))}`, indent(codeFrame(error.location)));
  }
  for (const entry of error.trace) {
    const place = entry.location === undefined ? '' : ` (${formatLocation(entry.location)})`;
    lines.push(`  - ${entry.text}${place}`);
  }
  for (const related of error.related) {
    const place = related.location === undefined ? '' : `${formatLocation(related.location)}: `;
    lines.push(`  * ${place}${related.message}`);
    // Frames of many faults would bury them.
    if (error.related.length === 1 && related.location !== undefined) lines.push(indent(codeFrame(related.location)));
  }
  if (error.hint !== undefined) lines.push(`  ${style.bold('Hint:')} ${error.hint}`);
  return lines;
}

function causes(error: StatusError): string[] {
  return (error.status.details?.causes ?? []).map((cause) => `  * ${cause.field ?? ''}: ${cause.message ?? ''}`);
}

function indent(text: string): string {
  return text === ''
    ? ''
    : text
        .split('\n')
        .map((line) => `    ${line}`)
        .join('\n');
}

/**
 * The exit code of a failure: 1 as Helm's for whatever failed, 2 for differences found with `--detailed-exitcode`, 3 and 4 for
 * rehearsals that went wrong, 130 when the user interrupted, and what was under way has been stopped or rolled back.
 */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof PintleError)) return 1;
  if (error.code === 'differences') return 2;
  if (error.code === 'rehearsal-failed') return 3;
  if (error.code === 'rehearsal-breach') return 4;
  return isInterruption(error) ? 130 : 1;
}

function isInterruption(error: unknown): boolean {
  if (!(error instanceof PintleError)) return false;
  return error.code === 'interrupted' || (error.code === 'rolled-back' && isInterruption(error.cause));
}
