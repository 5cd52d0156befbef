import { PintleError } from '../../base/errors.ts';

/** True for the error that the JS engine throws when its stack ends. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

/** A text that does not parse: `template: name:line: message`. */
export function syntaxError(name: string, source: string, line: number, message: string): PintleError {
  return new PintleError('template-syntax', `template: ${name}:${line}: ${message}`, {
    location: { file: name, line, source },
  });
}
