import { goQuote } from '../base/go-quote.ts';
import { isObject } from '../base/json.ts';
import { type Dialect, hasVocabulary } from './drafts.ts';
import type { Place, SchemaDocument, SchemaDocuments } from './documents.ts';
import { formats } from './formats.ts';
import { JSON_TYPES, type JsonType } from './json-type.ts';
import { NeedsPatternEngine, type PatternCompiler } from './pattern.ts';
import { appendTokens } from './pointer.ts';
import { Decimal, isNumber } from './rational.ts';
import { formatPlace, resolveReference, splitReference } from './reference.ts';
import { SchemaError } from './schema-error.ts';
import { SchemaNode } from './schema-node.ts';

type Keywords = Readonly<Record<string, unknown>>;

/** What the compiler works with. */
export interface CompilerOptions {
  readonly patterns: PatternCompiler;
  /** `format` fails in every draft; default: only where the draft says so. */
  readonly assertFormat?: boolean;
}

/** Makes compiled schemas of documents. */
export class SchemaCompiler {
  readonly #documents: SchemaDocuments;
  readonly #options: CompilerOptions;
  readonly #nodes = new Map<string, SchemaNode>();
  readonly #queue: SchemaNode[] = [];

  constructor(documents: SchemaDocuments, options: CompilerOptions) {
    this.#documents = documents;
    this.#options = options;
  }

  /**
   * Compiles a schema with all that it refers to.
   *
   * @throws SchemaError, MissingDocument, NeedsPatternEngine
   */
  compile(url: string): SchemaNode {
    const root = this.#enqueue(this.#documents.resolve(splitReference(url)));
    for (let node = this.#queue.shift(); node !== undefined; node = this.#queue.shift()) this.#compileNode(node);
    return root;
  }

  #enqueue({ url, pointer }: Place): SchemaNode {
    const key = `${url}#${pointer}`;
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const node = new SchemaNode(url, pointer);
    this.#nodes.set(key, node);
    this.#queue.push(node);
    return node;
  }

  #compileNode(node: SchemaNode): void {
    const { url, pointer } = node;
    this.#documents.ensureSchema({ url, pointer });
    const document = this.#documents.document(url);
    const resource = document.resourceAt(pointer);
    node.draft = resource.dialect.draft.version;
    node.resource = this.#enqueue({ url, pointer: resource.pointer });
    if (node.draft >= 2020 && node.resource === node && resource.dynamicAnchors.length > 0) {
      node.dynamicAnchors = new Map();
      for (const anchor of resource.dynamicAnchors) {
        const at = resource.anchors.get(anchor) ?? '';
        node.dynamicAnchors.set(anchor, this.#enqueue({ url, pointer: at }));
      }
    }
    const value = document.valueAt(pointer);
    if (typeof value === 'boolean') node.bool = value;
    else if (isObject(value)) {
      if (Object.keys(value).length === 0) node.bool = true;
      else new KeywordCompiler(node, value, this.#scope(document, node)).compile();
    }
  }

  #scope(document: SchemaDocument, node: SchemaNode): Scope {
    const resource = document.resourceAt(node.pointer);
    return {
      dialect: resource.dialect,
      options: this.#options,
      schemaAt: (...tokens) => this.#enqueue({ url: node.url, pointer: appendTokens(node.pointer, ...tokens) }),
      referenced: (text) => {
        const reference = resolveReference(resource.id, text);
        return this.#enqueue(document.resolve(reference) ?? this.#documents.resolve(reference));
      },
    };
  }
}

interface Scope {
  readonly dialect: Dialect;
  readonly options: CompilerOptions;
  /** The schema at a path inside the one that is compiled. */
  readonly schemaAt: (...tokens: readonly string[]) => SchemaNode;
  readonly referenced: (text: string) => SchemaNode;
}

class KeywordCompiler {
  readonly #node: SchemaNode;
  readonly #keywords: Keywords;
  readonly #scope: Scope;

  constructor(node: SchemaNode, keywords: Keywords, scope: Scope) {
    this.#node = node;
    this.#keywords = keywords;
    this.#scope = scope;
  }

