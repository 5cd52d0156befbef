/**
 * Whether a path matches a shell pattern by the rules of Go's filepath.Match: `*` and `?` stay within a segment, `[a-z]` and
 * `[^a-z]` are classes, `\` takes the next character literally.
 */
export type PathMatcher = (path: string) => boolean;

/** Compiles a pattern; undefined if it is malformed. */
export function compilePathPattern(pattern: string): PathMatcher | undefined {
  // Most patterns are plain, or an ending: `.git/`, `*.tmp`.
  if (!/[*?\\[]/.test(pattern)) return (path) => path === pattern;
  const ending = /^\*([^*?\\[/]*)$/.exec(pattern)?.[1];
  if (ending !== undefined) return (path) => path.endsWith(ending) && !path.includes('/');
  const source = translate(Array.from(pattern));
  if (source === undefined) return undefined;
  const expression = new RegExp(`^${source}$`, 'su');
  return (path) => expression.test(path);
}

function translate(characters: readonly string[]): string | undefined {
  let out = '';
  let at = 0;
  while (at < characters.length) {
    const character = characters[at] ?? '';
    at += 1;
    if (character === '*') {
      while (characters[at] === '*') at += 1;
      out += '[^/]*';
    } else if (character === '?') {
      out += '[^/]';
    } else if (character === '\\') {
      const next = characters[at];
      if (next === undefined) return undefined;
      at += 1;
      out += literal(next);
    } else if (character === '[') {
      const found = characterClass(characters, at);
      if (found === undefined) return undefined;
      out += found.source;
      at = found.end;
    } else {
      out += literal(character);
    }
  }
  return out;
}

/** The class behind `[`; a range whose bounds are reversed holds nothing. */
function characterClass(characters: readonly string[], start: number): { source: string; end: number } | undefined {
  let at = start;
  const negated = characters[at] === '^';
  if (negated) at += 1;
  let members = '';
  let count = 0;
  while (characters[at] !== ']' || count === 0) {
    const low = classMember(characters, at);
    if (low === undefined) return undefined;
    at = low.end;
    let high = low;
    if (characters[at] === '-') {
      const bound = classMember(characters, at + 1);
      if (bound === undefined) return undefined;
      high = bound;
      at = bound.end;
    }
    if ((low.character.codePointAt(0) ?? 0) <= (high.character.codePointAt(0) ?? 0)) {
      members += `${inClass(low.character)}-${inClass(high.character)}`;
    }
    count += 1;
    if (at >= characters.length) return undefined;
  }
  // A class takes any character of its list, the separator too when it is negated.
  const source = members === '' ? (negated ? '[^]' : '[]') : `[${negated ? '^' : ''}${members}]`;
  return { source, end: at + 1 };
}

function classMember(characters: readonly string[], start: number): { character: string; end: number } | undefined {
  let at = start;
  const first = characters[at];
  if (first === undefined || first === '-' || first === ']') return undefined;
  if (first === '\\') at += 1;
  const character = characters[at];
  if (character === undefined || at + 1 >= characters.length) return undefined;
  return { character, end: at + 1 };
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&');
}

function inClass(character: string): string {
  return character.replace(/[\\^\]-]/u, '\\$&');
}
