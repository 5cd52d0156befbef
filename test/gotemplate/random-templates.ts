import type { Random } from '../../src/base/random.ts';

const PATHS = [
  '.Values.name',
  '.Values.map',
  '.Values.list',
  '.Values.missing',
  '.Values.nothing',
  '.Values.map.d.e',
  '.Release.Name',
  '.Values.float',
  '.Values.zero',
  '$.Values.map.b',
  '.Values',
];
const LITERALS = [
  '1',
  '-2',
  '0',
  '1.5',
  '0x1F',
  "'a'",
  '1e3',
  '1_0',
  '"s"',
  '`r`',
  '""',
  '"\\t\\"x"',
  '"é"',
  'true',
  'false',
  'nil',
];
const STAGES = [
  'printf "%v"',
  'print',
  'quote',
  'list',
  'typeOf',
  'kindOf',
  'len',
  'default 1',
  'toString',
  'html',
  'eq 1',
  'and 1',
  'or 0',
  'not',
  'upper',
];
const FORMATS = ['%v', '%s', '%d', '%q', '%5v|', '%T', '%+v', '%#v', '%x'];
const TEXTS = ['', 'x', ' y ', '\n', ' \n\t', 'é', '}}', '{', '- ', '--', '"q"', ' {}'];

/** Writes random templates; many fail, and fail alike everywhere. */
export class RandomTemplates {
  readonly #random: Random;
  #variables: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  next(): string {
    this.#variables = [];
    return this.#nodes(3) + this.#node(3) + this.#nodes(2);
  }

  #pick(choices: readonly string[]): string {
    return choices[this.#random.below(choices.length)] ?? '';
  }

  #chance(one: number): boolean {
    return this.#random.below(one) === 0;
  }

  #space(): string {
    return this.#pick(['', ' ', '\n', '\t', ' \n ']);
  }

  #action(content: string): string {
    return (
      this.#pick(['{{', '{{ ', '{{- ', '{{-\n', '{{\n']) + content + this.#pick(['}}', ' }}', ' -}}', '\n-}}', '\n}}'])
    );
  }

  #operand(depth: number): string {
    const kind = this.#random.below(8);
    if (kind === 0 && this.#variables.length > 0) return this.#pick(this.#variables);
    if (kind === 1 && depth > 0) return `(${this.#space()}${this.#pipeline(depth - 1)}${this.#space()})`;
    if (kind === 2 && depth > 0) return `(${this.#pipeline(depth - 1)}).a`;
    if (kind === 3) return this.#pick(['(list 1 "a")', '(dict "a" 1)', '(list)', '(dict)']);
    return this.#pick(kind < 6 ? PATHS : LITERALS);
  }

  #command(depth: number): string {
    const a = this.#operand(depth);
    const b = this.#operand(depth);
    switch (this.#random.below(10)) {
      case 0:
        return `printf "${this.#pick(FORMATS)}" ${a}`;
      case 1:
        return `print ${a} ${b}`;
      case 2:
        return `${this.#pick(['and', 'or'])} ${a} ${b}`;
      case 3:
        return `${this.#pick(['eq', 'ne', 'lt', 'le', 'gt', 'ge'])} ${a} ${b}`;
      case 4:
        return `index ${a} ${b}`;
      case 5:
        return `${this.#pick(['not', 'len', 'list', 'quote', 'kindOf', 'typeOf', 'html', 'js', 'urlquery', 'dict "k"'])} ${a}`;
      default:
        return a;
    }
  }

  #pipeline(depth: number): string {
    let out = this.#command(depth);
    while (this.#chance(3)) out += `${this.#space()}|${this.#space()}${this.#pick(STAGES)}`;
    return out;
  }

  #nodes(depth: number): string {
    const before = this.#variables.length;
    let out = '';
    for (let count = this.#random.below(4); count > 0; count -= 1) out += this.#node(depth);
    this.#variables.length = before;
    return out;
  }

  #node(depth: number): string {
    switch (this.#random.below(depth > 0 ? 10 : 5)) {
      case 0:
      case 1:
        return this.#pick(TEXTS);
      case 2:
      case 3:
        return this.#action(this.#pipeline(2));
      case 4:
        return this.#assignment();
      case 5:
      case 6:
        return this.#branch(depth);
      case 7:
      case 8:
        return this.#loop(depth);
      default:
        return this.#action(`${this.#pick(['template', 'include'])} "leaf" ${this.#operand(1)}`);
    }
  }

  #assignment(): string {
    const name = this.#pick(['$a', '$b', '$c']);
    const sign = this.#variables.includes(name) && this.#chance(2) ? '=' : ':=';
    const out = this.#action(`${name}${this.#space()}${sign}${this.#space()}${this.#pipeline(1)}`);
    this.#variables.push(name);
    return out;
  }

  #branch(depth: number): string {
    const word = this.#pick(['if', 'with']);
    let out = this.#action(`${word} ${this.#pipeline(1)}`) + this.#nodes(depth - 1);
    if (this.#chance(3)) out += this.#action(`else ${word} ${this.#pipeline(1)}`) + this.#nodes(depth - 1);
    if (this.#chance(2)) out += this.#action('else') + this.#nodes(depth - 1);
    return out + this.#action('end');
  }

  #loop(depth: number): string {
    const before = this.#variables.length;
    const declared = this.#pick(['', '$e := ', '$i, $e := ']);
    const over = this.#pick([
      '.Values.list',
      '$.Values.map',
      '3',
      '(list 1 2 3)',
      '.Values.missing',
      '$.Values.nested',
    ]);
    this.#variables.push(...(declared.match(/\$\w/g) ?? []));
    let out = this.#action(`range ${declared}${over}`) + this.#nodes(depth - 1);
    if (this.#chance(5)) out += this.#action(this.#pick(['break', 'continue']));
    out += this.#nodes(depth - 1);
    if (this.#chance(3)) out += this.#action('else') + this.#nodes(depth - 1);
    this.#variables.length = before;
    return out + this.#action('end');
  }
}
