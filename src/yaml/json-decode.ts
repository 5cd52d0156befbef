import { PintleError } from '../base/errors.ts';
import { encodeUtf8, wellFormed } from '../base/go-string.ts';
import { JsonNumber } from '../base/json-number.ts';
import { newObject } from '../base/json.ts';
import { positionAt } from '../base/source.ts';
import { hexDigit } from './characters.ts';
import { goQuote } from '../base/go-quote.ts';
import type { NumberMode } from './numbers.ts';
import { jsonKind } from './json-kind.ts';

/** How {@link decodeJson} reads a text. */
export interface DecodeJsonOptions {
  /** Default `float64`. */
  readonly numbers?: NumberMode;
  /** What Go would decode into: `map` refuses all but objects, `array` all but arrays; a text `null` gives null, Go's nil map or slice. */
  readonly target?: 'any' | 'map' | 'array';
  /** File name for errors. */
  readonly file?: string;
}

const GO_TARGETS = { map: 'map[string]interface {}', array: '[]interface {}' } as const;
const MAX_DEPTH = 10_000;

class JsonFault extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * A JSON text as Go's json.Unmarshal reads it.
 *
 * @throws PintleError `json-syntax` with Go's message and the place
 */
export function decodeJson(
  text: string,
  options: DecodeJsonOptions & { readonly target: 'map' },
): Record<string, unknown> | null;
export function decodeJson(text: string, options: DecodeJsonOptions & { readonly target: 'array' }): unknown[] | null;
export function decodeJson(text: string, options?: DecodeJsonOptions): unknown;
export function decodeJson(text: string, options: DecodeJsonOptions = {}): unknown {
  const { value, error } = readJson(text, options);
  if (error !== undefined) throw error;
  return value;
}

/**
 * Like {@link decodeJson}, but gives what Go leaves in the target beside the error: undefined where the text is no JSON or
 * does not fit, and the value with null for every number that no float64 can hold.
 */
export function readJson(text: string, options: DecodeJsonOptions = {}): { value: unknown; error?: PintleError } {
  const { numbers = 'float64', target = 'any' } = options;
  const parser = new JsonParser(text, numbers);
  try {
    const value = parser.document();
    const { outOfRange } = parser;
    checkTarget(value === null && outOfRange !== undefined ? Number.POSITIVE_INFINITY : value, target);
    return outOfRange === undefined ? { value } : { value, error: fail(text, outOfRange, options) };
  } catch (error) {
    if (error instanceof RangeError) {
      return { value: undefined, error: fail(text, new JsonFault('exceeded max depth', 0), options) };
    }
    if (error instanceof JsonFault) return { value: undefined, error: fail(text, error, options) };
    throw error;
  }
}

function fail(text: string, fault: JsonFault, { file = 'json' }: DecodeJsonOptions): PintleError {
  const location = { file, ...positionAt(text, Math.min(fault.offset, text.length)), source: text };
  return new PintleError('json-syntax', fault.message, { location });
}

function checkTarget(value: unknown, target: 'any' | 'map' | 'array'): void {
  if (target === 'any' || value === null) return;
  const kind = jsonKind(value);
  if (kind === (target === 'map' ? 'object' : 'array')) return;
  throw new JsonFault(`json: cannot unmarshal ${kind} into Go value of type ${GO_TARGETS[target]}`, 0);
}

class JsonParser {
  readonly #text: string;
  readonly #numbers: NumberMode;
  #offset = 0;
  #depth = 0;
  /** A number that no float64 can hold: Go reads on, and fails at the end. */
  outOfRange: JsonFault | undefined;

  constructor(text: string, numbers: NumberMode) {
    this.#text = text;
    this.#numbers = numbers;
  }

