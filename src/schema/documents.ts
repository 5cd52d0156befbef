import { goQuote } from '../base/go-quote.ts';
import { isObject } from '../base/json.ts';
import { type Dialect, type Draft, draftOf, idOf, LATEST_DRAFT, metaschemaPath } from './drafts.ts';
import { METASCHEMAS } from './metaschemas.generated.ts';
import { appendTokens, unescapeToken } from './pointer.ts';
import { formatPlace, type Reference, resolveReference, splitReference } from './reference.ts';
import { SchemaError } from './schema-error.ts';

/** A document is wanted that is not at hand. */
export class MissingDocument extends Error {
  readonly url: string;

  constructor(url: string) {
    super(`missing document ${url}`);
    this.name = 'MissingDocument';
    this.url = url;
  }
}

/** A schema with a name of its own inside a document; the document's root is one. */
export interface Resource {
  readonly pointer: string;
  readonly id: string;
  dialect: Dialect;
  readonly anchors: Map<string, string>;
  readonly dynamicAnchors: string[];
}

/** A place in a document. */
export interface Place {
  readonly url: string;
  readonly pointer: string;
}

/** A document with schemas. */
export class SchemaDocument {
  readonly url: string;
  readonly content: unknown;
  readonly resources = new Map<string, Resource>();
  readonly #byId = new Map<string, Resource>();
  /** Pointers of the schemas that are known as such. */
  readonly collected = new Set<string>();

  constructor(url: string, content: unknown) {
    this.url = url;
    this.content = content;
  }

  addResource(resource: Resource): void {
    this.resources.set(resource.pointer, resource);
    this.#byId.set(resource.id, resource);
  }

  resourceNamed(id: string): Resource | undefined {
    return this.#byId.get(id);
  }

  /** The resource that a place lies in. */
  resourceAt(pointer: string): Resource {
    for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
      const resource = this.resources.get(at);
      if (resource !== undefined) return resource;
      if (at === '') throw new SchemaError(`no schema in ${goQuote(this.url)}`);
    }
  }

  /** The value at a pointer. */
  valueAt(pointer: string): unknown {
    let value = this.content;
    for (const part of pointer.split('/').slice(1)) {
      const token = unescapeToken(part);
      if (token === undefined) throw new SchemaError(`invalid json-pointer ${goQuote(formatPlace(this.url, pointer))}`);
      if (Array.isArray(value) && /^\d+$/.test(token) && Number(token) < value.length) value = value[Number(token)];
      else if (isObject(value) && Object.hasOwn(value, token)) value = value[token];
      else throw new SchemaError(`json-pointer in ${goQuote(formatPlace(this.url, pointer))} not found`);
    }
    return value;
  }

  /** The place that a reference names, when it lies in this document. */
  resolve({ url, fragment }: Reference): Place | undefined {
    const resource = url === this.url ? this.resourceAt('') : this.#byId.get(url);
    return resource === undefined ? undefined : this.resolveIn(resource, fragment);
  }

  resolveIn(resource: Resource, fragment: string): Place {
    if (fragment === '' || fragment.startsWith('/')) return { url: this.url, pointer: resource.pointer + fragment };
    const pointer = resource.anchors.get(fragment);
    if (pointer === undefined) {
      const reference = goQuote(formatPlace(resource.id, fragment));
      throw new SchemaError(`anchor in ${reference} not found in schema ${goQuote(this.url)}`);
    }
    return { url: this.url, pointer };
  }
}

/** All documents that schemas are compiled from. */
export class SchemaDocuments {
  readonly #contents: ReadonlyMap<string, unknown>;
  readonly #documents = new Map<string, SchemaDocument>();
  /** Checks a document, or a part of it, against its metaschema. */
  readonly #check: (document: SchemaDocument, pointer: string) => void;

