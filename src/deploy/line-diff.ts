/** One line of a comparison of texts. */
export interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** Differences beyond this many lines are not worth a search for the shortest way. */
const MAX_EDITS = 2000;

/** The shortest way from one list of lines to another (Myers' greedy algorithm). */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  return [
    ...before.slice(0, start).map(same),
    ...shortest(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

function same(text: string): DiffLine {
  return { sign: ' ', text };
}

function shortest(a: readonly string[], b: readonly string[]): DiffLine[] {
  if (a.length === 0 || b.length === 0) return replaceAll(a, b);
  const limit = Math.min(a.length + b.length, MAX_EDITS);
  const size = 2 * limit + 1;
  // The furthest position in `a` reached on each diagonal, for every number of edits.
  const furthest = new Int32Array(size + 2);
  const steps: Int32Array[] = [];
  for (let edits = 0; edits <= limit; edits += 1) {
    steps.push(furthest.slice());
    for (let k = -edits; k <= edits; k += 2) {
      const i = k + limit + 1;
      const down = k === -edits || (k !== edits && (furthest[i - 1] ?? 0) < (furthest[i + 1] ?? 0));
      let x = down ? (furthest[i + 1] ?? 0) : (furthest[i - 1] ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      furthest[i] = x;
      if (x >= a.length && x - k >= b.length) return trace(a, b, steps, limit);
    }
  }
  return replaceAll(a, b);
}

function replaceAll(a: readonly string[], b: readonly string[]): DiffLine[] {
  return [...a.map((text): DiffLine => ({ sign: '-', text })), ...b.map((text): DiffLine => ({ sign: '+', text }))];
}

function trace(a: readonly string[], b: readonly string[], steps: readonly Int32Array[], limit: number): DiffLine[] {
  const out: DiffLine[] = [];
  let x = a.length;
  let y = b.length;
  for (let edits = steps.length - 1; edits >= 0; edits -= 1) {
    const furthest = steps[edits] ?? new Int32Array();
    const k = x - y;
    const i = k + limit + 1;
    const down = k === -edits || (k !== edits && (furthest[i - 1] ?? 0) < (furthest[i + 1] ?? 0));
    const fromX = edits === 0 ? 0 : (furthest[down ? i + 1 : i - 1] ?? 0);
    const fromY = edits === 0 ? 0 : fromX - (down ? k + 1 : k - 1);
    while (x > fromX && y > fromY) {
      x -= 1;
      y -= 1;
      out.push(same(a[x] ?? ''));
    }
    if (edits === 0) break;
    if (down) {
      y -= 1;
      out.push({ sign: '+', text: b[y] ?? '' });
    } else {
      x -= 1;
      out.push({ sign: '-', text: a[x] ?? '' });
    }
  }
  return signsInOrder(out.reverse());
}

/** Within a run of changes: first what goes, then what comes. */
function signsInOrder(lines: readonly DiffLine[]): DiffLine[] {
  const out: DiffLine[] = [];
  let added: DiffLine[] = [];
  for (const line of lines) {
    if (line.sign === '+') {
      added.push(line);
      continue;
    }
    if (line.sign === ' ') {
      out.push(...added);
      added = [];
    }
    out.push(line);
  }
  return [...out, ...added];
}
