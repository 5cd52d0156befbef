import type { LogWindow, WrittenLine } from '../../../client/log-cursor.ts';

/** What is kept of a log, bytes: the newest part, as after the kubelet has rotated it. kubernetes: containerLogMaxSize */
export const LOG_CAPACITY = 10 * 1024 * 1024;

/** Lines in order, the newest first. */
export type NewestFirst = Iterator<WrittenLine>;

/** The newest first. */
export function* reversed(lines: readonly WrittenLine[]): Generator<WrittenLine> {
  for (let i = lines.length - 1; i >= 0; i -= 1) {
    const line = lines[i];
    if (line !== undefined) yield line;
  }
}

/**
 * The lines of a window in order. Of lines of the same instant those of earlier sources come first. No source is read further than
 * the window reaches.
 */
export function newestLines(
  sources: readonly NewestFirst[],
  { since = Number.NEGATIVE_INFINITY, tailLines }: LogWindow,
  capacity = LOG_CAPACITY,
): readonly WrittenLine[] {
  const most = tailLines === undefined || tailLines < 0 ? Number.POSITIVE_INFINITY : tailLines;
  const next = sources.map(advance);
  const out: WrittenLine[] = [];
  let bytes = 0;
  while (out.length < most) {
    let newest = -1;
    for (let i = 0; i < next.length; i += 1) {
      const line = next[i];
      if (line !== undefined && line.at >= (next[newest]?.at ?? line.at)) newest = i;
    }
    const line = next[newest];
    const source = sources[newest];
    if (line === undefined || source === undefined || line.at < since) break;
    bytes += line.text.length + 1;
    if (bytes > capacity) break;
    out.push(line);
    next[newest] = advance(source);
  }
  return out.reverse();
}

function advance(source: NewestFirst): WrittenLine | undefined {
  const { done, value } = source.next();
  return done === true ? undefined : value;
}
