/** The parts of a dotted key. */
export type Key = readonly string[];

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

/** A basic string. */
export function quoteText(text: string): string {
  const escaped = text.replaceAll(
    /["\\\0-\x1f\x7f]/g,
    (character) => SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

/** A part of a key, in quotes if it is not bare. */
export function quoteKey(part: string): string {
  return /^[A-Za-z0-9_-]+$/.test(part) ? part : quoteText(part);
}

export function formatKey(key: Key): string {
  return key.map(quoteKey).join('.');
}
