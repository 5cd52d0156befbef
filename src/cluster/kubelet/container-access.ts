import http from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type { Pod } from '../../kube/api/core-v1.generated.ts';
import { LogCursor, type WrittenLine } from '../../client/log-cursor.ts';
import type { KubeObject } from '../../kube/object.ts';
import { StatusError } from '../../kube/status-error.ts';
import type { ComponentContext, InformerFactory } from '../machinery/interfaces.ts';
import { nameOf } from '../machinery/keys.ts';
import { messageOf } from '../machinery/pod-control.ts';
import { type ClusterView, clusterViewOf } from './cluster-view.ts';
import { Layers } from './exec/container-files.ts';
import { duplexPair } from './exec/duplex-pair.ts';
import { httpContent, listensOn } from './exec/http-content.ts';
import type { ContainerWorld, FetchResult, ForeignResult, Process } from './exec/process.ts';
import { bytesInput, StreamInput, TerminalInput, withReturns } from './exec/process-io.ts';
import { isProgram, runProgram } from './exec/run-program.ts';
import type { ImageCatalogue } from './images/catalogue.ts';
import { type Running, runningContainer, statusOf } from './exec/running-container.ts';
import type { AccessLog } from './logs/access-log.ts';
import type { PodLogs } from './pod-logs.ts';
import { PodNetwork } from './pod-network.ts';
import { commandResult, isBareShell } from './process/program.ts';
import { ROOT } from './process/identity.ts';
import { SEARCH_PATH, Shell } from './process/shell.ts';
import { isKnownProgram, isNoProgram } from './process/tools.ts';

/** What a process is connected with; the API server's ProcessStreams. */
interface Streams {
  readonly stdin: Readable | undefined;
  readonly stdout: (bytes: Uint8Array) => void;
  readonly stderr: (bytes: Uint8Array) => void;
  readonly tty: boolean;
  readonly signal: AbortSignal;
}

interface Target {
  readonly pod: KubeObject;
  readonly container: string;
}

/** Whoever lets others into containers; the API server's ContainerAccess. */
export interface PodAccess {
  exec(target: Target, command: readonly string[], streams: Streams): Promise<number>;
  attach(target: Target, streams: Streams): Promise<number>;
  connect(pod: KubeObject, port: number): Promise<Duplex>;
}

/** What {@link createPodAccess} needs. */
export interface PodAccessOptions {
  readonly context: ComponentContext;
  readonly informers: InformerFactory;
  readonly catalogue: ImageCatalogue;
  /** What containers have written. */
  readonly logs: PodLogs;
  /** Resolves when all others in this process have had their turn. */
  readonly turn: () => Promise<void>;
  /** Takes note of requests that are answered; default: nobody does. */
  readonly accesses?: AccessLog | undefined;
  /** A token for a pod's service account; default: none. */
  readonly token?: (pod: KubeObject, wish: { readonly audience: string; readonly seconds: number }) => Promise<string>;
  /** An attached shell has ended: so does its container. */
  readonly ended?: (pod: KubeObject, container: string, exitCode: number) => void;
}

/** How often a container that is attached to is looked at, ms of the cluster's time. */
const ATTACH_PERIOD = 200;

const NO_TOKENS: ReadonlyMap<string, string> = new Map();

/** Lets others into containers. What runs there is worked out when somebody comes, as logs are. */
export function createPodAccess(options: PodAccessOptions): PodAccess {
  return new DerivedAccess(options);
}

class DerivedAccess implements PodAccess {
  readonly #options: PodAccessOptions;
  readonly #view: ClusterView;
  readonly #layers = new Layers();
  readonly #servers = new WeakMap<Duplex, { readonly running: Running; readonly port: number }>();
  #http: http.Server | undefined;

  constructor(options: PodAccessOptions) {
    this.#options = options;
    this.#view = clusterViewOf(options.informers);
  }

