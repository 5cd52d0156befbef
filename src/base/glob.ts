/** A pattern that a path can be matched with. */
export interface Glob {
  matches(path: string): boolean;
}

/**
 * A glob with the rules of gobwas/glob and the separator `/`, which Helm's `.Files.Glob` uses: `*` and `?` stay within a
 * path segment, `**` does not; `[abc]`, `[!a-z]`, `{one,two}` and `\` as usual. Undefined if the pattern is malformed.
 */
export function compileGlob(pattern: string): Glob | undefined {
  const source = new Translator(pattern).run();
  if (source === undefined) return undefined;
  const expression = new RegExp(`^(?:${source})$`, 'su');
  return { matches: (path) => expression.test(path) };
}

class Translator {
  readonly #characters: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(pattern: string) {
    this.#characters = Array.from(pattern);
  }

  run(): string | undefined {
    let out = '';
    while (this.#at < this.#characters.length) {
      const part = this.#next();
      if (part === undefined) return undefined;
      out += part;
    }
    return this.#depth === 0 ? out : undefined;
  }

  #next(): string | undefined {
    const character = this.#characters[this.#at];
    this.#at += 1;
    switch (character) {
      case '\\':
        this.#at += 1;
        return literal(this.#characters[this.#at - 1] ?? '');
      case '*':
        if (this.#characters[this.#at] !== '*') return '[^/]*';
        this.#at += 1;
        return '.*';
      case '?':
        return '[^/]';
      case '[':
        return this.#range();
      case '{':
        this.#depth += 1;
        return '(?:';
      case '}':
        if (this.#depth === 0) return literal('}');
        this.#depth -= 1;
        return ')';
      case ',':
        return this.#depth > 0 ? '|' : ',';
      default:
        return literal(character ?? '');
    }
  }

  /** Behind `[`: one range `a-z` or a list of characters, either with `!` before it. */
  #range(): string | undefined {
    const negated = this.#characters[this.#at] === '!';
    if (negated) this.#at += 1;
    const [low, between, high, close] = this.#characters.slice(this.#at, this.#at + 4);
    const start = negated ? '[^' : '[';
    if (between === '-') {
      if (low === undefined || high === undefined || close !== ']' || low > high) return undefined;
      this.#at += 4;
      return `${start}${member(low)}-${member(high)}]`;
    }
    let list = '';
    while (this.#characters[this.#at] !== ']') {
      if (this.#characters[this.#at] === '\\') this.#at += 1;
      const character = this.#characters[this.#at];
      if (character === undefined) return undefined;
      list += member(character);
      this.#at += 1;
    }
    this.#at += 1;
    return list === '' ? undefined : `${start}${list}]`;
  }
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&');
}

/** A character inside brackets. */
function member(character: string): string {
  return character.replace(/[\\^\]-]/u, '\\$&');
}
