import { byteLength } from '../base/go-string.ts';
import type { CommentedDocument, CommentedNode } from './commented-node.ts';
import { MULTILINE, NO_BLOCK, NO_PLAIN, NO_SINGLE, analyzeScalar } from './scalar-style.ts';
import { isBreak, pad, writeDoubleQuoted, writeLiteral } from './scalar-write.ts';
import type { ScalarStyle } from './token.ts';

const STEP = 2;
const MAX_SIMPLE_KEY = 128;
const NO_FOOT = -1;

/**
 * Documents as go-yaml v3 encodes them with an indentation of 2 and compact sequences: each node in its style, comments where
 * they were, blanks and empty lines as go-yaml sets them (emitterc.go).
 */
export function writeCommented(documents: readonly CommentedDocument[]): string {
  const writer = new CommentedWriter();
  documents.forEach((document, i) => writer.document(document, i === 0));
  return writer.out;
}

/** What a node stands in. */
interface Place {
  /** Behind the dash of a sequence's entry. */
  readonly entry: boolean;
  /** In a mapping, as key or value. */
  readonly inMapping: boolean;
  /** A key that is written without `?`. */
  readonly simpleKey: boolean;
}

const ROOT: Place = { entry: false, inMapping: false, simpleKey: false };
const ENTRY: Place = { entry: true, inMapping: false, simpleKey: false };
const KEY: Place = { entry: false, inMapping: true, simpleKey: true };
const COMPLEX: Place = { entry: false, inMapping: true, simpleKey: false };

class CommentedWriter {
  out = '';
  #column = 0;
  /** The last character was a blank, or nothing is on the line. */
  #whitespace = true;
  /** Only indentation and dashes are on the line. */
  #indention = true;
  #indent = NO_FOOT;
  #flowLevel = 0;
  /** Indentation of the comment that was just written below something; an empty line sets it off from what follows. */
  #footIndent = NO_FOOT;
  #head = '';
  #line = '';
  #foot = '';
  /** Below the value of the entry before. */
  #tail = '';
  #keyLine = '';

  document({ root, head, foot }: CommentedDocument, first: boolean): void {
    this.#head = head;
    if (!first) {
      this.#writeIndent();
      this.#indicator('---', true);
      this.#writeIndent();
    }
    if (this.#head !== '') {
      this.#headComment();
      this.#break();
    }
    this.#begin(root);
    this.#headComment();
    this.#node(root, ROOT);
    this.#foot = foot === '' ? this.#foot : foot;
    this.#footIndent = 0;
    this.#footComment();
    this.#footIndent = NO_FOOT;
    this.#writeIndent();
  }

