import type { PintleError } from '../../../base/errors.ts';
import { isObject } from '../../../base/json.ts';
import { fromYaml } from '../../../yaml/index.ts';
import { faultsError } from '../../../yaml/located-faults.ts';
import { type ImageBehaviour, mergeBehaviours } from './behaviour.ts';
import type { CatalogueEntry } from './builtin/entry.ts';
import { BUILTIN_IMAGES } from './builtin-images.ts';
import { type ImageReference, ImageReferenceError, parseImageReference } from './image-reference.ts';
import { readBehaviour } from './read-behaviour.ts';
import { tagExists } from './tags.ts';

/** What the catalogue knows of an image. */
export interface CatalogueImage {
  readonly reference: ImageReference;
  /** False: the registry does not have it. */
  readonly exists: boolean;
  /** False: the registry itself is not there. */
  readonly registryExists: boolean;
  /** True: the registry is there, and does not answer now. */
  readonly registryDown?: boolean;
  /** False for images that only the default describes. */
  readonly known: boolean;
  readonly behaviour: ImageBehaviour;
}

/** What simulated images do. */
export interface ImageCatalogue {
  /**
   * The image of a name as a pod writes it.
   *
   * @throws ImageReferenceError
   */
  find(image: string): CatalogueImage;
}

/** What a catalogue is made of besides the built-in images. */
export interface CatalogueOptions {
  /** Images that are not listed by {@link images} or the built-in entries do not exist. */
  readonly strict?: boolean;
  /** Laid over the built-in entries; with a tag (`shop/web:1.2`) only for that tag. */
  readonly images?: readonly CatalogueEntry[];
  /** What an unlisted image does; default: it serves every port and answers every probe. */
  readonly unknown?: ImageBehaviour;
}

/** A catalogue: the built-in images with the user's over them. */
export function createCatalogue(options: CatalogueOptions = {}): ImageCatalogue {
  return new Catalogue(options);
}

/**
 * Reads a catalogue file that was parsed from YAML or JSON: `strict`, `unknown` and `images`, a list of behaviours that each
 * have an `image`. docs/images.md describes the fields; `text` is its YAML, for places in errors.
 *
 * @throws PintleError `manifest-invalid` with every fault
 */
export function readCatalogue(value: unknown, file = 'image catalogue', text?: string): CatalogueOptions {
  const faults: string[] = [];
  const fail = (): PintleError => faultsError({ name: file, text }, faults, 'See docs/images.md.');
  if (!isObject(value)) {
    faults.push('must be a mapping with images');
    throw fail();
  }
  for (const key of Object.keys(value)) {
    if (!['strict', 'unknown', 'images'].includes(key)) faults.push(`${key}: there is no such field`);
  }
  const { strict = false, unknown, images = [] } = value;
  if (typeof strict !== 'boolean') faults.push('strict: must be true or false');
  const entries: CatalogueEntry[] = [];
  if (!Array.isArray(images)) faults.push('images: must be a list');
  else images.forEach((image: unknown, i) => readEntry(image, `images[${i}]`, entries, faults));
  const fallback = unknown === undefined ? undefined : readBehaviour(unknown, 'unknown');
  faults.push(...(fallback?.faults ?? []));
  if (faults.length > 0) throw fail();
  return {
    strict: strict === true,
    images: entries,
    ...(fallback === undefined ? {} : { unknown: fallback.behaviour }),
  };
}

/**
 * Reads a catalogue file from its YAML.
 *
 * @throws PintleError `yaml-syntax`, `manifest-invalid` with every fault and its place
 */
export function parseCatalogue(text: string, file: string): CatalogueOptions {
  return readCatalogue(fromYaml(text, { file, strict: true }) ?? {}, file, text);
}

function readEntry(value: unknown, path: string, entries: CatalogueEntry[], faults: string[]): void {
  if (!isObject(value) || typeof value.image !== 'string' || value.image === '') {
    faults.push(`${path}.image: must name an image`);
    return;
  }
  const { image, ...fields } = value;
  const wrong = nameFault(image);
  if (wrong !== undefined) faults.push(`${path}.image: must be the name of an image: ${wrong}`);
  const read = readBehaviour(fields, path);
  faults.push(...read.faults);
  entries.push({ image, behaviour: read.behaviour });
}

/** What is wrong with a name or a pattern of names. */
function nameFault(image: string): string | undefined {
  try {
    // A text that `*` may stand for in any part of a name.
    parseImageReference(image.replaceAll('*', '0'));
    return undefined;
  } catch (error) {
    if (error instanceof ImageReferenceError) return error.message;
    throw error;
  }
}

interface Pattern {
  readonly expression: RegExp;
  readonly length: number;
  readonly tagged: boolean;
  readonly behaviour: ImageBehaviour;
}

const REMEMBERED = 2000;

/** Last parts that name the part that something plays: they say nothing of whose it is. */
const COMMON: ReadonlySet<string> = new Set('agent controller curl git registry admission-webhook k8s helm'.split(' '));

