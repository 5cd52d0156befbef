import { toBase64 } from '../base/base64.ts';
import { PintleError } from '../base/errors.ts';
import { formatFloat } from '../base/go-float.ts';
import { GoInt } from '../base/go-int.ts';
import { isGoMarshaler } from '../base/go-marshaler.ts';
import { encodeUtf8, wellFormed } from '../base/go-string.ts';
import { Composer } from './compose.ts';
import { decodeNode } from './decode.ts';
import { YamlFault } from './fault.ts';
import { prepareInput } from './input.ts';
import { cycleError, encodeJson, jsonNumber } from './json-encode.ts';
import { quoteJson } from './json-string.ts';
import { compareKeys } from './key-order.ts';
import { needsQuotes } from './resolve.ts';
import { MULTILINE, NO_BLOCK, NO_PLAIN, NO_SINGLE, UNPRINTABLE, analyzeScalar } from './scalar-style.ts';
import {
  type ScalarPlace,
  isBreak,
  pad,
  writeDoubleQuoted,
  writeLiteral,
  writePlain,
  writeSingleQuoted,
} from './scalar-write.ts';

/**
 * A value as `sigs.k8s.io/yaml` marshals it, with a line feed at the end: by way of Go's JSON to go-yaml v2. Keys are in
 * go-yaml's natural order, sequences stand at the column of their key, plain and quoted scalars are cut at column 80.
 *
 * @throws PintleError `values-invalid` with Go's message for values without JSON form
 */
export function toYaml(value: unknown): string {
  try {
    return new YamlWriter(true).document(value);
  } catch (error) {
    if (error === THROUGH_JSON) return new YamlWriter(true).document(throughJson(value));
    if (error instanceof RangeError) throw prefixed(cycleError(value));
    throw error instanceof PintleError ? prefixed(error) : error;
  }
}

/**
 * A value as go-yaml v3 encodes it with an indentation of 2, with a line feed at the end: sequences are indented, lines never
 * cut, floats keep Go's `%g`.
 */
export function toYamlPretty(value: unknown): string {
  try {
    return new YamlWriter(false).document(value);
  } catch (error) {
    throw error instanceof RangeError ? cycleError(value) : error;
  }
}

function prefixed(error: PintleError): PintleError {
  return new PintleError(error.code, `error marshaling into JSON: ${error.message}`, { cause: error });
}

/** Thrown for texts that change on their way through JSON and go-yaml's scanner: the way is then gone in full. */
const THROUGH_JSON = new Error('value changes on its way through JSON');

function throughJson(value: unknown): unknown {
  const json = encodeJson(value);
  try {
    const root = new Composer(prepareInput(json)).next();
    return root === undefined ? null : decodeNode(root, { numbers: 'exact', strict: false });
  } catch (error) {
    if (error instanceof YamlFault) throw new PintleError('values-invalid', error.goMessage(), { cause: error });
    throw error;
  }
}

/** Control characters that JSON leaves as they are; the scanner refuses or, as for NEL, folds them. */
const CHANGING = /[\x7f-\x9f\ufffe\uffff]/;
const ILL_FORMED = /[\ud800-\udfff]/;
const MAX_SIMPLE_KEY = 128;
const MAX_SCANNED_KEY = 1024;
const STEP = 2;

/** What a node stands behind. */
type Place = 'root' | 'entry' | 'value' | 'complex-value';

class YamlWriter {
  /** By way of JSON to go-yaml v2; else go-yaml v3 straight. */
  readonly #json: boolean;
  readonly #width: number;
  #out = '';
  /** Nothing stands on the current line yet. */
  #fresh = true;

  constructor(json: boolean) {
    this.#json = json;
    this.#width = json ? 80 : Number.POSITIVE_INFINITY;
  }

  document(value: unknown): string {
    this.#node(value, { place: 'root', indent: -1, column: 0 });
    return this.#fresh ? this.#out : `${this.#out}\n`;
  }

