import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Logger } from '../../../../base/logger.ts';
import type { KubeObject } from '../../../../kube/object.ts';
import { RESOURCES } from '../../../../kube/resources.ts';
import { badRequest, internalError, unauthorized, unknownPath } from '../../../registry/status.ts';
import type { Attributes } from '../../auth/attributes.ts';
import type { ContainerAccess, ContainerTarget } from '../../container-access.ts';
import type { UserInfo } from '../../request.ts';
import { logContainer } from '../../subresources/logs.ts';
import type { Authenticated } from '../authenticate.ts';
import type { ApiBackend } from '../backend.ts';
import { headerValues } from '../request-headers.ts';
import { isTrue, readRequestInfo, type ResourceRequestInfo } from '../request-info.ts';
import {
  observedRequest,
  type RequestFacts,
  type RequestObserver,
  type RequestRecord,
  requestUrl,
} from '../request-observer.ts';
import { failureAnswer, statusOf } from '../respond.ts';
import { forwardOverSpdy, forwardOverWebSocket } from './port-forward.ts';
import {
  CHANNEL_PROTOCOLS,
  type RemoteOptions,
  runOverSpdy,
  runOverWebSocket,
  type RunProcess,
} from './remote-command.ts';

/** What streams are answered with. */
export interface StreamFaceOptions {
  readonly backend: ApiBackend;
  readonly access: ContainerAccess;
  readonly logger: Logger;
  readonly authenticate: (request: IncomingMessage) => Promise<Authenticated | undefined>;
  /** @throws StatusError 403 */
  readonly authorize: (user: UserInfo, attributes: Attributes) => void;
  readonly observe: RequestObserver;
}

/** A subprotocol under which SPDY runs inside a WebSocket. kubernetes: pkg/kubelet portforward constants */
const TUNNEL = 'SPDY/3.1+portforward.k8s.io';
const PORT_FORWARD = 'portforward.k8s.io';
const REMOTE = new Set(['exec', 'attach']);

interface Connection {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

interface Observation {
  readonly record: RequestRecord;
  readonly facts: RequestFacts;
}

interface Upgrade extends Connection {
  readonly info: ResourceRequestInfo;
  readonly query: URLSearchParams;
  readonly pod: KubeObject;
  /** The connection has been turned. */
  readonly started: () => void;
}

/** Answers requests that turn their connection into something else: exec, attach and port-forward over WebSocket or SPDY. */
export class StreamFace {
  readonly #options: StreamFaceOptions;

  constructor(options: StreamFaceOptions) {
    this.#options = options;
  }

  /** Answers one request, whatever becomes of it. */
  async handle(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    const record = this.#options.observe(observedRequest(request));
    const facts: RequestFacts = {};
    try {
      await this.#handle({ request, socket, head }, { record, facts });
      if (socket.destroyed) record.completed(facts, 101, undefined);
      else socket.once('close', () => record.completed(facts, 101, undefined));
    } catch (error) {
      const status = statusOf(error);
      record.completed(facts, status.code, status);
      refuse(socket, error);
      this.#options.logger.log('debug', `${request.method ?? ''} ${request.url ?? ''}: ${String(error)}`);
    }
  }

  async #handle({ request, socket, head }: Connection, { record, facts }: Observation): Promise<void> {
    const url = requestUrl(request);
    const info = readRequestInfo(request.method ?? 'GET', url.pathname, url.searchParams);
    if (info !== undefined) facts.info = info;
    const known = await this.#options.authenticate(request);
    if (known === undefined) throw unauthorized('Unauthorized');
    const { user } = known;
    Object.assign(facts, known);
    if (info === undefined) throw unknownPath();
    this.#options.authorize(user, { verb: info.verb, path: url.pathname, resource: info });
    const isPod = info.group === '' && info.resource === 'pods';
    if (!isPod || !(REMOTE.has(info.subresource) || info.subresource === 'portforward')) throw unknownPath();
    const { namespace, name } = info;
    const { body } = await this.#options.backend.handle({ verb: 'get', type: RESOURCES.pods, namespace, name, user });
    const started = (): void => record.started(facts);
    const upgrade = { request, socket, head, info, query: url.searchParams, pod: body as KubeObject, started };
    const kind = (request.headers.upgrade ?? '').toLowerCase();
    if (kind === 'websocket') await this.#webSocket(upgrade);
    else if (kind === 'spdy/3.1') await this.#spdy(upgrade);
    else throw badRequest('unable to upgrade: missing upgrade headers in request');
  }

