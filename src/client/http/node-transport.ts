import { readFile } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { PintleError } from '../../base/errors.ts';
import { runExecPlugin } from './exec-plugin.ts';
import type { ClusterAccess, ExecConfig, PemSource } from './kubeconfig.ts';
import { proxyFor } from './proxy-for.ts';
import type { Transport, TransportRequest } from './transport.ts';

interface Credentials {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** ms since the epoch; undefined: for good. */
  readonly expires?: number | undefined;
}

/** What the transport takes of the outside. */
export interface NodeTransportOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The wall clock, ms. */
  now(): number;
}

/** Talks to the API server of a kubeconfig's context over HTTP/1.1 with keep-alive. */
export class NodeTransport implements Transport {
  readonly server: string;
  readonly #access: ClusterAccess;
  readonly #options: NodeTransportOptions;
  readonly #url: URL;
  #agent: http.Agent | undefined;
  readonly #retired: http.Agent[] = [];
  #credentials: Credentials | undefined;
  #login: Promise<Credentials> | undefined;

  constructor(access: ClusterAccess, options: NodeTransportOptions) {
    this.#access = access;
    this.#options = options;
    this.server = access.server.replace(/\/+$/, '');
    this.#url = new URL(this.server);
  }

  async send(request: TransportRequest): Promise<IncomingMessage> {
    const credentials = await this.#loggedIn();
    const response = await this.#request(request, credentials);
    if (response.statusCode !== 401 || this.#access.exec === undefined) return response;
    // The token may have ended early: ask the plugin once more, unless another request has.
    response.resume();
    if (this.#credentials === credentials) this.#credentials = undefined;
    return await this.#request(request, await this.#loggedIn());
  }

  close(): void {
    for (const agent of this.#retired) agent.destroy();
    this.#agent?.destroy();
  }

  #request(request: TransportRequest, credentials: Credentials): Promise<IncomingMessage> {
    const module = this.#url.protocol === 'http:' ? http : https;
    const base = this.#url.pathname.replace(/\/+$/, '');
    return new Promise((resolve, reject) => {
      const body = request.body === undefined ? undefined : Buffer.from(request.body, 'utf8');
      const outgoing = module.request(
        {
          protocol: this.#url.protocol,
          hostname: this.#url.hostname.replace(/^\[|\]$/g, ''),
          port: this.#url.port,
          method: request.method,
          path: `${base}${request.path}`,
          agent: this.#agent,
          signal: request.signal,
          headers: {
            'User-Agent': 'pintle',
            Accept: 'application/json',
            ...credentials.headers,
            ...request.headers,
            ...(body === undefined ? {} : { 'Content-Length': String(body.length) }),
          },
        },
        resolve,
      );
      outgoing.on('error', (error) => reject(connectionError(this.server, error)));
      outgoing.end(body);
    });
  }

  /** Credentials that are good now; requests that need new ones at the same time wait for the same. */
  async #loggedIn(): Promise<Credentials> {
    const known = this.#credentials;
    if (known !== undefined && (known.expires === undefined || known.expires > this.#options.now() + 10_000))
      return known;
    this.#login ??= this.#renew(known).finally(() => {
      this.#login = undefined;
    });
    return await this.#login;
  }

  async #renew(old: Credentials | undefined): Promise<Credentials> {
    const credentials = await this.#readCredentials();
    const isOther = old?.certificate !== credentials.certificate || old?.key !== credentials.key;
    if (this.#agent === undefined || isOther) {
      // What is under way on the old connections goes on.
      const made = await this.#makeAgent(credentials);
      this.#retire(this.#agent);
      this.#agent = made;
    }
    this.#credentials = credentials;
    return credentials;
  }

  #retire(agent: http.Agent | undefined): void {
    if (agent === undefined) return;
    this.#retired.push(agent);
    for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  async #readCredentials(): Promise<Credentials> {
    const access = this.#access;
    const headers: Record<string, string | readonly string[]> = {};
    if (access.impersonate !== undefined) {
      headers['Impersonate-User'] = access.impersonate.user;
      if (access.impersonate.uid !== undefined) headers['Impersonate-Uid'] = access.impersonate.uid;
      if (access.impersonate.groups.length > 0) headers['Impersonate-Group'] = access.impersonate.groups;
    }
    if (access.exec !== undefined) return { ...(await this.#runPlugin(access.exec, headers)) };
    let expires: number | undefined;
    if (access.token !== undefined) headers['Authorization'] = `Bearer ${access.token}`;
    else if (access.tokenFile !== undefined) {
      headers['Authorization'] = `Bearer ${(await readFile(access.tokenFile, 'utf8')).trim()}`;
      // Mounted tokens are renewed: read it again every minute.
      expires = this.#options.now() + 70_000;
    } else if (access.username !== undefined) {
      const pair = Buffer.from(`${access.username}:${access.password ?? ''}`, 'utf8').toString('base64');
      headers['Authorization'] = `Basic ${pair}`;
    }
    return {
      headers,
      certificate: await readPem(access.clientCertificate),
      key: await readPem(access.clientKey),
      expires,
    };
  }

  async #runPlugin(exec: ExecConfig, headers: Record<string, string | readonly string[]>): Promise<Credentials> {
    const found = await runExecPlugin(exec, {
      env: this.#options.env,
      cluster: {
        server: this.server,
        tlsServerName: this.#access.tlsServerName,
        insecureSkipTlsVerify: this.#access.insecureSkipTlsVerify,
        certificateAuthority: await readPem(this.#access.certificateAuthority),
        proxyUrl: this.#access.proxyUrl,
      },
    });
    if (found.token !== undefined) headers['Authorization'] = `Bearer ${found.token}`;
    return { headers, certificate: found.certificate, key: found.key, expires: found.expires };
  }

  async #makeAgent(credentials: Credentials): Promise<http.Agent> {
    const access = this.#access;
    if (this.#url.protocol === 'http:') return new http.Agent({ keepAlive: true });
    const options: https.AgentOptions = {
      keepAlive: true,
      rejectUnauthorized: !access.insecureSkipTlsVerify,
      ca: await readPem(access.certificateAuthority),
      cert: credentials.certificate,
      key: credentials.key,
      servername: access.tlsServerName ?? serverName(this.#url.hostname),
    };
    const proxy = access.proxyUrl ?? proxyFor(this.#url, this.#options.env);
    if (proxy === undefined) return new https.Agent(options);
    const { TunnelAgent } = await import('./tunnel-agent.ts');
    return new TunnelAgent(proxy, options);
  }
}

/** Names are sent to the server, addresses are not. */
function serverName(host: string): string {
  return /^[\d.]+$|^\[/.test(host) ? '' : host;
}

async function readPem(source: PemSource | undefined): Promise<string | undefined> {
  if (source === undefined) return undefined;
  return 'pem' in source ? source.pem : await readFile(source.file, 'utf8');
}

function connectionError(server: string, error: Error): Error {
  if (error.name === 'AbortError') return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return new PintleError(
    'target',
    `kubernetes cluster unreachable: cannot reach ${server}: ${error.message === '' ? code : error.message}`,
    {
      cause: error,
      hint:
        code.startsWith('ERR_TLS') || code.includes('CERT')
          ? "check the kubeconfig's certificate authority"
          : 'is it running?',
    },
  );
}