class Catalogue implements ImageCatalogue {
  readonly #strict: boolean;
  readonly #unknown: ImageBehaviour;
  /** By `registry/repository` or `registry/repository:tag`. */
  readonly #own = new Map<string, ImageBehaviour>();
  readonly #ownPatterns: readonly Pattern[];
  /** Those that speak of tags. */
  readonly #ownTagPatterns: readonly Pattern[];
  readonly #builtin = new Map<string, ImageBehaviour>();
  readonly #patterns: readonly Pattern[];
  /** Built-in images by the last part of their name: mirrors keep it. */
  readonly #byName = new Map<string, ImageBehaviour>();
  readonly #found = new Map<string, CatalogueImage>();

  constructor({ strict = false, images = [], unknown = {} }: CatalogueOptions) {
    this.#strict = strict;
    this.#unknown = unknown;
    const patterns = fill(this.#own, images);
    this.#ownPatterns = patterns.filter(({ tagged }) => !tagged);
    this.#ownTagPatterns = patterns.filter(({ tagged }) => tagged);
    this.#patterns = fill(this.#builtin, BUILTIN_IMAGES);
    for (const [name, behaviour] of this.#builtin) {
      const last = lastPart(name);
      if (!COMMON.has(last) && !this.#byName.has(last)) this.#byName.set(last, behaviour);
    }
  }

  find(image: string): CatalogueImage {
    const memo = this.#found.get(image);
    if (memo !== undefined) return memo;
    const found = this.#find(image);
    if (this.#found.size >= REMEMBERED) this.#found.clear();
    this.#found.set(image, found);
    return found;
  }

  #find(image: string): CatalogueImage {
    const reference = parseImageReference(image);
    const { registry, repository, tag } = reference;
    const name = `${registry}/${repository}`;
    const builtin = this.#builtin.get(name);
    const described =
      builtin ?? longestMatch(this.#patterns, name) ?? (this.#strict ? undefined : this.#byName.get(lastPart(name)));
    const own = this.#ownOf(name, tag);
    const listed = own !== undefined || described !== undefined;
    const base = described ?? this.#unknown;
    const behaviour = own === undefined ? base : mergeBehaviours(base, own);
    const registryExists = !isReserved(registry);
    const tagged = tag === undefined || own?.exists === true || tagExists(tag, behaviour, builtin !== undefined);
    const exists = registryExists && behaviour.exists !== false && tagged && (listed || !this.#strict);
    return { reference, exists, registryExists, known: listed, behaviour };
  }

  /** The user's word: of the name with the tag, of the name, of the longest pattern. */
  #ownOf(name: string, tag: string | undefined): ImageBehaviour | undefined {
    const plain = this.#own.get(name) ?? longestMatch(this.#ownPatterns, name);
    if (tag === undefined) return plain;
    const withTag = `${name}:${tag}`;
    const tagged = this.#own.get(withTag) ?? longestMatch(this.#ownTagPatterns, withTag);
    if (plain === undefined || tagged === undefined) return tagged ?? plain;
    return mergeBehaviours(plain, tagged);
  }
}

/** Puts entries with an exact name into the map, later ones over earlier, and gives those with `*`. */
function fill(exact: Map<string, ImageBehaviour>, entries: readonly CatalogueEntry[]): readonly Pattern[] {
  const patterns: Pattern[] = [];
  for (const { image, behaviour } of entries) {
    if (image.includes('*')) {
      patterns.push(patternOf(image, behaviour));
      continue;
    }
    const { registry, repository, tag } = parseImageReference(image);
    const tagged = tag !== undefined && image.endsWith(`:${tag}`);
    const key = `${registry}/${repository}${tagged ? `:${tag}` : ''}`;
    const earlier = exact.get(key);
    exact.set(key, earlier === undefined ? behaviour : mergeBehaviours(earlier, behaviour));
  }
  return patterns;
}

function patternOf(image: string, behaviour: ImageBehaviour): Pattern {
  const [first = ''] = image.split('/');
  const hasHost = /[.:*]/.test(first) || first === 'localhost';
  const full = hasHost ? image : image.includes('/') ? `docker.io/${image}` : `docker.io/library/${image}`;
  const source = full.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  const tagged = full.lastIndexOf(':') > full.lastIndexOf('/');
  return { expression: new RegExp(`^${source.join('.*')}$`), length: full.length, tagged, behaviour };
}

function longestMatch(patterns: readonly Pattern[], name: string): ImageBehaviour | undefined {
  let best: Pattern | undefined;
  for (const pattern of patterns) {
    if ((best === undefined || pattern.length >= best.length) && pattern.expression.test(name)) best = pattern;
  }
  return best?.behaviour;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** The top-level domain that never exists (RFC 6761). */
function isReserved(registry: string): boolean {
  const host = registry.replace(/:\d+$/, '');
  return host === 'invalid' || host.endsWith('.invalid');
}
