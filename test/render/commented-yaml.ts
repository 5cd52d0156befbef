import type { Random } from '../../src/base/random.ts';

const SCALARS = [
  'word',
  '1',
  'true',
  '"quoted"',
  "'single'",
  '~',
  '',
  'two words',
  '"with \\n break"',
  "'it''s'",
  '0x1F',
  '1e3',
  '!!str 5',
  '!custom x',
  'é',
  '"\\u263a"',
  "'over\n\n{I}  lines'",
  '"over\n{I}  lines"',
  'over\n{I}  lines',
  '|\n{I}  text\n{I}   more',
  '|-\n{I}  text',
  '|+ # why\n{I}  text\n\n',
  '>\n{I}  folded\n{I}  text\n\n{I}  more',
  '>- # why\n{I}  folded\n{I}  text',
  '[]',
  '{}',
  '[a, b]',
  '{a: 1, b: [x, "y"]}',
  '[a, # one\n{I}  b # two\n{I}  ]',
  '{a: 1, # one\n{I}  # above\n{I}  b: 2}',
  '[\n{I}  # first\n{I}  a,\n{I}  {b: c},\n{I}  # last\n{I}  ]',
];

/** Writes documents with comments in all places that comments can stand in. */
export class CommentedYamlWriter {
  readonly #random: Random;
  #comments = 0;
  #anchors = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A config map whose data holds the document. */
  next(name: string): string {
    this.#comments = 0;
    this.#anchors = 0;
    const head = this.#once(3) ? this.#above('') : '';
    const start = this.#once(6) ? '---\n' : '';
    const meta = this.#once(4)
      ? `metadata: {name: ${name}}\n`
      : `metadata:${this.#behind()}\n  name: ${name}${this.#behind()}\n`;
    return `${start}${head}apiVersion: v1${this.#behind()}\nkind: ConfigMap\n${meta}${this.#mapping('', 3)}${this.#below('')}`;
  }

  #once(n: number): boolean {
    return this.#random.below(n) === 0;
  }

  #pick<T>(items: readonly T[]): T {
    const found = items[this.#random.below(items.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }

  #comment(): string {
    this.#comments += 1;
    return `${this.#pick(['# ', '#', '## ', '#!'])}c${this.#comments}${this.#pick(['', ' text', ': x'])}`;
  }

  #behind(): string {
    return this.#once(4) ? `${this.#pick([' ', '  ', '\t'])}${this.#comment()}` : '';
  }

  #empty(): string {
    return this.#once(5) ? this.#pick(['\n', '\n\n', '  \n']) : '';
  }

  /** Comments and empty lines above something, at its indentation or another one. */
  #above(indent: string): string {
    let out = this.#empty();
    for (let i = this.#random.below(4) - 1; i > 0; i -= 1) {
      const at = this.#once(5) ? this.#pick(['', '  ', '    ', `${indent}  `]) : indent;
      out += `${at}${this.#comment()}\n${this.#empty()}`;
    }
    return out;
  }

  #below(indent: string): string {
    return this.#once(4) ? this.#above(indent) : '';
  }

  #mapping(indent: string, depth: number): string {
    let out = '';
    const count = 1 + this.#random.below(3);
    for (let i = 0; i < count; i += 1) {
      const key = this.#pick(['k', '"q"', "'s'", 'a.b', 'on', '1']) + (this.#once(8) ? '' : '');
      const name = key === 'k' ? `k${i}${depth}` : key.replace(/^(["']?)(.*?)(["']?)$/, `$1$2${i}$3`);
      out += `${this.#above(indent)}${indent}${name}:${this.#value(indent, depth)}`;
    }
    return out + this.#below(indent);
  }

  #anchor(): string {
    if (!this.#once(12)) return '';
    this.#anchors += 1;
    return ` &a${this.#anchors}`;
  }

  #value(indent: string, depth: number): string {
    if (this.#anchors > 0 && this.#once(15)) return ` *a${this.#anchors}${this.#behind()}\n`;
    const kind = depth === 0 ? 0 : this.#random.below(5);
    if (kind < 2) return this.#scalar(indent);
    const head = `${this.#anchor()}${this.#behind()}\n`;
    if (kind === 2) return head + this.#mapping(`${indent}  `, depth - 1);
    return head + this.#sequence(this.#once(2) ? indent : `${indent}  `, depth - 1);
  }

  #scalar(indent: string): string {
    const text = this.#pick(SCALARS).replaceAll('{I}', indent);
    const end = text.endsWith('\n') ? '' : `${/^[|>]/.test(text) ? '' : this.#behind()}\n`;
    return `${text === '' ? '' : `${this.#anchor()} `}${text}${end}`;
  }

  #sequence(indent: string, depth: number): string {
    let out = '';
    for (let i = this.#random.below(3); i >= 0; i -= 1) {
      out += this.#above(indent);
      const kind = depth === 0 ? 0 : this.#random.below(4);
      if (kind < 2) out += `${indent}-${this.#scalar(indent)}`;
      else if (kind === 2) out += `${indent}- ${this.#mapping(`${indent}  `, depth - 1).trimStart()}`;
      else if (this.#once(2)) out += `${indent}-${this.#behind()}\n${this.#mapping(`${indent}  `, depth - 1)}`;
      else out += `${indent}- ${this.#sequence(`${indent}  `, depth - 1).trimStart()}`;
    }
    return out;
  }
}
