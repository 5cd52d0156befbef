import { PintleError } from '../../base/errors.ts';

/** A text that does not parse: `template: name:line: message`. */
export function syntaxError(name: string, source: string, line: number, message: string): PintleError {
  return new PintleError('template-syntax', `template: ${name}:${line}: ${message}`, {
    location: { file: name, line, source },
  });
}
