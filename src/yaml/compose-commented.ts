import { PintleError } from '../base/errors.ts';
import { positionAt } from '../base/source.ts';
import { CommentScanner, type TokenComments } from './comment-scanner.ts';
import { type CommentedDocument, type CommentedNode, newNode } from './commented-node.ts';
import { type Mark, YamlFault } from './fault.ts';
import { prepareInput } from './input.ts';
import { Scanner } from './scanner.ts';
import type { Token, TokenKind } from './token.ts';

/**
 * The first document of a text with its comments; undefined if the text holds none.
 *
 * @throws PintleError `yaml-syntax` with go-yaml's message
 */
export function parseCommented(text: string, file: string): CommentedDocument | undefined {
  const input = prepareInput(text);
  try {
    return new CommentComposer(new Scanner(input, new CommentScanner())).document();
  } catch (error) {
    const fault = asFault(error);
    if (fault === undefined) throw error;
    const position = positionAt(text, Math.min(fault.offset, text.length));
    throw new PintleError('yaml-syntax', fault.message, {
      location: { file, ...position, source: text },
      cause: error,
    });
  }
}

function asFault(error: unknown): { message: string; offset: number } | undefined {
  if (error instanceof YamlFault) return { message: error.goMessage(), offset: error.mark?.offset ?? 0 };
  if (error instanceof RangeError) return { message: 'yaml: exceeded max depth of 10000', offset: 0 };
  return undefined;
}

const CORE = 'tag:yaml.org,2002:';

/** What stands before a node. */
interface Properties {
  readonly start: Mark;
  readonly anchor: string;
  readonly tag: string;
}

/**
 * Builds the nodes of a document and gives them their comments, at the same moments as go-yaml v3 does (parserc.go, decode.go):
 * what was met up to the token that is looked at goes to the node or end that comes next.
 */
