import type { IncomingMessage } from 'node:http';
import type { Status } from '../../../kube/status-error.ts';
import type { UserInfo } from '../request.ts';
import { badRequest } from '../../registry/status.ts';
import type { ResourceRequestInfo } from './request-info.ts';

/** What a request shows before anything of it has been read. */
export interface ObservedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Of the client's end, '' when it has gone. */
  readonly address: string;
  readonly userAgent: string | undefined;
}

/** What became known of a request while it was answered. */
export interface RequestFacts {
  user?: UserInfo;
  /** Who acts as {@link user}. */
  impersonator?: UserInfo;
  /** Undefined for paths that are no resource. */
  info?: ResourceRequestInfo;
  /** What admission noted. */
  annotations?: Readonly<Record<string, string>>;
}

/** Hears of one request. */
export interface RequestRecord {
  /** The answer has begun and goes on for a while: watches, followed logs, streams. */
  started(facts: RequestFacts): void;
  /** Exactly once, at the end. */
  completed(facts: RequestFacts, code: number, failure: Status | undefined): void;
}

/** Hears of all requests: the audit log, metrics. */
export type RequestObserver = (request: ObservedRequest) => RequestRecord;

/** One observer for several. */
export function observers(all: readonly RequestObserver[]): RequestObserver {
  return (request) => {
    const records = all.map((each) => each(request));
    return {
      started: (facts) => {
        for (const record of records) record.started(facts);
      },
      completed: (facts, code, failure) => {
        for (const record of records) record.completed(facts, code, failure);
      },
    };
  };
}

/** What a request shows at once. */
export function observedRequest({ method = 'GET', url = '/', socket, headers }: IncomingMessage): ObservedRequest {
  return { method, url, address: socket.remoteAddress ?? '', userAgent: headers['user-agent'] };
}

/** What clients ask for again and again; nobody changes it. */
const urls = new Map<string, URL>();
const MOST_URLS = 500;
const LONGEST_URL = 500;

/** Path and query of a request, of whatever form; shared, not to be changed. @throws StatusError 400 for what is no path */
export function requestUrl({ url = '/' }: Pick<IncomingMessage, 'url'>): URL {
  const known = urls.get(url);
  if (known !== undefined) return known;
  const parsed = parseUrl(url);
  if (url.length <= LONGEST_URL) {
    if (urls.size >= MOST_URLS) urls.clear();
    urls.set(url, parsed);
  }
  return parsed;
}

function parseUrl(url: string): URL {
  try {
    // Paths that begin with two slashes name no host here.
    const parsed = new URL(url.startsWith('/') ? `http://localhost${url}` : url);
    decodeURIComponent(parsed.pathname);
    return parsed;
  } catch {
    throw badRequest('the path of the request cannot be read');
  }
}
