import { createPublicKey } from 'node:crypto';
import type * as jose from 'jose';
import { isObject } from '../../../base/json.ts';
import type { BoundObjectReference } from '../../../kube/api/authentication-v1.generated.ts';
import type { KubeObject, ResourceType } from '../../../kube/object.ts';
import { RESOURCES } from '../../../kube/resources.ts';
import type { UserInfo } from '../request.ts';
import { serviceAccountUser } from './users.ts';

/** Who signs tokens, as their `iss` says. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

const ALGORITHM = 'ES256';
/** Tokens whose signature has been checked; older ones are forgotten. */
const MOST_KNOWN = 1000;

/** What tokens are made and checked with. */
export interface ServiceAccountTokensOptions {
  /** ECDSA P-256, PKCS #8, PEM. */
  readonly signingKey: string;
  /** Of the cluster, ms since the epoch. */
  now(): number;
  /** Committed state. */
  get(type: ResourceType, namespace: string, name: string): KubeObject | undefined;
  /** A random UUID. */
  newId(): string;
}

/** What a token is asked for. */
export interface TokenWish {
  readonly audiences: readonly string[];
  /** Undefined: it does not end. */
  readonly expirationSeconds: number | undefined;
  /** The object whose end is the token's. */
  readonly bound?: BoundObject | undefined;
}

/** An object that a token is bound to, and its node if it is a pod. */
export interface BoundObject {
  readonly kind: 'Pod' | 'Secret' | 'Node';
  readonly name: string;
  readonly uid: string;
  readonly node?: { readonly name: string; readonly uid: string } | undefined;
}

/** What a good token says. */
export interface VerifiedToken {
  readonly user: UserInfo;
  readonly audiences: readonly string[];
}

interface Claims {
  readonly audiences: readonly string[];
  readonly expires: number;
  readonly id: string;
  readonly namespace: string;
  readonly account: NamedUid;
  readonly pod: NamedUid | undefined;
  readonly node: NamedUid | undefined;
  readonly secret: NamedUid | undefined;
}

interface NamedUid {
  readonly name: string;
  readonly uid: string;
}

type Jose = typeof jose;
type Key = Awaited<ReturnType<Jose['importPKCS8']>>;

interface Keys {
  readonly jose: Jose;
  readonly signing: Key;
  readonly verifying: Key;
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly id: string;
}

/** Makes and checks the tokens of ServiceAccounts, JWTs that name the account and what they are bound to. kubernetes: pkg/serviceaccount */
export class ServiceAccountTokens {
  readonly #options: ServiceAccountTokensOptions;
  readonly #known = new Map<string, Claims>();
  #keys: Promise<Keys> | undefined;

  constructor(options: ServiceAccountTokensOptions) {
    this.#options = options;
  }

