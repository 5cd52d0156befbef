import { validateDate, validateDateTime, validateDuration, validatePeriod, validateTime } from './formats-time.ts';
import { validateEmail, validateHostname, validateIpv4, validateIpv6 } from './formats-network.ts';
import { validateJsonPointer, validateRelativeJsonPointer, validateSemver, validateUuid } from './formats-text.ts';
import { validateUri, validateUriReference, validateUriTemplate } from './formats-uri.ts';
import { NeedsPatternEngine, type PatternCompiler } from './pattern.ts';

/** What a text must be; says what is wrong with one, undefined if nothing is. */
type FormatCheck = (text: string) => string | undefined;

/** A value of the keyword `format`. Values that are no strings have every format. */
export interface Format {
  readonly name: string;
  readonly check: FormatCheck;
}

/** The formats of Helm's library, which are more than those of the standard. jsonschema: format.go. */
const CHECKS: readonly (readonly [string, FormatCheck])[] = [
  ['json-pointer', validateJsonPointer],
  ['relative-json-pointer', validateRelativeJsonPointer],
  ['uuid', validateUuid],
  ['duration', validateDuration],
  ['period', validatePeriod],
  ['ipv4', validateIpv4],
  ['ipv6', validateIpv6],
  ['hostname', validateHostname],
  ['email', validateEmail],
  ['date', validateDate],
  ['time', validateTime],
  ['date-time', validateDateTime],
  ['uri', validateUri],
  ['iri', validateUri],
  ['uri-reference', validateUriReference],
  ['iri-reference', validateUriReference],
  ['uri-template', validateUriTemplate],
  ['semver', validateSemver],
];

/** All formats by name. */
export function formats(patterns: PatternCompiler): ReadonlyMap<string, Format> {
  const known = cache.get(patterns);
  if (known !== undefined) return known;
  const regex: FormatCheck = (text) => {
    try {
      patterns(text);
      return undefined;
    } catch (error) {
      if (error instanceof NeedsPatternEngine) throw error;
      return error instanceof Error ? error.message : String(error);
    }
  };
  const all = new Map([...CHECKS, ['regex', regex] as const].map(([name, check]) => [name, { name, check }]));
  cache.set(patterns, all);
  return all;
}

const cache = new WeakMap<PatternCompiler, ReadonlyMap<string, Format>>();
