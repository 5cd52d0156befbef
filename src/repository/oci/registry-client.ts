import { createHash } from 'node:crypto';
import { PintleError } from '../../base/errors.ts';
import { basic, isRefused } from '../get-file.ts';
import { type Http, type HttpRequest, type HttpResponse, sendFollowing, type TlsFiles } from '../http.ts';
import type { RepositoryContext } from '../places.ts';
import { digestOf } from '../sha256.ts';
import { type Credential, findCredential } from './credentials.ts';
import { type Descriptor, jsonOf } from './manifest.ts';
import type { OciReference } from './reference.ts';
import { retryingHttp } from './retrying-http.ts';

/** How a registry is talked to. */
export interface RegistryAccess {
  readonly credential?: Credential | undefined;
  readonly tls?: TlsFiles | undefined;
  readonly plainHttp?: boolean | undefined;
}

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';

/** Bytes of a manifest that are read; registries refuse larger ones as well. */
const MOST_MANIFEST = 4 * 1024 * 1024;

/** Talks to one registry as the OCI distribution specification says. */
export class RegistryClient {
  readonly #context: RepositoryContext;
  readonly #http: Http;
  readonly #access: RegistryAccess;
  readonly #registry: string;
  readonly #base: string;
  /** What the registry last wanted to see, by scope. */
  readonly #authorization = new Map<string, string>();

  constructor(context: RepositoryContext, registry: string, access: RegistryAccess) {
    this.#context = context;
    this.#http = retryingHttp(context);
    this.#access = access;
    this.#registry = registry;
    const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
    this.#base = `${access.plainHttp === true ? 'http' : 'https'}://${host}/v2/`;
  }

  /** Checks that the registry is one and takes the credentials. @throws PintleError `fetch-failed` */
  async ping(): Promise<void> {
    const response = await this.#send({ method: 'GET', url: this.#base }, '');
    if (response.status !== 200) throw this.#failure('GET', this.#base, response);
  }

  /** A manifest and its descriptor. @throws PintleError `fetch-failed` */
  async manifest({
    repository,
    tag,
    digest,
  }: OciReference): Promise<{ readonly descriptor: Descriptor; readonly data: Uint8Array }> {
    const url = `${this.#base}${repository}/manifests/${digest === '' ? tag : digest}`;
    const headers = { accept: [MANIFEST, INDEX].join(', ') };
    const response = await this.#send({ method: 'GET', url, headers }, pullScope(repository));
    if (response.status === 404) throw this.#missing(`${repository}${digest === '' ? `:${tag}` : `@${digest}`}`);
    if (response.status !== 200) throw this.#failure('GET', url, response);
    const { body } = response;
    if (body.length > MOST_MANIFEST) throw new PintleError('fetch-failed', `${url}: the manifest is over 4 MiB`);
    const found = digestOf(body);
    const wanted = digest === '' ? (response.headers['docker-content-digest'] ?? found) : digest;
    checkDigest(url, wanted, body);
    const mediaType = (response.headers['content-type'] ?? MANIFEST).split(';')[0]?.trim() ?? MANIFEST;
    return { descriptor: { mediaType, digest: wanted, size: body.length }, data: body };
  }

  /** Content, checked against its sum. @throws PintleError `fetch-failed`, `verification-failed` */
  async blob(repository: string, descriptor: Descriptor): Promise<Uint8Array> {
    const url = `${this.#base}${repository}/blobs/${descriptor.digest}`;
    const response = await this.#send({ method: 'GET', url }, pullScope(repository));
    if (response.status !== 200) throw this.#failure('GET', url, response);
    checkDigest(url, descriptor.digest, response.body);
    return response.body;
  }

  /** All tags of a repository. @throws PintleError `fetch-failed` */
  async tags(repository: string): Promise<string[]> {
    const out: string[] = [];
    let url: string | undefined = `${this.#base}${repository}/tags/list`;
    const seen = new Set<string>();
    while (url !== undefined && !seen.has(url)) {
      seen.add(url);
      const response: HttpResponse = await this.#send({ method: 'GET', url }, pullScope(repository));
      if (response.status !== 200) throw this.#failure('GET', url, response);
      const { tags } = jsonOf(url, response.body);
      if (Array.isArray(tags)) out.push(...tags.filter((tag) => typeof tag === 'string'));
      url = nextPage(url, response.headers['link']);
    }
    return out;
  }

