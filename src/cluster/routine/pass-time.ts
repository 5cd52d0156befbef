import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { KubeClient } from '../../client/kube-client.ts';
import type { CronJob, Job } from '../../kube/api/batch-v1.generated.ts';
import { controllerOf, type KubeObject } from '../../kube/object.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { ApiServer } from '../apiserver/api-server.ts';
import { bucketOf } from '../apiserver/served-resources.ts';
import { expiryOf } from '../controllers/ttl-after-finished/ttl-after-finished-controller.ts';
import { AS_CONTROLLER_STATUS } from '../machinery/constants.ts';
import type { TimeSkip } from '../machinery/interfaces.ts';
import { keyOf, splitKey } from '../machinery/keys.ts';
import { formatTime } from '../machinery/time.ts';
import type { Store } from '../store/store.ts';
import { type CronRhythm, cronRhythm } from './cron-rhythm.ts';
import { countOf, cronJobLater, type RoutineTrace, routineGrowth, traceRoutine } from './routine-trace.ts';

/** The first time that is lived through after nothing could be passed over, ms; doubles each time. */
const FIRST_PATIENCE = 24 * 3_600_000;

/** So long after a trace nothing is due; a cluster that is served goes on by itself meanwhile, ms. */
const STILL_CALM = 5000;

/** What {@link passTime} works on. */
export interface PassingCluster {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly apiServer: Pick<ApiServer, 'listNow'>;
  /** For what the controllers would have written. */
  readonly client: KubeClient;
  /** True while nobody looks on: no fault is in force, and only parts of the cluster watch. */
  readonly isUnobserved: () => boolean;
  /** Tells those who remember instants. */
  readonly skipped: (skip: TimeSkip) => void;
}

/**
 * Lets time pass until an instant. Where CronJobs do the same over and over, nothing else happens and nobody watches, what would
 * have left no trace by then is not lived through: the first periods are, to know the routine, and the last ones, to leave what is
 * left. See docs/decisions/0007-routine-that-leaves-no-trace.md.
 *
 * @param target ms since the epoch
 * @returns how much of it was passed over, ms
 */
export async function passTime(cluster: PassingCluster, target: number): Promise<number> {
  const { clock, apiServer } = cluster;
  let patience = FIRST_PATIENCE;
  let passedOver = 0;
  for (;;) {
    const now = clock.now();
    const cronJobs = apiServer.listNow(RESOURCES.cronJobs) as unknown as readonly CronJob[];
    if (cronJobs.length === 0 || now >= target || !cluster.isUnobserved()) break;
    const rhythm = cronRhythm(cronJobs, now, target);
    const skipped = rhythm === undefined ? 0 : await livesRoutine(cluster, rhythm, target);
    passedOver += skipped;
    if (skipped > 0) {
      patience = FIRST_PATIENCE;
      continue;
    }
    await clock.advanceTo(Math.min(target, clock.now() + patience));
    patience *= 2;
  }
  await clock.advanceTo(target);
  return passedOver;
}

/** Lives through some periods, and passes over the following ones if all is routine; answers with their length, ms, or 0. */
async function livesRoutine(cluster: PassingCluster, rhythm: CronRhythm, target: number): Promise<number> {
  const { clock, store } = cluster;
  const { period, calm, memory, routine } = rhythm;
  const soonest = clock.now() + memory;
  const first = soonest + ((calm - (soonest % period) + period) % period);
  const traces: RoutineTrace[] = [];
  for (const at of [first, first + period, first + 2 * period]) {
    if (at >= target) return 0;
    await clock.advanceTo(at);
    if (clock.now() - at > STILL_CALM) return 0;
    traces.push(traceRoutine(store, routine, at));
  }
  const [a, b, c] = traces;
  if (a === undefined || b === undefined || c === undefined || !cluster.isUnobserved()) return 0;
  const growth = routineGrowth([a, b, c]);
  if (growth === undefined || c.own.some((object) => object.kind === 'CronJob' && mayReadDate(store, object))) return 0;
  const end = Math.min(rhythm.until, target, firstOtherEvent(cluster, c));
  const times = Math.floor((end - memory - clock.now()) / period);
  if (times < 1) return 0;
  return await skip(cluster, { times, rhythm, trace: c, growth });
}

/** True when what a CronJob runs, or a file or variable that it reads, may ask for the date: a run may end otherwise then. */
function mayReadDate(store: Store, cronJob: KubeObject): boolean {
  const isDated = (value: unknown): boolean => /\bdate\b/.test(JSON.stringify(value));
  const text = JSON.stringify(cronJob['spec']);
  if (isDated(cronJob['spec']) || /"secret/.test(text)) return true;
  if (!/"configMap/.test(text)) return false;
  const maps = store.list(bucketOf(RESOURCES.configMaps), cronJob.metadata.namespace ?? '');
  return maps.some(({ value }) => isDated(value['data']));
}

/** When something happens next that is no routine, ms since the epoch. */
function firstOtherEvent({ clock, apiServer }: PassingCluster, { own }: RoutineTrace): number {
  let next = clock.nextPunctual() ?? Number.POSITIVE_INFINITY;
  const cronJobs = new Set(own.map(({ metadata }) => metadata.uid));
  for (const job of apiServer.listNow(RESOURCES.jobs) as unknown as readonly Job[]) {
    const isOwn = cronJobs.has(controllerOf(job)?.uid ?? '');
    if (!isOwn) next = Math.min(next, expiryOf(job) ?? Number.POSITIVE_INFINITY);
  }
  return next;
}

interface Passage {
  readonly times: number;
  readonly rhythm: CronRhythm;
  readonly trace: RoutineTrace;
  readonly growth: ReadonlyMap<string, number>;
}

/**
 * Passes over so many periods, and writes what would stand otherwise: when CronJobs ran last, and how often events have happened.
 * Answers with their length, ms; 0 when the clock is at work for somebody else.
 */
async function skip({ clock, client, store, skipped }: PassingCluster, passage: Passage): Promise<number> {
  const { times, rhythm, trace, growth } = passage;
  const by = times * rhythm.period;
  const { revision } = store;
  let from = clock.now();
  for (let tries = 1; !clock.skipTo(from + by); tries += 1) {
    await clock.settle();
    from = clock.now();
    if (tries >= 10 || from - trace.at > STILL_CALM || store.revision !== revision) return 0;
  }
  const to = from + by;
  const counts = new Map<string, number>();
  for (const object of trace.own) {
    const growing = growth.get(keyOf(object));
    if (object.kind === 'Event' && growing !== undefined) counts.set(keyOf(object), countOf(object) + times * growing);
  }
  skipped({ from, to, period: rhythm.period, counts });
  const writes = trace.own
    .filter(({ kind }) => kind === 'CronJob')
    .map((cronJob) =>
      client.update(RESOURCES.cronJobs, cronJobLater(cronJob as unknown as CronJob, by), AS_CONTROLLER_STATUS),
    );
  for (const [key, count] of counts) {
    const body = { count, lastTimestamp: formatTime(to) };
    writes.push(client.patch(RESOURCES.events, splitKey(key), 'merge', body, { fieldManager: 'cronjob-controller' }));
  }
  await Promise.all(writes);
  return by;
}
