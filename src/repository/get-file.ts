import { PintleError } from '../base/errors.ts';
import { shownUrl } from '../base/shown-url.ts';
import { type Http, sendFollowing, type TlsFiles } from './http.ts';
import { sameOrigin, toUrl } from './urls.ts';

/** Whom a file is asked for, and as whom. */
export interface Access {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Give the credentials to whatever host has the file. */
  readonly passCredentials?: boolean | undefined;
  readonly tls?: TlsFiles | undefined;
  /** ms for an answer; default 2 minutes. */
  readonly timeout?: number | undefined;
}

/** ms that Helm waits for a repository. */
export const DEFAULT_TIMEOUT = 120_000;

const USER_AGENT = 'pintle';

/**
 * A file of an HTTP server. helm: pkg/getter/httpgetter.go.
 *
 * @param base the address that the credentials are for
 * @throws PintleError `fetch-failed`, `usage` for an address that is none
 */
export async function getFile(
  http: Http,
  url: string,
  access: Access & { readonly base: string; readonly accept?: string },
): Promise<Uint8Array> {
  toUrl(url);
  const { username = '', password = '', base, accept } = access;
  const trusted = access.passCredentials === true || sameOrigin(base, url);
  const response = await sendFollowing(http, {
    method: 'GET',
    url,
    headers: {
      'user-agent': USER_AGENT,
      ...(accept === undefined ? {} : { accept }),
      ...(trusted && username !== '' && password !== '' ? { authorization: basic(username, password) } : {}),
    },
    tls: access.tls,
    timeout: access.timeout ?? DEFAULT_TIMEOUT,
  });
  if (response.status === 200) return response.body;
  throw new PintleError(
    'fetch-failed',
    `failed to fetch ${shownUrl(url)} : ${response.statusLine}`,
    isRefused(response.status) ? { hint: 'give --username and --password, or add the repository with them' } : {},
  );
}

/** True when the server wants to know who one is, or does not like it. */
export function isRefused(status: number): boolean {
  return status === 401 || status === 403;
}

/** The header of HTTP's basic authentication. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}
