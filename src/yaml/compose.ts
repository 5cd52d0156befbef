import { type Mark, YamlFault } from './fault.ts';
import type { YamlInput } from './input.ts';
import type { YamlMapping, YamlNode, YamlScalar, YamlSequence } from './node.ts';
import { Scanner } from './scanner.ts';
import type { Token } from './token.ts';

/** What stands before a node. */
interface Properties {
  readonly start: Mark;
  readonly anchor: string;
  readonly tag: string;
  readonly any: boolean;
}

/**
 * Builds the nodes of a text's documents, by the grammar and with the complaints of libyaml's parser (go-yaml v2: parserc.go,
 * decode.go). Deep texts exhaust the stack: callers turn the RangeError into a fault.
 */
export class Composer {
  readonly #scanner: Scanner;
  #anchors = new Map<string, YamlNode>();
  #tagPrefixes = new Map<string, string>();
  #first = true;

  constructor(input: YamlInput) {
    this.#scanner = new Scanner(input);
  }

  /** The next document's root, undefined behind the last one. */
  next(): YamlNode | undefined {
    let token = this.#peek();
    if (!this.#first) {
      while (token.kind === 'document-end') token = this.#advance();
    }
    if (token.kind === 'stream-end') return undefined;
    this.#anchors = new Map();
    const root = this.#first && !startsDocument(token) ? this.#implicitDocument() : this.#explicitDocument();
    this.#first = false;
    if (this.#peek().kind === 'document-end') this.#scanner.take();
    return root;
  }

  #peek(): Token {
    return this.#scanner.peek();
  }

