import { PintleError } from '../base/errors.ts';
import { newObject } from '../base/json.ts';
import { decodeJson } from '../yaml/index.ts';
import { isMap } from './copy-values.ts';
import { goType } from './go-text.ts';
import { jsonPrefixLength } from './json-prefix.ts';
import { SetReader } from './set-reader.ts';
import { typedValue } from './typed-value.ts';
import { goQuote } from '../base/go-quote.ts';

type Table = Record<string, unknown>;

/** The members of the `--set` family. `file`: as `string`, but the text names something that `read` turns into the value. */
export type SetKind = 'typed' | 'string' | 'file' | 'json' | 'literal';

/** How {@link setValues} reads. */
export interface SetOptions {
  readonly kind: SetKind;
  /** The value that a text of kind `file` names. */
  readonly read?: (text: string) => unknown;
  /** The flag, for errors; default `--set`. */
  readonly flag?: string;
}

const MAX_INDEX = 65_536;
const MAX_NESTING = 30;

/**
 * Puts the values of one `--set name=value,list[0].name=value` into a table, in place.
 * helm: pkg/strvals.
 *
 * @throws PintleError `set-syntax` with Helm's text
 */
export function setValues(target: Table, text: string, options: SetOptions): void {
  new SetParser(text, options).run(target);
}

/** The values of one `--set` as a table of their own; see {@link setValues}. */
export function parseSet(text: string, kind: SetKind = 'typed'): Table {
  const out = newObject();
  setValues(out, text, { kind });
  return out;
}

/** `end`: the text came to its end where another name could stand, which ends the parsing without a fault. */
type Outcome = 'more' | 'end';

class SetParser {
  readonly #text: string;
  readonly #reader: SetReader;
  readonly #kind: SetKind;
  readonly #flag: string;
  readonly #convert: (text: string) => unknown;
  readonly #escapes: boolean;

  constructor(text: string, { kind, read = (value) => value, flag = '--set' }: SetOptions) {
    this.#text = text;
    this.#reader = new SetReader(text);
    this.#kind = kind;
    this.#flag = flag;
    this.#convert = kind === 'typed' ? typedValue : kind === 'file' ? read : (value) => value;
    this.#escapes = kind !== 'literal';
  }

  run(target: Table): void {
    while (this.#name(target, 0) === 'more');
  }

  /** Reads a name and what it is set to. */
  #name(target: Table, nesting: number): Outcome {
    const { text: name, stop } = this.#reader.until(this.#kind === 'literal' ? '=[.' : '=[,.', this.#escapes);
    switch (stop) {
      case undefined:
        if (name === '') return 'end';
        throw this.#fault(`key ${goQuote(name)} has no value`);
      case '[':
        return this.#listAt(target, name, nesting);
      case '=':
        return this.#value(target, name);
      case '.':
        return this.#nested(target, name, nesting + 1);
      default:
        throw this.#fault(`key ${goQuote(name)} has no value (cannot end with ,)`);
    }
  }

