/** Completion indexes from `first` to `last`, both included. */
interface IndexInterval {
  readonly first: number;
  readonly last: number;
}

/** Ascending, without overlaps; neighbours are joined. */
export type IndexIntervals = readonly IndexInterval[];

const NUMBER = /^[+-]?\d+$/;

/**
 * Reads `0,2-4,7` as `status.completedIndexes` and `failedIndexes` write it; indexes at or above `completions` are cut off,
 * parts that are no numbers are passed over (kubernetes: pkg/controller/job/indexed_job_utils.go).
 */
export function parseIndexes(text: string, completions: number): IndexIntervals {
  const result: IndexInterval[] = [];
  if (text === '') return result;
  for (const part of text.split(',')) {
    const [from = '', to] = part.split('-');
    if (!NUMBER.test(from)) continue;
    const first = Number(from);
    if (first >= completions) break;
    if (to !== undefined && !NUMBER.test(to)) continue;
    const last = to === undefined ? first : Math.min(Number(to), completions - 1);
    const previous = result.at(-1);
    if (previous !== undefined && previous.last === first - 1) {
      result[result.length - 1] = { first: previous.first, last };
    } else {
      result.push({ first, last });
    }
  }
  return result;
}

/** The text form: two neighbours are written `1,2`, three and more `1-3`. */
export function formatIndexes(intervals: IndexIntervals): string {
  return intervals
    .map(({ first, last }) =>
      first === last ? String(first) : last === first + 1 ? `${first},${last}` : `${first}-${last}`,
    )
    .join(',');
}

/** How many indexes the intervals hold. */
export function countIndexes(intervals: IndexIntervals): number {
  let count = 0;
  for (const { first, last } of intervals) count += last - first + 1;
  return count;
}

/** True when one of the intervals holds `index`. */
export function hasIndex(intervals: IndexIntervals, index: number): boolean {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((intervals[middle]?.last ?? 0) >= index) high = middle;
    else low = middle + 1;
  }
  const found = intervals[low];
  return found !== undefined && found.first <= index;
}

/** The union of two lists of intervals. */
export function mergeIndexes(a: IndexIntervals, b: IndexIntervals): IndexIntervals {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const result: IndexInterval[] = [];
  for (const interval of [...a, ...b].sort((x, y) => x.first - y.first)) {
    const previous = result.at(-1);
    if (previous === undefined || interval.first > previous.last + 1) {
      result.push(interval);
    } else if (previous.last < interval.last) {
      result[result.length - 1] = { first: previous.first, last: interval.last };
    }
  }
  return result;
}

/** Intervals of single indexes in any order. */
export function indexesOf(indexes: Iterable<number>): IndexIntervals {
  const result: IndexInterval[] = [];
  for (const index of [...indexes].sort((x, y) => x - y)) {
    const previous = result.at(-1);
    if (previous === undefined || index > previous.last + 1) result.push({ first: index, last: index });
    else if (index > previous.last) result[result.length - 1] = { first: previous.first, last: index };
  }
  return result;
}

/** How many indexes two lists share. */
export function countSharedIndexes(a: IndexIntervals, b: IndexIntervals): number {
  let shared = 0;
  let i = 0;
  let j = 0;
  for (;;) {
    const x = a[i];
    const y = b[j];
    if (x === undefined || y === undefined) return shared;
    shared += Math.max(0, Math.min(x.last, y.last) - Math.max(x.first, y.first) + 1);
    if (x.last <= y.last) i += 1;
    if (y.last <= x.last) j += 1;
  }
}

/** The first `count` indexes below `completions` that `taken` does not hold. */
export function firstFreeIndexes(taken: IndexIntervals, count: number, completions: number): number[] {
  const result: number[] = [];
  let candidate = 0;
  for (const { first, last } of taken) {
    for (; candidate < first && candidate < completions && result.length < count; candidate += 1)
      result.push(candidate);
    if (candidate <= last) candidate = last + 1;
  }
  for (; candidate < completions && result.length < count; candidate += 1) result.push(candidate);
  return result;
}
