import type { Container, Probe } from '../../../kube/api/core-v1.generated.ts';
import type { ImageBehaviour, ProbeAnswers } from '../images/behaviour.ts';
import { answersOfCases } from '../images/resolve-cases.ts';
import { commandResult, conditionPlace, type Program } from '../process/program.ts';
import { settledChanges } from '../process/file-changes.ts';
import { Shell } from '../process/shell.ts';
import type { Surroundings } from '../process/surroundings.ts';
import { baseName, isKnownProgram } from '../process/tools.ts';

/** What a probe got. */
export interface ProbeAnswer {
  readonly passed: boolean;
  /** In the words of the kubelet's probers. kubernetes: pkg/probe */
  readonly message: string;
  /** Of an HTTP request that was answered. */
  readonly status?: number;
}

/** A running container as its probes see it. */
export interface ProbeTarget {
  readonly container: Pick<Container, 'name' | 'ports' | 'command' | 'args' | 'env'>;
  readonly program: Program;
  readonly surroundings: Surroundings;
  readonly podIP: string;
}

const PASSED: ProbeAnswer = { passed: true, message: '' };
const DEFAULT_TIMEOUT = 1;

/** What a probe gets `elapsed` ms after the start of the container. */
export function probeAnswer(probe: Probe, target: ProbeTarget, elapsed: number): ProbeAnswer {
  const answers = answersOf(target, elapsed);
  if (probe.exec !== undefined) return execAnswer(probe, answers, target, elapsed);
  const port = probePort(probe, target.container);
  if (probe.httpGet !== undefined) return httpAnswer(probe, port, answers, target, elapsed);
  if (probe.tcpSocket !== undefined) {
    const host = probe.tcpSocket.host ?? target.podIP;
    if (port === undefined) return unknownPort(probe.tcpSocket.port);
    return isOpen(port, answers, target, elapsed) ? PASSED : refused(`${host}:${port}`);
  }
  return probe.grpc === undefined ? PASSED : grpcAnswer(probe, answers, target, elapsed);
}

/** The instants, ms after the start and in order, at which the answers to a container's probes may become others. */
export function answerChanges({ behaviour, files }: Program): readonly number[] {
  const instants = new Set<number>();
  if (behaviour.startMillis !== undefined && behaviour.startMillis > 0) instants.add(behaviour.startMillis);
  for (const { afterMillis } of behaviour.changes ?? []) instants.add(afterMillis);
  for (const { at } of files) instants.add(at);
  return [...instants].sort((a, b) => a - b);
}

/** What a container answers `elapsed` ms after its start, as things stand now. */
export function answersOf(
  { program: { behaviour }, container, surroundings }: ProbeTarget,
  elapsed: number,
): ProbeAnswers {
  const answers = answersOfCases(answersAt(behaviour, elapsed), behaviour, () =>
    conditionPlace(container, surroundings),
  );
  const delay = surroundings.diskDelay?.() ?? 0;
  return delay === 0 ? answers : { ...answers, answerMillis: (answers.answerMillis ?? 0) + delay };
}

function answersAt(behaviour: ImageBehaviour, elapsed: number): ProbeAnswers {
  let answers: ProbeAnswers = behaviour;
  for (const change of behaviour.changes ?? []) {
    if (change.afterMillis <= elapsed) answers = { ...answers, ...change };
  }
  return answers;
}

function probePort(probe: Probe, container: ProbeTarget['container']): number | undefined {
  const port = probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port;
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  if (named !== undefined) return named;
  return port !== undefined && /^\d+$/.test(port) ? Number(port) : undefined;
}

function unknownPort(port: number | string): ProbeAnswer {
  return { passed: false, message: `couldn't find port name "${port}"` };
}

function httpAnswer(
  probe: Probe,
  port: number | undefined,
  answers: ProbeAnswers,
  target: ProbeTarget,
  elapsed: number,
): ProbeAnswer {
  const action = probe.httpGet;
  if (action === undefined) return PASSED;
  if (port === undefined) return unknownPort(action.port);
  const host = action.host ?? target.podIP;
  const path = action.path ?? '/';
  const url = `${(action.scheme ?? 'HTTP').toLowerCase()}://${host}:${port}${path.startsWith('/') ? path : `/${path}`}`;
  if (!isOpen(port, answers, target, elapsed)) {
    return { passed: false, message: `Get "${url}": dial tcp ${host}:${port}: connect: connection refused` };
  }
  if (tooSlow(probe, answers)) {
    const message = `Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`;
    return { passed: false, message };
  }
  const status = statusOf(path, answers, target);
  if (status >= 200 && status < 400) return { ...PASSED, status };
  return { passed: false, message: `HTTP probe failed with statuscode: ${status}`, status };
}

