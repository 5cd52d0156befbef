import { PintleError } from '../base/errors.ts';
import { compareStrings } from '../base/json.ts';
import { parseLabelSelector } from '../kube/labels.ts';
import { GoRegexp } from '../sprig/text/go-regexp.ts';
import type { Release, ReleaseStatus } from '../release/release.ts';
import type { ActionContext } from './context.ts';

export interface ListOptions {
  /** Empty: all. */
  readonly statuses: readonly ReleaseStatus[];
  /** A regular expression on names. */
  readonly filter?: string | undefined;
  /** A label selector. */
  readonly selector?: string | undefined;
  readonly byDate: boolean;
  readonly reverse: boolean;
  /** 0: no limit. */
  readonly max: number;
  readonly offset: number;
}

/** The newest revision of each release in the store's namespace. Helm: pkg/action/list.go. */
export async function list(context: ActionContext, options: ListOptions): Promise<Release[]> {
  const filter = options.filter === undefined || options.filter === '' ? undefined : await compile(options.filter);
  const matches = options.selector === undefined ? undefined : parseLabelSelector(options.selector);
  const all = await context.store.list((release) => filter === undefined || filter.test(release.name));
  // The newest revision of a release is never superseded: whoever asks for these alone wants old revisions.
  const oldOnes = options.statuses.length === 1 && options.statuses[0] === 'superseded';
  const found = (oldOnes ? all : newestOf(all)).filter(
    (release) =>
      (options.statuses.length === 0 || options.statuses.includes(release.info.status)) &&
      (matches === undefined || matches.matches(release.labels ?? {})),
  );
  found.sort(options.byDate ? byDate : byName);
  if (options.reverse) found.reverse();
  const end = options.max <= 0 ? undefined : options.offset + options.max;
  return found.slice(options.offset, end);
}

function newestOf(releases: readonly Release[]): Release[] {
  const newest = new Map<string, Release>();
  for (const release of releases) {
    const id = `${release.namespace}/${release.name}`;
    const known = newest.get(id);
    if (known === undefined || known.version <= release.version) newest.set(id, release);
  }
  return [...newest.values()];
}

async function compile(filter: string): Promise<GoRegexp> {
  const { RE2JS } = await import('re2js');
  try {
    return new GoRegexp(filter, RE2JS);
  } catch (error) {
    throw new PintleError('usage', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function byName(a: Release, b: Release): number {
  return compareStrings(a.name, b.name) || compareStrings(a.namespace, b.namespace);
}

function byDate(a: Release, b: Release): number {
  return seconds(a) - seconds(b) || byName(a, b);
}

/** Releases that were never deployed come first. */
function seconds({ info }: Release): number {
  return info.last_deployed === undefined ? Number.MIN_SAFE_INTEGER : Math.floor(Date.parse(info.last_deployed) / 1000);
}