  /** Uploads content unless the registry has it. @throws PintleError `fetch-failed` */
  async pushBlob(repository: string, data: Uint8Array): Promise<void> {
    const digest = digestOf(data);
    const scope = pushScope(repository);
    const there = await this.#send({ method: 'HEAD', url: `${this.#base}${repository}/blobs/${digest}` }, scope);
    if (there.status === 200) return;
    const start = `${this.#base}${repository}/blobs/uploads/`;
    const begun = await this.#send({ method: 'POST', url: start }, scope);
    const location = begun.headers['location'];
    if (begun.status !== 202 || location === undefined) throw this.#failure('POST', start, begun);
    const target = URL.canParse(location, start) ? new URL(location, start) : undefined;
    if (target === undefined) {
      throw new PintleError('fetch-failed', `POST ${JSON.stringify(start)}: the registry sends uploads to no address`);
    }
    if (target.origin !== new URL(this.#base).origin) {
      throw new PintleError('fetch-failed', `the registry sends uploads to another host, ${target.host}`);
    }
    target.searchParams.set('digest', digest);
    const headers = { 'content-type': 'application/octet-stream' };
    const put: HttpRequest = { method: 'PUT', url: target.href, headers, body: data };
    // An upload that has failed cannot be gone on with under the same address.
    const done = await this.#send(put, scope, this.#context.http);
    if (done.status !== 201) throw this.#failure('PUT', target.href, done);
  }

  /** Uploads a manifest under a tag. @throws PintleError `fetch-failed` */
  async pushManifest(repository: string, tag: string, data: Uint8Array): Promise<void> {
    const url = `${this.#base}${repository}/manifests/${tag}`;
    const headers = { 'content-type': MANIFEST };
    const response = await this.#send({ method: 'PUT', url, headers, body: data }, pushScope(repository));
    if (response.status !== 201) throw this.#failure('PUT', url, response);
  }

  async #send(request: HttpRequest, scope: string, http = this.#http): Promise<HttpResponse> {
    const first = await this.#exchange(http, request, this.#authorization.get(scope));
    if (first.status !== 401) return first;
    const authorization = await this.#authorize(request, first.headers['www-authenticate'] ?? '', scope);
    if (authorization === undefined || authorization === this.#authorization.get(scope)) return first;
    this.#authorization.set(scope, authorization);
    return await this.#exchange(http, request, authorization);
  }

  async #exchange(http: Http, request: HttpRequest, authorization: string | undefined): Promise<HttpResponse> {
    return await sendFollowing(http, {
      ...request,
      tls: this.#access.tls,
      headers: {
        'user-agent': 'pintle',
        ...request.headers,
        ...(authorization === undefined ? {} : { authorization }),
      },
    });
  }

  async #authorize(request: HttpRequest, challenge: string, scope: string): Promise<string | undefined> {
    const credential = this.#access.credential ?? findCredential(this.#context, this.#registry);
    const { scheme, fields } = parseChallenge(challenge);
    if (scheme === 'basic') {
      if (credential !== undefined) return basic(credential.username, credential.password);
      throw new PintleError(
        'fetch-failed',
        `${request.method} ${JSON.stringify(request.url)}: basic credential not found`,
        {
          hint: `log in with "pintle registry login ${this.#registry}"`,
        },
      );
    }
    if (scheme !== 'bearer' || fields['realm'] === undefined) return undefined;
    const realm = URL.canParse(fields['realm']) ? new URL(fields['realm']) : undefined;
    if (realm === undefined || !this.#mayLogInAt(realm)) return undefined;
    return `Bearer ${await this.#token(realm, fields['service'] ?? '', scope === '' ? (fields['scope'] ?? '') : scope, credential)}`;
  }

  /** Passwords do not leave the encrypted connection that they would have had. */
  #mayLogInAt(realm: URL): boolean {
    return realm.protocol === 'https:' || (realm.protocol === 'http:' && this.#base.startsWith('http:'));
  }

