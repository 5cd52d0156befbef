import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../base/clock.ts';
import { LogCursor, type WrittenLine } from '../../../client/log-cursor.ts';
import type { ContainerStatus, Pod } from '../../../kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { Faults } from '../../registry/faults.ts';
import { badRequest, invalid } from '../../registry/status.ts';
import { type LogRequest, nanoTime } from '../logs-provider.ts';
import { logContainer } from '../subresources/logs.ts';
import { integerOf } from './query-options.ts';
import { isTrue } from './request-info.ts';
import { drained, isGone } from './send-whole.ts';

/** How often followed logs are looked at, ms of wall time. */
const FOLLOW_PERIOD = 100;

/** What a request for logs asks for. kubernetes: pkg/apis/core PodLogOptions */
interface LogQuery {
  readonly container: string | undefined;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
  /** Lines written earlier are left out, ms since the epoch. */
  readonly since: number | undefined;
}

/** Where logs come from. */
export interface LogSource {
  lines(wish: LogRequest): Promise<readonly WrittenLine[]>;
  /** The pod as it is now. @throws StatusError 404 when it is gone */
  pod(): Promise<KubeObject>;
  /** Of the cluster, ms since the epoch. */
  now(): number;
  readonly wallClock: Clock;
  /** Followed logs have begun. */
  readonly started: () => void;
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

/** @throws StatusError 400, 422 */
function logQuery(query: URLSearchParams, pod: KubeObject, now: number): LogQuery {
  const [tailLines, limitBytes, seconds] = ['tailLines', 'limitBytes', 'sinceSeconds'].map((name) =>
    integerOf(query, name),
  );
  const time = query.get('sinceTime') ?? '';
  const instant = time === '' ? undefined : Date.parse(time);
  if (instant !== undefined && (Number.isNaN(instant) || !RFC3339.test(time))) {
    throw badRequest(`parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05Z07:00": it is no RFC 3339 time`);
  }
  const faults = new Faults();
  if (tailLines !== undefined && tailLines < 0) {
    faults.invalid('tailLines', tailLines, 'must be greater than or equal to 0');
  }
  if (limitBytes !== undefined && limitBytes < 1) faults.invalid('limitBytes', limitBytes, 'must be greater than 0');
  if (seconds !== undefined && time !== '') {
    faults.forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified');
  } else if (seconds !== undefined && seconds < 1) faults.invalid('sinceSeconds', seconds, 'must be greater than 0');
  if (faults.count > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, pod.metadata.name ?? '', faults.list);
  return {
    container: query.get('container') ?? undefined,
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    tailLines,
    limitBytes,
    since: seconds === undefined ? instant : now - seconds * 1000,
  };
}

/**
 * Answers a request for logs; those that are followed end with the container.
 *
 * @throws StatusError before anything is written
 */
export async function answerLogs(response: ServerResponse, query: URLSearchParams, source: LogSource): Promise<void> {
  const pod = await source.pod();
  const asked = logQuery(query, pod, source.now());
  const container = logContainer(pod, asked.container === undefined ? {} : { container: asked.container });
  const cursor = new LogCursor();
  const first = await firstLines(asked, container, cursor, source);
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/plain');
  response.setHeader('Cache-Control', 'no-cache, private');
  const writer = new LineWriter(response, asked);
  await writer.lines(first);
  if (asked.follow) await follow(response, writer, { source, container, cursor, asked });
  await drained(response);
  response.end();
}

/** What is there at the beginning; the cursor stands behind it. */
async function firstLines(
  { previous, since, tailLines }: LogQuery,
  container: string,
  cursor: LogCursor,
  source: LogSource,
): Promise<readonly WrittenLine[]> {
  const now = source.now();
  const lines = await source.lines({ container, previous, since, tailLines });
  if (tailLines === undefined) return cursor.take(lines);
  // The last instant may have more lines than were asked for, and they do not come again.
  const last = lines.at(-1)?.at ?? now;
  cursor.skipTo(last);
  const newest = cursor.take(await source.lines({ container, previous, since: last }));
  const all = [...lines.filter(({ at }) => at < last), ...newest];
  return all.slice(Math.max(0, all.length - tailLines));
}

interface Following {
  readonly source: LogSource;
  readonly container: string;
  readonly cursor: LogCursor;
  readonly asked: LogQuery;
}

async function follow(response: ServerResponse, writer: LineWriter, following: Following): Promise<void> {
  const { source, container, cursor, asked } = following;
  const first = runOf(await source.pod(), container);
  response.flushHeaders();
  source.started();
  while (!isGone(response) && !writer.full) {
    const run = await currentRun(source, container);
    if (run === undefined || run.id !== first.id) return;
    const since = cursor.since ?? asked.since;
    await writer.lines(cursor.take(await source.lines({ container, previous: asked.previous, since })));
    if (run.ended || asked.previous) return;
    await drained(response);
    await new Promise<void>((resolve) => {
      source.wallClock.setTimer(FOLLOW_PERIOD, resolve);
    });
  }
}

interface Run {
  readonly id: string;
  readonly ended: boolean;
}

async function currentRun(source: LogSource, container: string): Promise<Run | undefined> {
  try {
    return runOf(await source.pod(), container);
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  }
}

function runOf(pod: KubeObject, container: string): Run {
  const { status } = pod as Pod;
  const all: readonly ContainerStatus[] = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
  const own = all.find(({ name }) => name === container);
  return { id: own?.containerID ?? '', ended: own?.state?.running === undefined };
}

/** How many lines are written before the client has to have taken them. */
const LINES_AT_ONCE = 1000;

/** Writes lines as the client wants them. */
class LineWriter {
  readonly #response: ServerResponse;
  readonly #query: LogQuery;
  #bytes = 0;
  full = false;

  constructor(response: ServerResponse, query: LogQuery) {
    this.#response = response;
    this.#query = query;
  }

  async lines(lines: readonly WrittenLine[]): Promise<void> {
    for (let i = 0; i < lines.length && !this.full && !isGone(this.#response); i += LINES_AT_ONCE) {
      this.#write(lines.slice(i, i + LINES_AT_ONCE));
      await drained(this.#response);
    }
  }

  #write(lines: readonly WrittenLine[]): void {
    const { timestamps, limitBytes } = this.#query;
    const text = lines.map((line) => (timestamps ? `${nanoTime(line.at)} ${line.text}\n` : `${line.text}\n`)).join('');
    let bytes = Buffer.from(text, 'utf8');
    if (limitBytes !== undefined && this.#bytes + bytes.length >= limitBytes) {
      bytes = bytes.subarray(0, limitBytes - this.#bytes);
      this.full = true;
    }
    this.#bytes += bytes.length;
    if (bytes.length > 0) this.#response.write(bytes);
  }
}
