import { describe, expect, test } from 'vitest';
import { injectFault } from '../../../src/cluster/faults/fault-store.ts';
import type { CronJob } from '../../../src/kube/api/batch-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type EmbeddedCluster, embeddedCluster } from '../../support/embedded-cluster.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Thursday. */
const START = Date.UTC(2026, 0, 15, 12, 3, 20);

type Run = Pick<EmbeddedCluster, 'cluster' | 'store'>;

function start(begin = START): Promise<Run> {
  return embeddedCluster({ nodes: 2, seed: 7, start: begin });
}

interface CronJobWish {
  readonly name?: string;
  readonly command?: readonly string[];
  readonly spec?: object;
  readonly jobSpec?: object;
}

function cronJob(schedule: string, { name = 'often', command = ['true'], spec, jobSpec }: CronJobWish = {}): object {
  const container = { name: 'c', image: 'busybox:1.36', command };
  const template = { spec: { restartPolicy: 'Never', containers: [container] } };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace: 'default' },
    spec: { schedule, ...spec, jobTemplate: { spec: { template, ...jobSpec } } },
  };
}

const web = (command?: readonly string[]): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'c',
            image: 'nginx',
            ...(command === undefined ? {} : { command }),
            readinessProbe: { httpGet: { path: '/', port: 80 } },
          },
        ],
      },
    },
  },
});

async function create({ cluster }: Run, objects: readonly object[]): Promise<void> {
  for (const object of objects) {
    const { kind } = object as { readonly kind: string };
    await cluster.client.create(kind === 'CronJob' ? RESOURCES.cronJobs : RESOURCES.deployments, object);
  }
}

const LOT =
  /"(?:resourceVersion|uid|nodeName|host|reportingInstance|hostIP|podIP|ip|containerID)":"[^"]*",?|\b[\da-f]{8}-[\da-f-]{27}\b|-[bcdfghjklmnpqrstvwxz2456789]{5}\b|\.[\da-f]{16}\b|10\.244\.\d+\.\d+|"(?:to|from) [\w-]+"/g;

/** All that the cluster holds, without numbers of the store and what is drawn by lot. */
function shown({ store, cluster }: Run): string[] {
  const nodes = store.list('/nodes').map(({ name }) => name);
  const lines: string[] = [];
  for (const bucket of store.buckets()) {
    for (const { value } of store.list(bucket)) {
      let text = JSON.stringify(value);
      for (const node of nodes) text = text.replaceAll(` ${node}"`, ' node"');
      lines.push(`${bucket} ${text.replace(LOT, '~')}`);
    }
  }
  return [...lines.sort(), new Date(cluster.clock.now()).toISOString()];
}

