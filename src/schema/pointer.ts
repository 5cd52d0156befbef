/** A token as it stands in a JSON pointer. */
export function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The token that a part of a JSON pointer stands for; undefined if it is malformed. */
export function unescapeToken(part: string): string | undefined {
  if (!part.includes('~')) return part;
  if (/~(?![01])/.test(part)) return undefined;
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** A pointer one or more steps further down. */
export function appendTokens(pointer: string, ...tokens: readonly string[]): string {
  let out = pointer;
  for (const token of tokens) out += `/${escapeToken(token)}`;
  return out;
}

/** The pointer that leads along a path. */
export function pointerOf(path: readonly string[]): string {
  return appendTokens('', ...path);
}