  async #token(realm: URL, service: string, scope: string, credential: Credential | undefined): Promise<string> {
    const request = tokenRequest(realm, service, scope, credential);
    const response = await sendFollowing(this.#http, { ...request, tls: this.#access.tls });
    if (response.status !== 200) throw this.#failure(request.method, realm.origin + realm.pathname, response);
    const { token, access_token } = jsonOf(realm.origin + realm.pathname, response.body);
    const found = typeof token === 'string' && token !== '' ? token : access_token;
    if (typeof found === 'string' && found !== '') return found;
    throw new PintleError('fetch-failed', `${realm.origin}${realm.pathname}: the answer holds no token`);
  }

  #missing(name: string): PintleError {
    const message = `failed to perform "FetchReference" on source: ${this.#registry}/${name}: not found`;
    return new PintleError('chart-not-found', message);
  }

  #failure(method: string, url: string, response: HttpResponse): PintleError {
    const reasons = errorsOf(response.body);
    const status = reasons === '' ? response.statusLine.replace(' ', ': ') : `${response.status}: ${reasons}`;
    return new PintleError(
      'fetch-failed',
      `${method} ${JSON.stringify(url)}: response status code ${status}`,
      isRefused(response.status) ? { hint: `log in with "pintle registry login ${this.#registry}"` } : {},
    );
  }
}

function tokenRequest(realm: URL, service: string, scope: string, credential: Credential | undefined): HttpRequest {
  const parts = scope === '' ? [] : scope.split(' ');
  if (credential?.refreshToken !== undefined) {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      service,
      scope,
      client_id: 'pintle',
      refresh_token: credential.refreshToken,
    });
    return {
      method: 'POST',
      url: realm.href,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(form.toString()),
    };
  }
  const url = new URL(realm);
  if (service !== '') url.searchParams.set('service', service);
  for (const part of parts) url.searchParams.append('scope', part);
  const hasPassword = credential !== undefined && credential.username !== '';
  return {
    method: 'GET',
    url: url.href,
    headers: hasPassword ? { authorization: basic(credential.username, credential.password) } : {},
  };
}

/** `Bearer realm="…",service="…"` taken apart; names in lower case. */
function parseChallenge(text: string): { readonly scheme: string; readonly fields: Readonly<Record<string, string>> } {
  const [, scheme = '', rest = ''] = /^\s*([A-Za-z]+)\s*(.*)$/s.exec(text) ?? [];
  const fields: Record<string, string> = {};
  for (const [, name = '', quoted, plain] of rest.matchAll(/([A-Za-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
    fields[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '';
  }
  return { scheme: scheme.toLowerCase(), fields };
}

function nextPage(url: string, link: string | undefined): string | undefined {
  const [, target] = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(link ?? '') ?? [];
  if (target === undefined || !URL.canParse(target, url)) return undefined;
  const next = new URL(target, url);
  return next.origin === new URL(url).origin ? next.href : undefined;
}

function errorsOf(body: Uint8Array): string {
  try {
    const { errors } = JSON.parse(Buffer.from(body).toString('utf8')) as {
      readonly errors?: readonly { readonly code?: string; readonly message?: string; readonly detail?: unknown }[];
    };
    return (errors ?? [])
      .map(({ code = '', message = '', detail }) => {
        const isPlain = detail === null || typeof detail !== 'object';
        const more = isPlain ? '' : `: ${JSON.stringify(detail)}`;
        return `${code.toLowerCase().replaceAll('_', ' ')}: ${message}${more}`;
      })
      .join('; ');
  } catch {
    return '';
  }
}

function pullScope(repository: string): string {
  return `repository:${repository}:pull`;
}

function pushScope(repository: string): string {
  return `repository:${repository}:pull,push`;
}

function checkDigest(url: string, wanted: string, data: Uint8Array): void {
  const [algorithm = '', sum] = wanted.split(':');
  const found = ['sha256', 'sha512'].includes(algorithm) ? createHash(algorithm).update(data).digest('hex') : undefined;
  if (found === sum && found !== undefined) return;
  throw new PintleError('verification-failed', `${url}: the content does not have the digest ${wanted}`);
}