  /** A token for an account; `expires` is ms since the epoch. */
  async issue(account: KubeObject, wish: TokenWish): Promise<{ readonly token: string; readonly expires: number }> {
    const { jose: library, signing, id } = await this.#load();
    const { namespace = '', name = '', uid = '' } = account.metadata;
    const { audiences, expirationSeconds, bound } = wish;
    const issued = Math.floor(this.#options.now() / 1000);
    const { node } = bound ?? {};
    const claims = {
      'kubernetes.io': {
        namespace,
        ...(node === undefined ? {} : { node: { name: node.name, uid: node.uid } }),
        ...(bound === undefined ? {} : { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }),
        serviceaccount: { name, uid },
      },
    };
    const jwt = new library.SignJWT(claims)
      .setProtectedHeader({ alg: ALGORITHM, kid: id })
      .setAudience([...audiences])
      .setIssuer(ISSUER)
      .setSubject(serviceAccountUser(namespace, name).name)
      .setJti(this.#options.newId())
      .setIssuedAt(issued)
      .setNotBefore(issued);
    const expires = expirationSeconds === undefined ? undefined : issued + expirationSeconds;
    if (expires !== undefined) jwt.setExpirationTime(expires);
    return { token: await jwt.sign(signing), expires: (expires ?? issued) * 1000 };
  }

  /** Whose token this is; undefined for one that is not good, or no longer. */
  async verify(token: string): Promise<VerifiedToken | undefined> {
    const claims = this.#known.get(token) ?? (await this.#claims(token));
    if (claims === undefined || claims.expires <= this.#options.now()) return undefined;
    const user = this.#userOf(claims);
    return user === undefined ? undefined : { user, audiences: claims.audiences };
  }

  /** The public keys, RFC 7517. */
  async jwks(): Promise<object> {
    const { jwk, id } = await this.#load();
    return { keys: [{ use: 'sig', ...jwk, kid: id, alg: ALGORITHM }] };
  }

  async #load(): Promise<Keys> {
    this.#keys ??= loadKeys(this.#options.signingKey);
    return await this.#keys;
  }

  async #claims(token: string): Promise<Claims | undefined> {
    const { jose: library, verifying } = await this.#load();
    try {
      const currentDate = new Date(this.#options.now());
      const options = { issuer: ISSUER, algorithms: [ALGORITHM], currentDate };
      const { payload } = await library.jwtVerify(token, verifying, options);
      const claims = readClaims(payload);
      if (claims !== undefined) this.#remember(token, claims);
      return claims;
    } catch {
      // Whatever is wrong with it, it is no token of this cluster.
      return undefined;
    }
  }

  #remember(token: string, claims: Claims): void {
    if (this.#known.size >= MOST_KNOWN) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(token, claims);
  }

  /** The account and all that the token is bound to must still be there. */
  #userOf({ namespace, account, pod, node, secret, id }: Claims): UserInfo | undefined {
    const isThere = (type: ResourceType, within: string, named: NamedUid | undefined): boolean => {
      if (named === undefined) return true;
      return this.#options.get(type, within, named.name)?.metadata.uid === named.uid;
    };
    if (!isThere(RESOURCES.serviceAccounts, namespace, account)) return undefined;
    if (!isThere(RESOURCES.pods, namespace, pod) || !isThere(RESOURCES.secrets, namespace, secret)) return undefined;
    return {
      ...serviceAccountUser(namespace, account.name),
      uid: account.uid,
      extra: {
        'authentication.kubernetes.io/credential-id': [`JTI=${id}`],
        ...named('node', node),
        ...named('pod', pod),
      },
    };
  }
}

function named(kind: string, value: NamedUid | undefined): Readonly<Record<string, readonly string[]>> {
  if (value === undefined) return {};
  return {
    [`authentication.kubernetes.io/${kind}-name`]: [value.name],
    [`authentication.kubernetes.io/${kind}-uid`]: [value.uid],
  };
}

async function loadKeys(pem: string): Promise<Keys> {
  const library = await import('jose');
  const signing = await library.importPKCS8(pem, ALGORITHM);
  const verifying = await library.importSPKI(
    createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString(),
    ALGORITHM,
    { extractable: true },
  );
  const jwk = await library.exportJWK(verifying);
  return { jose: library, signing, verifying, jwk: { ...jwk }, id: await library.calculateJwkThumbprint(jwk) };
}

function readClaims(payload: Readonly<Record<string, unknown>>): Claims | undefined {
  const own = payload['kubernetes.io'];
  if (!isObject(own) || typeof own['namespace'] !== 'string') return undefined;
  const account = namedUid(own['serviceaccount']);
  if (account === undefined) return undefined;
  const { aud, exp, jti } = payload;
  return {
    audiences: Array.isArray(aud) ? aud.map(String) : typeof aud === 'string' ? [aud] : [],
    expires: typeof exp === 'number' ? exp * 1000 : Number.POSITIVE_INFINITY,
    id: typeof jti === 'string' ? jti : '',
    namespace: own['namespace'],
    account,
    pod: namedUid(own['pod']),
    node: namedUid(own['node']),
    secret: namedUid(own['secret']),
  };
}

function namedUid(value: unknown): NamedUid | undefined {
  if (!isObject(value)) return undefined;
  const { name, uid } = value;
  return typeof name === 'string' && typeof uid === 'string' ? { name, uid } : undefined;
}

/** A reference of a TokenRequest names only kinds that tokens can be bound to. */
export function boundKind({ apiVersion, kind }: BoundObjectReference): BoundObject['kind'] | undefined {
  if (apiVersion !== 'v1') return undefined;
  return kind === 'Pod' || kind === 'Secret' || kind === 'Node' ? kind : undefined;
}
