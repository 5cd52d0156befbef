import { byteLength, sliceBytes } from '../base/go-string.ts';
import type { TemplateFunction } from '../base/template-function.ts';
import { goStringMap, goStrings } from '../gotemplate/runtime/go-value.ts';
import { printValue } from '../gotemplate/runtime/print.ts';
import { quote } from '../gotemplate/runtime/quote.ts';
import { checkElements, checkLength } from './bounds.ts';
import { alias, define, defineVariadic } from './define.ts';
import { isUntypedNil, toText, toTexts } from './reflect.ts';
import { abbreviate } from './text/abbreviate.ts';
import { swapCase, toLower, toTitle, toUpper, uncapitalize } from './text/case.ts';
import { deleteWhiteSpace, initials } from './text/byte-words.ts';
import { trimSet, trimSpace } from './text/trim.ts';
import { toConnectedCase, toPascalCase } from './text/word-case.ts';
import { wrap } from './text/wrap.ts';

const trimAll = define('trimAll', ['string', 'string'], (cutset: string, text: string) => trimSet(text, cutset));

/** Strings without chance: Sprig's functions.go, strings.go. */
export const stringFunctions: readonly TemplateFunction[] = [
  define('hello', [], () => 'Hello!'),
  define('abbrev', ['int', 'string'], (width: bigint, text: string) =>
    width < 4n ? text : abbreviate(text, 0, Number(width)),
  ),
  define('abbrevboth', ['int', 'int', 'string'], (left: bigint, right: bigint, text: string) =>
    right < 4n || (left > 0n && right < 7n) ? text : abbreviate(text, Number(left), Number(right)),
  ),
  define('trunc', ['int', 'string'], truncate),
  define('substr', ['int', 'int', 'string'], substring),
  define('trim', ['string'], trimSpace),
  trimAll,
  alias('trimall', trimAll),
  define('trimPrefix', ['string', 'string'], (prefix: string, text: string) =>
    text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  define('trimSuffix', ['string', 'string'], (suffix: string, text: string) =>
    suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  ),
  define('upper', ['string'], toUpper),
  define('lower', ['string'], toLower),
  define('title', ['string'], toTitle),
  define('untitle', ['string'], uncapitalize),
  define('swapcase', ['string'], swapCase),
  define('camelcase', ['string'], toPascalCase),
  define('snakecase', ['string'], (text: string) => toConnectedCase(text, '_')),
  define('kebabcase', ['string'], (text: string) => toConnectedCase(text, '-')),
  define('nospace', ['string'], deleteWhiteSpace),
  define('initials', ['string'], initials),
  define('repeat', ['int', 'string'], (count: bigint, text: string) => repeat(text, count)),
  define('wrap', ['int', 'string'], (width: bigint, text: string) => wrap(text, { width: Number(width) })),
  define('wrapWith', ['int', 'string', 'string'], (width: bigint, separator: string, text: string) =>
    wrap(text, { width: Number(width), separator, breakWords: true }),
  ),
  define('contains', ['string', 'string'], (part: string, text: string) => text.includes(part)),
  define('hasPrefix', ['string', 'string'], (prefix: string, text: string) => text.startsWith(prefix)),
  define('hasSuffix', ['string', 'string'], (suffix: string, text: string) => text.endsWith(suffix)),
  define('replace', ['string', 'string', 'string'], replace),
  define('plural', ['string', 'string', 'int'], (one: string, many: string, count: bigint) =>
    count === 1n ? one : many,
  ),
  define('indent', ['int', 'string'], indent),
  define('nindent', ['int', 'string'], (spaces: bigint, text: string) => `\n${indent(spaces, text)}`),
  defineVariadic('quote', ['any'], (...values: unknown[]) =>
    withoutNil(values)
      .map((value) => quote(toText(value)))
      .join(' '),
  ),
  defineVariadic('squote', ['any'], (...values: unknown[]) =>
    withoutNil(values)
      .map((value) => `'${printValue(value)}'`)
      .join(' '),
  ),
  defineVariadic('cat', ['any'], (...values: unknown[]) => withoutNil(values).map(printValue).join(' ')),
  define('join', ['string', 'any'], (separator: string, value: unknown) => toTexts(value).join(separator)),
  define('split', ['string', 'string'], (separator: string, text: string) => numbered(split(text, separator))),
  define('splitn', ['string', 'int', 'string'], (separator: string, count: bigint, text: string) =>
    numbered(splitLimited(text, separator, Number(count))),
  ),
  define('splitList', ['string', 'string'], (separator: string, text: string) => goStrings(split(text, separator))),
  define('toStrings', ['any'], (value: unknown) => goStrings(toTexts(value))),
  define('toString', ['any'], toText),
];

function withoutNil(values: readonly unknown[]): readonly unknown[] {
  return values.filter((value) => !isUntypedNil(value));
}

function repeat(text: string, count: bigint): string {
  if (count < 0n) throw new Error('strings: negative Repeat count');
  checkLength(BigInt(text.length) * count);
  return text.repeat(Number(count));
}

function indent(spaces: bigint, text: string): string {
  const pad = repeat(' ', spaces);
  if (pad.length > 1000) checkLength(pad.length * text.split('\n').length);
  return pad + text.replaceAll('\n', `\n${pad}`);
}

/** Counts bytes; a negative count keeps the end. */
function truncate(count: bigint, text: string): string {
  const length = byteLength(text);
  const size = Number(count);
  if (size < 0 && length + size > 0) return sliceBytes(text, length + size);
  return size >= 0 && length > size ? sliceBytes(text, 0, size) : text;
}

/** A slice by bytes, with Go's panics for bounds outside the text. */
function substring(startIndex: bigint, endIndex: bigint, text: string): string {
  const length = byteLength(text);
  const start = Number(startIndex);
  const end = Number(endIndex);
  const fault = (bounds: string): Error => new Error(`runtime error: slice bounds out of range ${bounds}`);
  if (start < 0) {
    if (end < 0) throw fault(`[:${end}]`);
    if (end > length) throw fault(`[:${end}] with length ${length}`);
    return sliceBytes(text, 0, end);
  }
  if (end < 0 || end > length) {
    if (start > length) throw fault(`[${start}:${length}]`);
    return sliceBytes(text, start);
  }
  if (start > end) throw fault(`[${start}:${end}]`);
  return sliceBytes(text, start, end);
}

function replace(old: string, replacement: string, text: string): string {
  if (text.length * replacement.length > 10_000_000) {
    checkLength(text.length + (pieces(text, old) - 1) * (replacement.length - old.length));
  }
  if (old !== '') return text.split(old).join(replacement);
  // An empty text is found before every character and at the end.
  return replacement + Array.from(text, (character) => character + replacement).join('');
}

function split(text: string, separator: string): string[] {
  if (text.length > 1_000_000) checkElements(pieces(text, separator));
  return separator === '' ? Array.from(text) : text.split(separator);
}

function pieces(text: string, separator: string): number {
  if (separator === '') return text.length;
  let count = 1;
  for (let i = text.indexOf(separator); i !== -1; i = text.indexOf(separator, i + separator.length)) count += 1;
  return count;
}

/** strings.SplitN. */
function splitLimited(text: string, separator: string, count: number): string[] {
  if (count === 0) return [];
  const parts = split(text, separator);
  if (count < 0 || parts.length <= count) return parts;
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

/** `map[string]string{"_0": …, "_1": …}`. */
function numbered(parts: readonly string[]): unknown {
  return goStringMap(Object.fromEntries(parts.map((part, index) => [`_${index}`, part])));
}