  #listAt(target: Table, name: string, nesting: number): Outcome {
    const index = this.#index();
    if (index === undefined) return 'end';
    const present = Object.hasOwn(target, name) ? target[name] : [];
    if (!Array.isArray(present)) throw this.#conversion(present, '[]interface {}');
    const { list, outcome } = this.#item(present, index, nesting);
    put(target, name, list);
    return outcome;
  }

  #nested(target: Table, name: string, nesting: number): Outcome {
    if (nesting > MAX_NESTING) {
      throw this.#fault(`value name nested level is greater than maximum supported nested level of ${MAX_NESTING}`);
    }
    const inner = Object.hasOwn(target, name) ? target[name] : newObject();
    if (!isMap(inner)) throw this.#conversion(inner, 'map[string]interface {}');
    const outcome = this.#name(inner, nesting);
    const isEmpty = Object.keys(inner).length === 0;
    if (outcome === 'more' && isEmpty) throw this.#fault(`key map ${goQuote(name)} has no value`);
    if (!isEmpty) put(target, name, inner);
    return outcome;
  }

  /** What stands behind `name=`. */
  #value(target: Table, name: string): Outcome {
    const { value, outcome } = this.#rightHandSide();
    put(target, name, value);
    return outcome;
  }

  #rightHandSide(): { value: unknown; outcome: Outcome } {
    if (this.#kind === 'json') return { value: this.#json(), outcome: 'more' };
    if (this.#kind === 'literal') return { value: this.#reader.until('', false).text, outcome: 'more' };
    const first = this.#reader.next();
    if (first === undefined) return { value: '', outcome: 'end' };
    if (first === '{') return { value: this.#braces(), outcome: 'more' };
    this.#reader.back();
    return { value: this.#convert(this.#reader.until(',', true).text), outcome: 'more' };
  }

  /** `{one,two}` */
  #braces(): unknown[] {
    const list: unknown[] = [];
    for (;;) {
      const { text, stop } = this.#reader.until(',}', true);
      if (stop === undefined) throw this.#fault("list must terminate with '}'");
      list.push(this.#convert(text));
      if (stop === ',') continue;
      const behind = this.#reader.next();
      if (behind !== undefined && behind !== ',') this.#reader.back();
      return list;
    }
  }

  #json(): unknown {
    if (this.#isBlank()) return null;
    const { rest } = this.#reader;
    const length = jsonPrefixLength(rest);
    if (length === undefined) throw this.#fault('invalid JSON');
    const text = rest.slice(0, length);
    const value = decodeJson(text, { file: this.#flag });
    this.#reader.skip(text);
    this.#isBlank();
    return value;
  }

  /** Skips blanks and one comma; true if nothing else came before it or the end. */
  #isBlank(): boolean {
    for (;;) {
      const character = this.#reader.next();
      if (character === undefined || character === ',') return true;
      if (!/[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/.test(character)) {
        this.#reader.back();
        return false;
      }
    }
  }

  /** The number in `[…]`; undefined at the end of the text. */
  #index(): number | undefined {
    const { text, stop } = this.#reader.until(']', this.#escapes);
    if (stop === undefined) return undefined;
    const prefix = `error parsing index: strconv.Atoi: parsing ${goQuote(text)}: `;
    if (!/^[-+]?\d+$/.test(text)) throw this.#fault(`${prefix}invalid syntax`);
    const index = Number(text);
    if (!Number.isSafeInteger(index)) throw this.#fault(`${prefix}value out of range`);
    return index;
  }

  /** What stands behind `[index]`. */
  #item(list: readonly unknown[], index: number, nesting: number): { list: unknown[]; outcome: Outcome } {
    if (index < 0) throw this.#fault(`negative ${index} index not allowed`);
    const { text, stop } = this.#reader.until('[.=', this.#escapes);
    if (text !== '')
      throw this.#fault(`unexpected data at end of array index: [${Array.from(text).map(quoteRune).join(' ')}]`);
    if (stop === undefined) return { list: [...list], outcome: 'end' };
    if (stop === '=') {
      const { value } = this.#rightHandSide();
      return { list: this.#withItem(list, index, value), outcome: 'more' };
    }
    if (stop === '[') return this.#listInList(list, index, nesting);
    const present = list[index];
    const inner = isMap(present) ? present : newObject();
    const outcome = this.#name(inner, nesting);
    if (outcome === 'more') return { list: this.#withItem(list, index, inner), outcome };
    const kept = [...list];
    if (index < kept.length) kept[index] = inner;
    return { list: kept, outcome };
  }

  #listInList(list: readonly unknown[], index: number, nesting: number): { list: unknown[]; outcome: Outcome } {
    const next = this.#index();
    if (next === undefined) return { list: [...list], outcome: 'end' };
    const present = list[index] ?? [];
    if (!Array.isArray(present)) throw this.#conversion(present, '[]interface {}');
    const inner = this.#item(present, next, nesting);
    if (inner.outcome === 'end') return { list: [...list], outcome: 'end' };
    return { list: this.#withItem(list, index, inner.list), outcome: 'more' };
  }

  #withItem(list: readonly unknown[], index: number, value: unknown): unknown[] {
    if (index > MAX_INDEX) {
      throw this.#fault(`index of ${index} is greater than maximum supported index of ${MAX_INDEX}`);
    }
    const out = [...list];
    while (out.length <= index) out.push(null);
    out[index] = value;
    return out;
  }

  #conversion(value: unknown, wanted: string): PintleError {
    const found = value === null ? 'nil' : goType(value);
    return this.#fault(`unable to parse key: interface conversion: interface {} is ${found}, not ${wanted}`);
  }

  #fault(message: string): PintleError {
    const column = Math.max(1, this.#reader.offset);
    return new PintleError('set-syntax', message, {
      location: { file: this.#flag, line: 1, column, source: this.#text },
    });
  }
}

/** An empty name sets nothing. */
function put(target: Table, name: string, value: unknown): void {
  if (name !== '') target[name] = value;
}

function quoteRune(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '"') return `'"'`;
  return `'${JSON.stringify(character).slice(1, -1)}'`;
}
