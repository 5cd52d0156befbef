import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../base/clock.ts';
import type { LogOptions } from '../../../client/kube-client.ts';
import type { ContainerStatus, Pod } from '../../../kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { isStatus } from '../../../kube/status-error.ts';
import { Faults } from '../../registry/faults.ts';
import { invalid } from '../../registry/status.ts';
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
  logs(options: LogOptions): Promise<string>;
  /** The pod as it is now. @throws StatusError 404 when it is gone */
  pod(): Promise<KubeObject>;
  /** Of the cluster, ms since the epoch. */
  now(): number;
  readonly wallClock: Clock;
  /** Followed logs have begun. */
  readonly started: () => void;
}

/** @throws StatusError 400, 422 */
function logQuery(query: URLSearchParams, pod: KubeObject, now: number): LogQuery {
  const [tailLines, limitBytes, seconds] = ['tailLines', 'limitBytes', 'sinceSeconds'].map((name) =>
    integerOf(query, name),
  );
  const time = query.get('sinceTime') ?? '';
  const faults = new Faults();
  if (tailLines !== undefined && tailLines < 0) {
    faults.invalid('tailLines', tailLines, 'must be greater than or equal to 0');
  }
  if (limitBytes !== undefined && limitBytes < 1) faults.invalid('limitBytes', limitBytes, 'must be greater than 0');
  if (seconds !== undefined && time !== '') {
    faults.forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified');
  } else if (seconds !== undefined && seconds < 1) faults.invalid('sinceSeconds', seconds, 'must be greater than 0');
  if (faults.count > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, pod.metadata.name ?? '', faults.list);
  const since = seconds === undefined ? Date.parse(time) : now - seconds * 1000;
  return {
    container: query.get('container') ?? undefined,
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    tailLines,
    limitBytes,
    since: Number.isNaN(since) ? undefined : since,
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
  const read = async (): Promise<string[]> => {
    const text = await source.logs({ container, previous: asked.previous, timestamps: true });
    return text === '' ? [] : text.replace(/\n$/, '').split('\n');
  };
  const lines = await read();
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/plain');
  response.setHeader('Cache-Control', 'no-cache, private');
  const writer = new LineWriter(response, asked);
  writer.first(lines);
  if (asked.follow) await follow(response, writer, { source, container, lines: lines.length, read });
  await drained(response);
  response.end();
}

interface Following {
  readonly source: LogSource;
  readonly container: string;
  /** How many have been written. */
  lines: number;
  readonly read: () => Promise<string[]>;
}

async function follow(response: ServerResponse, writer: LineWriter, following: Following): Promise<void> {
  const { source, container, read } = following;
  const first = runOf(await source.pod(), container);
  response.flushHeaders();
  source.started();
  while (!isGone(response) && !writer.full) {
    const run = await currentRun(source, container);
    if (run === undefined || run.id !== first.id) return;
    const lines = await read();
    for (const line of lines.slice(following.lines)) writer.line(line);
    following.lines = Math.max(following.lines, lines.length);
    if (run.ended) return;
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

/** Writes lines that begin with their instant, as the client wants them. */
class LineWriter {
  readonly #response: ServerResponse;
  readonly #query: LogQuery;
  #bytes = 0;
  full = false;

  constructor(response: ServerResponse, query: LogQuery) {
    this.#response = response;
    this.#query = query;
  }

  /** What is there at the beginning. */
  first(lines: readonly string[]): void {
    const { since, tailLines } = this.#query;
    const recent = since === undefined ? lines : lines.filter((line) => instantOf(line) >= since);
    const kept = tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - tailLines));
    for (const line of kept) this.line(line);
  }

  line(line: string): void {
    if (this.full) return;
    const { timestamps, limitBytes } = this.#query;
    const text = timestamps ? line : line.slice(line.indexOf(' ') + 1);
    let bytes = Buffer.from(`${text}\n`, 'utf8');
    if (limitBytes !== undefined && this.#bytes + bytes.length >= limitBytes) {
      bytes = bytes.subarray(0, limitBytes - this.#bytes);
      this.full = true;
    }
    this.#bytes += bytes.length;
    this.#response.write(bytes);
  }
}

function instantOf(line: string): number {
  return Date.parse(line.slice(0, line.indexOf(' ')));
}
