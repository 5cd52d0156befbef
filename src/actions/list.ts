import { PintleError } from '../base/errors.ts';
import { compareStrings } from '../base/json.ts';
import { parseLabelSelector } from '../kube/labels.ts';
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
  const filter = compile(options.filter);
  const matches = options.selector === undefined ? undefined : parseLabelSelector(options.selector);
  const newest = new Map<string, Release>();
  for (const release of await context.store.list()) {
    const id = `${release.namespace}/${release.name}`;
    const known = newest.get(id);
    if (options.statuses.includes('superseded') && release.info.status === 'superseded') {
      newest.set(`${id}/${release.version}`, release);
    } else if (known === undefined || known.version < release.version) newest.set(id, release);
  }
  const found = [...newest.values()].filter(
    (release) =>
      (options.statuses.length === 0 || options.statuses.includes(release.info.status)) &&
      (filter === undefined || filter.test(release.name)) &&
      (matches === undefined || matches.matches(release.labels ?? {})),
  );
  found.sort(options.byDate ? byDate : byName);
  if (options.reverse) found.reverse();
  const end = options.max === 0 ? undefined : options.offset + options.max;
  return found.slice(options.offset, end);
}

function compile(filter: string | undefined): RegExp | undefined {
  if (filter === undefined) return undefined;
  try {
    return new RegExp(filter);
  } catch (error) {
    throw new PintleError('usage', `invalid --filter: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function byName(a: Release, b: Release): number {
  return compareStrings(a.name, b.name) || compareStrings(a.namespace, b.namespace);
}

function byDate(a: Release, b: Release): number {
  return Date.parse(a.info.last_deployed ?? '') - Date.parse(b.info.last_deployed ?? '') || byName(a, b);
}
