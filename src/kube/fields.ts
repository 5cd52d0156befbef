import { compareStrings } from '../base/json.ts';
import { SelectorError } from './label-requirement.ts';

/** One term of a field selector; `==` is read as `=`. */
interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** A field selector that has been read. */
export interface FieldMatcher {
  readonly requirements: readonly FieldRequirement[];
  /** A field that is not there has the value ''. */
  matches(fields: Readonly<Record<string, string>>): boolean;
  toString(): string;
}

/**
 * The matcher of `metadata.name=x,status.phase!=Running`; a backslash takes the meaning from `,`, `=` and itself in values.
 * Whether a resource knows the fields is for the caller to check. apimachinery: pkg/fields/selector.go.
 *
 * @throws SelectorError with Kubernetes' text
 */
export function parseFieldSelector(text: string): FieldMatcher {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text).sort(compareStrings)) {
    if (term === '') continue;
    const match = /!=|==|=/.exec(term);
    if (match === null) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    requirements.push({
      field: term.slice(0, match.index),
      operator: match[0] === '!=' ? '!=' : '=',
      value: unescapeFieldValue(term.slice(match.index + match[0].length)),
    });
  }
  return {
    requirements,
    matches: (fields) =>
      requirements.every(({ field, operator, value }) => {
        const actual = Object.hasOwn(fields, field) ? (fields[field] ?? '') : '';
        return (actual === value) === (operator === '=');
      }),
    toString: () =>
      requirements.map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`).join(','),
  };
}

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (character === '\\') i += 1;
    else if (character === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

/** A value as it is written in a field selector. */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&');
}

function unescapeFieldValue(text: string): string {
  let out = '';
  let escaped = false;
  for (const character of text) {
    if (escaped) {
      if (character !== '\\' && character !== ',' && character !== '=') throw badEscape(character);
      out += character;
      escaped = false;
    } else if (character === '\\') escaped = true;
    else if (character === ',' || character === '=') {
      const code = character.codePointAt(0) ?? 0;
      throw new SelectorError(`invalid field selector: unescaped character in value: ${code}`);
    } else out += character;
  }
  if (escaped) throw badEscape('');
  return out;
}

function badEscape(character: string): SelectorError {
  return new SelectorError(`invalid field selector: invalid escape sequence: \\${character}`);
}