  compile(): void {
    const node = this.#node;
    const { draft } = node;
    const ref = this.#string('$ref');
    if (ref !== undefined) node.ref = this.#scope.referenced(ref);
    if (draft >= 6 && Object.hasOwn(this.#keywords, 'const')) node.const = { value: this.#keywords['const'] };
    // Up to draft 7 all other keywords beside $ref are ignored; the library forgets that for const.
    if (draft < 2019 && node.ref !== undefined) return;
    if (this.#has('applicator')) this.#applicators();
    if (this.#has('validation')) this.#assertions();
    this.#format();
    if (draft >= 2019) this.#since2019();
    if (draft >= 2020) this.#since2020();
  }

  #applicators(): void {
    const node = this.#node;
    node.allOf = this.#schemas('allOf') ?? [];
    node.anyOf = this.#schemas('anyOf') ?? [];
    node.oneOf = this.#schemas('oneOf') ?? [];
    node.not = this.#schema('not');
    if (node.draft < 2020) {
      if (Array.isArray(this.#value('items'))) {
        node.prefixItems = this.#schemas('items');
        node.additionalItems = this.#additional('additionalItems');
      } else {
        node.items = this.#schema('items');
      }
    }
    node.properties = this.#schemaMap('properties');
    node.patternProperties = [...(this.#schemaMap('patternProperties') ?? [])].map(([source, schema]) => ({
      pattern: this.#pattern('patternProperties', source),
      schema,
    }));
    node.additionalProperties = this.#additional('additionalProperties');
    this.#dependencies();
    if (node.draft >= 6) {
      node.contains = this.#schema('contains');
      node.propertyNames = this.#schema('propertyNames');
    }
    if (node.draft >= 7) this.#condition();
    if (node.draft >= 2019) node.dependentSchemas = this.#schemaMap('dependentSchemas');
  }

  #dependencies(): void {
    const value = this.#value('dependencies');
    if (!isObject(value)) return;
    const out = new Map<string, readonly string[] | SchemaNode>();
    for (const key of Object.keys(value)) {
      const each = value[key];
      out.set(key, Array.isArray(each) ? strings(each) : this.#scope.schemaAt('dependencies', key));
    }
    this.#node.dependencies = out;
  }

  #condition(): void {
    const node = this.#node;
    node.if = this.#schema('if');
    if (node.if === undefined) return;
    const value = this.#value('if');
    if (value !== false) node.thenSchema = this.#schema('then');
    if (value !== true) node.elseSchema = this.#schema('else');
  }

  #assertions(): void {
    const node = this.#node;
    node.types = typesOf(this.#value('type'));
    const values = this.#value('enum');
    if (Array.isArray(values)) node.enum = values;
    node.multipleOf = this.#decimal('multipleOf');
    this.#bounds();
    node.minLength = this.#integer('minLength');
    node.maxLength = this.#integer('maxLength');
    const pattern = this.#string('pattern');
    if (pattern !== undefined) node.pattern = this.#pattern('pattern', pattern);
    node.minItems = this.#integer('minItems');
    node.maxItems = this.#integer('maxItems');
    node.uniqueItems = this.#value('uniqueItems') === true;
    node.minProperties = this.#integer('minProperties');
    node.maxProperties = this.#integer('maxProperties');
    const required = this.#value('required');
    if (Array.isArray(required)) node.required = strings(required);
  }

  /** In draft 4 the exclusive keywords are flags beside the bounds. */
  #bounds(): void {
    const node = this.#node;
    node.maximum = this.#decimal('maximum');
    node.minimum = this.#decimal('minimum');
    node.exclusiveMaximum = this.#decimal('exclusiveMaximum');
    node.exclusiveMinimum = this.#decimal('exclusiveMinimum');
    if (this.#value('exclusiveMaximum') === true) {
      node.exclusiveMaximum = node.maximum;
      node.maximum = undefined;
    }
    if (this.#value('exclusiveMinimum') === true) {
      node.exclusiveMinimum = node.minimum;
      node.minimum = undefined;
    }
  }

  #format(): void {
    const name = this.#string('format');
    if (name === undefined || !this.#assertsFormat()) return;
    const { patterns, assertFormat } = this.#scope.options;
    // Values may hold any pattern: the engine for all of them must be there before they are looked at.
    if (name === 'regex' && assertFormat !== true) patterns('(?s:.)');
    this.#node.format = formats(patterns).get(name);
  }

  #assertsFormat(): boolean {
    const { draft } = this.#node;
    if (this.#scope.options.assertFormat === true || draft < 2019) return true;
    return this.#has(draft === 2019 ? 'format' : 'format-assertion');
  }

  #since2019(): void {
    const node = this.#node;
    const recursive = this.#string('$recursiveRef');
    if (recursive !== undefined) node.recursiveRef = this.#scope.referenced(recursive);
    node.recursiveAnchor = this.#value('$recursiveAnchor') === true;
    if (this.#has('validation')) {
      if (node.contains !== undefined) {
        node.minContains = this.#integer('minContains');
        node.maxContains = this.#integer('maxContains');
      }
      const required = this.#value('dependentRequired');
      if (isObject(required)) {
        const lists = Object.keys(required).filter((key) => Array.isArray(required[key]));
        node.dependentRequired = new Map(lists.map((key) => [key, strings(required[key] as unknown[])]));
      }
    }
    if (this.#has(node.draft === 2019 ? 'applicator' : 'unevaluated')) {
      node.unevaluatedItems = this.#schema('unevaluatedItems');
      node.unevaluatedProperties = this.#schema('unevaluatedProperties');
    }
  }

