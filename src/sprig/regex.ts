import type { TemplateFunction } from '../base/template-function.ts';
import { STRING_SLICE } from '../gotemplate/runtime/go-type.ts';
import { GoTyped, goStrings } from '../gotemplate/runtime/go-value.ts';
import { canBackquote, quote } from '../gotemplate/runtime/quote.ts';
import { define } from './define.ts';
import type { SprigEnvironment } from './environment.ts';
import { GoRegexp, quoteMeta } from './text/go-regexp.ts';

const CACHE_LIMIT = 200;

/**
 * Regular expressions: Sprig's regex.go on RE2. The forms without `must` panic on a malformed pattern, in other words than
 * those with it; `regexMatch` takes one for no match.
 */
export function regexFunctions({ load }: SprigEnvironment): readonly TemplateFunction[] {
  const cache = new Map<string, GoRegexp>();
  const compile = (pattern: string): GoRegexp => {
    let regexp = cache.get(pattern);
    if (regexp === undefined) {
      regexp = new GoRegexp(pattern, load('re2js').RE2JS);
      if (cache.size >= CACHE_LIMIT) cache.clear();
      cache.set(pattern, regexp);
    }
    return regexp;
  };
  const both = (name: string, params: TemplateFunction['params'], call: RegexCall): TemplateFunction[] => [
    define(name, params, (pattern: string, ...args: never[]) => {
      let regexp: GoRegexp;
      try {
        regexp = compile(pattern);
      } catch (error) {
        throw new Error(`regexp: Compile(${quotePattern(pattern)}): ${(error as Error).message}`, { cause: error });
      }
      return call(regexp, ...args);
    }),
    define(`must${name.charAt(0).toUpperCase()}${name.slice(1)}`, params, (pattern: string, ...args: never[]) =>
      call(compile(pattern), ...args),
    ),
  ];
  return [
    define('regexMatch', ['string', 'string'], (pattern: string, text: string) => {
      try {
        return compile(pattern).test(text);
      } catch {
        return false;
      }
    }),
    define('mustRegexMatch', ['string', 'string'], (pattern: string, text: string) => compile(pattern).test(text)),
    ...both('regexFind', ['string', 'string'], (regexp, text: string) => regexp.find(text)),
    ...both('regexFindAll', ['string', 'string', 'int'], (regexp, text: string, limit: bigint) =>
      strings(regexp.findAll(text, Number(limit))),
    ),
    ...both('regexSplit', ['string', 'string', 'int'], (regexp, text: string, limit: bigint) =>
      strings(regexp.split(text, Number(limit))),
    ),
    ...both('regexReplaceAll', ['string', 'string', 'string'], (regexp, text: string, replacement: string) =>
      regexp.replaceAll(text, replacement),
    ),
    ...both('regexReplaceAllLiteral', ['string', 'string', 'string'], (regexp, text: string, replacement: string) =>
      regexp.replaceAllLiteral(text, replacement),
    ),
    define('regexQuoteMeta', ['string'], quoteMeta),
  ];
}

type RegexCall = (regexp: GoRegexp, ...args: never[]) => unknown;

function strings(found: readonly string[] | undefined): unknown {
  return found === undefined ? new GoTyped(STRING_SLICE, null) : goStrings(found);
}

/** Go shows a pattern in backquotes if it can. */
function quotePattern(pattern: string): string {
  return canBackquote(pattern) ? `\`${pattern}\`` : quote(pattern);
}
