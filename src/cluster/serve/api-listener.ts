import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import { PintleError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { ApiServer } from '../apiserver/api-server.ts';
import type { KubeList, KubeObject, ResourceType } from '../../kube/object.ts';
import { RESOURCES } from '../../kube/resources.ts';
import { customSchemas } from '../apiserver/http/custom-schemas.ts';
import { Documents } from '../apiserver/http/documents.ts';
import { HttpFace } from '../apiserver/http/http-face.ts';
import type { UserInfo } from '../apiserver/request.ts';
import { forbidden } from '../registry/status.ts';
import type { ClusterKeys } from './cluster-keys.ts';

/** What a listener serves and how. */
export interface ApiListenerOptions {
  readonly apiServer: ApiServer;
  readonly clock: VirtualClock;
  readonly wallClock: Clock;
  readonly logger: Logger;
  readonly keys: ClusterKeys;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** 0: any that is free. */
  readonly port: number;
  /** After each request: a nearer timer may have been set. */
  readonly poke: () => void;
}

const ADMIN: UserInfo = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** The API of a simulated cluster on a port, with TLS. */
export class ApiListener {
  readonly #options: ApiListenerOptions;
  readonly #server: https.Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor(options: ApiListenerOptions) {
    this.#options = options;
    const documents = new Documents({
      version: options.apiServer.version,
      address: `${options.host ?? '127.0.0.1'}:${options.port}`,
      resources: () => options.apiServer.resources(),
      customSchemas: () => customSchemas(this.#list(RESOURCES.customResourceDefinitions)),
      healthy: () => true,
    });
    const face = new HttpFace({
      backend: options.apiServer,
      clock: options.clock,
      wallClock: options.wallClock,
      logger: options.logger,
      version: options.apiServer.version,
      authenticate: (request) => Promise.resolve(this.#authenticate(request)),
      authorize: (user, attributes) => {
        if (user.groups.includes('system:masters')) return;
        throw forbidden(
          { group: attributes.group ?? '', resource: attributes.resource ?? '' },
          attributes.name ?? '',
          `User ${JSON.stringify(user.name)} may do nothing here`,
        );
      },
      documents: (path, request, query) => documents.answer(path, request, query),
      settled: async () => {
        await options.clock.settle();
        options.poke();
      },
    });
    this.#server = https.createServer(
      {
        cert: options.keys.serving.certificate + options.keys.authority.certificate,
        key: options.keys.serving.key,
        ca: options.keys.authority.certificate,
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
      },
      (request, response) => void face.handle(request, response),
    );
    this.#server.keepAliveTimeout = 120_000;
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
    const { host = '127.0.0.1', port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) =>
        reject(
          new PintleError('target', `cannot listen on ${host}:${port}: ${error.message}`, {
            cause: error,
            hint: 'choose another one with --port',
          }),
        ),
      );
      this.#server.listen(port, host, resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #list(type: ResourceType): readonly KubeObject[] {
    const { body } = this.#options.apiServer.handleNow({ verb: 'list', type, user: ADMIN });
    return (body as KubeList).items;
  }

  #authenticate(request: IncomingMessage): UserInfo | undefined {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const token = /^Bearer (.+)$/i.exec(authorization)?.[1];
      return token !== undefined && isSame(token, this.#options.keys.token) ? ADMIN : undefined;
    }
    const socket = request.socket as TLSSocket;
    if (!socket.authorized) return undefined;
    const { subject } = socket.getPeerCertificate();
    const organizations: unknown = subject?.O;
    const groups = Array.isArray(organizations)
      ? organizations.map(String)
      : typeof organizations === 'string'
        ? [organizations]
        : [];
    const name: unknown = subject?.CN;
    return {
      name: typeof name === 'string' ? name : '',
      groups: [...groups, 'system:authenticated'],
    };
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