  /** @param contents by URL, without fragment */
  constructor(
    contents: ReadonlyMap<string, unknown>,
    check: (document: SchemaDocument, pointer: string) => void = () => {},
  ) {
    this.#contents = contents;
    this.#check = check;
  }

  /** @throws MissingDocument */
  document(url: string): SchemaDocument {
    const known = this.#documents.get(url);
    if (known !== undefined) return known;
    const document = new SchemaDocument(url, this.#content(url));
    this.#collect(document, document.content, url, '', { draft: LATEST_DRAFT, vocabularies: undefined });
    if (metaschemaPath(url) === undefined) this.#check(document, '');
    this.#documents.set(url, document);
    return document;
  }

  /** Makes a place known as a schema, which a reference can do to any part of a document. */
  ensureSchema({ url, pointer }: Place): void {
    const document = this.document(url);
    if (document.collected.has(pointer)) return;
    const value = document.valueAt(pointer);
    const resource = document.resourceAt(pointer);
    this.#collect(document, value, resource.id, pointer, resource.dialect);
    if (metaschemaPath(url) === undefined) this.#check(document, pointer);
  }

  resolve(reference: Reference): Place {
    const document = this.document(reference.url);
    return document.resolveIn(document.resourceAt(''), reference.fragment);
  }

  #content(url: string): unknown {
    if (this.#contents.has(url)) return this.#contents.get(url);
    const path = metaschemaPath(url);
    const text = path !== undefined && Object.hasOwn(METASCHEMAS, path) ? METASCHEMAS[path] : undefined;
    if (text === undefined) throw new MissingDocument(url);
    return JSON.parse(text);
  }

  /** Finds the resources and anchors of a schema and of those in it. */
  #collect(document: SchemaDocument, schema: unknown, base: string, pointer: string, fallback: Dialect): void {
    if (document.collected.has(pointer)) return;
    document.collected.add(pointer);
    if (!isObject(schema)) {
      if (pointer === '') document.addResource(newResource('', base, fallback));
      return;
    }
    let draft = this.#draftOf(document.url, pointer, schema, fallback.draft);
    let id = idOf(draft, schema);
    let ownDialect = typeof own(schema, '$schema') === 'string';
    if (id === '' && pointer !== '') {
      draft = fallback.draft;
      ownDialect = false;
      id = idOf(draft, schema);
    }
    const url = id === '' ? base : joinId(document.url, pointer, base, id);
    if (id !== '' || pointer === '') {
      const dialect = ownDialect ? { draft, vocabularies: this.#vocabulariesOf(schema, draft) } : fallback;
      addResource(document, newResource(pointer, url, dialect));
    }
    const resource = document.resourceNamed(url) ?? document.resourceAt(pointer);
    collectAnchors(document, schema, pointer, resource);
    for (const [step, value] of subschemas(draft, schema, pointer)) {
      this.#collect(document, value, url, step, resource.dialect);
    }
  }

  #draftOf(url: string, pointer: string, schema: Readonly<Record<string, unknown>>, fallback: Draft): Draft {
    const seen = new Set<string>();
    let current = schema;
    let at = url;
    let isRoot = pointer === '';
    for (;;) {
      const name = own(current, '$schema');
      if (typeof name !== 'string') return fallback;
      const draft = draftOf(name);
      if (draft !== undefined) return draft;
      const [meta = ''] = name.split('#', 1);
      if (isRoot && meta === at) throw new SchemaError(`draft ${goQuote(meta)} is not supported`);
      if (seen.has(meta)) throw new SchemaError(`cycle in resolving $schema in ${goQuote(meta)}`);
      seen.add(meta);
      const content = this.#content(meta);
      if (!isObject(content)) return fallback;
      current = content;
      at = meta;
      isRoot = true;
    }
  }

