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
const MOST_REDIRECTS = 10;

/** Sends a request and follows redirects of GET and HEAD; credentials go to the first host and its subdomains alone, as in Go. */
export async function sendFollowing(http: Http, request: HttpRequest): Promise<HttpResponse> {
  let current = request;
  for (let i = 0; ; i += 1) {
    const response = await http.send(current);
    const target = response.headers['location'];
    const follows = REDIRECTS.has(response.status) && (current.method === 'GET' || current.method === 'HEAD');
    if (!follows || target === undefined || i === MOST_REDIRECTS) return response;
    const url = new URL(target, current.url);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return response;
    current = { ...current, url: url.href, headers: headersFor(current, url) };
  }
}

function headersFor({ url, headers = {} }: HttpRequest, target: URL): Readonly<Record<string, string>> {
  const from = new URL(url);
  const isDowngrade = from.protocol === 'https:' && target.protocol === 'http:';
  const sameHost = target.hostname === from.hostname || target.hostname.endsWith(`.${from.hostname}`);
  if (sameHost && !isDowngrade) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
}
