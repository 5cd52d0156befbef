/**
 * Finds the way back from what an action wrote to what an include in it gave, when the action only moved it (`indent`, `trim`,
 * `quote`, `trunc`). The result leads from an offset in `written` to one in `given`; undefined where there is none.
 */
export function alignOutput(written: string, given: string): (offset: number) => number | undefined {
  if (given.trim() === '') return () => undefined;
  const at = written.indexOf(given);
  if (at !== -1) return within(written, -at, given.length);
  const inner = written.trim().replace(/^(["'])(.*)\1$/s, '$2');
  const inside = inner === '' ? -1 : given.indexOf(inner);
  if (inside !== -1) {
    const lead = written.indexOf(inner);
    return within(written, inside - lead, given.length);
  }
  // A line that was changed is still that line.
  if (!given.trim().includes('\n') && !inner.includes('\n')) return () => given.length - given.trimStart().length;
  return byLines(written, given);
}

function within(written: string, distance: number, length: number): (offset: number) => number | undefined {
  return (offset) => {
    const moved = offset + distance;
    if (offset < 0 || offset >= written.length) return undefined;
    // Quotes around belong to what they hold.
    if (moved === -1) return 0;
    if (moved === length) return length - 1;
    return moved >= 0 && moved < length ? moved : undefined;
  };
}

interface Line {
  readonly start: number;
  readonly content: number;
  readonly text: string;
}

/** Lines that are equal but for the blanks around them, in their order. */
function byLines(written: string, given: string): (offset: number) => number | undefined {
  const from = linesOf(written);
  const to = linesOf(given);
  const places = new Map<string, number[]>();
  for (const [i, { text }] of to.entries()) {
    const known = places.get(text);
    if (known === undefined) places.set(text, [i]);
    else known.push(i);
  }
  let next = 0;
  const partner = from.map(({ text }) => {
    const candidates = text === '' ? undefined : places.get(text);
    const found = candidates?.find((i) => i >= next);
    if (found === undefined) return undefined;
    next = found + 1;
    return to[found];
  });
  return (offset) => {
    const index = from.findLastIndex(({ start }) => start <= offset);
    const line = from[index];
    const other = partner[index];
    if (line === undefined || other === undefined) return undefined;
    return other.content + Math.max(0, Math.min(offset - line.content, other.text.length - 1));
  };
}

function linesOf(text: string): Line[] {
  let start = 0;
  return text.split('\n').map((line) => {
    const trimmed = line.trim();
    const entry = { start, content: start + (trimmed === '' ? 0 : line.indexOf(trimmed)), text: trimmed };
    start += line.length + 1;
    return entry;
  });
}
