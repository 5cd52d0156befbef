import { PintleError } from '../base/errors.ts';
import { goQuote } from '../base/go-quote.ts';
import { shownUrl } from '../base/shown-url.ts';

/** How a connection is secured, as flags and repositories.yaml say it. */
export interface TlsFiles {
  /** The client's certificate and key, PEM files. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** The authorities to trust instead of the platform's, a PEM file. */
  readonly caFile?: string | undefined;
  /** Take any certificate. */
  readonly insecure?: boolean | undefined;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** May hold a login, which is used where there is no header `authorization`. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly tls?: TlsFiles | undefined;
  /** ms without an answer. */
  readonly timeout?: number | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** `404 Not Found` */
  readonly statusLine: string;
  /** Names in lower case; the first of several values. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The network, as far as charts need it. */
export interface Http {
  /**
   * One exchange; redirects are answers like others.
   *
   * @throws PintleError `fetch-failed` when there is no answer
   */
  send(request: HttpRequest): Promise<HttpResponse>;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Requests for one answer, the first among them. */
const MOST_REQUESTS = 10;

/**
 * Sends a request and follows redirects of GET and HEAD as Go's client does: the header with credentials goes to the first host (its
 * name, whatever the port) and its subdomains alone, and never from an encrypted connection to a plain one.
 * golang: net/http, Client.do, shouldCopyHeaderOnRedirect
 *
 * @throws PintleError `fetch-failed` when there is no answer, or redirects lead nowhere
 */
export async function sendFollowing(http: Http, request: HttpRequest): Promise<HttpResponse> {
  let current = request;
  for (let i = 1; ; i += 1) {
    const response = await http.send(current);
    const target = response.headers['location'] ?? '';
    const follows = REDIRECTS.has(response.status) && (current.method === 'GET' || current.method === 'HEAD');
    if (!follows || target === '') return response;
    if (!URL.canParse(target, current.url)) {
      throw unfollowed(current.method, current.url, `failed to parse Location header ${goQuote(shownUrl(target))}`);
    }
    if (i === MOST_REQUESTS) throw unfollowed(current.method, target, `stopped after ${MOST_REQUESTS} redirects`);
    const url = new URL(target, current.url);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw unfollowed(current.method, target, `unsupported protocol scheme ${goQuote(url.protocol.slice(0, -1))}`);
    }
    current = { ...current, url: url.href, headers: headersFor(request.url, current, url) };
  }
}

/** What was taken away stays away, even when a redirect leads back. */
function headersFor(first: string, { url, headers = {} }: HttpRequest, target: URL): Readonly<Record<string, string>> {
  const { hostname } = new URL(first);
  const isDowngrade = url.startsWith('https:') && target.protocol === 'http:';
  const sameHost = target.hostname === hostname || target.hostname.endsWith(`.${hostname}`);
  if (sameHost && !isDowngrade) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
}

function unfollowed(method: string, url: string, reason: string): PintleError {
  return new PintleError('fetch-failed', `${verbOf(method)} ${goQuote(shownUrl(url))}: ${reason}`);
}

/** A method as Go's errors write it: `Get`. */
export function verbOf(method: string): string {
  return method.charAt(0) + method.slice(1).toLowerCase();
}
