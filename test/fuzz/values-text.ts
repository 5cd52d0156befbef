import type { Choice } from './choice.ts';

/** What stands at a path of values. */
export type Shape = 'string' | 'number' | 'bool' | 'null' | 'list' | 'map';

/** The text of a values.yaml, and what its writer meant to be where. */
export interface ValuesText {
  readonly text: string;
  readonly paths: readonly { readonly path: string; readonly shape: Shape }[];
}

const KEYS = [
  'a',
  'b',
  'name',
  'image',
  'tag',
  'port',
  'list',
  'env',
  'enabled',
  'config',
  'nested',
  'labels',
  'x1',
  'camelCase',
];
const ODD_KEYS = [
  'with-dash',
  'with.dot',
  '"quoted key"',
  '123',
  'true',
  "'it''s'",
  '~',
  'é',
  '1.5',
  'null',
  '"__proto__"',
  'constructor',
  '? q',
  '0x10',
  'on',
];

/** Scalars in the many ways of YAML 1.1. */
const SCALARS: Readonly<Record<'string' | 'number' | 'bool' | 'null', readonly string[]>> = {
  string: [
    'plain',
    'two words',
    '"double"',
    "'single'",
    '""',
    "''",
    '"tab\\tnew\\nline"',
    '"\\u00e9\\x41\\U0001F600"',
    "'it''s'",
    'http://x.y/z?q=1',
    'a: b'.replace(': ', ':'),
    'é',
    '日本',
    '😀',
    '"123"',
    "'true'",
    '!!str 5',
    '!!str',
    'nginx:1.25',
    '2001-01-01',
    '2001-12-14t21:59:43.10-05:00',
    '12:30',
    '190:20:30',
    '1.2.3',
    '0o17x',
    '-',
    '--',
    '- x'.slice(0, 1),
    'yes!',
    'nullish',
    '"#no"',
    'a#b',
    '"{{ .x }}"',
    '"%d"',
    '1_000x',
    '.',
    '..',
    '<<',
    '=',
    '"with \\"quotes\\""',
    '[]x'.slice(2),
    '!custom tagged',
    '!!binary aGVsbG8=',
    '"\\/"',
    '">"',
    '"*a"',
    'x y  z',
  ],
  number: [
    '0',
    '1',
    '-1',
    '42',
    '3.14',
    '-2.5',
    '1e3',
    '1E+3',
    '1.5e-7',
    '0x1F',
    '0o17',
    '017',
    '0b101',
    '1_000',
    '+5',
    '-0',
    '0.0',
    '1.',
    '.5',
    '1e400',
    '.inf',
    '-.inf',
    '.nan',
    '.Inf',
    '9007199254740993',
    '9223372036854775807',
    '9223372036854775808',
    '18446744073709551616',
    '123456789012',
    '1000000',
    '1e6',
    '12345678',
    '0.1',
    '100000000000000000000',
    '!!float 3',
    '!!int "7"',
    '1:20',
    '0x',
    '1e',
    '08',
    '-0x10',
    '6.02e23',
    '1_2.3_4',
  ],
  bool: [
    'true',
    'false',
    'True',
    'FALSE',
    'yes',
    'no',
    'Yes',
    'NO',
    'on',
    'off',
    'On',
    'y',
    'n',
    'Y',
    '!!bool yes',
    'tRue',
  ],
  null: ['null', '~', '', 'Null', 'NULL', '!!null ""', 'nUll'],
};

/** What ends the loading of values. */
const FATAL = /inf|nan|1e400|!!|^n?~$|^<<$/i;
const FATAL_KEYS: ReadonlySet<string> = new Set(['~', 'null', '? q', '"__proto__"']);

const BLOCKS = ['|', '>', '|-', '>-', '|+', '>+', '|2', '>1-'];
const BLOCK_LINES = [
  'line one',
  '  indented',
  '',
  'trailing  ',
  '# no comment',
  'key: value',
  '- item',
  '\ttab',
  'long '.repeat(30).trim(),
  '{{ .Values.a }}',
  'é😀',
  '---x',
];

/** Writes texts of values: valid ones most of the time. */
export class ValuesWriter {
  readonly #choice: Choice;
  readonly #tame: boolean;
  #paths: { path: string; shape: Shape }[] = [];
  #anchors: string[] = [];

  /** @param tame leave out what no chart can be loaded with */
  constructor(choice: Choice, tame: boolean) {
    this.#choice = choice;
    this.#tame = tame;
  }