  async #webSocket(upgrade: Upgrade): Promise<void> {
    const { info, query, pod } = upgrade;
    if (REMOTE.has(info.subresource)) {
      const run = this.#process(upgrade);
      const { socket, protocol } = await accept(upgrade, CHANNEL_PROTOCOLS);
      await runOverWebSocket(socket, { ...remoteOptions(query), protocol }, run);
      return;
    }
    requireRunning(pod);
    if (offered(upgrade.request).includes(TUNNEL)) {
      const { createWebSocketStream } = await import('ws');
      const { socket } = await accept(upgrade, [TUNNEL]);
      forwardOverSpdy(createWebSocketStream(socket), Buffer.alloc(0), this.#connect(pod));
      return;
    }
    const ports = query.getAll('ports').flatMap((text) => text.split(',').map(Number));
    if (ports.length === 0 || ports.some((port) => !(port > 0 && port < 65_536))) {
      throw badRequest('query parameter "ports" is required');
    }
    const { socket } = await accept(upgrade, CHANNEL_PROTOCOLS);
    await forwardOverWebSocket(socket, ports, this.#connect(pod));
  }

  async #spdy(upgrade: Upgrade): Promise<void> {
    const { info, query, pod, socket, head, started } = upgrade;
    const remote = REMOTE.has(info.subresource);
    const run = remote ? this.#process(upgrade) : undefined;
    if (!remote) requireRunning(pod);
    const protocol = chooseProtocol(upgrade.request, remote ? CHANNEL_PROTOCOLS : [PORT_FORWARD]);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
    );
    started();
    if (run !== undefined) await runOverSpdy(socket, head, { ...remoteOptions(query), protocol }, run);
    else forwardOverSpdy(socket, head, this.#connect(pod));
  }

  /** @throws StatusError before the connection is turned */
  #process({ info, query, pod }: Upgrade): RunProcess {
    const container = query.get('container');
    const target: ContainerTarget = { pod, container: logContainer(pod, container === null ? {} : { container }) };
    const { access } = this.#options;
    if (info.subresource === 'attach') return (streams) => access.attach(target, streams);
    const command = query.getAll('command');
    if (command.length === 0) throw badRequest('you must specify at least 1 command for the container');
    return (streams) => access.exec(target, command, streams);
  }

  #connect(pod: KubeObject): (port: number) => Promise<Duplex> {
    return (port) => this.#options.access.connect(pod, port);
  }
}

function remoteOptions(query: URLSearchParams): RemoteOptions {
  const tty = isTrue(query.get('tty'));
  return {
    stdin: isTrue(query.get('stdin')),
    stdout: isTrue(query.get('stdout')),
    stderr: isTrue(query.get('stderr')) && !tty,
    tty,
  };
}

/** @throws StatusError */
function requireRunning(pod: KubeObject): void {
  const { phase } = (pod['status'] ?? {}) as { readonly phase?: string };
  if (phase === 'Running') return;
  throw internalError(`unable to forward port because pod is not running. Current status=${phase ?? 'Unknown'}`);
}

function offered({ headers }: IncomingMessage): readonly string[] {
  return (headers['sec-websocket-protocol'] ?? '').split(',').map((text) => text.trim());
}

/** Answers the handshake of a WebSocket. @throws StatusError 400 when the client offers no protocol that is known */
async function accept(
  { request, socket, head, started }: Upgrade,
  protocols: readonly string[],
): Promise<{ readonly socket: WebSocket; readonly protocol: string }> {
  const wanted = offered(request).filter((name) => name !== '');
  const chosen = wanted.find((name) => protocols.includes(name));
  if (chosen === undefined && wanted.length > 0) {
    throw badRequest(`none of the subprotocols is supported: ${wanted.join(', ')}`);
  }
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({ noServer: true, maxPayload: 32 * 1024 * 1024 });
  // The package knows only names that are tokens, which "SPDY/3.1+portforward.k8s.io" is not.
  delete request.headers['sec-websocket-protocol'];
  if (chosen !== undefined) {
    server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${chosen}`));
  }
  return await new Promise((resolve, reject) => {
    // The package answers handshakes that are no good by itself.
    socket.once('close', () => reject(badRequest('the handshake of the WebSocket failed')));
    server.handleUpgrade(request, socket, head, (webSocket) => {
      started();
      // Frames that break the protocol end the connection; nobody else need hear of it.
      webSocket.on('error', () => webSocket.terminate());
      resolve({ socket: webSocket, protocol: chosen ?? 'channel.k8s.io' });
    });
  });
}

/** @throws StatusError 403 as kubernetes: streaming httpstream has it */
function chooseProtocol(request: IncomingMessage, known: readonly string[]): string {
  const asked = headerValues(request, 'x-stream-protocol-version')
    .flatMap((text) => text.split(','))
    .map((text) => text.trim());
  const chosen = asked.find((name) => known.includes(name));
  if (chosen !== undefined) return chosen;
  if (asked.length === 0) return known.at(-1) ?? '';
  throw badRequest(
    `unable to upgrade: unable to negotiate protocol: client supports [${asked.join(' ')}], server accepts [${known.join(' ')}]`,
  );
}

/** Writes a failure as a whole HTTP answer and ends the connection. */
function refuse(socket: Duplex, error: unknown): void {
  if (socket.destroyed || !socket.writable) return;
  const { code, body } = failureAnswer(error);
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${code} ${code === 403 ? 'Forbidden' : code === 404 ? 'Not Found' : 'Error'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}
