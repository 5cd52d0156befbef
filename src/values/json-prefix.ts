/**
 * The length of the JSON value that a text begins with (behind white space), as Go's streaming decoder takes it; undefined
 * if there is none. What lies inside brackets is not checked.
 */
export function jsonPrefixLength(text: string): number | undefined {
  const start = /^[\t\n\r ]*/.exec(text)?.[0].length ?? 0;
  const first = text[start];
  if (first === '{' || first === '[') return bracketEnd(text, start);
  const scalar = /"(?:[^"\\]|\\.)*"|true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![.eE])/sy;
  scalar.lastIndex = start;
  return scalar.test(text) ? scalar.lastIndex : undefined;
}

function bracketEnd(text: string, start: number): number | undefined {
  let depth = 0;
  const token = /"(?:[^"\\]|\\.)*"|[[\]{}]/gs;
  token.lastIndex = start;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    if (found === '{' || found === '[') depth += 1;
    else if (found === '}' || found === ']') depth -= 1;
    if (depth === 0) return token.lastIndex;
  }
  return undefined;
}
