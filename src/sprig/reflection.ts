import type { TemplateFunction } from '../base/template-function.ts';
import { deepEqual } from '../gotemplate/runtime/deep-equal.ts';
import { kindName, typeName } from '../gotemplate/runtime/go-value.ts';
import { define } from './define.ts';

/** Types and kinds: Sprig's reflect.go. */
export const reflectionFunctions: readonly TemplateFunction[] = [
  define('typeOf', ['any'], typeName),
  define('typeIs', ['string', 'any'], (name: string, value: unknown) => typeName(value) === name),
  define('typeIsLike', ['string', 'any'], (name: string, value: unknown) => {
    const type = typeName(value);
    return type === name || type === `*${name}`;
  }),
  define('kindOf', ['any'], kindName),
  define('kindIs', ['string', 'any'], (name: string, value: unknown) => kindName(value) === name),
  define('deepEqual', ['any', 'any'], deepEqual),
];
