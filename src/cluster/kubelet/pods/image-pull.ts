import type { Clock } from '../../../base/clock.ts';
import { isObject } from '../../../base/json.ts';
import type { Pod } from '../../../kube/api/core-v1.generated.ts';
import { DNS_SERVICE_ADDRESS } from '../../machinery/cluster-network.ts';
import type { ClusterView } from '../cluster-view.ts';
import { type MachineFaults, SOUND_MACHINE } from '../node/machine-faults.ts';
import type { ImageBehaviour } from '../images/behaviour.ts';
import type { CatalogueImage } from '../images/catalogue.ts';

/** ms that the registry takes to answer, and bytes a ms that come over the line. */
const REGISTRY_MILLIS = 400;
const BYTES_PER_MILLI = 50_000;
const DEFAULT_SIZE = 60 * 1024 * 1024;

interface Pull {
  readonly since: number;
  readonly until: number;
}

/** The images of a node: what is there, and what is on its way. */
export class NodeImages {
  readonly #clock: Clock;
  readonly #faults: Pick<MachineFaults, 'diskFactor'>;
  readonly #present = new Map<string, number>();
  readonly #pulls = new Map<string, Pull>();
  #changed: () => void = () => {};

  constructor(clock: Clock, faults: Pick<MachineFaults, 'diskFactor'> = SOUND_MACHINE) {
    this.#clock = clock;
    this.#faults = faults;
  }

  /** Called when an image was added. */
  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  has(name: string): boolean {
    return this.#present.has(name);
  }

  /** Takes an image for present. */
  add(name: string, size = DEFAULT_SIZE): void {
    if (this.#present.has(name)) return;
    this.#present.set(name, size);
    this.#changed();
  }

  /** Names and bytes of all images, the largest first. */
  list(): readonly { readonly name: string; readonly size: number }[] {
    return [...this.#present].map(([name, size]) => ({ name, size })).sort((a, b) => b.size - a.size);
  }

  /** ms until an image is here; pulls of one image share their work. */
  pullMillis({ reference: { name } }: CatalogueImage, behaviour: ImageBehaviour): number {
    const now = this.#clock.now();
    if (this.#present.has(name)) return behaviour.pullMillis === 0 ? 0 : REGISTRY_MILLIS;
    const running = this.#pulls.get(name);
    if (running !== undefined && running.until > now) return running.until - now;
    const usual = behaviour.pullMillis ?? REGISTRY_MILLIS + Math.round(sizeOf(behaviour) / BYTES_PER_MILLI);
    const millis = usual * this.#faults.diskFactor();
    this.#pulls.set(name, { since: now, until: now + millis });
    return millis;
  }

  /** The pull is done. */
  pulled({ reference: { name } }: CatalogueImage, behaviour: ImageBehaviour): void {
    this.#pulls.delete(name);
    this.add(name, sizeOf(behaviour));
  }
}

/** Bytes of an image. */
export function sizeOf({ size = DEFAULT_SIZE }: ImageBehaviour): number {
  return size;
}

/** ms until a pull that fails has failed. */
export const FAILED_PULL_MILLIS = REGISTRY_MILLIS;

/** Why an image cannot be pulled, in containerd's words; undefined when it can. */
export function pullFault(image: CatalogueImage, behaviour: ImageBehaviour, credentials: boolean): string | undefined {
  const { registry, repository, name, tag, digest } = image.reference;
  const failed = `failed to pull and unpack image ${JSON.stringify(name)}: failed to resolve reference ${JSON.stringify(name)}`;
  const manifest = `https://${registry === 'docker.io' ? 'registry-1.docker.io' : registry}/v2/${repository}/manifests/${digest ?? tag ?? 'latest'}`;
  if (image.registryDown === true) {
    const problem = `failed to do request: Head ${JSON.stringify(manifest)}: dial tcp 203.0.113.10:443: i/o timeout`;
    return `rpc error: code = DeadlineExceeded desc = ${failed}: ${problem}`;
  }
  if (!image.registryExists) {
    const host = registry.replace(/:\d+$/, '');
    const problem = `failed to do request: Head ${JSON.stringify(manifest)}: dial tcp: lookup ${host} on ${DNS_SERVICE_ADDRESS}:53: no such host`;
    return `rpc error: code = Unknown desc = ${failed}: ${problem}`;
  }
  const exists = image.exists && behaviour.exists !== false;
  if (
    registry === 'docker.io' &&
    ((exists && behaviour.private === true && !credentials) || (!exists && !image.known))
  ) {
    const denied =
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';
    return `rpc error: code = Unknown desc = ${failed}: ${denied}`;
  }
  if (behaviour.private === true && !credentials) {
    return `rpc error: code = Unknown desc = ${failed}: unexpected status from HEAD request to ${manifest}: 401 Unauthorized`;
  }
  return exists ? undefined : `rpc error: code = NotFound desc = ${failed}: ${name}: not found`;
}

/** Credentials that a pod brings for its pulls. */
export interface PullSecrets {
  /** Secrets that are named and not there. */
  readonly missing: readonly string[];
  /** True when one of the others has credentials for the image. */
  covers(registry: string, repository: string): boolean;
}

/** Reads the pod's imagePullSecrets. kubernetes: pkg/credentialprovider/keyring.go */
export function pullSecretsOf(pod: Pod, view: Pick<ClusterView, 'secrets'>): PullSecrets {
  const missing: string[] = [];
  const places: string[] = [];
  for (const { name } of pod.spec?.imagePullSecrets ?? []) {
    if (name === undefined || name === '') continue;
    const secret = view.secrets.get({ namespace: pod.metadata.namespace, name });
    if (secret === undefined) missing.push(name);
    else places.push(...registriesOf(secret.data));
  }
  return { missing, covers: (registry, repository) => places.some((place) => matches(place, registry, repository)) };
}

function registriesOf(data: Readonly<Record<string, string>> | undefined): readonly string[] {
  const modern = data?.['.dockerconfigjson'];
  const text = modern ?? data?.['.dockercfg'];
  if (text === undefined) return [];
  try {
    const config: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    const auths = modern === undefined ? config : isObject(config) ? config.auths : undefined;
    return isObject(auths) ? Object.keys(auths).filter((key) => hasCredentials(auths[key])) : [];
  } catch {
    return [];
  }
}

function hasCredentials(entry: unknown): boolean {
  if (!isObject(entry)) return false;
  return ['auth', 'username', 'identitytoken', 'registrytoken'].some((field) => (entry[field] ?? '') !== '');
}

/** A place is a host, with or without port and scheme, whose labels may be globs, and a path that the repository begins with. */
function matches(place: string, registry: string, repository: string): boolean {
  const [host = '', ...path] = place.replace(/^https?:\/\//, '').split('/');
  if (registry === 'docker.io') return /^(?:index\.|registry-1\.)?docker\.io$/.test(host);
  const hostParts = host.split('.');
  const registryParts = registry.split('.');
  const sameHost =
    hostParts.length === registryParts.length &&
    hostParts.every(
      (part, i) => part === '*' || part === registryParts[i] || globMatches(part, registryParts[i] ?? ''),
    );
  const prefix = path.filter((part) => part !== '' && part !== 'v1' && part !== 'v2').join('/');
  return sameHost && (prefix === '' || repository === prefix || repository.startsWith(`${prefix}/`));
}

function globMatches(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return false;
  const source = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`).test(text);
}