  #advance(): Token {
    this.#scanner.take();
    return this.#scanner.peek();
  }

  #implicitDocument(): YamlNode {
    this.#directives();
    return this.#node(true, false);
  }

  #explicitDocument(): YamlNode {
    this.#directives();
    const token = this.#peek();
    if (token.kind !== 'document-start') {
      throw new YamlFault('parser', 'did not find expected <document start>', token.start);
    }
    const next = this.#advance();
    if (startsDocument(next) || next.kind === 'document-end' || next.kind === 'stream-end') {
      return emptyScalar(next.start);
    }
    return this.#node(true, false);
  }

  #directives(): void {
    const prefixes = new Map<string, string>();
    let version = false;
    let token = this.#peek();
    while (token.kind === 'version-directive' || token.kind === 'tag-directive') {
      if (token.kind === 'version-directive') {
        if (version) throw new YamlFault('parser', 'found duplicate %YAML directive', token.start);
        if (token.value !== '1.1') throw new YamlFault('parser', 'found incompatible YAML document', token.start);
        version = true;
      } else {
        if (prefixes.has(token.value)) throw new YamlFault('parser', 'found duplicate %TAG directive', token.start);
        prefixes.set(token.value, token.suffix);
      }
      token = this.#advance();
    }
    if (!prefixes.has('!')) prefixes.set('!', '!');
    if (!prefixes.has('!!')) prefixes.set('!!', 'tag:yaml.org,2002:');
    this.#tagPrefixes = prefixes;
  }

  #node(block: boolean, indentless: boolean): YamlNode {
    const first = this.#peek();
    if (first.kind === 'alias') return this.#alias(first);
    const properties = this.#properties(first);
    const token = this.#peek();
    if (indentless && token.kind === 'block-entry') return this.#indentlessSequence(properties);
    switch (token.kind) {
      case 'scalar':
        return this.#scalar(token, properties);
      case 'flow-sequence-start':
        return this.#flowSequence(properties);
      case 'flow-mapping-start':
        return this.#flowMapping(properties);
      case 'block-sequence-start':
        if (block) return this.#blockSequence(properties);
        break;
      case 'block-mapping-start':
        if (block) return this.#blockMapping(properties);
        break;
      default:
    }
    if (properties.any) {
      const { start, tag, anchor } = properties;
      const node: YamlScalar = { ...emptyScalar(start), tag, anchor, implicit: tag === '', end: token.start };
      return this.#remember(node);
    }
    throw new YamlFault('parser', 'did not find expected node content', token.start, properties.start);
  }

  #remember<T extends YamlNode>(node: T): T {
    if (node.anchor !== '') this.#anchors.set(node.anchor, node);
    return node;
  }

  #alias(token: Token): YamlNode {
    const target = this.#anchors.get(token.value);
    if (target === undefined) {
      throw new YamlFault('decoder', `unknown anchor '${token.value}' referenced`, token.start);
    }
    this.#scanner.take();
    return { kind: 'alias', name: token.value, target, tag: '', anchor: '', start: token.start };
  }

  #properties(first: Token): Properties {
    const { start } = first;
    if (first.kind !== 'anchor' && first.kind !== 'tag') return { start, anchor: '', tag: '', any: false };
    const second = this.#advance();
    const paired = second.kind !== first.kind && (second.kind === 'anchor' || second.kind === 'tag');
    if (paired) this.#advance();
    const tagToken = first.kind === 'tag' ? first : paired ? second : undefined;
    const anchorToken = first.kind === 'anchor' ? first : paired ? second : undefined;
    const tag = tagToken === undefined ? '' : this.#tag(tagToken, start);
    return { start, anchor: anchorToken?.value ?? '', tag, any: tag !== '' || anchorToken !== undefined };
  }

  #tag(token: Token, start: Mark): string {
    if (token.value === '') return token.suffix;
    const prefix = this.#tagPrefixes.get(token.value);
    if (prefix === undefined) throw new YamlFault('parser', 'found undefined tag handle', token.start, start);
    return prefix + token.suffix;
  }

  #scalar(token: Token, { start, tag, anchor }: Properties): YamlNode {
    this.#scanner.take();
    const implicit = (tag === '' && token.style === 'plain') || tag === '!';
    const { value, style, end } = token;
    return this.#remember({ kind: 'scalar', value, style, implicit, tag, anchor, start, end });
  }

  #sequence({ start, tag, anchor }: Properties, flow: boolean): YamlSequence {
    return this.#remember({ kind: 'sequence', flow, items: [], tag, anchor, start });
  }

  #mapping({ start, tag, anchor }: Properties, flow: boolean): YamlMapping {
    return this.#remember({ kind: 'mapping', flow, items: [], tag, anchor, start });
  }

  #blockSequence(properties: Properties): YamlNode {
    const node = this.#sequence(properties, false);
    const context = this.#peek().start;
    let token = this.#advance();
    while (token.kind === 'block-entry') {
      const { end } = token;
      token = this.#advance();
      const empty = token.kind === 'block-entry' || token.kind === 'block-end';
      node.items.push(empty ? emptyScalar(end) : this.#node(true, false));
      token = this.#peek();
    }
    if (token.kind !== 'block-end') {
      throw new YamlFault('parser', "did not find expected '-' indicator", token.start, context);
    }
    this.#scanner.take();
    return node;
  }

  #indentlessSequence(properties: Properties): YamlNode {
    const node = this.#sequence(properties, false);
    let token = this.#peek();
    while (token.kind === 'block-entry') {
      const { end } = token;
      token = this.#advance();
      const empty = token.kind === 'block-entry' || endsEntry(token);
      node.items.push(empty ? emptyScalar(end) : this.#node(true, false));
      token = this.#peek();
    }
    return node;
  }

  #blockMapping(properties: Properties): YamlNode {
    const node = this.#mapping(properties, false);
    const context = this.#peek().start;
    let token = this.#advance();
    while (token.kind === 'key') {
      const { end } = token;
      token = this.#advance();
      const key = endsEntry(token) ? emptyScalar(end) : this.#node(true, true);
      node.items.push({ key, value: this.#blockValue() });
      token = this.#peek();
    }
    if (token.kind !== 'block-end') throw new YamlFault('parser', 'did not find expected key', token.start, context);
    this.#scanner.take();
    return node;
  }

  #blockValue(): YamlNode {
    const token = this.#peek();
    if (token.kind !== 'value') return emptyScalar(token.start);
    const next = this.#advance();
    return endsEntry(next) ? emptyScalar(token.end) : this.#node(true, true);
  }

  #flowSequence(properties: Properties): YamlNode {
    const node = this.#sequence(properties, true);
    const context = this.#peek().start;
    let token = this.#advance();
    while (token.kind !== 'flow-sequence-end') {
      if (node.items.length > 0) {
        if (token.kind !== 'flow-entry') {
          throw new YamlFault('parser', "did not find expected ',' or ']'", token.start, context);
        }
        token = this.#advance();
      }
      if (token.kind === 'flow-sequence-end') break;
      node.items.push(token.kind === 'key' ? this.#flowPair(token) : this.#node(false, false));
      token = this.#peek();
    }
    this.#scanner.take();
    return node;
  }

  /** `[a: b]`: a mapping of one entry. */
  #flowPair({ start }: Token): YamlNode {
    let token = this.#advance();
    const ends = (kind: Token['kind']): boolean => kind === 'flow-entry' || kind === 'flow-sequence-end';
    let key: YamlNode;
    if (token.kind === 'value' || ends(token.kind)) {
      key = emptyScalar(token.end);
      // libyaml passes the token behind an empty key, so that `[? : a]` is none of its texts.
      this.#scanner.take();
    } else {
      key = this.#node(false, false);
    }
    token = this.#peek();
    let value: YamlNode | undefined;
    if (token.kind === 'value') {
      token = this.#advance();
      if (!ends(token.kind)) value = this.#node(false, false);
    }
    value ??= emptyScalar(token.start);
    return { kind: 'mapping', flow: true, items: [{ key, value }], tag: '', anchor: '', start };
  }

  #flowMapping(properties: Properties): YamlNode {
    const node = this.#mapping(properties, true);
    const context = this.#peek().start;
    let token = this.#advance();
    while (token.kind !== 'flow-mapping-end') {
      if (node.items.length > 0) {
        if (token.kind !== 'flow-entry') {
          throw new YamlFault('parser', "did not find expected ',' or '}'", token.start, context);
        }
        token = this.#advance();
      }
      if (token.kind === 'flow-mapping-end') break;
      if (token.kind === 'key') {
        token = this.#advance();
        const empty = token.kind === 'value' || endsFlowEntry(token);
        const key = empty ? emptyScalar(token.start) : this.#node(false, false);
        node.items.push({ key, value: this.#flowValue() });
      } else {
        const key = this.#node(false, false);
        node.items.push({ key, value: emptyScalar(this.#peek().start) });
      }
      token = this.#peek();
    }
    this.#scanner.take();
    return node;
  }

  #flowValue(): YamlNode {
    let token = this.#peek();
    if (token.kind === 'value') {
      token = this.#advance();
      if (!endsFlowEntry(token)) return this.#node(false, false);
    }
    return emptyScalar(token.start);
  }
}

function startsDocument({ kind }: Token): boolean {
  return kind === 'version-directive' || kind === 'tag-directive' || kind === 'document-start';
}

function endsEntry({ kind }: Token): boolean {
  return kind === 'key' || kind === 'value' || kind === 'block-end';
}

function endsFlowEntry({ kind }: Token): boolean {
  return kind === 'flow-entry' || kind === 'flow-mapping-end';
}

function emptyScalar(mark: Mark): YamlScalar {
  return { kind: 'scalar', value: '', style: 'plain', implicit: true, tag: '', anchor: '', start: mark, end: mark };
}
