import { type ErrorDetails, PintleError } from '../base/errors.ts';
import { warningIn } from './render-functions.ts';

/** One step of a failure as Helm prints it. helm: engine.TraceableError. */
interface Step {
  readonly location: string;
  readonly executed: string;
  readonly message: string;
}

/** The failure of a template in Helm's words, with place and trace kept. helm: engine.reformatExecErrorMsg. */
export function renderError(file: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const details = { ...detailsOf(error), cause: error };
  if (!(error instanceof PintleError)) return new PintleError('template-exec', error.message, details);
  if (error.code !== 'template-exec') return error;
  return new PintleError('template-exec', execText(file, error), details);
}

function detailsOf(error: Error): ErrorDetails {
  if (!(error instanceof PintleError)) return { trace: [] };
  const { trace, location, hint } = error;
  return { trace, ...(location === undefined ? {} : { location }), ...(hint === undefined ? {} : { hint }) };
}

function execText(file: string, error: PintleError): string {
  const [, location = '', rest] = splitThree(error.message);
  if (rest === undefined) return `execution error in (${file}): ${error.message}`;
  const warned = warningIn(rest);
  if (warned !== undefined) return `execution error at (${location}): ${warned}`;
  const steps: Step[] = [];
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    const step = parseStep(current.message);
    if (step === undefined) return error.message;
    const last = steps.at(-1);
    if (last === undefined || !sameStep(last, step)) steps.push(step);
  }
  return steps.map(stepText).join('').trim();
}

/** The first two parts before `: ` and the rest. */
function splitThree(text: string): string[] {
  const first = text.indexOf(': ');
  const second = first === -1 ? -1 : text.indexOf(': ', first + 2);
  return second === -1 ? [text] : [text.slice(0, first), text.slice(first + 2, second), text.slice(second + 2)];
}

function sameStep(a: Step, b: Step): boolean {
  return a.location === b.location && a.executed === b.executed && a.message === b.message;
}

function stepText({ location, executed, message }: Step): string {
  return (
    (location === '' ? '' : `${location}\n  `) +
    (executed === '' ? '' : `${executed}\n    `) +
    (message === '' ? '' : `${message}\n`)
  );
}

const PREFIX = 'template: ';

function parseStep(text: string): Step | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const rest = text.slice(PREFIX.length);
  if (rest.startsWith('no template ')) return { location: '', executed: '', message: text };
  return parseExecuting(rest) ?? parseSimple(rest);
}

/** `FILE:1:2: executing "NAME" at <NODE>: MESSAGE` */
function parseExecuting(rest: string): Step | undefined {
  const match = /^(.*?): executing "([^"]*)" at <(.*?)>: ([^]*)$/s.exec(rest);
  if (match === null) return undefined;
  const [, location = '', name = '', node = '', message = ''] = match;
  return { location, executed: `executing "${name}" at <${node}>:`, message: beforeNested(message) };
}

/** `FILE: MESSAGE` */
function parseSimple(rest: string): Step | undefined {
  const colon = rest.lastIndexOf(': ');
  if (colon === -1) return undefined;
  return { location: rest.slice(0, colon), executed: '', message: beforeNested(rest.slice(colon + 2)) };
}

function beforeNested(message: string): string {
  const nested = message.indexOf(' template:');
  return nested === -1 ? message : message.slice(0, nested);
}

/** A syntax error in Helm's words. helm: engine.cleanupParseError. */
export function parseError(file: string, error: unknown): unknown {
  if (!(error instanceof PintleError) || error.code !== 'template-syntax') return error;
  const tokens = error.message.split(': ');
  const text =
    tokens.length === 1
      ? `parse error in (${file}): ${error.message}`
      : `parse error at (${tokens[1] ?? ''}): ${tokens.at(-1) ?? ''}`;
  return new PintleError('template-syntax', text, { ...detailsOf(error), cause: error });
}