function statusOf(path: string, answers: ProbeAnswers, target: ProbeTarget): number {
  const paths = answers.paths;
  if (paths === undefined) return 200;
  const plain = path.replace(/[?#].*$/, '') || '/';
  if (Object.hasOwn(paths, plain)) return paths[plain] ?? 200;
  let best: string | undefined;
  for (const key of Object.keys(paths)) {
    if (!key.endsWith('*') || !plain.startsWith(key.slice(0, -1))) continue;
    if (best === undefined || key.length > best.length) best = key;
  }
  if (best === undefined) return 200;
  // What an image answers to anything else, it answers unless its configuration is the pod's.
  return best === '*' && isConfigured(target) ? 200 : (paths[best] ?? 200);
}

function isConfigured({ container, program, surroundings }: ProbeTarget): boolean {
  const { configFolders } = program.behaviour;
  if (configFolders === undefined) return false;
  if ((container.command?.length ?? 0) > 0 || (container.args?.length ?? 0) > 0) return true;
  return configFolders.some((folder) => surroundings.files.touches(folder));
}

/** True when a port is listened on. */
function isOpen(port: number, answers: ProbeAnswers, target: ProbeTarget, elapsed: number): boolean {
  const { program, container, surroundings } = target;
  if (!program.serves || elapsed < (program.behaviour.startMillis ?? 0)) return false;
  if (answers.ports === undefined || answers.ports.includes(port)) return true;
  if (SECOND_PROGRAMS.get(baseName(container.command?.[0] ?? container.args?.[0] ?? '')) === port) return true;
  return isConfigured(target) || mentions(port, container, surroundings);
}

/** Servers that an image carries beside the one that it is named after, with the port of each. */
const SECOND_PROGRAMS: ReadonlyMap<string, number> = new Map([
  ['redis-sentinel', 26_379],
  ['valkey-sentinel', 26_379],
]);

/** A port that stands in arguments or in the environment is taken to be one that the process was told to listen on. */
function mentions(port: number, container: ProbeTarget['container'], { env }: Surroundings): boolean {
  const expression = new RegExp(`(?:^|\\D)${port}(?:\\D|$)`);
  if ([...(container.command ?? []), ...(container.args ?? [])].some((arg) => expression.test(arg))) return true;
  return (container.env ?? []).some(({ name }) => Object.hasOwn(env, name) && expression.test(env[name] ?? ''));
}

function refused(address: string): ProbeAnswer {
  return { passed: false, message: `dial tcp ${address}: connect: connection refused` };
}

function tooSlow(probe: Probe, { answerMillis = 0 }: ProbeAnswers): boolean {
  return answerMillis > (probe.timeoutSeconds ?? DEFAULT_TIMEOUT) * 1000;
}

function grpcAnswer(probe: Probe, answers: ProbeAnswers, target: ProbeTarget, elapsed: number): ProbeAnswer {
  const port = probe.grpc?.port ?? 0;
  const timeout = probe.timeoutSeconds ?? DEFAULT_TIMEOUT;
  if (!isOpen(port, answers, target, elapsed)) {
    const message = `timeout: failed to connect service "${target.podIP}:${port}" within ${timeout}s: context deadline exceeded`;
    return { passed: false, message };
  }
  if (tooSlow(probe, answers))
    return { passed: false, message: `timeout: health rpc did not complete within ${timeout}s` };
  switch (answers.grpc) {
    case 'NOT_SERVING':
      return { passed: false, message: 'service unhealthy (responded with "NOT_SERVING")' };
    case 'none':
      return {
        passed: false,
        message:
          'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health',
      };
    default:
      return PASSED;
  }
}

function execAnswer(probe: Probe, answers: ProbeAnswers, target: ProbeTarget, elapsed: number): ProbeAnswer {
  const argv = probe.exec?.command ?? [];
  const timeout = (probe.timeoutSeconds ?? DEFAULT_TIMEOUT) * 1000;
  const result = execResult(argv, answers, target, elapsed);
  if ((result.millis ?? Number.POSITIVE_INFINITY) + (answers.answerMillis ?? 0) > timeout) {
    const command = argv.map((arg) => JSON.stringify(arg)).join(' ');
    return { passed: false, message: `command timed out: ${command} timed out after ${timeout / 1000}s` };
  }
  return { passed: result.exitCode === 0, message: result.output };
}

/** What came of a command that was run in a container; `millis` undefined: it does not end. */
export interface ExecResult {
  readonly exitCode: number;
  readonly output: string;
  readonly millis: number | undefined;
}

/** Runs a command in a container, `elapsed` ms after its start. */
export function execResult(
  argv: readonly string[],
  answers: ProbeAnswers,
  target: ProbeTarget,
  elapsed: number,
): ExecResult {
  const told = commandResult(argv, answers.commands);
  if (told !== undefined) return { exitCode: told.exitCode, output: told.output ?? '', millis: told.millis ?? 0 };
  const started = elapsed >= (target.program.behaviour.startMillis ?? 0);
  const notYet: ExecResult = { exitCode: 1, output: '', millis: 0 };
  const [path = ''] = argv;
  if (!isKnownProgram(path)) return started ? { ...notYet, exitCode: 0 } : notYet;
  const shell = new Shell(target.surroundings);
  for (const { path, exists, text = '' } of settledChanges(target.program.files.filter(({ at }) => at <= elapsed))) {
    shell.place(path, exists ? text : undefined);
  }
  const result = shell.command(argv);
  // Clients that talk to their own container fail until that is up.
  const asksItself = result.exitCode === 0 && !started && !isPlainTool(argv);
  if (asksItself) return notYet;
  return { exitCode: result.exitCode, output: result.lines.map(({ text }) => text).join('\n'), millis: result.millis };
}

/** Commands that look at nothing but files and themselves. */
function isPlainTool(argv: readonly string[]): boolean {
  const words = argv.flatMap((arg) => arg.split(/[\s;&|]+/)).filter((word) => word !== '');
  return !words.some(
    (word) =>
      /^(?:curl|wget|nc|pg_isready|psql|mysql\w*|mariadb.*|redis-cli|valkey-cli|mongo\w*|rabbitmq.*|\/.*|\w+\.sh)$/.test(
        word,
      ) && !/^\/(?:bin|tmp|usr|etc|var|dev)/.test(word),
  );
}
