import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { ServerVersion } from '../../../client/kube-client.ts';
import type { KubeObject, ResourceType } from '../../../kube/object.ts';
import { StatusError, type Status } from '../../../kube/status-error.ts';
import { badRequest, methodNotSupported, notAcceptable, unauthorized } from '../../registry/status.ts';
import { isMetricsGroup } from '../custom-metrics/metrics-api.ts';
import type { Attributes } from '../auth/attributes.ts';
import type { ApiRequest, UserInfo } from '../request.ts';
import type { Authenticated } from './authenticate.ts';
import type { ApiBackend } from './backend.ts';
import { answerLogs } from './log-stream.ts';
import { type Negotiated, negotiate } from './media-types.ts';
import { checkWatchQuery, deleteOptions, listQuery, writeQuery } from './query-options.ts';
import { askKubelet, passOn, type ProxyTargets } from './proxy-request.ts';
import { readBody, readObject, readPatch } from './request-body.ts';
import { readRequestInfo, type ResourceRequestInfo } from './request-info.ts';
import {
  observedRequest,
  type RequestFacts,
  type RequestObserver,
  type RequestRecord,
  requestUrl,
} from './request-observer.ts';
import { type Answer, failureAnswer, respond, statusOf } from './respond.ts';
import { isGone } from './send-whole.ts';
import { transform, type TransformOptions } from './transform.ts';
import type { VirtualResource } from './virtual-resource.ts';
import { WatchFeeds, type WatchWish } from './watch-feeds.ts';
import { WatchStream } from './watch-stream.ts';

/** Who a request comes from; undefined: nobody that the cluster knows (401). */
export type Authenticate = (request: IncomingMessage) => Promise<Authenticated | undefined>;

/** @throws StatusError 403 */
export type Authorize = (user: UserInfo, attributes: Attributes) => void;

/** What the HTTP face is made of. */
export interface HttpFaceOptions {
  readonly backend: ApiBackend;
  /** The cluster's clock: ages in tables. */
  readonly clock: Clock;
  /** Real time: timeouts of connections. */
  readonly wallClock: Clock;
  readonly logger: Logger;
  readonly version: ServerVersion;
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
  /** Hears of each request. */
  readonly observe: RequestObserver;
  /** Connects with a port of a pod, for what is passed on. */
  readonly connect: ProxyTargets['connect'];
  /** What no store holds. */
  readonly virtual: readonly VirtualResource[];
  /** Answers paths that are no resources (`/version`, `/healthz`, discovery, OpenAPI); undefined: 404. */
  readonly documents: (path: string, request: IncomingMessage, query: URLSearchParams) => Promise<Answer | undefined>;
  /** A moment for what the request set off, before it is answered; default: none. */
  readonly settled?: () => Promise<void>;
}

/** The API over HTTP: paths, queries, bodies and answers as Kubernetes' API server has them. */
export class HttpFace {
  readonly #options: HttpFaceOptions;
  readonly #feeds: WatchFeeds;

  constructor(options: HttpFaceOptions) {
    this.#options = options;
    this.#feeds = new WatchFeeds(options.backend, options.wallClock);
  }

