import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { PintleError } from '../base/errors.ts';
import { shownUrl } from '../base/shown-url.ts';
import { basicLogin } from '../client/http/basic-login.ts';
import { proxyFor } from '../client/http/proxy-for.ts';
import { proxyUrl, TunnelAgent } from '../client/http/tunnel-agent.ts';
import { type Http, type HttpRequest, type HttpResponse, type TlsFiles, verbOf } from '../repository/http.ts';

/** Bytes of an answer; larger ones are no charts. */
const MOST_BYTES = 512 * 1024 * 1024;

/** The network of this machine, with the proxies that the environment names. */
export class NodeHttp implements Http {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #agents = new Map<string, http.Agent>();

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    const url = new URL(request.url);
    const proxy = proxyFor(url, this.#env);
    const plainProxy = proxy !== undefined && url.protocol === 'http:' ? proxyUrl(proxy) : undefined;
    const target = plainProxy ?? url;
    const options: https.RequestOptions = {
      method: request.method,
      protocol: target.protocol,
      hostname: target.hostname.replace(/^\[|\]$/g, ''),
      port: target.port,
      path: (plainProxy === undefined ? '' : `${url.protocol}//${url.host}`) + url.pathname + url.search,
      headers: {
        host: url.host,
        ...loginHeader('proxy-authorization', plainProxy),
        ...loginHeader('authorization', url),
        ...bodyHeaders(request),
        ...request.headers,
      },
      agent: this.#agent(url, proxy, request.tls),
    };
    return await exchange(request, target.protocol === 'http:' ? http : https, options);
  }

  #agent(url: URL, proxy: string | undefined, tls: TlsFiles | undefined): http.Agent | false {
    // Connections are not kept: servers close them while a large index is read.
    if (url.protocol === 'http:') return false;
    const key = JSON.stringify([proxy, tls]);
    let agent = this.#agents.get(key);
    if (agent === undefined) {
      const options = { ...tlsOptions(tls), keepAlive: false };
      agent = proxy === undefined ? new https.Agent(options) : new TunnelAgent(proxy, options);
      this.#agents.set(key, agent);
    }
    return agent;
  }
}

function loginHeader(name: string, url: URL | undefined): Record<string, string> {
  const login = url === undefined ? undefined : basicLogin(url);
  return login === undefined ? {} : { [name]: login };
}

function bodyHeaders({ method, body }: HttpRequest): Record<string, string> {
  if (body !== undefined) return { 'content-length': String(body.length) };
  return method === 'POST' || method === 'PUT' ? { 'content-length': '0' } : {};
}

function tlsOptions(tls: TlsFiles = {}): https.AgentOptions {
  const { certFile = '', keyFile = '', caFile = '' } = tls;
  const pair = certFile !== '' && keyFile !== '' ? { cert: readPem(certFile), key: readPem(keyFile) } : {};
  return {
    ...pair,
    ...(caFile === '' ? {} : { ca: readPem(caFile) }),
    ...(tls.insecure === true ? { rejectUnauthorized: false } : {}),
  };
}

function readPem(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.includes('-----BEGIN')) return text;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PintleError('usage', `can't create TLS config for client: ${reason}`, { cause: error });
  }
  throw new PintleError('usage', `can't create TLS config for client: ${path} is no PEM file`, {
    location: { file: path },
  });
}

/** @throws PintleError `fetch-failed` */
function exchange(
  request: HttpRequest,
  module: typeof http | typeof https,
  options: https.RequestOptions,
): Promise<HttpResponse> {
  return new Promise<HttpResponse>((resolve, reject) => {
    const outgoing = module.request(options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MOST_BYTES) chunks.push(chunk);
        else outgoing.destroy(new Error('the answer is over 512 MiB'));
      });
      response.on('error', reject);
      response.on('end', () => {
        if (!response.complete) {
          reject(new Error('unexpected EOF'));
          return;
        }
        const { statusCode = 0, statusMessage = '' } = response;
        resolve({
          status: statusCode,
          statusLine: `${statusCode} ${statusMessage}`.trim(),
          headers: firstValues(response.headers),
          body: Buffer.concat(chunks),
        });
      });
    });
    outgoing.on('error', reject);
    if (request.timeout !== undefined) {
      outgoing.setTimeout(request.timeout, () => outgoing.destroy(new Error('context deadline exceeded')));
    }
    outgoing.end(request.body);
  }).catch((error: unknown) => {
    throw error instanceof PintleError ? error : unreachable(request, error);
  });
}

function firstValues(headers: http.IncomingHttpHeaders): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) out[name] = first;
  }
  return out;
}

/** What Go's client says where the reason is one of the usual ones. */
function unreachable({ method, url }: HttpRequest, error: unknown): PintleError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const { hostname, host } = new URL(url);
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: `dial tcp ${host}: connect: connection refused`,
    ENOTFOUND: `dial tcp: lookup ${hostname}: no such host`,
    ECONNRESET: 'read: connection reset by peer',
    EPROTO: 'http: server gave HTTP response to HTTPS client',
    ETIMEDOUT: `dial tcp ${host}: i/o timeout`,
  };
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code);
  return new PintleError('fetch-failed', `${verbOf(method)} ${JSON.stringify(shownUrl(url))}: ${reason}`, {
    cause: error,
    ...(code === 'EPROTO' ? { hint: 'for a registry without encryption give --plain-http' } : {}),
    ...(isCertificate ? { hint: 'name the authority that signed the certificate with --ca-file' } : {}),
  });
}