  #put(text: string): void {
    this.#out += text;
    this.#fresh = false;
  }

  /** Begins a line, unless a literal scalar has done so. */
  #newLine(indent: number): void {
    this.#out += this.#fresh ? pad(indent) : `\n${pad(indent)}`;
    this.#fresh = false;
  }

  /**
   * @param at `indent` of the collection around the node, `column` behind its `-` or `:`
   */
  #node(value: unknown, at: { place: Place; indent: number; column: number }): void {
    switch (typeof value) {
      case 'string':
        return this.#string(value, at);
      case 'number':
        return this.#word(this.#json ? v2Number(value) : v3Number(value), at.place);
      case 'boolean':
        return this.#word(value ? 'true' : 'false', at.place);
      case 'bigint':
        return this.#word(value.toString(), at.place);
      case 'undefined':
        return this.#word('null', at.place);
      case 'object':
        if (value === null) return this.#word('null', at.place);
        return this.#object(value, at);
      default:
        throw new PintleError('values-invalid', 'json: unsupported type: func()');
    }
  }

  #word(text: string, place: Place): void {
    this.#put(place === 'root' ? text : ` ${text}`);
  }

  #object(value: object, at: { place: Place; indent: number; column: number }): void {
    if (Array.isArray(value)) return this.#sequence(value, at);
    if (value instanceof GoInt) return this.#word(value.toString(), at.place);
    if (value instanceof Uint8Array) {
      if (!this.#json) return this.#sequence(Array.from(value), at);
      return this.#string(toBase64(value), at);
    }
    if (isGoMarshaler(value)) return this.#node(value.toGoJson(), at);
    return this.#mapping(value as Record<string, unknown>, at);
  }

  #sequence(items: readonly unknown[], { place, indent }: { place: Place; indent: number }): void {
    if (items.length === 0) return this.#word('[]', place);
    // go-yaml v2 leaves a sequence at its key's column.
    const inner = place === 'root' ? 0 : place === 'value' && this.#json ? indent : indent + STEP;
    let inline = this.#begins(place);
    for (const item of items) {
      if (inline) inline = false;
      else this.#newLine(inner);
      this.#put('-');
      this.#node(item, { place: 'entry', indent: inner, column: inner + 1 });
    }
  }

  #mapping(record: Record<string, unknown>, { place, indent }: { place: Place; indent: number }): void {
    const entries = this.#entries(record);
    if (entries.length === 0) return this.#word('{}', place);
    const inner = place === 'root' ? 0 : indent + STEP;
    let inline = this.#begins(place);
    for (const key of entries) {
      if (inline) inline = false;
      else this.#newLine(inner);
      this.#pair(key, record[key], inner);
    }
  }

  /** Puts the space before a collection that begins on the line of its `-`; false if it begins on the next line. */
  #begins(place: Place): boolean {
    if (place === 'value') return false;
    if (place === 'root') this.#fresh = false;
    else this.#put(' ');
    return true;
  }

  #entries(record: Record<string, unknown>): string[] {
    const keys = Object.keys(record);
    if (this.#json && keys.some((key) => changesKey(key))) throw THROUGH_JSON;
    const present = keys.filter((key) => record[key] !== undefined);
    const pretty = !this.#json;
    return present.length > 1 ? present.sort((a, b) => compareKeys(a, b, pretty)) : present;
  }

  #pair(key: string, value: unknown, indent: number): void {
    const flags = analyzeScalar(key, !this.#json);
    if ((flags & MULTILINE) !== 0 || key.length > MAX_SIMPLE_KEY || utf8Length(key) > MAX_SIMPLE_KEY) {
      this.#put('?');
      this.#string(key, { place: 'entry', indent, column: indent + 1 });
      this.#newLine(indent);
      this.#put(':');
      this.#node(value, { place: 'complex-value', indent, column: indent + 1 });
      return;
    }
    const text = this.#simpleKey(key, flags);
    this.#put(`${text}:`);
    this.#node(value, { place: 'value', indent, column: indent + text.length + 1 });
  }

  #simpleKey(key: string, flags: number): string {
    const place = { column: 0, indent: 0, width: Number.POSITIVE_INFINITY };
    if (!this.#json && ILL_FORMED.test(key) && wellFormed(key) !== key) return `!!binary ${base64Lines(key)}`;
    if (needsQuotes(key, !this.#json) || (flags & NO_SINGLE) !== 0) return writeDoubleQuoted(key, place);
    return (flags & NO_PLAIN) === 0 ? key : writeSingleQuoted(key, place);
  }

  #string(value: string, { place, indent, column }: { place: Place; indent: number; column: number }): void {
    const start = place === 'root' ? '' : ' ';
    let text = value;
    let tag = '';
    let flags = analyzeScalar(text, !this.#json);
    if ((flags & UNPRINTABLE) !== 0) {
      if (this.#json && (CHANGING.test(text) || changesWhenFormed(text))) throw THROUGH_JSON;
      if (!this.#json && ILL_FORMED.test(text) && wellFormed(text) !== text) {
        text = base64Lines(text);
        tag = '!!binary ';
        flags = analyzeScalar(text, true);
      }
    }
    const inner = indent < 0 ? STEP : indent + STEP;
    const at: ScalarPlace = { column: column + start.length + tag.length, indent: inner, width: this.#width };
    if (text.includes('\n')) {
      const block = (flags & NO_BLOCK) === 0;
      this.#put(start + tag + (block ? writeLiteral(text, inner, STEP) : writeDoubleQuoted(text, at)));
      this.#fresh = block && isBreak(text.charCodeAt(text.length - 1));
      return;
    }
    this.#put(start + tag + writeLine(text, flags, at, tag === '' && needsQuotes(text, !this.#json)));
  }
}

function writeLine(text: string, flags: number, at: ScalarPlace, quoted: boolean): string {
  if (quoted || (flags & NO_SINGLE) !== 0) return writeDoubleQuoted(text, at);
  return (flags & NO_PLAIN) === 0 ? writePlain(text, at) : writeSingleQuoted(text, at);
}

function changesKey(key: string): boolean {
  if (CHANGING.test(key) || changesWhenFormed(key)) return true;
  return key.length > MAX_SIMPLE_KEY && quoteJson(key).length > MAX_SCANNED_KEY;
}

function changesWhenFormed(text: string): boolean {
  return ILL_FORMED.test(text) && wellFormed(text) !== text;
}

function utf8Length(text: string): number {
  return text.length * 3 <= MAX_SIMPLE_KEY ? text.length : encodeUtf8(text).length;
}

const MAX_UINT64 = 2n ** 64n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** A float64 that JSON has written and go-yaml read again: an integer where it has no fraction and fits. */
function v2Number(value: number): string {
  if (!Number.isInteger(value)) {
    if (!Number.isFinite(value)) return jsonNumber(value);
    return formatFloat(value, 'g', -1);
  }
  const text = String(value);
  if (Math.abs(value) < 2 ** 53) return text;
  if (text.includes('e')) return formatFloat(value, 'g', -1);
  const integer = BigInt(text);
  return integer >= MIN_INT64 && integer <= MAX_UINT64 ? text : formatFloat(value, 'g', -1);
}

function v3Number(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  return formatFloat(value, 'g', -1);
}

/** Bytes in base64, cut into lines of 70 characters where there is more than one. */
function base64Lines(text: string): string {
  const encoded = toBase64(encodeUtf8(text));
  if (encoded.length < 70) return encoded;
  return `${(encoded.match(/.{1,70}/g) ?? []).join('\n')}\n`;
}