  /** Takes over the comments that a node brings at its start; collections bring theirs below at their end. */
  #begin(node: CommentedNode, tail = ''): void {
    if (node.head !== '') this.#head = node.head;
    if (node.kind === 'scalar' || node.kind === 'alias') this.#end(node);
    if (tail !== '' && node.kind !== 'sequence' && node.kind !== 'alias') this.#tail = tail;
  }

  #end({ line, foot }: CommentedNode): void {
    if (line !== '') this.#line = line;
    if (foot !== '') this.#foot = foot;
  }

  #node(node: CommentedNode, place: Place): void {
    switch (node.kind) {
      case 'alias':
        this.#indicator('*', true);
        this.#put(node.value);
        this.#afterComments();
        return;
      case 'scalar':
        this.#scalar(node, place);
        this.#afterComments();
        return;
      case 'sequence':
        this.#properties(node);
        this.#afterComments();
        if (this.#flowLevel > 0 || node.flow || node.items.length === 0) this.#flowSequence(node, place);
        else this.#blockSequence(node, place);
        return;
      default:
        this.#properties(node);
        this.#afterComments();
        if (this.#flowLevel > 0 || node.flow || node.items.length === 0) this.#flowMapping(node, place);
        else this.#blockMapping(node, place);
    }
  }

  /** Comments behind a node and below it, where the place of the node writes them. */
  #afterComments(): void {
    if (this.#afterNode === 'none') return;
    if (this.#afterNode === 'flow' && this.#line + this.#foot + this.#tail !== '') this.#indicator(',', false);
    this.#lineComment();
    this.#footComment();
  }

  /** What the place of the node that is written does behind it. */
  #afterNode: 'none' | 'block' | 'flow' = 'block';

  #place(node: CommentedNode, place: Place, after: 'none' | 'block' | 'flow'): void {
    this.#afterNode = after;
    this.#node(node, place);
  }

  #properties({ anchor, tag }: CommentedNode): void {
    if (anchor !== '') {
      this.#indicator('&', true);
      this.#put(anchor);
    }
    if (tag !== '') {
      if (!this.#whitespace) this.#put(' ');
      this.#put(tag.startsWith('!') ? tag : `!<${tag}>`);
    }
    if (anchor !== '' || tag !== '') {
      this.#whitespace = false;
      this.#indention = false;
    }
  }

  #increase(flow: boolean, { entry }: Place, compact = false): number {
    const before = this.#indent;
    if (before < 0) this.#indent = flow ? STEP : 0;
    else if (entry && this.#flowLevel === 0) this.#indent = before + STEP;
    else this.#indent = STEP * Math.floor((before + STEP) / STEP) - (compact ? STEP : 0);
    return before;
  }

  #blockSequence(node: CommentedNode, place: Place): void {
    const compact = place.inMapping && (this.#column === 0 || !this.#indention);
    const before = this.#increase(false, place, compact);
    for (const item of node.items) {
      this.#begin(item);
      this.#headComment();
      this.#writeIndent();
      this.#indicator('-', true, { indention: true });
      this.#place(item, ENTRY, 'block');
    }
    this.#end(node);
    this.#indent = before;
  }

  #blockMapping(node: CommentedNode, place: Place): void {
    const before = this.#increase(false, place);
    let tail = '';
    for (let i = 0; i + 1 < node.items.length; i += 2) {
      const key = node.items[i];
      const value = node.items[i + 1];
      if (key === undefined || value === undefined) continue;
      this.#begin({ ...key, foot: '' }, tail);
      tail = key.foot;
      this.#headComment();
      this.#writeIndent();
      this.#pair(key, value);
    }
    if (tail !== '') this.#tail = tail;
    this.#end(node);
    this.#headComment();
    this.#indent = before;
  }

  #pair(key: CommentedNode, value: CommentedNode): void {
    if (this.#line !== '') {
      // A comment of the key is written behind the value.
      this.#keyLine = this.#line;
      this.#line = '';
    }
    const simple = isSimpleKey(key);
    if (!simple) this.#indicator('?', true, { indention: true });
    this.#place(key, simple ? KEY : COMPLEX, 'none');
    this.#begin(value);
    if (simple) {
      this.#indicator(':', false);
    } else {
      this.#writeIndent();
      this.#indicator(':', true, { indention: true });
    }
    if (this.#keyLine !== '') this.#keyComment(value);
    this.#place(value, COMPLEX, 'block');
  }

  #keyComment(value: CommentedNode): void {
    if (value.kind === 'scalar') {
      if (this.#line !== '') return;
      this.#line = this.#keyLine;
      this.#keyLine = '';
    } else if (value.kind !== 'alias' && !value.flow) {
      const line = this.#line;
      this.#line = this.#keyLine;
      this.#lineComment();
      this.#keyLine = this.#line;
      this.#line = line;
    }
  }

  #flowSequence(node: CommentedNode, place: Place): void {
    this.#indicator('[', true, { whitespace: true });
    const before = this.#increase(true, place);
    this.#flowLevel += 1;
    let trail = true;
    for (const item of node.items) {
      this.#begin(item);
      if (!trail) this.#indicator(',', false);
      this.#headComment();
      if (this.#column === 0) this.#writeIndent();
      trail = this.#line + this.#foot + this.#tail !== '';
      this.#place(item, { ...ENTRY, entry: false }, 'flow');
    }
    this.#end(node);
    this.#flowLevel -= 1;
    this.#indent = before;
    if (this.#column === 0) this.#writeIndent();
    this.#indicator(']', false);
    this.#lineComment();
    this.#footComment();
  }

  #flowMapping(node: CommentedNode, place: Place): void {
    this.#indicator('{', true, { whitespace: true });
    const before = this.#increase(true, place);
    this.#flowLevel += 1;
    let first = true;
    let trail = false;
    let tail = '';
    for (let i = 0; i + 1 < node.items.length; i += 2) {
      const key = node.items[i];
      const value = node.items[i + 1];
      if (key === undefined || value === undefined) continue;
      this.#begin({ ...key, foot: '' }, tail);
      tail = key.foot;
      if (!first && !trail) this.#indicator(',', false);
      this.#headComment();
      if (this.#column === 0) this.#writeIndent();
      trail = this.#flowPair(key, value);
      first = false;
    }
    if (tail !== '') this.#tail = tail;
    this.#end(node);
    if (this.#head + this.#foot + this.#tail !== '' && !first && !trail) this.#indicator(',', false);
    this.#headComment();
    this.#flowLevel -= 1;
    this.#indent = before;
    this.#indicator('}', false);
    this.#lineComment();
    this.#footComment();
  }

  /** @returns true if a comma was written behind the value, before its comments */
  #flowPair(key: CommentedNode, value: CommentedNode): boolean {
    const simple = isSimpleKey(key);
    if (!simple) this.#indicator('?', true);
    this.#place(key, simple ? KEY : COMPLEX, 'none');
    this.#begin(value);
    this.#indicator(':', !simple);
    const trail = this.#line + this.#foot + this.#tail !== '';
    this.#place(value, COMPLEX, 'flow');
    return trail;
  }

  #scalar(node: CommentedNode, { entry, simpleKey }: Place): void {
    const style = this.#styleOf(node, simpleKey);
    this.#properties(node);
    const before = this.#increase(true, { entry, inMapping: false, simpleKey });
    const { value } = node;
    switch (style) {
      case 'plain':
        this.#plain(value);
        break;
      case 'single':
        this.#singleQuoted(value);
        break;
      case 'double': {
        const place = { column: this.#column, indent: this.#indent, width: Number.POSITIVE_INFINITY };
        this.#quoted(writeDoubleQuoted(value, place));
        break;
      }
      default:
        this.#blockScalar(value, style);
    }
    this.#indent = before;
  }

  #styleOf({ value, style: wanted }: CommentedNode, simpleKey: boolean): ScalarStyle {
    const flags = analyzeScalar(value, true);
    const has = (flag: number): boolean => (flags & flag) !== 0;
    let style = wanted;
    if (style === 'plain' && value.includes('\n')) style = 'literal';
    if (simpleKey && has(MULTILINE)) style = 'double';
    if (style === 'plain') {
      const refused = this.#flowLevel > 0 ? !isFlowPlain(value, flags) : has(NO_PLAIN);
      const bare = value === '' && (this.#flowLevel > 0 || simpleKey);
      if (refused || bare) style = 'single';
    }
    if (style === 'single' && has(NO_SINGLE)) style = 'double';
    const isBlock = style === 'literal' || style === 'folded';
    if (isBlock && (has(NO_BLOCK) || this.#flowLevel > 0 || simpleKey)) style = 'double';
    return style;
  }

  #plain(value: string): void {
    if (value === '') {
      this.#indention = false;
      return;
    }
    if (!this.#whitespace) this.#put(' ');
    this.#put(value);
    this.#whitespace = false;
    this.#indention = false;
  }

  /** Breaks are doubled, since one alone would be read as a blank. */
  #singleQuoted(value: string): void {
    this.#indicator("'", true);
    let breaks = false;
    for (let i = 0; i < value.length; i += 1) {
      const char = value.charAt(i);
      if (isBreak(value.charCodeAt(i))) {
        if (!breaks && char === '\n') this.#break();
        this.#writeBreak(char);
        breaks = true;
        continue;
      }
      if (char === ' ') {
        this.#put(char);
        continue;
      }
      if (breaks) this.#writeIndent();
      this.#put(char === "'" ? "''" : char);
      this.#indention = false;
      breaks = false;
    }
    this.#indicator("'", false);
  }

  #quoted(text: string): void {
    if (!this.#whitespace) this.#put(' ');
    this.#put(text);
    this.#whitespace = false;
    this.#indention = false;
  }

  #blockScalar(value: string, style: ScalarStyle): void {
    const [header = ''] = writeLiteral(value, 0, STEP).split('\n', 1);
    this.#indicator(style === 'literal' ? header : `>${header.slice(1)}`, true);
    // The comment ends the line; without one the line ends here.
    if (this.#line === '') this.#break();
    else this.#lineComment();
    this.#whitespace = true;
    if (style === 'literal') this.#literalLines(value);
    else this.#foldedLines(value);
  }

  #literalLines(value: string): void {
    let breaks = true;
    for (let i = 0; i < value.length; i += 1) {
      const code = value.charCodeAt(i);
      if (isBreak(code)) {
        this.#writeBreak(value.charAt(i));
        breaks = true;
        continue;
      }
      if (breaks) this.#writeIndent();
      const end = lineEnd(value, i);
      this.#put(value.slice(i, end));
      this.#indention = false;
      breaks = false;
      i = end - 1;
    }
  }

  #foldedLines(value: string): void {
    let breaks = true;
    let leadingBlank = true;
    for (let i = 0; i < value.length; i += 1) {
      const code = value.charCodeAt(i);
      if (isBreak(code)) {
        if (!breaks && !leadingBlank && code === 0x0a) {
          // libyaml looks at the start of the text, not at what follows.
          let k = 0;
          while (k < value.length && isBreak(value.charCodeAt(k))) k += 1;
          const next = value.charAt(k);
          if (next !== '' && next !== ' ' && next !== '\t') this.#break();
        }
        this.#writeBreak(value.charAt(i));
        breaks = true;
        continue;
      }
      if (breaks) {
        this.#writeIndent();
        leadingBlank = code === 0x20 || code === 0x09;
      }
      const end = lineEnd(value, i);
      this.#put(value.slice(i, end));
      this.#indention = false;
      breaks = false;
      i = end - 1;
    }
  }

  #writeBreak(character: string): void {
    if (character === '\n') {
      this.#break();
      return;
    }
    this.out += character;
    this.#column = 0;
    this.#indention = true;
  }

  #put(text: string): void {
    this.out += text;
    this.#column += text.length;
  }

  #break(): void {
    this.out += '\n';
    this.#column = 0;
    this.#indention = true;
  }

  #indicator(
    text: string,
    needsBlank: boolean,
    { whitespace = false, indention = false }: { whitespace?: boolean; indention?: boolean } = {},
  ): void {
    if (needsBlank && !this.#whitespace) this.#put(' ');
    this.#put(text);
    this.#whitespace = whitespace;
    this.#indention = this.#indention && indention;
  }

  #writeIndent(): void {
    const indent = Math.max(this.#indent, 0);
    if (!this.#indention || this.#column > indent || (this.#column === indent && !this.#whitespace)) this.#break();
    if (this.#footIndent === indent) this.#break();
    if (this.#column < indent) this.#put(pad(indent - this.#column));
    this.#whitespace = true;
    this.#footIndent = NO_FOOT;
  }

  #headComment(): void {
    if (this.#tail !== '') {
      this.#writeIndent();
      this.#comment(this.#tail);
      this.#tail = '';
      this.#footIndent = Math.max(this.#indent, 0);
    }
    if (this.#head === '') return;
    this.#writeIndent();
    this.#comment(this.#head);
    this.#head = '';
  }

  #lineComment(): void {
    if (this.#line === '') return;
    if (!this.#whitespace) this.#put(' ');
    this.#comment(this.#line);
    this.#line = '';
  }

  #footComment(): void {
    if (this.#foot === '') return;
    this.#writeIndent();
    this.#comment(this.#foot);
    this.#foot = '';
    this.#footIndent = Math.max(this.#indent, 0);
  }

  #comment(text: string): void {
    const lines = text.split('\n');
    let breaks = false;
    for (const [i, line] of lines.entries()) {
      if (line !== '') {
        if (breaks) this.#writeIndent();
        this.#put(line.startsWith('#') ? line : `# ${line}`);
        this.#indention = false;
        breaks = false;
      }
      if (i < lines.length - 1) {
        this.#break();
        breaks = true;
      }
    }
    if (!breaks) this.#break();
    this.#whitespace = true;
  }
}

function lineEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && !isBreak(text.charCodeAt(end))) end += 1;
  return end;
}

/** True if a scalar may stand plain inside of `[]` and `{}`. */
function isFlowPlain(text: string, flags: number): boolean {
  if ((flags & NO_PLAIN) !== 0 || text === '') return false;
  return !/[,?[\]{}:]/.test(text) || /^-?$/.test(text);
}

function isSimpleKey({ kind, anchor, tag, value, items }: CommentedNode): boolean {
  if (kind === 'alias') return value.length <= MAX_SIMPLE_KEY;
  if (kind !== 'scalar') return items.length === 0 && anchor.length + tag.length <= MAX_SIMPLE_KEY;
  const multiline = (analyzeScalar(value, true) & MULTILINE) !== 0;
  return !multiline && anchor.length + tag.length + byteLength(value) <= MAX_SIMPLE_KEY;
}