  #since2020(): void {
    const node = this.#node;
    const dynamic = this.#string('$dynamicRef');
    if (dynamic !== undefined) {
      const { fragment } = splitReference(dynamic);
      const anchor = fragment.startsWith('/') ? '' : fragment;
      node.dynamicRef = { target: this.#scope.referenced(dynamic), anchor };
    }
    node.dynamicAnchor = this.#string('$dynamicAnchor') ?? '';
    if (!this.#has('applicator')) return;
    node.prefixItems = this.#schemas('prefixItems');
    node.items = this.#schema('items');
  }

  #pattern(keyword: string, source: string): ReturnType<PatternCompiler> {
    try {
      return this.#scope.options.patterns(source);
    } catch (error) {
      if (!(error instanceof Error) || error instanceof NeedsPatternEngine) throw error;
      const at = formatPlace(this.#node.url, appendTokens(this.#node.pointer, keyword));
      throw new SchemaError(`invalid regex ${goQuote(source)} at ${goQuote(at)}: ${error.message}`, { cause: error });
    }
  }

  #has(vocabulary: string): boolean {
    return hasVocabulary(this.#scope.dialect, vocabulary);
  }

  #value(keyword: string): unknown {
    return Object.hasOwn(this.#keywords, keyword) ? this.#keywords[keyword] : undefined;
  }

  #string(keyword: string): string | undefined {
    const value = this.#value(keyword);
    return typeof value === 'string' ? value : undefined;
  }

  #decimal(keyword: string): Decimal | undefined {
    const value = this.#value(keyword);
    return isNumber(value) ? Decimal.of(value) : undefined;
  }

  #integer(keyword: string): number | undefined {
    const value = this.#decimal(keyword);
    return value?.isInteger() === true ? value.toNumber() : undefined;
  }

  #schema(keyword: string): SchemaNode | undefined {
    return Object.hasOwn(this.#keywords, keyword) ? this.#scope.schemaAt(keyword) : undefined;
  }

  #schemas(keyword: string): SchemaNode[] | undefined {
    const value = this.#value(keyword);
    return Array.isArray(value) ? value.map((_, i) => this.#scope.schemaAt(keyword, String(i))) : undefined;
  }

  #schemaMap(keyword: string): Map<string, SchemaNode> | undefined {
    const value = this.#value(keyword);
    if (!isObject(value)) return undefined;
    return new Map(Object.keys(value).map((key) => [key, this.#scope.schemaAt(keyword, key)]));
  }

  #additional(keyword: string): boolean | SchemaNode | undefined {
    const value = this.#value(keyword);
    return typeof value === 'boolean' ? value : this.#schema(keyword);
  }
}

function typesOf(value: unknown): readonly JsonType[] | undefined {
  const names = new Set<unknown>(Array.isArray(value) ? value : [value]);
  const types = JSON_TYPES.filter((type) => names.has(type));
  return types.length === 0 ? undefined : types;
}

function strings(list: readonly unknown[]): string[] {
  return list.filter((item) => typeof item === 'string');
}
