import { compareStrings, isObject } from '../../base/json.ts';
import type { CronJob } from '../../kube/api/batch-v1.generated.ts';
import type { Event } from '../../kube/api/core-v1.generated.ts';
import { controllerOf, type KubeObject } from '../../kube/object.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { bucketOf } from '../apiserver/served-resources.ts';
import { keyOf } from '../machinery/keys.ts';
import type { Store } from '../store/store.ts';

const CRON_JOBS = bucketOf(RESOURCES.cronJobs);
const JOBS = bucketOf(RESOURCES.jobs);
const PODS = bucketOf(RESOURCES.pods);
const EVENTS = bucketOf(RESOURCES.events);

/** What a cluster holds at an instant: what the runs of its CronJobs have left, and all else. */
export interface RoutineTrace {
  /** ms since the epoch */
  readonly at: number;
  /** Objects of the routine. */
  readonly own: readonly KubeObject[];
  /** Revision by key of all others. */
  readonly others: ReadonlyMap<string, number>;
  /** Names of nodes. */
  readonly nodes: readonly string[];
}

/** Sorts what the store holds. @param routine keys of the CronJobs whose runs are the routine */
export function traceRoutine(store: Store, routine: ReadonlySet<string>, at: number): RoutineTrace {
  const own: KubeObject[] = [];
  const others = new Map<string, number>();
  const uids = new Set<string>();
  const isOwned = (object: KubeObject): boolean => uids.has(controllerOf(object)?.uid ?? '');
  const sort = (bucket: string, isRoutine: (object: KubeObject) => boolean): void => {
    for (const { namespace, name, modRevision, value } of store.list(bucket)) {
      if (isRoutine(value)) {
        own.push(value);
        uids.add(value.metadata.uid ?? '');
      } else others.set(`${bucket} ${namespace}/${name}`, modRevision);
    }
  };
  sort(CRON_JOBS, (cronJob) => routine.has(keyOf(cronJob)));
  sort(JOBS, isOwned);
  sort(PODS, isOwned);
  sort(EVENTS, (event) => isAboutRoutine(event as unknown as Event, routine));
  for (const bucket of store.buckets()) {
    if (![CRON_JOBS, JOBS, PODS, EVENTS].includes(bucket)) sort(bucket, () => false);
  }
  const nodes = store.list(bucketOf(RESOURCES.nodes)).map(({ name }) => name);
  return { at, own, others, nodes };
}

/** Names of jobs are the CronJob's and minutes since the epoch, those of pods are longer still. */
function isAboutRoutine({ involvedObject }: Event, routine: ReadonlySet<string>): boolean {
  const { kind = '', namespace = '', name = '' } = involvedObject;
  if (kind === 'CronJob') return routine.has(`${namespace}/${name}`);
  const cronJob = /^(.+?)-\d{8,}(?:-.+)?$/.exec(name)?.[1];
  return (kind === 'Job' || kind === 'Pod') && cronJob !== undefined && routine.has(`${namespace}/${cronJob}`);
}

/**
 * By how much events were counted up in each period, by `namespace/name`, when three traces a period apart tell of a routine: nothing
 * else was written, and what its runs have left differs in its times, in what is drawn by lot and in nothing else. Else undefined.
 */
export function routineGrowth([first, second, third]: readonly [RoutineTrace, RoutineTrace, RoutineTrace]):
  | ReadonlyMap<string, number>
  | undefined {
  if (!sameRevisions(first.others, second.others) || !sameRevisions(second.others, third.others)) return undefined;
  const growth = growthOf(first, second);
  const later = growthOf(second, third);
  if (growth.size !== later.size || ![...growth].every(([key, by]) => later.get(key) === by)) return undefined;
  const shape = shapeOf(first, growth);
  return shape === shapeOf(second, growth) && shape === shapeOf(third, growth) ? growth : undefined;
}

function sameRevisions(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, revision] of a) if (b.get(key) !== revision) return false;
  return true;
}

function growthOf(before: RoutineTrace, after: RoutineTrace): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const object of before.own) if (object.kind === 'Event') counts.set(keyOf(object), countOf(object));
  const growth = new Map<string, number>();
  for (const object of after.own) {
    const count = counts.get(keyOf(object));
    if (count !== undefined && count !== countOf(object)) growth.set(keyOf(object), countOf(object) - count);
  }
  return growth;
}

/** How often an event has happened. */
export function countOf(event: KubeObject): number {
  return (event as unknown as Event).count ?? 1;
}

/** Fields that say nothing of the routine: numbers of the store, and what is drawn by lot. */
const BY_LOT = new Set([
  'managedFields',
  'resourceVersion',
  'uid',
  'nodeName',
  'host',
  'reportingInstance',
  'hostIP',
  'hostIPs',
  'podIP',
  'podIPs',
  'containerID',
]);

/** Texts of which the same may be said. */
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g;
const UID = /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/g;
const ADDRESS = /\b(?:\d{1,3}\.){3}\d{1,3}\b/g;
const RUN = /-(\d{8,})\b/g;
const SUFFIX = /-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g;
const EVENT_SUFFIX = /\.[\da-f]{16}$/;

/** The objects as a text in which times are counted from the trace's instant, and what is drawn by lot does not appear. */
function shapeOf({ at, own, nodes }: RoutineTrace, growing: ReadonlyMap<string, number>): string {
  const isNode = new Set(nodes);
  const plainText = (text: string): string =>
    text
      .replace(EVENT_SUFFIX, '')
      .replace(UID, 'uid')
      .replace(RUN, (_, minutes: string) => `-@${Number(minutes) - Math.floor(at / 60_000)}`)
      .replace(SUFFIX, '-suffix')
      .replace(TIME, (time) => `@${Date.parse(time) - at}`)
      .replace(ADDRESS, 'address')
      .split(' ')
      .map((word) => (isNode.has(word) ? 'node' : word))
      .join(' ');
  const plain = (value: unknown): unknown => {
    if (typeof value === 'string') return plainText(value);
    if (Array.isArray(value)) return value.map(plain);
    if (!isObject(value)) return value;
    return Object.entries(value)
      .filter(([key]) => !BY_LOT.has(key))
      .map(([key, each]) => [plainText(key), plain(each)]);
  };
  return own
    .map((object) => JSON.stringify(plain(withoutAge(object, growing.has(keyOf(object))))))
    .sort(compareStrings)
    .join('\n');
}

/** What stays through many runs has an age and a count of its own. */
function withoutAge(object: KubeObject, isGrowing: boolean): object {
  const isEvent = object.kind === 'Event';
  if (isEvent ? !isGrowing : object.kind !== 'CronJob') return object;
  const { creationTimestamp: _, name: own, ...metadata } = object.metadata;
  const aged = { ...object, metadata: isEvent ? metadata : { ...metadata, own } };
  return isEvent ? { ...aged, count: 0, firstTimestamp: '' } : aged;
}

/** The CronJob as it would be had it run on for so many ms. */
export function cronJobLater(cronJob: CronJob, by: number): CronJob {
  const { lastScheduleTime, lastSuccessfulTime } = cronJob.status ?? {};
  const later = (time: string | undefined): string | undefined =>
    time === undefined ? undefined : `${new Date(Date.parse(time) + by).toISOString().slice(0, 19)}Z`;
  const status = {
    ...cronJob.status,
    lastScheduleTime: later(lastScheduleTime),
    lastSuccessfulTime: later(lastSuccessfulTime),
  };
  return { ...cronJob, status };
}
