/** The parts of an image name. */
export interface ImageReference {
  /** `docker.io`, `quay.io`, `localhost:5000` */
  readonly registry: string;
  /** `library/nginx`, `bitnami/redis` */
  readonly repository: string;
  /** Undefined with a digest alone; `latest` when neither is given. */
  readonly tag?: string;
  /** `sha256:…` */
  readonly digest?: string;
  /** The whole name as container runtimes write it: `docker.io/library/nginx:latest`. */
  readonly name: string;
}

/** A text that is no image name; the message is that of distribution/reference. */
export class ImageReferenceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ImageReferenceError';
  }
}

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const HOST =
  /^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::\d+)?$/;
const INVALID = 'invalid reference format';

const known = new Map<string, ImageReference>();
const KNOWN_LIMIT = 2000;

/**
 * Reads an image name and fills in what it leaves out. distribution/reference: normalize.go ParseNormalizedNamed
 *
 * @throws ImageReferenceError
 */
export function parseImageReference(text: string): ImageReference {
  const memo = known.get(text);
  if (memo !== undefined) return memo;
  const reference = parse(text);
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(text, reference);
  return reference;
}

function parse(text: string): ImageReference {
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw new ImageReferenceError(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const at = text.indexOf('@');
  const digest = at === -1 ? undefined : text.slice(at + 1);
  const named = at === -1 ? text : text.slice(0, at);
  const { registry, rest } = splitRegistry(named);
  const colon = rest.lastIndexOf(':');
  const tag = colon === -1 ? undefined : rest.slice(colon + 1);
  const path = colon === -1 ? rest : rest.slice(0, colon);
  if (path !== path.toLowerCase() && isPath(path.toLowerCase())) {
    throw new ImageReferenceError(`${INVALID}: repository name (${path}) must be lowercase`);
  }
  if (!HOST.test(registry) || !isPath(path)) throw new ImageReferenceError(INVALID);
  if (tag !== undefined && !TAG.test(tag)) throw new ImageReferenceError(INVALID);
  if (digest !== undefined && !DIGEST.test(digest)) throw new ImageReferenceError(INVALID);
  const effective = tag ?? (digest === undefined ? 'latest' : undefined);
  const name = `${registry}/${path}${effective === undefined ? '' : `:${effective}`}${digest === undefined ? '' : `@${digest}`}`;
  return {
    registry,
    repository: path,
    name,
    ...(effective === undefined ? {} : { tag: effective }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function isPath(path: string): boolean {
  return path !== '' && path.split('/').every((component) => COMPONENT.test(component));
}

/** A first part with a dot, a colon or capitals, or `localhost`, is a registry; else the registry is docker.io. */
function splitRegistry(text: string): { readonly registry: string; readonly rest: string } {
  const slash = text.indexOf('/');
  const first = slash === -1 ? '' : text.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  let registry = slash !== -1 && isHost ? first : 'docker.io';
  let rest = slash !== -1 && isHost ? text.slice(slash + 1) : text;
  if (registry === 'index.docker.io') registry = 'docker.io';
  if (registry === 'docker.io' && !rest.includes('/')) rest = `library/${rest}`;
  return { registry, rest };
}
