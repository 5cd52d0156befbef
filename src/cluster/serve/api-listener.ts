import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import { PintleError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import { RESOURCES } from '../../kube/resources.ts';
import type { ApiServer } from '../apiserver/api-server.ts';
import type { ContainerAccess } from '../apiserver/container-access.ts';
import { type Attributes, refusal } from '../apiserver/auth/attributes.ts';
import { RbacAuthorizer } from '../apiserver/auth/rbac-authorizer.ts';
import type { ServiceAccountTokens } from '../apiserver/auth/service-account-tokens.ts';
import { auditLog } from '../apiserver/http/audit.ts';
import { RequestAuthenticator } from '../apiserver/http/authenticate.ts';
import { customSchemas } from '../apiserver/http/custom-schemas.ts';
import { Documents } from '../apiserver/http/documents.ts';
import type { HealthCheck } from '../apiserver/http/health.ts';
import { HttpFace } from '../apiserver/http/http-face.ts';
import { StreamFace } from '../apiserver/http/streaming/stream-face.ts';
import { isServed } from '../apiserver/http/is-served.ts';
import { observers, type RequestObserver } from '../apiserver/http/request-observer.ts';
import { RequestMetrics } from '../apiserver/http/request-metrics.ts';
import { bindings } from '../apiserver/http/bindings.ts';
import { reviewResources } from '../apiserver/http/reviews.ts';
import { tokenRequests } from '../apiserver/http/token-request.ts';
import type { VirtualResource } from '../apiserver/http/virtual-resource.ts';
import type { UserInfo } from '../apiserver/request.ts';
import { internalError } from '../registry/status.ts';
import { type ClusterControl, ControlFace } from './control-face.ts';
import { GroupSettler } from './group-settler.ts';
import type { ClusterKeys } from './cluster-keys.ts';

/** What a listener serves and how. */
export interface ApiListenerOptions {
  readonly apiServer: ApiServer;
  /** Lets clients into containers; default: nobody does. */
  readonly containers?: ContainerAccess | undefined;
  readonly control?: ClusterControl | undefined;
  /** Seconds of the cluster's in one real second. */
  readonly speed: number;
  /** Why the store takes no more writes; undefined: it does. */
  readonly storeFault: () => string | undefined;
  /** Why the parts of the cluster do not see what happens; undefined: they do. */
  readonly informersFault: () => string | undefined;
  /** Takes events of audit.k8s.io/v1; default: there is no audit log. */
  readonly audit?: ((event: object) => void) | undefined;
  readonly clock: VirtualClock;
  readonly wallClock: Clock;
  readonly logger: Logger;
  readonly keys: ClusterKeys;
  readonly tokens: ServiceAccountTokens;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** After each request: a nearer timer may have been set. */
  readonly poke: () => void;
}

/** Containers that nobody can get into. */
const NO_CONTAINERS: ContainerAccess = {
  exec: () => Promise.reject(internalError('no kubelet answers')),
  attach: () => Promise.reject(internalError('no kubelet answers')),
  connect: () => Promise.reject(new Error('no kubelet answers')),
};

/** Requests at a time on one HTTP/2 connection; clients open another one beyond that. */
const MOST_STREAMS = 250;
/** Of one HTTP/2 connection with all its streams, MB; watches hold up to 32 MiB each for a while. */
const MOST_SESSION_MEMORY = 256;
/** The cheapest of the ciphers that are good enough first: with many watchers encryption is the largest part of the work. */
const FIRST_CIPHER = 'TLS_AES_128_GCM_SHA256';
/** Of HTTP/1.1, ms: idle connections, the head of a request, all of a request. */
const TIMEOUTS = { keepAliveTimeout: 120_000, headersTimeout: 60_000, requestTimeout: 300_000 };

/** The API of a simulated cluster on a port, with TLS. */
export class ApiListener {
  readonly #options: ApiListenerOptions;
  readonly #server: http2.Http2SecureServer;
  readonly #sockets = new Set<Socket>();
  readonly #metrics: RequestMetrics;
  #virtual: readonly VirtualResource[] = [];
  #port = 0;
  #closing = false;

  constructor(options: ApiListenerOptions) {
    this.#options = options;
    const { apiServer, clock, wallClock, logger, speed } = options;
    this.#metrics = new RequestMetrics(wallClock, {
      objects: () => apiServer.counts(),
      revision: () => apiServer.revision,
      time: () => clock.now(),
      speed,
      version: apiServer.version.gitVersion,
      isServed: (info) => isServed(info, apiServer, this.#virtual),
    });
    const { face, streams } = this.#makeFaces();
    const { authority, serving } = options.keys;
    this.#server = http2.createSecureServer({
      cert: serving.certificate + authority.certificate,
      key: serving.key,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ciphers: [FIRST_CIPHER, ...tls.DEFAULT_CIPHERS.split(':').filter((name) => name !== FIRST_CIPHER)].join(':'),
      // Clients that speak no HTTP/2, and those that turn their connection into a stream.
      allowHTTP1: true,
      settings: { maxConcurrentStreams: MOST_STREAMS },
      maxSessionMemory: MOST_SESSION_MEMORY,
    });
    // Node's requests and responses over HTTP/2 have all that the face uses of those over HTTP/1.1.
    this.#server.on('request', (request, response) => {
      // Whoever has gone reads no more of an answer.
      response.on('error', (error) => logger.log('debug', `an answer was not read: ${error.message}`));
      face
        .handle(request as unknown as IncomingMessage, response as unknown as ServerResponse)
        .catch((error: unknown) => {
          logger.log('error', `a request could not be answered: ${String(error)}`);
          response.destroy();
        });
    });
    // Whoever breaks the protocol loses the connection, and nobody else anything.
    this.#server.on('sessionError', (error) => logger.log('debug', `a connection was ended: ${error.message}`));
    // Requests that cannot be read are answered by Node with 400, and end their connection.
    Object.assign(this.#server, TIMEOUTS);
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      streams.handle(request, socket, head).catch((error: unknown) => {
        logger.log('error', `a stream could not be answered: ${String(error)}`);
        socket.destroy();
      });
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** The port it listens on. */
  get port(): number {
    return this.#port;
  }

  /** @throws PintleError `target` when the port is taken */
  async listen(): Promise<void> {
    const { host, port, logger } = this.#options;
    await new Promise<void>((resolve, reject) => {
      const refuse = (error: Error): void =>
        reject(
          new PintleError('target', `cannot listen on ${host}:${port}: ${error.message}`, {
            cause: error,
            hint: 'choose another one with --port',
          }),
        );
      this.#server.once('error', refuse);
      this.#server.listen(port, host, () => {
        this.#server.off('error', refuse);
        resolve();
      });
    });
    // Connections that cannot be taken (too many files are open) are lost, and nothing else.
    this.#server.on('error', (error) => logger.log('error', `a connection could not be taken: ${error.message}`));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #makeFaces(): { readonly face: HttpFace; readonly streams: StreamFace } {
    const { apiServer, clock, wallClock, logger, keys, tokens, poke } = this.#options;
    const authorizer = new RbacAuthorizer({
      list: (type, namespace) => apiServer.listNow(type, namespace),
      get: (type, namespace, name) => apiServer.readNow(type, namespace, name),
    });
    const authenticator = new RequestAuthenticator({ token: keys.token, tokens, authorizer });
    const virtual = [
      ...reviewResources(authenticator, authorizer),
      bindings(apiServer),
      tokenRequests(tokens, (type, namespace, name) => apiServer.readNow(type, namespace, name)),
    ];
    this.#virtual = virtual;
    const documents = this.#makeDocuments(virtual, tokens);
    const control = this.#options.control === undefined ? undefined : new ControlFace(this.#options.control);
    const shared = {
      backend: apiServer,
      logger,
      observe: this.#observer(),
      authenticate: (request: IncomingMessage) => authenticator.authenticate(request),
      authorize: (user: UserInfo, attributes: Attributes) => {
        const { allowed, reason } = authorizer.authorize(user, attributes);
        if (!allowed) throw refusal(user, attributes, reason);
      },
    };
    const settler = new GroupSettler(async () => {
      await clock.settle();
      poke();
      await apiServer.written();
    });
    const access = this.#options.containers ?? NO_CONTAINERS;
    const face = new HttpFace({
      ...shared,
      clock,
      wallClock,
      version: apiServer.version,
      virtual,
      connect: (pod, port) => access.connect(pod, port),
      documents: async (path, request, query) =>
        (await documents.answer(path, request, query)) ?? (await control?.answer(path, request)),
      settled: () => settler.settle(),
    });
    return { face, streams: new StreamFace({ ...shared, access }) };
  }

  #observer(): RequestObserver {
    const { audit: sink, wallClock, logger } = this.#options;
    const all: RequestObserver[] = [];
    all.push(this.#metrics.observe);
    if (sink !== undefined) all.push(auditLog({ sink, wallClock, logger, newId: () => randomUUID() }));
    return observers(all);
  }

  #checks(): readonly HealthCheck[] {
    const { storeFault } = this.#options;
    return [
      { name: 'ping', fault: () => undefined },
      { name: 'log', fault: () => undefined },
      // Kubernetes' name for its store, which probes ask for.
      { name: 'etcd', fault: storeFault },
      { name: 'informer-sync', readyOnly: true, fault: this.#options.informersFault },
      { name: 'poststarthook/start-apiextensions-controllers', fault: () => undefined },
      { name: 'poststarthook/rbac/bootstrap-roles', fault: () => undefined },
      { name: 'poststarthook/scheduling/bootstrap-system-priority-classes', fault: () => undefined },
      { name: 'shutdown', fault: () => (this.#closing ? 'the server is ending' : undefined) },
    ];
  }

  #makeDocuments(virtual: readonly VirtualResource[], tokens: ServiceAccountTokens): Documents {
    const { apiServer, host } = this.#options;
    const own = virtual.filter(({ subresource }) => subresource === '').map(({ type }) => type);
    return new Documents({
      version: apiServer.version,
      address: () => `${host}:${this.#port}`,
      resources: () => [...apiServer.resources(), ...apiServer.metricTypes(), ...own],
      customSchemas: () => customSchemas(apiServer.listNow(RESOURCES.customResourceDefinitions)),
      checks: this.#checks(),
      metrics: () => this.#metrics.text(),
      jwks: () => tokens.jwks(),
    });
  }
}
