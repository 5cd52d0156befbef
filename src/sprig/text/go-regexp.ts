import type { RE2JS } from 're2js';

/** The class that compiles patterns; loaded by the host on first use. */
export type RegexpCompiler = Pick<typeof RE2JS, 'compile'>;

/** Start and end of the whole match and of every group, in UTF-16 units; -1 where a group took no part. */
type Match = readonly number[];

/** A regular expression with the semantics of Go's package regexp. */
export class GoRegexp {
  readonly #expression: RE2JS;
  readonly #source: string;

  /** Throws an Error with Go's text (``error parsing regexp: missing closing ): `a(` ``). */
  constructor(source: string, compiler: RegexpCompiler) {
    this.#source = source;
    this.#expression = compile(source, compiler);
  }

  /** MatchString. */
  test(text: string): boolean {
    return this.#expression.test(text);
  }

  /** FindString: the leftmost match or ''. */
  find(text: string): string {
    const match = this.#search(text)(0);
    return match === undefined ? '' : text.slice(match[0], match[1]);
  }

  /** FindAllString; undefined (Go's nil) if there is none. */
  findAll(text: string, limit: number): string[] | undefined {
    const found = this.#all(text, limit).map((match) => text.slice(match[0], match[1]));
    return found.length === 0 ? undefined : found;
  }

  /** Split; undefined (Go's nil) for a limit of 0. */
  split(text: string, limit: number): string[] | undefined {
    if (limit === 0) return undefined;
    if (this.#source !== '' && text === '') return [''];
    const parts: string[] = [];
    let start = 0;
    let end = 0;
    for (const [from = 0, to = 0] of this.#all(text, limit)) {
      if (limit > 0 && parts.length === limit - 1) break;
      end = from;
      if (to !== 0) parts.push(text.slice(start, end));
      start = to;
    }
    if (end !== text.length) parts.push(text.slice(start));
    return parts;
  }

  /** ReplaceAllString: `$1`, `${1}`, `$name` and `$$` in the replacement are expanded. */
  replaceAll(text: string, replacement: string): string {
    if (!replacement.includes('$')) return this.replaceAllLiteral(text, replacement);
    const names = this.#expression.namedGroups() as Readonly<Record<string, number>>;
    return this.#replace(text, (match) => expand(replacement, { text, match, names }));
  }

  /** ReplaceAllLiteralString. */
  replaceAllLiteral(text: string, replacement: string): string {
    return this.#replace(text, () => replacement);
  }

  /** A function that finds the leftmost match at or after an offset. */
  #search(text: string): (offset: number) => Match | undefined {
    const matcher = this.#expression.matcher(text);
    const groups = this.#expression.groupCount();
    return (offset) => {
      if (!matcher.find(offset)) return undefined;
      const match: number[] = [];
      for (let group = 0; group <= groups; group += 1) match.push(matcher.start(group), matcher.end(group));
      return match;
    };
  }

  #all(text: string, limit: number): Match[] {
    const search = this.#search(text);
    const found: Match[] = [];
    let previousEnd = -1;
    for (let offset = 0; offset <= text.length && (limit < 0 || found.length < limit); ) {
      const match = search(offset);
      if (match === undefined) break;
      const [start = 0, end = 0] = match;
      // An empty match right behind another match does not count.
      const accept = end !== offset || start !== previousEnd;
      offset = end === offset ? offset + runeWidth(text, offset) : end;
      previousEnd = end;
      if (accept) found.push(match);
    }
    return found;
  }

  #replace(text: string, replacement: (match: Match) => string): string {
    const search = this.#search(text);
    let out = '';
    let lastEnd = 0;
    for (let offset = 0; offset <= text.length; ) {
      const match = search(offset);
      if (match === undefined) break;
      const [start = 0, end = 0] = match;
      out += text.slice(lastEnd, start);
      if (end > lastEnd || start === 0) out += replacement(match);
      lastEnd = end;
      offset = Math.max(end, offset + runeWidth(text, offset));
    }
    return out + text.slice(lastEnd);
  }
}

function compile(source: string, compiler: RegexpCompiler): RE2JS {
  try {
    return compiler.compile(source);
  } catch (error) {
    const { message } = error as Error;
    // Go names the fragment even where it is empty.
    throw new Error(message.endsWith('at end of expression') ? `${message}: \`\`` : message, { cause: error });
  }
}

/** UTF-16 units of the character at an offset; 1 at the end of the text. */
function runeWidth(text: string, offset: number): number {
  return (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
}

interface Expansion {
  readonly text: string;
  readonly match: Match;
  readonly names: Readonly<Record<string, number>>;
}

/** regexp.Expand: a name is the longest run of letters, digits and underscores, or stands in braces. */
function expand(template: string, { text, match, names }: Expansion): string {
  return template.replace(
    /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
    (whole, braced?: string, bare?: string) => {
      if (whole === '$$') return '$';
      const name = braced ?? bare ?? '';
      const group = /^[0-9]+$/.test(name) ? groupNumber(name) : Object.hasOwn(names, name) ? names[name] : undefined;
      if (group === undefined) return '';
      const start = match[2 * group] ?? -1;
      return start < 0 ? '' : text.slice(start, match[2 * group + 1]);
    },
  );
}

/** A number with a leading zero is a name, which no group has. */
function groupNumber(digits: string): number | undefined {
  return digits.length > 1 && digits.startsWith('0') ? undefined : Number(digits);
}

/** regexp.QuoteMeta. */
export function quoteMeta(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
