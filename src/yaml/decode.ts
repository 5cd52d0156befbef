import { bytesOfBase64 } from '../base/base64.ts';
import { formatFloat } from '../base/go-float.ts';
import { decodeUtf8, wellFormed } from '../base/go-string.ts';
import { compareStrings, newObject } from '../base/json.ts';
import { YamlContentFault, YamlFault } from './fault.ts';
import { type TypedMap, type TypedValue, goSyntax, goTypeOf } from './go-syntax.ts';
import type { YamlAlias, YamlMapping, YamlNode, YamlPair, YamlScalar } from './node.ts';
import { type NumberMode, toValue } from './numbers.ts';
import { type Resolved, resolvePlain } from './resolve.ts';

/** How nodes become values. */
export interface DecodeOptions {
  readonly numbers: NumberMode;
  /** A key that is set twice in a mapping is a fault. */
  readonly strict: boolean;
}

/** A fault that shows when YAML becomes JSON; its message is complete. */
export class ConversionFault extends Error {
  readonly node: YamlNode;

  constructor(message: string, node: YamlNode) {
    super(message);
    this.name = 'ConversionFault';
    this.node = node;
  }
}

const TAG_PREFIX = 'tag:yaml.org,2002:';
const RESOLVABLE: ReadonlySet<string> = new Set(
  ['str', 'bool', 'int', 'float', 'null', 'timestamp'].map((name) => TAG_PREFIX + name),
);
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MAX_INT64 = 2n ** 63n - 1n;

interface OpenMap {
  readonly object: Record<string, unknown>;
  /** Keys set so far with their Go types; only in strict mode. */
  readonly seen: Set<string> | undefined;
}

/**
 * The value of a document as `sigs.k8s.io/yaml` decodes it: go-yaml v2 into maps, those to JSON, the JSON into values. Keys
 * of other types become strings, the last of several equal keys wins, merged keys replace those before them.
 *
 * @throws YamlFault, ConversionFault
 */
export function decodeNode(root: YamlNode, options: DecodeOptions): unknown {
  return new Decoder(options).document(root);
}

class Decoder {
  readonly #numbers: NumberMode;
  readonly #strict: boolean;
  readonly #openAliases = new Set<YamlAlias>();
  readonly #duplicates: string[] = [];
  #duplicate: YamlNode | undefined;
  /** Faults of keys by the map that they stand in; a map that another value takes the place of does not count. */
  readonly #conversions = new Map<object, ConversionFault>();
  #notFinite: YamlNode | undefined;
  #decoded = 1;
  #fromAliases = 0;

  constructor({ numbers, strict }: DecodeOptions) {
    this.#numbers = numbers;
    this.#strict = strict;
  }

  document(root: YamlNode): unknown {
    const value = this.#value(root);
    if (this.#duplicates.length > 0) throw new YamlContentFault(this.#duplicates, this.#duplicate?.start);
    const conversion = this.#conversions.size === 0 ? undefined : this.#firstConversion(value);
    if (conversion !== undefined) throw conversion;
    if (this.#notFinite !== undefined) {
      const found = firstNotFinite(value);
      if (found !== undefined) {
        throw new ConversionFault(`json: unsupported value: ${formatFloat(found, 'g', -1)}`, this.#notFinite);
      }
    }
    return value;
  }

  #value(node: YamlNode): unknown {
    this.#count(node);
    switch (node.kind) {
      case 'scalar':
        return this.#scalar(node);
      case 'sequence':
        return node.items.map((item) => this.#value(item));
      case 'mapping': {
        const object = newObject();
        this.#mapping(node, { object, seen: this.#strict ? new Set() : undefined });
        return object;
      }
      default:
        return this.#throughAlias(node, () => this.#value(node.target));
    }
  }

  /** Refuses documents that are small but grow without bounds through their aliases (go-yaml: decode.go, unmarshal). */
  #count(node: YamlNode): void {
    this.#decoded += 1;
    if (this.#openAliases.size > 0) this.#fromAliases += 1;
    if (this.#fromAliases <= 100 || this.#decoded <= 1000) return;
    if (this.#fromAliases / this.#decoded > allowedAliasRatio(this.#decoded)) {
      throw new YamlFault('decoder', 'document contains excessive aliasing', node.start);
    }
  }

  #throughAlias<T>(node: YamlAlias, decode: () => T): T {
    if (this.#openAliases.has(node)) {
      throw new YamlFault('decoder', `anchor '${node.name}' value contains itself`, node.start);
    }
    this.#openAliases.add(node);
    const value = decode();
    this.#openAliases.delete(node);
    return value;
  }

  #scalar(node: YamlScalar): unknown {
    if (node.tag === '' && !node.implicit) return node.value;
    const { type, value } = resolveTagged(node);
    if (type === 'float' && !Number.isFinite(value)) this.#notFinite ??= node;
    if (typeof value === 'string') return wellFormed(value);
    return toValue(value, this.#numbers);
  }

  #mapping(node: YamlMapping, open: OpenMap): void {
    for (const { key, value } of node.items) {
      if (isMerge(key)) {
        this.#merge(value, open);
        continue;
      }
      const typed = this.#key(key);
      const text = keyText(typed);
      if (text === undefined) this.#unsupportedKey(typed, { key, value }, open.object);
      const decoded = this.#value(value);
      if (text === undefined || this.#isDuplicate(typed, value, open)) continue;
      open.object[text] = decoded;
    }
  }

  #isDuplicate(key: TypedValue, value: YamlNode, { seen }: OpenMap): boolean {
    if (seen === undefined) return false;
    const id = `${goTypeOf(key)} ${goSyntax(key)}`;
    if (!seen.has(id)) {
      seen.add(id);
      return false;
    }
    this.#duplicates.push(`line ${value.start.line + 1}: key ${goSyntax(key)} already set in map`);
    this.#duplicate ??= value;
    return true;
  }

  #unsupportedKey(typed: TypedValue, { key, value }: YamlPair, object: object): void {
    const text = `unsupported map key of type: ${goTypeOf(typed)}, key: ${goSyntax(typed)}, value: ${goSyntax(typedValue(value))}`;
    if (!this.#conversions.has(object)) this.#conversions.set(object, new ConversionFault(text, key));
  }

  #firstConversion(value: unknown): ConversionFault | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    const own = this.#conversions.get(value);
    if (own !== undefined) return own;
    for (const item of Object.values(value)) {
      const found = this.#firstConversion(item);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #key(node: YamlNode): TypedValue {
    this.#count(node);
    if (node.kind === 'alias') return this.#throughAlias(node, () => this.#key(node.target));
    if (node.kind === 'scalar') return typedScalar(node);
    if (node.kind === 'mapping') this.#mapping(node, { object: newObject(), seen: undefined });
    else for (const item of node.items) this.#value(item);
    throw new YamlFault('decoder', `invalid map key: ${goSyntax(typedValue(node))}`, node.start);
  }

  #merge(node: YamlNode, open: OpenMap): void {
    if (node.kind === 'sequence') {
      // The first of several mappings wins, so that it comes last.
      for (const item of node.items.toReversed()) this.#mergeOne(item, open);
    } else {
      this.#mergeOne(node, open);
    }
  }

