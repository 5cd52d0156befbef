import type { Container, Probe } from '../../../kube/api/core-v1.generated.ts';
import type { WrittenLine } from '../../../client/log-cursor.ts';
import { answerChanges, probeAnswer, type ProbeTarget } from '../probes/probe-answer.ts';
import { accessLines } from './access-log.ts';
import type { NewestFirst } from './newest-lines.ts';

/** A run of a container whose probes are looked at. */
export interface ProbedRun {
  readonly probes: Pick<Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'>;
  readonly target: ProbeTarget;
  /** ms since the epoch */
  readonly startedAt: number;
  /** How long it ran or has run, ms. */
  readonly until: number;
  /** How long startup and liveness probes ran; less than {@link until} while the pod is being stopped. */
  readonly stoppedAt?: number | undefined;
  /** The address of the kubelet. */
  readonly client: string;
  /** `kube-probe/1.35` */
  readonly userAgent: string;
}

const DEFAULT_PERIOD = 10;

/**
 * What the server in a container writes for the HTTP requests of its probes: one source a probe. When they come follows from the
 * run as in {@link ProbeRunner}, so no line is made before somebody reads it.
 */
export function probeLines(run: ProbedRun): readonly NewestFirst[] {
  const { startupProbe, readinessProbe, livenessProbe } = run.probes;
  const http = [startupProbe, readinessProbe, livenessProbe].some((probe) => isOwn(probe, run.target));
  if (!http || !run.target.program.serves || run.target.program.behaviour.accessLog === false) return [];
  const answers = new Answers(run.target);
  const stopped = Math.min(run.until, run.stoppedAt ?? run.until);
  const started = startupProbe === undefined ? 0 : firstSuccess(startupProbe, stopped, answers);
  const sources: NewestFirst[] = [];
  const add = (probe: Probe | undefined, from: number, until: number): void => {
    if (probe === undefined || !isOwn(probe, run.target)) return;
    sources.push(linesOf(probe, { from, until }, answers, run));
  };
  add(startupProbe, 0, started ?? stopped);
  if (started === undefined) return sources;
  add(readinessProbe, started, run.until);
  add(livenessProbe, started, stopped);
  return sources;
}

/** A request that comes to the container itself. */
function isOwn(probe: Probe | undefined, { podIP }: ProbeTarget): boolean {
  const get = probe?.httpGet;
  return get !== undefined && (get.host === undefined || get.host === '' || get.host === podIP);
}

interface Span {
  /** From which a probe is wanted, ms after the start of the container. */
  readonly from: number;
  readonly until: number;
}

/** Instants, ms after the start, the newest first: the first when it is wanted, the others at the probe's own pace. */
function* newestTicks(probe: Probe, { from, until }: Span): Generator<number> {
  const period = periodOf(probe);
  const delay = (probe.initialDelaySeconds ?? 0) * 1000;
  const first = Math.max(from, delay);
  for (let tick = delay + Math.floor((until - delay) / period) * period; tick > first; tick -= period) yield tick;
  if (first <= until) yield first;
}

function periodOf({ periodSeconds = DEFAULT_PERIOD }: Probe): number {
  return Math.max(1, periodSeconds) * 1000;
}

/** When a startup probe passes; undefined: it does not until the end. */
function firstSuccess(probe: Probe, until: number, answers: Answers): number | undefined {
  const period = periodOf(probe);
  for (let tick = (probe.initialDelaySeconds ?? 0) * 1000; tick <= until; tick += period) {
    if (answers.of(probe, tick).passed) return tick;
  }
  return undefined;
}

function* linesOf(probe: Probe, span: Span, answers: Answers, run: ProbedRun): Generator<WrittenLine> {
  const { path: asked = '/', httpHeaders } = probe.httpGet ?? {};
  const path = asked.startsWith('/') ? asked : `/${asked}`;
  const own = httpHeaders?.find(({ name }) => name.toLowerCase() === 'user-agent')?.value;
  const { client, userAgent } = run;
  const lines = new Map<number, (at: number) => string>();
  for (const tick of newestTicks(probe, span)) {
    const { status } = answers.of(probe, tick);
    if (status === undefined) continue;
    const at = run.startedAt + tick;
    const line = lines.get(status) ?? accessLines({ method: 'GET', path, status, client, userAgent: own ?? userAgent });
    lines.set(status, line);
    yield { at, text: line(at) };
  }
}

/** What probes get; between two changes of the answers it is the same. */
class Answers {
  readonly #target: ProbeTarget;
  readonly #changes: readonly number[];
  readonly #known = new Map<Probe, Map<number, ReturnType<typeof probeAnswer>>>();

  constructor(target: ProbeTarget) {
    this.#target = target;
    this.#changes = answerChanges(target.program);
  }

  of(probe: Probe, elapsed: number): ReturnType<typeof probeAnswer> {
    const known = this.#known.get(probe) ?? new Map<number, ReturnType<typeof probeAnswer>>();
    this.#known.set(probe, known);
    let stage = 0;
    while ((this.#changes[stage] ?? Number.POSITIVE_INFINITY) <= elapsed) stage += 1;
    const answer = known.get(stage) ?? probeAnswer(probe, this.#target, elapsed);
    known.set(stage, answer);
    return answer;
  }
}