class CommentComposer {
  readonly #scanner: Scanner;
  readonly #source: CommentScanner;
  #pending: TokenComments = { head: '', line: '', foot: '' };
  /** What stood above the dash of an entry that is a collection. */
  #stem = '';
  #anchors = new Set<string>();
  readonly #prefixes = new Map<string, string>();

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
    this.#source = scanner.comments ?? new CommentScanner();
  }

  document(): CommentedDocument | undefined {
    const token = this.#peek();
    if (token.kind === 'stream-end') return undefined;
    const explicit = ['version-directive', 'tag-directive', 'document-start'].includes(token.kind);
    this.#directives();
    const head = explicit ? '' : this.#documentHead();
    const root = explicit ? this.#explicitRoot() : this.#node(true, false);
    if (this.#peek().kind === 'document-end') this.#scanner.take();
    const end = this.#take();
    return { root, head, foot: end.foot === '' ? end.head : end.foot };
  }

  #peek(): Token {
    const token = this.#scanner.peek();
    this.#source.takeFor(token, this.#pending);
    return token;
  }

  #advance(): Token {
    this.#scanner.take();
    return this.#peek();
  }

  #take(): TokenComments {
    const taken = this.#pending;
    this.#pending = { head: '', line: '', foot: '' };
    this.#stem = '';
    return taken;
  }

  /** What stands above the last empty line before the first node. */
  #documentHead(): string {
    const { head } = this.#pending;
    for (let i = head.length - 1; i > 0; i -= 1) {
      if (head[i] !== '\n') continue;
      const atEnd = i === head.length - 1;
      if (!atEnd && head[i - 1] !== '\n') continue;
      this.#pending.head = head.slice(i + 1);
      return head.slice(0, atEnd ? i : i - 1);
    }
    return '';
  }

  #directives(): void {
    let token = this.#peek();
    while (token.kind === 'version-directive' || token.kind === 'tag-directive') {
      if (token.kind === 'tag-directive') this.#prefixes.set(token.value, token.suffix);
      else if (token.value !== '1.1' && token.value !== '1.2') {
        throw new YamlFault('parser', 'found incompatible YAML document', token.start);
      }
      token = this.#advance();
    }
  }

  #explicitRoot(): CommentedNode {
    const token = this.#peek();
    if (token.kind !== 'document-start') {
      throw new YamlFault('parser', 'did not find expected <document start>', token.start);
    }
    const next = this.#advance();
    if (next.kind === 'document-start' || next.kind === 'document-end' || next.kind === 'stream-end')
      return newNode('scalar');
    return this.#node(true, false);
  }

  #node(block: boolean, indentless: boolean): CommentedNode {
    const first = this.#peek();
    if (first.kind === 'alias') return this.#alias(first);
    const properties = this.#properties(first);
    const { start, anchor, tag } = properties;
    const token = this.#peek();
    if (anchor !== '') this.#anchors.add(anchor);
    if (indentless && token.kind === 'block-entry') return this.#indentless(newNode('sequence', { anchor, tag }));
    switch (token.kind) {
      case 'scalar': {
        const { value, style } = token;
        // go-yaml names the type of merge keys, which it would not have to.
        const shown = tag === '' && style === 'plain' && value === '<<' ? '!!merge' : tag;
        const node = newNode('scalar', { anchor, tag: shown, value, style, ...this.#take() });
        this.#scanner.take();
        return node;
      }
      case 'flow-sequence-start':
        return this.#flowSequence(newNode('sequence', { anchor, tag, flow: true, ...this.#take() }));
      case 'flow-mapping-start':
        return this.#flowMapping(newNode('mapping', { anchor, tag, flow: true, ...this.#take() }));
      case 'block-sequence-start':
        if (block) return this.#blockSequence(newNode('sequence', { anchor, tag, head: this.#takeStem() }));
        break;
      case 'block-mapping-start':
        if (block) return this.#blockMapping(newNode('mapping', { anchor, tag, head: this.#takeStem() }));
        break;
      default:
    }
    if (anchor !== '' || tag !== '') return newNode('scalar', { anchor, tag });
    throw new YamlFault('parser', 'did not find expected node content', token.start, start);
  }

  #takeStem(): string {
    const stem = this.#stem;
    this.#stem = '';
    return stem;
  }

  #alias(token: Token): CommentedNode {
    if (!this.#anchors.has(token.value)) {
      throw new YamlFault('decoder', `unknown anchor '${token.value}' referenced`, token.start);
    }
    const node = newNode('alias', { value: token.value, ...this.#take() });
    this.#scanner.take();
    return node;
  }

  #properties(first: Token): Properties {
    const { start } = first;
    if (first.kind !== 'anchor' && first.kind !== 'tag') return { start, anchor: '', tag: '' };
    const second = this.#advance();
    const paired = second.kind !== first.kind && (second.kind === 'anchor' || second.kind === 'tag');
    if (paired) this.#advance();
    const tag = first.kind === 'tag' ? first : paired ? second : undefined;
    const anchor = first.kind === 'anchor' ? first : paired ? second : undefined;
    return { start, anchor: anchor?.value ?? '', tag: tag === undefined ? '' : this.#tag(tag) };
  }

  /** A tag in its short form; the one that says nothing is dropped. */
  #tag({ value, suffix }: Token): string {
    const prefix = value === '' ? '' : (this.#prefixes.get(value) ?? (value === '!!' ? CORE : value));
    const full = prefix + suffix;
    if (full === '!') return '';
    return full.startsWith(CORE) ? `!!${full.slice(CORE.length)}` : full;
  }

  #blockSequence(node: CommentedNode): CommentedNode {
    const context = this.#peek().start;
    let token = this.#advance();
    while (token.kind === 'block-entry') {
      token = this.#entryBehindDash();
      const empty = token.kind === 'block-entry' || token.kind === 'block-end';
      node.items.push(empty ? newNode('scalar') : this.#node(true, false));
      token = this.#peek();
    }
    if (token.kind !== 'block-end') {
      throw new YamlFault('parser', "did not find expected '-' indicator", token.start, context);
    }
    this.#scanner.take();
    return node;
  }

  #indentless(node: CommentedNode): CommentedNode {
    let token = this.#peek();
    while (token.kind === 'block-entry') {
      token = this.#entryBehindDash();
      const empty = token.kind === 'block-entry' || endsEntry(token);
      node.items.push(empty ? newNode('scalar') : this.#node(true, false));
      token = this.#peek();
    }
    return node;
  }

  /** What stood above a dash goes to the whole collection that begins behind it. */
  #entryBehindDash(): Token {
    const before = this.#pending.head;
    const token = this.#advance();
    if (before === '' || (token.kind !== 'block-sequence-start' && token.kind !== 'block-mapping-start')) return token;
    this.#stem = before;
    this.#pending.head = this.#pending.head.slice(before.length + 1);
    return token;
  }

  #blockMapping(node: CommentedNode): CommentedNode {
    const context = this.#peek().start;
    let token = this.#advance();
    while (token.kind === 'key') {
      token = this.#advance();
      const key = endsEntry(token) ? newNode('scalar') : this.#node(true, true);
      const before = node.items.at(-2);
      if (key.foot !== '' && before !== undefined) {
        // It stands below the entry before.
        before.foot = key.foot;
        key.foot = '';
      }
      this.#addPair(node, key, this.#blockValue());
      token = this.#peek();
    }
    if (token.kind !== 'block-end') throw new YamlFault('parser', 'did not find expected key', token.start, context);
    Object.assign(node, this.#collectionEnd());
    const last = node.items.at(-2);
    if (node.foot !== '' && last !== undefined) {
      last.foot = node.foot;
      node.foot = '';
    }
    this.#scanner.take();
    return node;
  }

  #addPair(node: CommentedNode, key: CommentedNode, value: CommentedNode): void {
    if (key.foot === '' && value.foot !== '') {
      key.foot = value.foot;
      value.foot = '';
    }
    node.items.push(key, value);
  }

  #collectionEnd(): Pick<CommentedNode, 'line' | 'foot'> {
    const { line, foot } = this.#take();
    return { line, foot };
  }

  #blockValue(): CommentedNode {
    if (this.#peek().kind !== 'value') return newNode('scalar');
    return endsEntry(this.#advance()) ? newNode('scalar') : this.#node(true, true);
  }

  #flowSequence(node: CommentedNode): CommentedNode {
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
      node.items.push(token.kind === 'key' ? this.#flowPair() : this.#node(false, false));
      token = this.#peek();
    }
    Object.assign(node, this.#collectionEnd());
    this.#scanner.take();
    return node;
  }

  /** `[a: b]` */
  #flowPair(): CommentedNode {
    const ends: readonly TokenKind[] = ['flow-entry', 'flow-sequence-end'];
    const node = newNode('mapping', { flow: true });
    let token = this.#advance();
    const emptyKey = token.kind === 'value' || ends.includes(token.kind);
    if (emptyKey) this.#scanner.take();
    const key = emptyKey ? newNode('scalar') : this.#node(false, false);
    token = this.#peek();
    if (token.kind === 'value') token = this.#advance();
    else if (!emptyKey) token = this.#peek();
    const value = ends.includes(token.kind) ? newNode('scalar') : this.#node(false, false);
    this.#addPair(node, key, value);
    return node;
  }

  #flowMapping(node: CommentedNode): CommentedNode {
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
        const key = empty ? newNode('scalar') : this.#node(false, false);
        this.#addPair(node, key, this.#flowValue());
      } else {
        const key = this.#node(false, false);
        this.#peek();
        this.#addPair(node, key, newNode('scalar'));
      }
      token = this.#peek();
    }
    Object.assign(node, this.#collectionEnd());
    this.#scanner.take();
    return node;
  }

  #flowValue(): CommentedNode {
    if (this.#peek().kind !== 'value') return newNode('scalar');
    return endsFlowEntry(this.#advance()) ? newNode('scalar') : this.#node(false, false);
  }
}

function endsEntry({ kind }: Token): boolean {
  return kind === 'key' || kind === 'value' || kind === 'block-end';
}

function endsFlowEntry({ kind }: Token): boolean {
  return kind === 'flow-entry' || kind === 'flow-mapping-end';
}