  /** The vocabularies that a metaschema of somebody's own demands. */
  #vocabulariesOf(schema: Readonly<Record<string, unknown>>, draft: Draft): readonly string[] | undefined {
    const name = own(schema, '$schema');
    if (typeof name !== 'string' || draftOf(name) !== undefined || draft.version < 2019) return undefined;
    const [url = ''] = name.split('#', 1);
    const content = this.#content(url);
    const declared = isObject(content) ? own(content, '$vocabulary') : undefined;
    if (!isObject(declared)) return undefined;
    const found = new Set<string>();
    for (const vocabulary of Object.keys(declared)) {
      if (declared[vocabulary] !== true) continue;
      const short = vocabulary.slice(draft.vocabularyPrefix.length);
      if (!vocabulary.startsWith(draft.vocabularyPrefix) || !draft.vocabularies.includes(short)) {
        throw new SchemaError(`unsupported vocabulary ${goQuote(vocabulary)} in ${goQuote(url)}`);
      }
      found.add(short);
    }
    return [...found.add('core')];
  }
}

function newResource(pointer: string, id: string, dialect: Dialect): Resource {
  return { pointer, id, dialect, anchors: new Map(), dynamicAnchors: [] };
}

function addResource(document: SchemaDocument, resource: Resource): void {
  const known = document.resourceNamed(resource.id);
  if (known === undefined) {
    document.addResource(resource);
  } else if (known.pointer !== resource.pointer) {
    const places = `${goQuote(resource.pointer)} and ${goQuote(known.pointer)}`;
    throw new SchemaError(`duplicate id ${goQuote(resource.id)} in ${goQuote(document.url)} at ${places}`);
  }
}

function joinId(url: string, pointer: string, base: string, id: string): string {
  try {
    return resolveReference(base, id).url;
  } catch (error) {
    throw new SchemaError(`error in parsing id at ${goQuote(formatPlace(url, pointer))}`, { cause: error });
  }
}

function collectAnchors(
  document: SchemaDocument,
  schema: Readonly<Record<string, unknown>>,
  pointer: string,
  resource: Resource,
): void {
  const { draft } = resource.dialect;
  if (draft.version < 2019) {
    const id = Object.hasOwn(schema, '$ref') ? undefined : own(schema, draft.id);
    if (typeof id !== 'string') return;
    const { fragment } = splitReference(id);
    if (fragment !== '' && !fragment.startsWith('/')) addAnchor(document, resource, fragment, pointer);
    return;
  }
  const anchor = own(schema, '$anchor');
  if (typeof anchor === 'string') addAnchor(document, resource, anchor, pointer);
  const dynamic = draft.version >= 2020 ? own(schema, '$dynamicAnchor') : undefined;
  if (typeof dynamic === 'string') {
    addAnchor(document, resource, dynamic, pointer);
    resource.dynamicAnchors.push(dynamic);
  }
}

function addAnchor(document: SchemaDocument, resource: Resource, anchor: string, pointer: string): void {
  const known = resource.anchors.get(anchor);
  if (known !== undefined && known !== pointer) {
    const places = `${goQuote(known)} and ${goQuote(pointer)}`;
    throw new SchemaError(`duplicate anchor ${goQuote(anchor)} in ${goQuote(document.url)} at ${places}`);
  }
  resource.anchors.set(anchor, pointer);
}

/** The schemas right inside a schema, with their pointers. */
function* subschemas(
  draft: Draft,
  schema: Readonly<Record<string, unknown>>,
  pointer: string,
): Generator<readonly [string, unknown]> {
  for (const [keyword, position] of draft.positions) {
    const value = own(schema, keyword);
    if (value === undefined) continue;
    if (Array.isArray(value)) {
      if (position !== 'list' && position !== 'one-or-list') continue;
      for (const [i, item] of value.entries()) yield [appendTokens(pointer, keyword, String(i)), item];
    } else if (position === 'map') {
      if (!isObject(value)) continue;
      for (const key of Object.keys(value)) yield [appendTokens(pointer, keyword, key), value[key]];
    } else if (position !== 'list') {
      yield [appendTokens(pointer, keyword), value];
    }
  }
}

function own(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