  #mergeOne(node: YamlNode, open: OpenMap): void {
    const target = node.kind === 'alias' ? node.target : node;
    if (target.kind !== 'mapping') {
      throw new YamlFault('decoder', 'map merge requires map or sequence of maps as the value', node.start);
    }
    this.#count(node);
    if (node.kind === 'alias') {
      this.#throughAlias(node, () => {
        this.#count(target);
        this.#mapping(target, open);
      });
    } else {
      this.#mapping(target, open);
    }
  }
}

function allowedAliasRatio(decoded: number): number {
  const low = 400_000;
  const high = 4_000_000;
  if (decoded <= low) return 0.99;
  return decoded >= high ? 0.1 : 0.99 - (0.89 * (decoded - low)) / (high - low);
}

/** True for a key `<<` that is not quoted. */
export function isMerge(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value === '<<' && (node.implicit || node.tag === `${TAG_PREFIX}merge`);
}

function resolveTagged(node: YamlScalar): Resolved {
  const { tag, value } = node;
  if (tag === '') return resolvePlain(value);
  if (tag === `${TAG_PREFIX}binary`) return { type: 'str', value: decodeBinary(node) };
  if (!RESOLVABLE.has(tag) || tag === `${TAG_PREFIX}str`) return { type: 'str', value };
  const wanted = tag.slice(TAG_PREFIX.length);
  const resolved = resolvePlain(value, wanted === 'timestamp');
  if (resolved.type === wanted) return resolved;
  if (wanted === 'float' && typeof resolved.value === 'bigint' && resolved.value <= MAX_INT64) {
    return { type: 'float', value: Number(resolved.value) };
  }
  throw new YamlFault('decoder', `cannot decode !!${resolved.type} \`${value}\` as a !!${wanted}`, node.start);
}

function decodeBinary({ value, start }: YamlScalar): string {
  const text = value.replace(/[\r\n]/g, '');
  if (!BASE64.test(text)) throw new YamlFault('decoder', '!!binary value contains invalid base64 data', start);
  return decodeUtf8(bytesOfBase64(text));
}

function typedScalar(node: YamlScalar): TypedValue {
  return node.tag === '' && !node.implicit ? node.value : resolveTagged(node).value;
}

/** A node's value with Go's types, for messages. */
function typedValue(node: YamlNode): TypedValue {
  switch (node.kind) {
    case 'scalar':
      return typedScalar(node);
    case 'alias':
      return typedValue(node.target);
    case 'sequence':
      return node.items.map(typedValue);
    default: {
      const map: TypedMap = { entries: node.items.flatMap(typedEntries) };
      return map;
    }
  }
}

/** An entry, or those that a merge brings, the first of several mappings last. */
function typedEntries({ key, value }: YamlPair): (readonly [TypedValue, TypedValue])[] {
  if (!isMerge(key)) return [[typedValue(key), typedValue(value)]];
  const target = value.kind === 'alias' ? value.target : value;
  if (target.kind === 'sequence') {
    return target.items.toReversed().flatMap((item) => typedEntries({ key, value: item }));
  }
  return target.kind === 'mapping' ? target.items.flatMap(typedEntries) : [];
}

/** A key as `sigs.k8s.io/yaml` turns it into a string; undefined if it refuses to. */
function keyText(key: TypedValue): string | undefined {
  switch (typeof key) {
    case 'string':
      return wellFormed(key);
    case 'boolean':
      return String(key);
    case 'bigint':
      return key > MAX_INT64 ? undefined : key.toString();
    case 'number':
      return floatKey(key);
    default:
      return undefined;
  }
}

/** A float key, written with the digits of a float32. */
export function floatKey(key: number): string {
  if (Number.isNaN(key)) return '.nan';
  if (!Number.isFinite(Math.fround(key))) return key > 0 ? '.inf' : '-.inf';
  return formatFloat(key, 'g', -1, 32);
}

function firstNotFinite(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : value;
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as Record<string, unknown>;
  const items = Array.isArray(value)
    ? value
    : Object.keys(record)
        .sort(compareStrings)
        .map((key) => record[key]);
  for (const item of items) {
    const found = firstNotFinite(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
