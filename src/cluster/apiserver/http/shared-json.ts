/** Objects whose bytes are kept: those of the newest events, for all who watch them. */
const KEPT = 256;

const kept = new Map<object, Map<string, Buffer>>();

/**
 * An event as a line of a watch. One that is told to many watchers is written once, and all of them send the same bytes. Objects are
 * shared and never change.
 */
export function eventLine(type: string, object: object): Buffer {
  let lines = kept.get(object);
  if (lines === undefined) {
    if (kept.size >= KEPT) {
      const [oldest] = kept.keys();
      if (oldest !== undefined) kept.delete(oldest);
    }
    lines = new Map();
    kept.set(object, lines);
  }
  let line = lines.get(type);
  if (line === undefined) {
    line = Buffer.from(`{"type":"${type}","object":${JSON.stringify(object)}}\n`);
    lines.set(type, line);
  }
  return line;
}

let last: { readonly lines: readonly Buffer[]; readonly bytes: Buffer } | undefined;

/** Lines one after the other; watchers that have the same to send share the bytes. */
export function joinedLines(lines: readonly Buffer[]): Buffer {
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) return only;
  if (last?.lines.length === lines.length && lines.every((line, i) => line === last?.lines[i])) return last.bytes;
  last = { lines, bytes: Buffer.concat(lines) };
  return last.bytes;
}