  document(): unknown {
    this.#skipSpace();
    const value = this.#value();
    this.#skipSpace();
    if (this.#offset < this.#text.length) throw this.#invalid('after top-level value');
    return value;
  }

  #skipSpace(): number {
    const text = this.#text;
    let offset = this.#offset;
    let code = text.charCodeAt(offset);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
      offset += 1;
      code = text.charCodeAt(offset);
    }
    this.#offset = offset;
    return code;
  }

  /**
   * A character that may not stand here, or the end of the text.
   *
   * @param open within a word, a number or an escape, where Go takes the end for a space
   */
  #invalid(context: string, open = false): JsonFault {
    const offset = this.#offset;
    const ended = offset >= this.#text.length;
    if (ended && !open) return new JsonFault('unexpected end of JSON input', offset);
    // Go names the byte, taken for a character.
    const code = ended ? 0x20 : (this.#text.codePointAt(offset) ?? 0);
    const byte = code < 0x80 ? code : (encodeUtf8(String.fromCodePoint(code))[0] ?? 0);
    return new JsonFault(`invalid character ${quoteByte(byte)} ${context}`, offset);
  }

  #value(): unknown {
    const code = this.#text.charCodeAt(this.#offset);
    switch (code) {
      case 0x22:
        return this.#string();
      case 0x7b:
        return this.#object();
      case 0x5b:
        return this.#array();
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return this.#number();
        throw this.#invalid('looking for beginning of value');
    }
  }

  #word(word: string, value: unknown): unknown {
    for (let i = 1; i < word.length; i += 1) {
      this.#offset += 1;
      if (this.#text[this.#offset] !== word[i]) {
        throw this.#invalid(`in literal ${word} (expecting ${quoteByte(word.charCodeAt(i))})`, true);
      }
    }
    this.#offset += 1;
    return value;
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new JsonFault('exceeded max depth', this.#offset);
  }

  #object(): unknown {
    const object = newObject();
    this.#enter();
    this.#offset += 1;
    let code = this.#skipSpace();
    if (code !== 0x7d) {
      for (;;) {
        if (code !== 0x22) throw this.#invalid('looking for beginning of object key string');
        const key = this.#string();
        if (this.#skipSpace() !== 0x3a) throw this.#invalid('after object key');
        this.#offset += 1;
        this.#skipSpace();
        object[key] = this.#value();
        code = this.#skipSpace();
        if (code === 0x7d) break;
        if (code !== 0x2c) throw this.#invalid('after object key:value pair');
        this.#offset += 1;
        code = this.#skipSpace();
      }
    }
    this.#offset += 1;
    this.#depth -= 1;
    return object;
  }

  #array(): unknown {
    const items: unknown[] = [];
    this.#enter();
    this.#offset += 1;
    if (this.#skipSpace() !== 0x5d) {
      for (;;) {
        items.push(this.#value());
        const code = this.#skipSpace();
        if (code === 0x5d) break;
        if (code !== 0x2c) throw this.#invalid('after array element');
        this.#offset += 1;
        this.#skipSpace();
      }
    }
    this.#offset += 1;
    this.#depth -= 1;
    return items;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#offset + 1;
    let offset = start;
    let special = false;
    for (;;) {
      const code = text.charCodeAt(offset);
      if (code === 0x22) break;
      if (code === 0x5c || !(code >= 0x20)) return this.#escapedString(start, offset);
      if (code >= 0xd800 && code <= 0xdfff) special = true;
      offset += 1;
    }
    this.#offset = offset + 1;
    const out = text.slice(start, offset);
    return special ? wellFormed(out) : out;
  }

  /** The rest of a string from its first escape, at `offset`, on. */
  #escapedString(start: number, offset: number): string {
    const text = this.#text;
    let from = start;
    let out = '';
    this.#offset = offset;
    for (;;) {
      const code = text.charCodeAt(this.#offset);
      if (code === 0x22) break;
      if (code === 0x5c) {
        out += text.slice(from, this.#offset) + this.#escape();
        from = this.#offset;
      } else if (code >= 0x20) {
        this.#offset += 1;
      } else {
        throw this.#invalid('in string literal');
      }
    }
    out += text.slice(from, this.#offset);
    this.#offset += 1;
    return wellFormed(out);
  }

  #escape(): string {
    this.#offset += 1;
    const char = this.#text[this.#offset] ?? '';
    const plain = ESCAPES.get(char);
    if (plain !== undefined) {
      this.#offset += 1;
      return plain;
    }
    if (char !== 'u') throw this.#invalid('in string escape code', true);
    this.#offset += 1;
    let value = 0;
    for (let i = 0; i < 4; i += 1) {
      const digit = hexDigit(this.#text.charCodeAt(this.#offset));
      if (digit === -1) throw this.#invalid('in \\u hexadecimal character escape', true);
      value = value * 16 + digit;
      this.#offset += 1;
    }
    return String.fromCharCode(value);
  }

  #number(): unknown {
    const start = this.#offset;
    let integer = true;
    if (this.#code() === 0x2d) this.#offset += 1;
    if (this.#code() === 0x30) this.#offset += 1;
    else this.#digits('in numeric literal');
    if (this.#code() === 0x2e) {
      integer = false;
      this.#offset += 1;
      this.#digits('after decimal point in numeric literal');
    }
    if (this.#code() === 0x65 || this.#code() === 0x45) {
      integer = false;
      this.#offset += 1;
      if (this.#code() === 0x2b || this.#code() === 0x2d) this.#offset += 1;
      this.#digits('in exponent of numeric literal');
    }
    return this.#convert(this.#text.slice(start, this.#offset), integer, start);
  }

  #code(): number {
    return this.#text.charCodeAt(this.#offset);
  }

  #digits(context: string): void {
    const start = this.#offset;
    while (this.#code() >= 0x30 && this.#code() <= 0x39) this.#offset += 1;
    if (this.#offset === start) throw this.#invalid(context, true);
  }

  #convert(literal: string, integer: boolean, offset: number): unknown {
    if (this.#numbers === 'literal') return new JsonNumber(literal);
    if (integer && this.#numbers !== 'float64') {
      const value = BigInt(literal);
      if (value === BigInt.asIntN(64, value)) return value;
    }
    const value = Number(literal);
    if (!Number.isFinite(value)) {
      const problem = `json: cannot unmarshal number ${literal} into Go value of type float64`;
      this.outOfRange ??= new JsonFault(problem, offset);
      return null;
    }
    return value;
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

function quoteByte(byte: number): string {
  if (byte === 0x27) return "'\\''";
  if (byte === 0x22) return `'"'`;
  return `'${goQuote(String.fromCharCode(byte)).slice(1, -1)}'`;
}
