import { PintleError } from '../base/errors.ts';
import { compareStrings } from '../base/json.ts';
import { parseLabelSelector } from '../kube/labels.ts';
import { GoRegexp } from '../sprig/text/go-regexp.ts';
import type { RecordHeader } from '../release/record-header.ts';
import type { ReleaseStatus, ReleaseSummary } from '../release/release.ts';
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
export async function list(context: ActionContext, options: ListOptions): Promise<ReleaseSummary[]> {
  const filter = options.filter === undefined || options.filter === '' ? undefined : await compile(options.filter);
  const matches = options.selector === undefined ? undefined : parseLabelSelector(options.selector);
  const end = options.max <= 0 ? Number.POSITIVE_INFINITY : options.offset + options.max;
  // The newest revision of a release is never superseded: whoever asks for these alone wants old revisions.
  const oldOnes = options.statuses.length === 1 && options.statuses[0] === 'superseded';
  const all = await context.store.headers({
    newest: !oldOnes,
    ahead: options.byDate || end === Number.POSITIVE_INFINITY,
  });
  const wanted = filter === undefined ? all : all.filter(({ name }) => filter.test(name));
  const groups = (oldOnes ? wanted.map((header) => [header]) : byRelease(wanted)).sort(inOrder);
  if (options.reverse) groups.reverse();
  const found: ReleaseSummary[] = [];
  for (const headers of groups) {
    if (found.length >= end && !options.byDate) break;
    const release = await firstReadable(headers);
    if (release === undefined) continue;
    const isWanted = options.statuses.length === 0 || options.statuses.includes(release.info.status);
    if (isWanted && (matches === undefined || matches.matches(release.labels ?? {}))) found.push(release);
  }
  if (options.byDate) found.sort((a, b) => (options.reverse ? byDate(b, a) : byDate(a, b)));
  return found.slice(options.offset, end);
}

/** The records of each release, the newest first. */
function byRelease(headers: readonly RecordHeader[]): RecordHeader[][] {
  const releases = new Map<string, RecordHeader[]>();
  for (const header of headers) {
    const id = `${header.namespace}/${header.name}`;
    const known = releases.get(id);
    if (known === undefined) releases.set(id, [header]);
    else known.push(header);
  }
  for (const each of releases.values()) each.sort((a, b) => b.revision - a.revision);
  return [...releases.values()];
}

/** The newest revision that can be read; those that cannot are told of. */
async function firstReadable(headers: readonly RecordHeader[]): Promise<ReleaseSummary | undefined> {
  for (const header of headers) {
    try {
      return await header.summary();
    } catch (error) {
      if (!(error instanceof PintleError)) throw error;
      if (error.code === 'release-corrupt') header.leaveOut(error);
      // What was deleted meanwhile is not there.
      else if (error.code !== 'release-not-found') throw error;
    }
  }
  return undefined;
}

async function compile(filter: string): Promise<GoRegexp> {
  const { RE2JS } = await import('re2js');
  try {
    return new GoRegexp(filter, RE2JS);
  } catch (error) {
    throw new PintleError('usage', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

type Named = Pick<RecordHeader, 'name' | 'namespace'>;

function byName(a: Named, b: Named): number {
  return compareStrings(a.name, b.name) || compareStrings(a.namespace, b.namespace);
}

function inOrder([a]: readonly RecordHeader[], [b]: readonly RecordHeader[]): number {
  return a === undefined || b === undefined ? 0 : byName(a, b) || a.revision - b.revision;
}

function byDate(a: ReleaseSummary, b: ReleaseSummary): number {
  return seconds(a) - seconds(b) || byName(a, b);
}

/** Releases that were never deployed come first. */
function seconds({ info }: ReleaseSummary): number {
  return info.last_deployed === undefined ? Number.MIN_SAFE_INTEGER : Math.floor(Date.parse(info.last_deployed) / 1000);
}