describe('what is left of a routine', () => {
  interface Case {
    readonly objects: readonly object[];
    readonly duration: number;
    readonly begin?: number;
    /** Most of what is written without passing over, as a share. */
    readonly share?: number;
  }
  const cases: Record<string, Case> = {
    'jobs that fail': {
      objects: [cronJob('0 * * * *', { command: ['false'], jobSpec: { backoffLimit: 0 } })],
      duration: 22 * HOUR,
    },
    'several schedules beside a Deployment with probes': {
      objects: [
        web(),
        cronJob('*/20 * * * *'),
        cronJob('15 * * * *', { name: 'hourly', spec: { successfulJobsHistoryLimit: 1 } }),
        cronJob('* * * * *', { name: 'never', spec: { suspend: true } }),
      ],
      duration: DAY,
    },
    'days of a place that changes its clocks': {
      objects: [cronJob('30 9 * * *', { spec: { timeZone: 'Europe/Berlin' } })],
      begin: Date.UTC(2026, 2, 6, 3),
      duration: 44 * DAY,
      share: 0.8,
    },
    'a run each month among others': {
      objects: [cronJob('0 */6 * * *'), cronJob('0 0 1 * *', { name: 'monthly' })],
      begin: Date.UTC(2026, 0, 20),
      duration: 15 * DAY,
      share: 0.8,
    },
    'nights without runs': {
      objects: [cronJob('*/30 6-17 * * *')],
      begin: Date.UTC(2026, 0, 15, 5, 40),
      duration: 23 * HOUR,
    },
    'times to live and deadlines': {
      objects: [cronJob('*/30 * * * *', { jobSpec: { ttlSecondsAfterFinished: 7200, activeDeadlineSeconds: 5000 } })],
      duration: DAY,
    },
    'many events': {
      objects: [cronJob('*/5 * * * *', { spec: { successfulJobsHistoryLimit: 2 } })],
      duration: 10 * HOUR,
    },
  };
  test.each(Object.entries(cases))('%s', async (_, { objects, duration, begin, share = 0.75 }) => {
    const [quick, whole] = [await start(begin), await start(begin)];
    for (const run of [quick, whole]) {
      await create(run, objects);
      const passedOver = await run.cluster.advance(duration, { everyRun: run === whole });
      if (run === whole) expect(passedOver).toBe(0);
      else expect(passedOver).toBeGreaterThan(0);
    }
    expect(shown(quick)).toEqual(shown(whole));
    expect(quick.store.revision).toBeLessThan(whole.store.revision * share);
    // What is remembered is as it would be, too.
    for (const run of [quick, whole]) await run.cluster.advance(2 * HOUR + 7 * MINUTE);
    expect(shown(quick)).toEqual(shown(whole));
    for (const { cluster } of [quick, whole]) cluster.stop();
  });
});

describe('what is lived through', () => {
  /** Runs of the CronJob `often` that were deleted in ten hours, of 17. */
  async function livedThrough(run: Run, prepare: () => Promise<unknown>, objects = [cronJob('*/30 * * * *')]) {
    await create(run, objects);
    await prepare();
    let deleted = 0;
    const commit = run.store.commit.bind(run.store);
    run.store.commit = (changes) => {
      for (const { type, bucket, name } of changes) {
        if (type === 'delete' && bucket === 'batch/jobs' && name.startsWith('often-')) deleted += 1;
      }
      return commit(changes);
    };
    await run.cluster.advance(10 * HOUR);
    run.cluster.stop();
    return deleted;
  }

  test('only the first and the last runs of a routine', async () => {
    expect(await livedThrough(await start(), async () => {})).toBeLessThan(16);
  });

  const others: Record<string, (run: Run) => Promise<unknown>> = {
    'all runs while somebody watches': async ({ cluster }) =>
      cluster.client.watch(RESOURCES.jobs, {}, { event: () => {} }),
    'all runs before a timer of somebody else': async ({ cluster }) => cluster.clock.setTimer(7 * HOUR, () => {}),
    'all runs while a fault is in force': ({ cluster }) =>
      injectFault(cluster.client, { kind: 'api-latency', millis: 1, clients: ['nobody'] }),
    'all runs where a command asks for the date': ({ cluster }) => {
      const containers = [{ name: 'c', image: 'busybox:1.36', command: ['sh', '-c', 'date +%u'] }];
      const spec = { jobTemplate: { spec: { template: { spec: { containers } } } } };
      return cluster.client.patch(RESOURCES.cronJobs, { namespace: 'default', name: 'often' }, 'strategic', { spec });
    },
    'all runs while another workload fails again and again': (run) => create(run, [web(['false'])]),
  };
  test.each(Object.entries(others))('%s', async (_, prepare) => {
    const run = await start();
    expect(await livedThrough(run, () => prepare(run))).toBe(17);
  });

  test('a start that the rhythm does not have', async () => {
    const run = await start();
    const last = async (): Promise<string | undefined> => {
      const key = { namespace: 'default', name: 'rare' };
      return (await run.cluster.client.get<CronJob>(RESOURCES.cronJobs, key)).status?.lastScheduleTime;
    };
    await create(run, [cronJob('*/30 * * * *'), cronJob('17 5 16 * *', { name: 'rare' })]);
    await run.cluster.advance(2 * DAY);
    expect(await last()).toBe('2026-01-16T05:17:00Z');
    run.cluster.stop();
  });
});
