/** A compiled pattern. */
export interface Pattern {
  readonly source: string;
  test(text: string): boolean;
}

/** Makes a pattern of its text; throws an Error with Go's message for a malformed one. */
export type PatternCompiler = (source: string) => Pattern;

/** A pattern needs the engine that understands all of Go's syntax, and it is not loaded. */
export class NeedsPatternEngine extends Error {}

interface Engine {
  compile(source: string): { test(text: string): boolean };
}

/**
 * Compiles patterns with the semantics of Go's regexp package: what JavaScript's engine does in the same way and in linear
 * time goes to it, all else to RE2.
 *
 * @param engine RE2; undefined while it is not loaded: then NeedsPatternEngine is thrown where it is needed
 */
export function createPatternCompiler(engine: Engine | undefined): PatternCompiler {
  return (source) => {
    const quick = portable(source);
    if (quick !== undefined) return { source, test: (text) => quick.test(text) };
    if (engine === undefined) throw new NeedsPatternEngine(source);
    const expression = compile(source, engine);
    return { source, test: (text) => expression.test(text) };
  };
}

function compile(source: string, engine: Engine): ReturnType<Engine['compile']> {
  try {
    return engine.compile(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Go names the fragment even where it is empty.
    throw new Error(message.endsWith('at end of expression') ? `${message}: \`\`` : message, { cause: error });
  }
}

const SYNTAX = '^$\\.*+?()[]{}|/-';
const TOKEN =
  /\\(?<escape>[\s\S])|(?<open>\((?:\?:)?)(?!\?)|(?<close>\)\??)(?![*+{?])|(?<set>\[\^?)|(?<any>\.)|(?<repeat>(?:[*+?]|\{\d{1,3}(?:,(?:\d{1,3})?)?\})\??)(?![*+?{])|(?<plain>[^\\()[\]{}.*+?])/gsuy;

/** The pattern for JavaScript; undefined for syntax that differs and for repeated groups, which may take exponential time. */
function portable(source: string): RegExp | undefined {
  let out = '';
  let at = 0;
  while (at < source.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(source);
    if (match === null) return undefined;
    const { escape, set, any } = match.groups ?? {};
    at = TOKEN.lastIndex;
    if (escape !== undefined) {
      const translated = translateEscape(escape, false);
      if (translated === undefined) return undefined;
      out += translated;
    } else if (set !== undefined) {
      const found = translateSet(source, at);
      if (found === undefined) return undefined;
      out += set + found.text;
      at = found.end;
    } else {
      out += any === undefined ? match[0] : '[^\\n]';
    }
  }
  try {
    return new RegExp(out, 'u');
  } catch {
    return undefined;
  }
}

/** What is in brackets, up to and with the closing one. */
function translateSet(source: string, start: number): { text: string; end: number } | undefined {
  let out = '';
  const item = /\\([\s\S])|([^\\[\]])|(\])/suy;
  item.lastIndex = start;
  for (let match = item.exec(source); match !== null; match = item.exec(source)) {
    const [text, escape, , close] = match;
    if (close !== undefined) return out === '' ? undefined : { text: `${out}]`, end: item.lastIndex };
    if (escape === undefined) {
      out += text;
      continue;
    }
    const translated = translateEscape(escape, true);
    if (translated === undefined) return undefined;
    out += translated;
  }
  return undefined;
}

function translateEscape(character: string, inSet: boolean): string | undefined {
  if ('dDwWfnrt'.includes(character) || (!inSet && 'bB'.includes(character))) return `\\${character}`;
  if (character === 's') return inSet ? '\\t\\n\\f\\r ' : '[\\t\\n\\f\\r ]';
  if (character === 'S') return inSet ? undefined : '[^\\t\\n\\f\\r ]';
  if (!/[!-/:-@[-`{-~]/.test(character)) return undefined;
  return SYNTAX.includes(character) && (inSet || character !== '-') ? `\\${character}` : character;
}
