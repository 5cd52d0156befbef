import { goQuote } from '../base/go-quote.ts';
import { SchemaCompiler } from './compiler.ts';
import { MissingDocument, SchemaDocuments, type SchemaDocument } from './documents.ts';
import type { Dialect } from './drafts.ts';
import { type Failure, failureText } from './failure.ts';
import { createPatternCompiler, NeedsPatternEngine, type PatternCompiler } from './pattern.ts';
import { formatPlace } from './reference.ts';
import { SchemaError } from './schema-error.ts';
import { SchemaNode } from './schema-node.ts';
import { type MetaRules, validateNode } from './validator.ts';

/** How a schema is compiled. */
export interface CompileOptions {
  /** The schema's own URL; default `file:///schema.json`. References are relative to it. */
  readonly url?: string;
  /**
   * Reads a document that a reference names by its URL; throws an Error that says why not. Default: none is read.
   * Numbers of what it gives may be JsonNumbers.
   */
  readonly load?: (url: string) => Promise<unknown>;
}

/** A schema that values can be checked with. */
export interface CompiledSchema {
  /** All that is wrong; undefined if nothing is. Numbers: JS numbers, bigint, GoInt and JsonNumber. */
  validate(value: unknown): Failure | undefined;
}

/**
 * Compiles a JSON Schema of draft 4, 6, 7, 2019-09 or 2020-12 (default), as santhosh-tekuri/jsonschema does it.
 *
 * @param content the schema as JSON
 * @throws SchemaError
 */
export async function compileSchema(content: unknown, options: CompileOptions = {}): Promise<CompiledSchema> {
  const { url = 'file:///schema.json', load } = options;
  const contents = new Map<string, unknown>([[url, content]]);
  quickPatterns ??= createPatternCompiler(undefined);
  let patterns = quickPatterns;
  for (;;) {
    try {
      const node = compileWith(contents, url, patterns);
      return { validate: (value) => validateNode(node, value) };
    } catch (error) {
      if (error instanceof NeedsPatternEngine) patterns = await loadPatterns();
      else if (error instanceof MissingDocument) contents.set(error.url, await loadDocument(error.url, load));
      else if (error instanceof RangeError) throw new SchemaError('the schema is nested too deep', { cause: error });
      else throw error;
    }
  }
}

/** Kept, since compiled metaschemas belong to them. */
let quickPatterns: PatternCompiler | undefined;
let fullPatterns: PatternCompiler | undefined;

async function loadPatterns(): Promise<PatternCompiler> {
  const { RE2JS } = await import('re2js');
  fullPatterns ??= createPatternCompiler(RE2JS);
  return fullPatterns;
}

async function loadDocument(url: string, load: CompileOptions['load']): Promise<unknown> {
  try {
    if (load === undefined) throw new SchemaError(`no URLLoader registered for ${goQuote(url)}`);
    return await load(url);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SchemaError(`failing loading ${goQuote(url)}: ${reason}`, { cause: error });
  }
}

function compileWith(contents: ReadonlyMap<string, unknown>, url: string, patterns: PatternCompiler): SchemaNode {
  const check = (document: SchemaDocument, pointer: string): void => checkSchema(document, pointer, patterns);
  return new SchemaCompiler(new SchemaDocuments(contents, check), { patterns }).compile(url);
}

/** Checks a schema against its metaschema. */
function checkSchema(document: SchemaDocument, pointer: string, patterns: PatternCompiler): void {
  const metas = metaschemas(patterns);
  const meta = metas.of(document.resourceAt(pointer).dialect);
  // Only a document with several named schemas can have several dialects.
  const rules: MetaRules | undefined =
    document.resources.size === 1
      ? undefined
      : {
          meta,
          metaAt: (at) => {
            const resource = document.resources.get(at);
            return resource === undefined ? undefined : metas.of(resource.dialect);
          },
        };
  const failure = validateNode(meta, document.valueAt(pointer), { rules });
  if (failure === undefined) return;
  const place = goQuote(formatPlace(document.url, pointer));
  throw new SchemaError(`${place} is not valid against metaschema: ${failureText(failure)}`);
}

/** Compiled metaschemas. */
class Metaschemas {
  readonly #compiler: SchemaCompiler;

  constructor(patterns: PatternCompiler) {
    this.#compiler = new SchemaCompiler(new SchemaDocuments(new Map()), { patterns, assertFormat: true });
  }

  of({ draft, vocabularies }: Dialect): SchemaNode {
    if (vocabularies === undefined) return this.#compiler.compile(draft.url);
    const meta = new SchemaNode('urn:mem:metaschema', '');
    meta.draft = draft.version;
    meta.allOf = vocabularies.map((name) => this.#compiler.compile(draft.url.replace(/schema$/, `meta/${name}`)));
    if (draft.version >= 2020) {
      meta.dynamicAnchor = 'meta';
      meta.dynamicAnchors = new Map([['meta', meta]]);
    }
    return meta;
  }
}

const compiled = new WeakMap<PatternCompiler, Metaschemas>();

function metaschemas(patterns: PatternCompiler): Metaschemas {
  const known = compiled.get(patterns);
  if (known !== undefined) return known;
  const made = new Metaschemas(patterns);
  compiled.set(patterns, made);
  return made;
}