  async exec({ pod, container }: Target, command: readonly string[], streams: Streams): Promise<number> {
    await this.#view.synced();
    const running = await this.#running(pod, container);
    const [program = ''] = command;
    this.#requireProgram(running, command, program);
    return await runProgram(command, this.#process(running, streams));
  }

  async attach({ pod, container }: Target, streams: Streams): Promise<number> {
    await this.#view.synced();
    const running = await this.#running(pod, container);
    const { command = [], args = [], stdin } = running.container;
    const argv = [...command, ...args];
    if (stdin === true && streams.stdin !== undefined && isBareShell(argv, running.input.behaviour)) {
      const code = await runProgram(argv.length === 0 ? ['sh'] : argv, this.#process(running, streams));
      this.#options.ended?.(pod, container, code);
      return code;
    }
    return await this.#follow(pod, running, streams);
  }

  async connect(object: KubeObject, port: number): Promise<Duplex> {
    await this.#view.synced();
    const pod = object as KubeObject & Pod;
    let tokens = NO_TOKENS;
    for (const { name } of pod.spec?.containers ?? []) {
      const running = this.#runningNow(pod, name, () => tokens);
      if (running === undefined || !listensOn(running, port)) continue;
      tokens = await this.#tokens(pod);
      const [client, server] = duplexPair();
      this.#servers.set(server, { running, port });
      this.#httpServer().emit('connection', server);
      return client;
    }
    throw new Error(
      `error forwarding port ${port} to pod ${pod.metadata.uid ?? ''}, uid : failed to execute portforward in network namespace: failed to connect to localhost:${port} inside namespace, IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found`,
    );
  }

  #httpServer(): http.Server {
    this.#http ??= http.createServer((request, response) => {
      try {
        this.#answer(request, response);
      } catch (error) {
        // Whatever a client asks for, it loses no more than its connection.
        this.#options.context.logger.log('warn', 'a simulated server failed', {
          url: request.url,
          error: messageOf(error),
        });
        request.socket.destroy();
      }
    });
    return this.#http;
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const server = this.#servers.get(request.socket);
    const content = server === undefined ? undefined : httpContent(server.running, server.port, request.url ?? '/');
    request.resume();
    if (server === undefined || content === undefined) {
      request.socket.destroy();
      return;
    }
    this.#accessed(server.running, content, request);
    response.writeHead(content.status, { 'Content-Type': content.type, 'Content-Length': content.body.length });
    response.end(request.method === 'HEAD' ? undefined : content.body);
  }

  /** A server writes down what it was asked. */
  #accessed(
    { status, target }: Running,
    content: { readonly status: number },
    { method = 'GET', url = '/', headers }: Pick<http.IncomingMessage, 'method' | 'url' | 'headers'>,
    client = '127.0.0.1',
  ): void {
    const { accesses, context } = this.#options;
    const id = status.containerID;
    if (accesses === undefined || id === undefined || target.program.behaviour.accessLog === false) return;
    const userAgent = headers['user-agent'] ?? '';
    accesses.add(id, context.clock.now(), { method, path: url, status: content.status, client, userAgent });
  }

  /** @throws StatusError when the container does not run */
  async #running(pod: KubeObject & Pod, name: string): Promise<Running> {
    const tokens = await this.#tokens(pod);
    const running = this.#runningNow(pod, name, () => tokens);
    if (running !== undefined) return running;
    throw internalError(`unable to upgrade connection: container not found (${JSON.stringify(name)})`);
  }

  /** @param tokens asked when files are looked at */
  #runningNow(
    pod: KubeObject & Pod,
    name: string,
    tokens: () => ReadonlyMap<string, string> = () => NO_TOKENS,
  ): Running | undefined {
    const { catalogue, context } = this.#options;
    return runningContainer({ view: this.#view, catalogue, clock: context.clock, layers: this.#layers }, pod, {
      name,
      tokens,
    });
  }

  /** Tokens of projected volumes, by volume and path. */
  async #tokens(pod: KubeObject & Pod): Promise<ReadonlyMap<string, string>> {
    const tokens = new Map<string, string>();
    const { token } = this.#options;
    if (token === undefined) return tokens;
    for (const { name, projected } of pod.spec?.volumes ?? []) {
      for (const { serviceAccountToken: source } of projected?.sources ?? []) {
        if (source === undefined) continue;
        const { path, audience = '', expirationSeconds: seconds = 3600 } = source;
        tokens.set(`${name}/${path}`, await token(pod, { audience, seconds }));
      }
    }
    return tokens;
  }

  /** @throws StatusError as the container runtime's refusal is told */
  #requireProgram({ input, files }: Running, command: readonly string[], program: string): void {
    const known =
      isProgram(program) || isKnownProgram(program) || commandResult(command, input.behaviour.commands) !== undefined;
    if (!isNoProgram(program) && (known || (program.includes('/') && files.exists(program)))) return;
    const cause = program.startsWith('/')
      ? `exec: ${JSON.stringify(program)}: stat ${program}: no such file or directory`
      : `exec: ${JSON.stringify(program)}: executable file not found in $PATH`;
    throw internalError(
      `error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: ${cause}`,
    );
  }

  #process(running: Running, streams: Streams): Process {
    const world = this.#world(running, streams.signal);
    const { stdin, tty, stdout, stderr } = streams;
    // A terminal begins a line at its left end.
    const out = tty ? (bytes: Uint8Array): void => stdout(withReturns(bytes)) : stdout;
    const source = stdin === undefined ? bytesInput(new Uint8Array()) : new StreamInput(stdin);
    const env = { PATH: SEARCH_PATH, HOSTNAME: world.hostname };
    const home = world.user.uid === 0 ? '/root' : '/';
    const base = { ...env, ...running.input.surroundings.env, HOME: home, ...(tty ? { TERM: 'xterm' } : {}) };
    const make = (change: Partial<Process> = {}): Process => ({
      world,
      env: base,
      folder: running.container.workingDir ?? '/',
      input: tty && stdin !== undefined ? new TerminalInput(source, stdout) : source,
      out,
      error: tty ? out : stderr,
      run: (argv, more = {}) => runProgram(argv, make({ ...change, ...more })),
      ...change,
    });
    return make();
  }

  #world(running: Running, signal: AbortSignal): ContainerWorld {
    const { pod, container, input, files } = running;
    const { surroundings, behaviour } = input;
    return {
      pod,
      container,
      files,
      hostname: surroundings.hostname,
      user: surroundings.user ?? ROOT,
      clock: this.#options.context.clock,
      signal,
      work: { steps: 0, depth: 0 },
      turn: () => this.#options.turn(),
      told: (argv) => toldResult(commandResult(argv, behaviour.commands)),
      foreign: (argv, env) => {
        if (!isKnownProgram(argv[0] ?? '')) return undefined;
        const result = new Shell({ ...surroundings, env }).command(argv);
        const text = result.lines.map((line) => `${line.text}\n`).join('');
        const failed = result.exitCode !== 0;
        return {
          exitCode: result.exitCode,
          output: failed ? '' : text,
          error: failed ? text : '',
          millis: result.millis,
        };
      },
      fetch: (url) => this.#fetch(running, url),
    };
  }

  #fetch(running: Running, url: URL): FetchResult {
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const path = `${url.pathname}${url.search}`;
    if (/^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host)) {
      const content = httpContent(running, port, path);
      if (content !== undefined) this.#accessed(running, content, requestOf(path));
      return content === undefined ? { kind: 'refused' } : { kind: 'answer', ...content };
    }
    const network = new PodNetwork(this.#view, running.pod.metadata.namespace ?? '');
    const dialled = network.dial(host, port);
    if (dialled !== 'connected') return { kind: dialled };
    const endpoint = network.endpointOf(host, port);
    const content = endpoint === undefined ? undefined : this.#contentAt(endpoint, path, running.pod.status?.podIP);
    // What lies outside is there, but nobody knows what it says.
    if (endpoint === undefined) return { kind: 'answer', status: 200, type: 'text/plain', body: new Uint8Array() };
    return content === undefined ? { kind: 'refused' } : { kind: 'answer', ...content };
  }

  #contentAt(
    { address, port }: { readonly address: string; readonly port: number },
    path: string,
    client: string | undefined,
  ): ReturnType<typeof httpContent> {
    const pod = this.#view.pods.list().find(({ status }) => status?.podIP === address);
    for (const { name } of pod?.spec?.containers ?? []) {
      const running = pod === undefined ? undefined : this.#runningNow(pod as KubeObject & Pod, name);
      const content = running === undefined ? undefined : httpContent(running, port, path);
      if (running === undefined || content === undefined) continue;
      this.#accessed(running, content, requestOf(path), client);
      return content;
    }
    return undefined;
  }

  /** Shows what the first process writes, from now on, until it has ended. */
  async #follow(pod: KubeObject & Pod, running: Running, streams: Streams): Promise<number> {
    const { clock } = this.#options.context;
    const { name } = running.container;
    const cursor = new LogCursor();
    const fresh = async (): Promise<readonly WrittenLine[]> =>
      cursor.take(await this.#options.logs.lines(pod, name, { since: cursor.since }));
    await fresh();
    while (!streams.signal.aborted) {
      await new Promise<void>((resolve) => {
        clock.setTimer(ATTACH_PERIOD, resolve);
      });
      const now = this.#view.pods.get({ namespace: pod.metadata.namespace, name: nameOf(pod) });
      const status = now === undefined ? undefined : statusOf(now, name);
      for (const { text } of await fresh()) streams.stdout(Buffer.from(`${text}\n`, 'utf8'));
      if (status?.containerID !== running.status.containerID || status?.state?.running === undefined) {
        return status?.state?.terminated?.exitCode ?? status?.lastState?.terminated?.exitCode ?? 0;
      }
    }
    return 0;
  }
}

/** What `curl` and `wget` inside containers send. */
function requestOf(url: string): Pick<http.IncomingMessage, 'method' | 'url' | 'headers'> {
  return { method: 'GET', url, headers: { 'user-agent': 'curl/8.16.0' } };
}

function toldResult(result: ReturnType<typeof commandResult>): ForeignResult | undefined {
  if (result === undefined) return undefined;
  const { exitCode, output = '', millis = 0 } = result;
  const text = output === '' || output.endsWith('\n') ? output : `${output}\n`;
  return { exitCode, output: exitCode === 0 ? text : '', error: exitCode === 0 ? '' : text, millis };
}

function internalError(message: string): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Internal error occurred: ${message}`,
    reason: 'InternalError',
    code: 500,
  });
}
