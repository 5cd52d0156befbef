import { afterEach, describe, expect, it } from 'vitest';
import { LogCursor, type LogWindow, type WrittenLine } from '../../../src/client/log-cursor.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { createCatalogue } from '../../../src/cluster/kubelet/images/catalogue.ts';
import { AccessLog } from '../../../src/cluster/kubelet/logs/access-log.ts';
import { newestLines, reversed } from '../../../src/cluster/kubelet/logs/newest-lines.ts';
import { createPodLogs } from '../../../src/cluster/kubelet/pod-logs.ts';
import { createInformerFactory } from '../../../src/cluster/machinery/informer.ts';
import type { Container } from '../../../src/kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { type Bench, bench, START } from './support.ts';
import { fc } from '../../support/property.ts';

const opened: Bench[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.stop();
});

const SERVER: Partial<Container> = { image: 'example.com/shop/api:1', ports: [{ containerPort: 8080 }] };
const READY: Partial<Container> = { readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 5 } };
const DAY = 86_400_000;

/** Reads the log of a pod as it is after some time; each line as `seconds after its first request path status`. */
async function logOf(
  container: Partial<Container>,
  millis: number,
  { window = {}, behaviour }: { readonly window?: LogWindow; readonly behaviour?: string } = {},
): Promise<readonly WrittenLine[]> {
  const b = await bench();
  opened.push(b);
  await b.run('p', container, {}, behaviour === undefined ? {} : { 'pintle.dev/behaviour': behaviour });
  await b.clock.advance(millis);
  const context = { client: b.client, clock: b.clock, random: new SeededRandom(1), logger: silentLogger };
  const provider = createPodLogs({ context, informers: createInformerFactory(context), catalogue: createCatalogue() });
  return await provider.lines((await b.pod('p')) as unknown as KubeObject, 'c', window);
}

function told(lines: readonly WrittenLine[]): string[] {
  const first = lines[0]?.at ?? 0;
  return lines.map(({ at, text }) => {
    if (!text.startsWith('{')) return text;
    const line = JSON.parse(text) as Record<string, string>;
    expect(line).toEqual({
      time: new Date(at).toISOString(),
      method: 'GET',
      path: line['path'],
      status: line['status'],
      remote_addr: '172.18.0.2',
      user_agent: line['user_agent'],
    });
    const agent = line['user_agent'] === 'kube-probe/1.35' ? '' : ` by ${line['user_agent'] ?? ''}`;
    return `${(at - first) / 1000} ${line['path'] ?? ''} ${line['status'] ?? ''}${agent}`;
  });
}

describe('requests of probes', () => {
  it('are written by the server, in the order in which they come', async () => {
    const lines = await logOf(
      {
        ...SERVER,
        readinessProbe: { httpGet: { path: '/ready?deep=1', port: 8080 }, periodSeconds: 5, initialDelaySeconds: 3 },
        livenessProbe: { httpGet: { path: 'live', port: 8080 }, periodSeconds: 4 },
      },
      15_000,
    );
    expect(told(lines).slice(0, 6)).toEqual([
      '0 /live 200',
      '3 /ready?deep=1 200',
      '4 /live 200',
      '8 /ready?deep=1 200',
      '8 /live 200',
      '12 /live 200',
    ]);
  });

  it('wait for the startup probe, and are answered from the start of the server on', async () => {
    const lines = await logOf(
      {
        ...SERVER,
        ...READY,
        startupProbe: { httpGet: { path: '/up', port: 8080 }, periodSeconds: 2, failureThreshold: 9 },
      },
      20_000,
      { behaviour: '{start: 5s, logs: [begins]}' },
    );
    // Nobody listens during the first five seconds.
    expect(told(lines).slice(0, 5)).toEqual(['begins', '6 /up 200', '6 /ready 200', '10 /ready 200', '15 /ready 200']);
  });

  it('follow changes of the answers', async () => {
    const behaviour = '{paths: {/ready: 503}, changes: [{after: 7s, paths: {/ready: 204}}]}';
    expect(told(await logOf({ ...SERVER, ...READY }, 13_000, { behaviour }))).toEqual([
      '0 /ready 503',
      '5 /ready 503',
      '10 /ready 204',
    ]);
  });

  it('of the run before end with it', async () => {
    const livenessProbe = { httpGet: { path: '/live', port: 8080 }, periodSeconds: 2, failureThreshold: 2 };
    const behaviour = '{paths: {/live: 500}}';
    const lines = await logOf({ ...SERVER, livenessProbe }, 9000, { behaviour, window: { previous: true } });
    expect(told(lines)).toEqual(['0 /live 500', '2 /live 500']);
  });

  it('introduce themselves as they are told to', async () => {
    const httpHeaders = [{ name: 'user-agent', value: 'mine' }];
    const readinessProbe = { httpGet: { path: '/', port: 8080, httpHeaders } };
    expect(told(await logOf({ ...SERVER, readinessProbe }, 5000))).toEqual(['0 / 200 by mine']);
  });

  it.each([
    ['other probes', { ...SERVER, readinessProbe: { tcpSocket: { port: 8080 } } }, ''],
    ['other hosts', { ...SERVER, readinessProbe: { httpGet: { path: '/', port: 80, host: '1.2.3.4' } } }, ''],
    ['ports that nobody listens on', { ...SERVER, ...READY }, '{ports: [9090]}'],
    ['servers that are said to be quiet', { ...SERVER, ...READY }, '{accessLog: false}'],
    ['databases', { ...SERVER, ...READY, image: 'quay.io/prometheus/busybox-exporter:v1' }, ''],
  ] as const)('are not written for %s', async (_name, container, behaviour) => {
    expect(await logOf(container, 30_000, behaviour === '' ? {} : { behaviour })).toEqual([]);
  });

  it('are worked out as far as somebody reads', async () => {
    const lines = await logOf({ ...SERVER, ...READY }, 365 * DAY, { window: { tailLines: 2 } });
    expect(told(lines)).toEqual(['0 /ready 200', '5 /ready 200']);
    expect(lines[1]?.at).toBeGreaterThan(START + 365 * DAY - 6000);
    const since = START + 365 * DAY - 60_000;
    expect(await logOf({ ...SERVER, ...READY }, 365 * DAY, { window: { since } })).toHaveLength(12);
  });

  it('are forgotten but for the newest ten MiB', async () => {
    const lines = await logOf({ ...SERVER, ...READY }, 30 * DAY);
    const bytes = lines.reduce((sum, { text }) => sum + text.length + 1, 0);
    expect(bytes).toBeLessThanOrEqual(10 * 1024 * 1024);
    expect(bytes).toBeGreaterThan(10 * 1024 * 1024 - 200);
    expect(lines.at(-1)?.at).toBeGreaterThan(START + 30 * DAY - 6000);
  });
});