  /** Answers one request, whatever becomes of it. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { wallClock, logger, observe } = this.#options;
    const started = wallClock.now();
    const record = observe(observedRequest(request));
    const facts: RequestFacts = {};
    let failure: Status | undefined;
    try {
      await this.#handle(request, response, { record, facts });
    } catch (error) {
      if (!(error instanceof StatusError)) logger.log('error', `${requestLine(request)}: ${String(error)}`);
      failure = statusOf(error);
      await this.#refuse(request, response, error);
    }
    record.completed(facts, response.statusCode, failure);
    logger.log('debug', requestLine(request), { code: response.statusCode, milliseconds: wallClock.now() - started });
  }

  async #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> {
    try {
      if (response.headersSent) response.end();
      else await respond(request, response, failureAnswer(error));
    } catch (failure) {
      this.#options.logger.log('error', `${requestLine(request)} could not be answered: ${String(failure)}`);
      response.destroy();
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse, { record, facts }: Observation): Promise<void> {
    const url = requestUrl(request);
    const info = readRequestInfo(request.method ?? 'GET', url.pathname, url.searchParams);
    if (info !== undefined) facts.info = info;
    const known = await this.#options.authenticate(request);
    if (known === undefined) throw unauthorized('Unauthorized');
    const { user } = known;
    Object.assign(facts, known);
    if (info === undefined) {
      this.#options.authorize(user, { verb: (request.method ?? 'get').toLowerCase(), path: url.pathname });
      const answer = await this.#options.documents(url.pathname, request, url.searchParams);
      await respond(request, response, answer ?? NO_PATH);
      return;
    }
    this.#options.authorize(user, { verb: info.verb, path: url.pathname, resource: info });
    const virtual = this.#virtualOf(info);
    if (virtual !== undefined) {
      const call = { info, type: virtual.type, user, query: url.searchParams, started: nothing, audit: nothing };
      await this.#virtual(request, response, call, virtual);
      return;
    }
    if (isMetricsGroup(info.group)) {
      await this.#metrics(request, response, { info, user, query: url.searchParams });
      return;
    }
    const type = this.#options.backend.resource(info);
    if (type === undefined) {
      await respond(request, response, NO_PATH);
      return;
    }
    const started = (): void => record.started(facts);
    const audit = (key: string, value: string): void => {
      facts.annotations = { ...facts.annotations, [key]: value };
    };
    await this.#resource(request, response, { info, type, user, query: url.searchParams, started, audit });
  }

  async #metrics(
    request: IncomingMessage,
    response: ServerResponse,
    { info, user, query }: Pick<Call, 'info' | 'query' | 'user'>,
  ): Promise<void> {
    const labelSelector = query.get('labelSelector') ?? '';
    const metricLabelSelector = query.get('metricLabelSelector') ?? '';
    const body = await this.#options.backend.metrics?.({ ...info, labelSelector, metricLabelSelector, user });
    await respond(request, response, body === undefined ? NO_PATH : { code: 200, body });
  }

  #virtualOf({ group, version, resource, subresource }: ResourceRequestInfo): VirtualResource | undefined {
    return this.#options.virtual.find(
      ({ type, subresource: own }) =>
        own === subresource && type.resource === resource && type.group === group && type.version === version,
    );
  }

  async #virtual(
    request: IncomingMessage,
    response: ServerResponse,
    call: Call,
    virtual: VirtualResource,
  ): Promise<void> {
    const { info, type, user, query } = call;
    const negotiated = requireNegotiated(request);
    if (virtual.subresource === '' && !type.verbs.includes(info.verb)) throw methodNotSupported(type, info.verb);
    const body = readObject(await readBody(request), request.headers['content-type']);
    const { namespace, name, verb } = info;
    const userAgent = request.headers['user-agent'];
    const answer = await virtual.answer({ verb, namespace, name, user, body, query, userAgent });
    const { columns } = virtual;
    await respond(request, response, {
      code: answer.code,
      body: transform(answer.body, negotiated, { ...this.#transformOptions(call), columns }),
      format: negotiated.format,
      contentType: negotiated.contentType,
    });
  }

  async #resource(request: IncomingMessage, response: ServerResponse, call: Call): Promise<void> {
    const { info, type } = call;
    if (info.subresource !== '' && !type.subresources.includes(info.subresource)) {
      await respond(request, response, NO_PATH);
      return;
    }
    if (info.subresource === 'log') {
      await this.#logs(response, call);
      return;
    }
    if (info.subresource === 'proxy') {
      await this.#proxy(request, response, call);
      return;
    }
    const negotiated = requireNegotiated(request);
    const deprecation = DEPRECATIONS[`${type.group}/${type.version} ${type.kind}`];
    if (deprecation !== undefined) response.appendHeader('Warning', `299 - ${quoted(deprecation)}`);
    if (info.verb === 'watch') {
      // Nothing of the events would be sent, and over HTTP/2 nobody is told when such a client goes.
      if (request.method === 'HEAD') await respond(request, response, { code: 200, body: '' });
      else await this.#watch(response, call, negotiated);
      return;
    }
    const warnings: string[] = [];
    const apiRequest = await this.#apiRequest(request, call, (message) => warnings.push(message));
    const { code, body } = await this.#options.backend.handle(apiRequest).finally(() => {
      // Whoever is refused hears the warnings too.
      for (const message of warnings) response.appendHeader('Warning', `299 - ${quoted(message)}`);
    });
    if (info.verb !== 'get' && info.verb !== 'list') await this.#options.settled?.();
    await respond(request, response, {
      code,
      body:
        negotiated.as === 'object' || ('status' in body && body.kind === 'Status')
          ? body
          : transform(body, negotiated, this.#transformOptions(call)),
      format: negotiated.format,
      shared: negotiated.as === 'object',
      contentType: negotiated.contentType,
    });
  }

  #transformOptions({ type, query }: Call): TransformOptions {
    const { clock } = this.#options;
    return {
      type,
      // Of a watch, the time of each event.
      get now() {
        return clock.now();
      },
      includeObject: query.get('includeObject') ?? 'Metadata',
      columns: this.#options.backend.columnsOf?.(type),
    };
  }

  async #apiRequest(request: IncomingMessage, call: Call, warn: (message: string) => void): Promise<ApiRequest> {
    const { info, type, user, query, audit } = call;
    const base = { type, user, warn, audit, namespace: info.namespace };
    const named = { ...base, name: info.name, ...(info.subresource === '' ? {} : { subresource: info.subresource }) };
    switch (info.verb) {
      case 'get':
        return { verb: 'get', ...named };
      case 'list':
        return { verb: 'list', ...base, options: listQuery(query) };
      case 'create':
      case 'update': {
        const body = readObject(await readBody(request), request.headers['content-type']);
        if (body === undefined) throw badRequest('the body of the request is empty');
        const write = { ...writeQuery(query, request.headers['user-agent']), body };
        if (info.verb === 'update') return { verb: 'update', ...named, ...write };
        return { verb: 'create', ...named, ...write };
      }
      case 'patch': {
        const { patchType, patch } = readPatch(await readBody(request), request.headers['content-type']);
        return {
          verb: 'patch',
          ...named,
          patchType,
          body: patch,
          ...writeQuery(query, patchType === 'apply' ? undefined : request.headers['user-agent']),
        };
      }
      case 'delete':
      case 'deletecollection': {
        const body = readObject(await readBody(request), request.headers['content-type']);
        const options = deleteOptions(query, body);
        if (info.verb === 'delete') return { verb: 'delete', ...named, options };
        return { verb: 'deletecollection', ...base, options, selection: listQuery(query) };
      }
      default:
        throw methodNotSupported(type, info.verb);
    }
  }

  async #watch(response: ServerResponse, call: Call, negotiated: Negotiated): Promise<void> {
    const { type, user, query, info } = call;
    if (!type.verbs.includes('watch')) throw methodNotSupported(type, 'watch');
    const asked = listQuery(query);
    checkWatchQuery(query, asked);
    const { backend, wallClock } = this.#options;
    // Without a version, or with 0, a watch begins with what there is.
    const fromStart = asked.sendInitialEvents || asked.resourceVersion === undefined || asked.resourceVersion === '0';
    const fieldSelector = info.name === '' ? asked.fieldSelector : `metadata.name=${info.name}`;
    const options = { labelSelector: asked.labelSelector, fieldSelector };
    const wish: WatchWish = { type, user, namespace: info.namespace, options };
    const stream = new WatchStream(response, {
      type,
      query: asked,
      negotiated,
      transform: this.#transformOptions(call),
      wallClock,
      revision: () => backend.revision,
      feed: () => this.#feeds.feedFor(wish, negotiated),
    });
    const resourceVersion = fromStart ? undefined : asked.resourceVersion;
    await stream.start((observer) => backend.watch({ ...wish, options: { ...options, resourceVersion }, observer }));
    call.started();
    if (!isGone(response)) {
      await new Promise<void>((resolve) => {
        response.once('close', resolve);
      });
    }
  }

  async #proxy(request: IncomingMessage, response: ServerResponse, { info, user }: Call): Promise<void> {
    const { backend, connect } = this.#options;
    const call = { info, url: requestUrl(request), user };
    if (info.resource === 'nodes') await respond(request, response, await askKubelet(request, call, { backend }));
    else await passOn(request, response, call, { backend, connect });
  }

  async #logs(response: ServerResponse, { info, type, user, query, started }: Call): Promise<void> {
    const { backend, clock, wallClock } = this.#options;
    const { namespace, name } = info;
    await answerLogs(response, query, {
      lines: (wish) => backend.logLines(user, { namespace, name }, wish),
      pod: async () => (await backend.handle({ verb: 'get', type, namespace, name, user })).body as KubeObject,
      now: () => clock.now(),
      wallClock,
      started,
    });
  }
}

interface Observation {
  readonly record: RequestRecord;
  readonly facts: RequestFacts;
}

function nothing(): void {}

function requestLine({ method, url }: IncomingMessage): string {
  return `${method ?? ''} ${url ?? ''}`;
}

/** What is told with every answer about a kind that is on its way out. apiserver: pkg/endpoints/deprecation/deprecation.go */
const DEPRECATIONS: Readonly<Record<string, string>> = {
  '/v1 ComponentStatus': 'v1 ComponentStatus is deprecated in v1.19+',
  '/v1 Endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

interface Call {
  readonly info: ResourceRequestInfo;
  readonly type: ResourceType;
  readonly user: UserInfo;
  readonly query: URLSearchParams;
  /** A note for the audit log. */
  readonly audit: (key: string, value: string) => void;
  /** The answer has begun and goes on. */
  readonly started: () => void;
}

/** @throws StatusError 406 */
function requireNegotiated({ headers }: IncomingMessage): Negotiated {
  const negotiated = negotiate(headers.accept);
  if (negotiated !== undefined) return negotiated;
  throw notAcceptable('only the following media types are accepted: application/json, application/yaml');
}

const NO_PATH: Answer = { code: 404, body: '404 page not found\n', contentType: 'text/plain; charset=utf-8' };

/** A quoted string of RFC 7230. */
function quoted(text: string): string {
  return `"${text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/["\\]/g, '\\$&')}"`;
}
