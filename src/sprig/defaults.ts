import type { TemplateFunction } from '../base/template-function.ts';
import { truth } from '../gotemplate/runtime/go-value.ts';
import { define, defineVariadic } from './define.ts';

/** Defaults and choices: Sprig's defaults.go. Empty is what Go templates take for false. */
export const defaultFunctions: readonly TemplateFunction[] = [
  defineVariadic('default', ['any', 'any'], (fallback: unknown, ...given: unknown[]) =>
    given.length > 0 && truth(given[0]) ? given[0] : fallback,
  ),
  define('empty', ['any'], (value: unknown) => !truth(value)),
  defineVariadic('coalesce', ['any'], (...values: unknown[]) => values.find(truth) ?? null),
  defineVariadic('all', ['any'], (...values: unknown[]) => values.every(truth)),
  defineVariadic('any', ['any'], (...values: unknown[]) => values.some(truth)),
  define('ternary', ['any', 'any', 'bool'], (yes: unknown, no: unknown, condition: boolean) => (condition ? yes : no)),
];