describe('lines of several sources', () => {
  it('come in order, those of earlier sources first, and none is read in vain', () => {
    const read: number[] = [];
    function* endless(): Generator<WrittenLine> {
      for (let at = 1000; ; at -= 1) {
        read.push(at);
        yield { at, text: 'e' };
      }
    }
    const own = [997, 999, 999].map((at, i) => ({ at, text: `own ${i}` }));
    const lines = newestLines([reversed(own), endless()], { tailLines: 5 });
    expect(lines.map(({ at, text }) => `${at} ${text}`)).toEqual([
      '998 e',
      '999 own 1',
      '999 own 2',
      '999 e',
      '1000 e',
    ]);
    expect(read).toEqual([1000, 999, 998, 997]);
    expect(newestLines([endless()], { tailLines: 0 })).toEqual([]);
  });
});

describe('an access log', () => {
  it('keeps the newest requests of the runs that were asked last', () => {
    const log = new AccessLog();
    const access = { method: 'GET', path: '/', status: 200, client: '10.0.0.1', userAgent: 'x' };
    for (let i = 0; i < 1500; i += 1) log.add('busy', i, access);
    expect(log.linesOf('busy')).toHaveLength(1000);
    expect(log.linesOf('busy')[0]?.at).toBe(500);
    for (let i = 0; i < 1000; i += 1) log.add(`run ${i}`, i, access);
    expect(log.linesOf('busy')).toEqual([]);
    expect(log.linesOf('run 0')).toHaveLength(1);
    expect(log.linesOf(undefined)).toEqual([]);
  });
});

describe('a cursor', () => {
  it('gives each line once, however the log grows and wherever it is cut', () => {
    const steps = fc.array(fc.array(fc.nat({ max: 2 }), { maxLength: 5 }), { maxLength: 10 });
    fc.assert(
      fc.property(steps, (growth) => {
        const log: WrittenLine[] = [];
        const cursor = new LogCursor();
        const given: string[] = [];
        let now = 0;
        for (const step of growth) {
          for (const pause of step) {
            now += pause;
            log.push({ at: now, text: String(log.length) });
          }
          const from = cursor.since ?? Number.NEGATIVE_INFINITY;
          given.push(...cursor.take(log.filter(({ at }) => at >= from)).map(({ text }) => text));
        }
        expect(given).toEqual(log.map(({ text }) => text));
      }),
    );
  });

  it('can leave out what came before', () => {
    const cursor = new LogCursor();
    cursor.skipTo(5);
    expect(cursor.take([4, 5, 6].map((at) => ({ at, text: String(at) }))).map(({ text }) => text)).toEqual(['5', '6']);
    cursor.skipTo(3);
    expect(cursor.since).toBe(6);
  });
});
