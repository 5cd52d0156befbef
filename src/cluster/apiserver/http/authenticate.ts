import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { newObject } from '../../../base/json.ts';
import { internalError } from '../../registry/status.ts';
import { type Attributes, refusal } from '../auth/attributes.ts';
import { MASTERS, type RbacAuthorizer } from '../auth/rbac-authorizer.ts';
import { ISSUER, type ServiceAccountTokens } from '../auth/service-account-tokens.ts';
import { ANONYMOUS, AUTHENTICATED, serviceAccountOf, serviceAccountUser } from '../auth/users.ts';
import type { UserInfo } from '../request.ts';
import { headerNames, headerValues } from './request-headers.ts';

/** Who the administrator's token stands for. */
export const ADMINISTRATOR: UserInfo = { name: 'kubernetes-admin', groups: [MASTERS, AUTHENTICATED] };

/** What requests are authenticated with. */
export interface AuthenticatorOptions {
  /** Of the administrator. */
  readonly token: string;
  readonly tokens: ServiceAccountTokens;
  readonly authorizer: RbacAuthorizer;
}

/** Who sends a request. */
export interface Authenticated {
  readonly user: UserInfo;
  /** Who acts as the user. */
  readonly impersonator?: UserInfo;
}

/** Finds out who sends requests: tokens, then client certificates; impersonation last. */
export class RequestAuthenticator {
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /**
   * The user behind a request; undefined when it brings credentials that are not good.
   *
   * @throws StatusError 403 when it may not act as the user that it names
   */
  async authenticate(request: IncomingMessage): Promise<Authenticated | undefined> {
    const user = await this.#user(request);
    return user === undefined ? undefined : this.#impersonated(user, request);
  }

  /** Whose token it is, and for which audiences it is good. */
  async review(token: string): Promise<{ readonly user: UserInfo; readonly audiences: readonly string[] } | undefined> {
    if (isSame(token, this.#options.token)) return { user: ADMINISTRATOR, audiences: [ISSUER] };
    return await this.#options.tokens.verify(token);
  }

  async #user(request: IncomingMessage): Promise<UserInfo | undefined> {
    const token = bearerToken(request);
    if (token !== undefined) {
      const good = await this.review(token);
      return good?.audiences.includes(ISSUER) === true ? good.user : undefined;
    }
    if (request.headers.authorization !== undefined) return undefined;
    return certificateUser(request);
  }

  #impersonated(user: UserInfo, request: IncomingMessage): Authenticated {
    const wish = impersonationWish(request);
    if (wish === undefined) return { user };
    for (const attributes of wish.checks) {
      const { allowed, reason } = this.#options.authorizer.authorize(user, attributes);
      if (!allowed) throw refusal(user, attributes, reason);
    }
    return { user: wish.user, impersonator: user };
  }
}

function bearerToken({ headers }: IncomingMessage): string | undefined {
  const { authorization = '' } = headers;
  const bearer = /^Bearer +([^ ]+) *$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return bearer;
  // Browsers cannot set headers of WebSockets: apiserver: pkg/authentication/request/websocket/protocol.go
  const offered = headers['sec-websocket-protocol'] ?? '';
  const encoded = /base64url\.bearer\.authorization\.k8s\.io\.([\w-]+)/.exec(offered)?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64url').toString('utf8');
}

/** Nobody for a connection without a certificate; undefined for a certificate that the authority has not signed. */
function certificateUser({ socket }: IncomingMessage): UserInfo | undefined {
  if (!(socket instanceof TLSSocket)) return ANONYMOUS;
  const certificate = socket.getPeerCertificate();
  if (Object.keys(certificate).length === 0) return ANONYMOUS;
  if (!socket.authorized) return undefined;
  const { CN: name = '', O: organization = [] } = certificate.subject as {
    readonly CN?: string | string[];
    readonly O?: string | string[];
  };
  // As Go reads a subject: of several names the last, and without one it names nobody.
  const user = [name].flat().at(-1) ?? '';
  return user === '' ? ANONYMOUS : { name: user, groups: [...[organization].flat(), AUTHENTICATED] };
}

interface Wish {
  readonly user: UserInfo;
  /** What the request must be allowed for it. */
  readonly checks: readonly Attributes[];
}

/** Whom a request wants to act as. apiserver: pkg/endpoints/filters/impersonation.go */
function impersonationWish(request: IncomingMessage): Wish | undefined {
  const [name = ''] = headerValues(request, 'impersonate-user');
  const groups = headerValues(request, 'impersonate-group');
  const [uid = ''] = headerValues(request, 'impersonate-uid');
  const extra = extraOf(request);
  if (name === '') {
    if (groups.length === 0 && uid === '' && Object.keys(extra).length === 0) return undefined;
    throw internalError('requested impersonation without impersonating a user');
  }
  const account = serviceAccountOf(name);
  const checks: Attributes[] = [
    account === undefined ? check('', 'users', name) : check('', 'serviceaccounts', account.name, account.namespace),
    ...groups.map((group) => check('', 'groups', group)),
  ];
  if (uid !== '') checks.push(check('authentication.k8s.io', 'uids', uid));
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) checks.push(check('authentication.k8s.io', 'userextras', value, '', key));
  }
  const own = account === undefined ? [] : serviceAccountUser(account.namespace, account.name).groups;
  const all = groups.length > 0 ? groups : own;
  const isKnown = name !== ANONYMOUS.name && !all.includes(AUTHENTICATED);
  const full = name === ANONYMOUS.name ? [...all, ...ANONYMOUS.groups] : isKnown ? [...all, AUTHENTICATED] : all;
  const more = Object.keys(extra).length > 0 ? { extra } : {};
  return { user: { name, groups: full, ...(uid === '' ? {} : { uid }), ...more }, checks };
}

function extraOf(request: IncomingMessage): Record<string, readonly string[]> {
  const prefix = 'impersonate-extra-';
  const extra = newObject<readonly string[]>();
  for (const name of headerNames(request, prefix)) {
    extra[decodeKey(name.slice(prefix.length))] = headerValues(request, name);
  }
  return extra;
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function check(group: string, resource: string, name: string, namespace = '', subresource = ''): Attributes {
  return { verb: 'impersonate', path: '', resource: { group, resource, subresource, namespace, name } };
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