  next(): ValuesText {
    this.#paths = [];
    this.#anchors = [];
    const head = this.#choice.once(12)
      ? this.#choice.pick(['---\n', '# comment\n', '\n', ...(this.#tame ? [] : ['%YAML 1.1\n---\n', '\ufeff'])])
      : '';
    const tail = this.#choice.once(15) ? this.#choice.pick(['---\nb: 2\n', '...\n', '\n\n', '# end', '---\n']) : '';
    const text = head + this.#mapping(0, '.Values', 2) + tail;
    return { text: this.#choice.once(25) ? text.replaceAll('\n', '\r\n') : text, paths: this.#paths };
  }

  /** One scalar, as it may stand behind a key. */
  scalar(): string {
    return this.#scalar(this.#choice.pick(['string', 'string', 'number', 'bool', 'null']));
  }

  #mapping(indent: number, path: string, depth: number): string {
    const used = new Set<string>();
    let out = '';
    for (let i = 1 + this.#choice.below(5); i > 0; i -= 1) {
      const key = this.#choice.once(9) ? this.#choice.pick(ODD_KEYS) : this.#choice.pick(KEYS);
      if (this.#tame && FATAL_KEYS.has(key)) continue;
      if (used.has(key) && (this.#tame || !this.#choice.once(10))) continue;
      used.add(key);
      const below = /^[A-Za-z]\w*$/.test(key) ? `${path}.${key}` : undefined;
      out += `${' '.repeat(indent)}${key}:${this.#value(indent, below, depth)}`;
    }
    if (this.#anchors.length > 0 && this.#choice.once(8)) {
      out += `${' '.repeat(indent)}<<: *${this.#choice.pick(this.#anchors)}\n`;
    }
    return out;
  }

  #value(indent: number, path: string | undefined, depth: number): string {
    const { pick, once, below } = bound(this.#choice);
    const comment = once(12) ? ' # note' : '';
    const kind = below(depth > 0 ? 12 : 7);
    const shapes: readonly Shape[] = ['string', 'string', 'number', 'number', 'bool', 'null'];
    if (kind < 6) {
      const shape = shapes[kind] ?? 'string';
      this.#note(path, shape);
      if (shape === 'string' && once(7)) return this.#block(indent);
      if (this.#anchors.length > 0 && once(20)) return ` *${pick(this.#anchors)}\n`;
      const anchor = once(15) ? ` &s${this.#anchors.length}` : '';
      return `${anchor} ${this.#scalar(shape as 'string')}${comment}\n`.replace(/^ +\n/, '\n');
    }
    const flow = once(4);
    if (kind < 9) {
      this.#note(path, 'list');
      if (flow) return ` [${this.#choice.several(0, 4, () => this.#flow(1)).join(', ')}]${comment}\n`;
      const wide = indent + (once(2) ? 2 : 0);
      const items = this.#choice.several(0, 4, () => this.#item(wide, depth - 1));
      return items.length === 0 ? ' []\n' : `${comment}\n${items.join('')}`;
    }
    this.#note(path, 'map');
    if (flow) return ` {${this.#choice.several(0, 4, () => `${pick(KEYS)}: ${this.#flow(1)}`).join(', ')}}${comment}\n`;
    let anchor = '';
    if (once(6)) {
      const name = `m${this.#anchors.length}`;
      anchor = ` &${name}`;
      const text = this.#mapping(indent + 2, path ?? '.Values.x', depth - 1);
      this.#anchors.push(name);
      return `${anchor}${comment}\n${text}`;
    }
    return `${comment}\n${this.#mapping(indent + (once(6) ? 4 : 2), path ?? '.Values.x', depth - 1)}`;
  }

  #item(indent: number, depth: number): string {
    const dash = `${' '.repeat(indent)}-`;
    if (depth > 0 && this.#choice.once(4)) {
      return `${dash} ${this.#mapping(indent + 2, '.Values.none', depth - 1).trimStart()}`;
    }
    if (this.#choice.once(15)) return `${dash}\n`;
    return `${dash} ${this.#scalar(this.#choice.pick(['string', 'number', 'bool', 'null']))}\n`;
  }

  #flow(depth: number): string {
    if (depth > 0 && this.#choice.once(4))
      return `[${this.#choice.several(0, 3, () => this.#flow(depth - 1)).join(', ')}]`;
    const text = this.#scalar(this.#choice.pick(['string', 'number', 'bool', 'null']));
    return text === '' ? 'null' : text;
  }

  #block(indent: number): string {
    const lines = this.#choice.several(1, 4, () => this.#choice.pick(BLOCK_LINES));
    return ` ${this.#choice.pick(BLOCKS)}\n${lines.map((line) => (line === '' ? '' : `${' '.repeat(indent + 2)}${line}`)).join('\n')}\n`;
  }

  #scalar(shape: 'string' | 'number' | 'bool' | 'null'): string {
    const text = this.#choice.pick(SCALARS[shape]);
    return this.#tame && FATAL.test(text) ? 'tame' : text;
  }

  #note(path: string | undefined, shape: Shape): void {
    if (path !== undefined && !path.startsWith('.Values.x.') && !path.startsWith('.Values.none')) {
      this.#paths.push({ path, shape });
    }
  }
}

function bound(choice: Choice): Pick<Choice, 'pick' | 'once' | 'below'> {
  return {
    pick: (items) => choice.pick(items),
    once: (n) => choice.once(n),
    below: (limit) => choice.below(limit),
  };
}
