import { toBase64 } from '../base/base64.ts';
import { PintleError } from '../base/errors.ts';
import { formatFloat } from '../base/go-float.ts';
import { GoInt } from '../base/go-int.ts';
import { type GoMarshaler, isGoMarshaler } from '../base/go-marshaler.ts';
import { sortedKeys } from '../base/json.ts';
import { quoteJson } from './json-string.ts';

/** How {@link encodeJson} writes. */
export interface EncodeJsonOptions {
  /** Write `<`, `>` and `&` as escapes, as json.Marshal does (default true). */
  readonly escapeHtml?: boolean;
  /** Indentation of one level, as json.MarshalIndent takes it; '' (default) writes all on one line. */
  readonly indent?: string;
}

/**
 * A value as Go's encoding/json writes it: keys sorted, floats in their shortest form, byte slices in base64.
 *
 * @throws PintleError `values-invalid` with Go's message for values without JSON form (NaN, functions, cycles)
 */
export function encodeJson(value: unknown, options: EncodeJsonOptions = {}): string {
  const { escapeHtml = true, indent = '' } = options;
  try {
    return new JsonWriter(escapeHtml, indent).write(value, '\n');
  } catch (error) {
    throw error instanceof RangeError ? cycleError(value) : error;
  }
}

class JsonWriter {
  readonly #escapeHtml: boolean;
  readonly #indent: string;
  readonly #colon: string;

  constructor(escapeHtml: boolean, indent: string) {
    this.#escapeHtml = escapeHtml;
    this.#indent = indent;
    this.#colon = indent === '' ? ':' : ': ';
  }

  /** @param line what begins a line at the value's level */
  write(value: unknown, line: string): string {
    switch (typeof value) {
      case 'string':
        return quoteJson(value, this.#escapeHtml);
      case 'number':
        return jsonNumber(value);
      case 'boolean':
        return value ? 'true' : 'false';
      case 'bigint':
        return value.toString();
      case 'undefined':
        return 'null';
      case 'object':
        return value === null ? 'null' : this.#object(value, line);
      default:
        throw unsupported(`json: unsupported type: ${typeof value === 'function' ? 'func()' : typeof value}`);
    }
  }

  #object(value: object, line: string): string {
    if (Array.isArray(value)) return this.#array(value, line);
    if (value instanceof GoInt) return value.toString();
    if (value instanceof Uint8Array) return `"${toBase64(value)}"`;
    if (isGoMarshaler(value)) return this.#marshaler(value, line);
    const record = value as Record<string, unknown>;
    return this.#record(record, sortedKeys(record), line);
  }

  /** The fields of structs stand in the order of their declaration. */
  #marshaler(value: GoMarshaler, line: string): string {
    const json = value.toGoJson();
    if (value.isStruct !== true) return this.write(json, line);
    const record = json as Record<string, unknown>;
    return this.#record(record, Object.keys(record), line);
  }

  #record(record: Readonly<Record<string, unknown>>, keys: readonly string[], line: string): string {
    const inner = line + this.#indent;
    let out = '';
    for (const key of keys) {
      const item = record[key];
      if (item === undefined) continue;
      if (out !== '') out += ',';
      if (this.#indent !== '') out += inner;
      out += quoteJson(key, this.#escapeHtml) + this.#colon + this.write(item, inner);
    }
    if (out === '') return '{}';
    return this.#indent === '' ? `{${out}}` : `{${out}${line}}`;
  }

  #array(value: readonly unknown[], line: string): string {
    if (value.length === 0) return '[]';
    const inner = line + this.#indent;
    let out = '';
    for (const item of value) {
      if (out !== '') out += ',';
      if (this.#indent !== '') out += inner;
      out += this.write(item, inner);
    }
    return this.#indent === '' ? `[${out}]` : `[${out}${line}]`;
  }
}

/** A float64 in JSON: JavaScript and Go agree on digits and exponents, but for the negative zero. */
export function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) throw unsupported(`json: unsupported value: ${formatFloat(value, 'g', -1)}`);
  return value === 0 && Object.is(value, -0) ? '-0' : String(value);
}

function unsupported(message: string): PintleError {
  return new PintleError('values-invalid', message);
}

/** The error for a value that contains itself, or that nests too deep. */
export function cycleError(value: unknown): PintleError {
  const path = new Set<unknown>();
  let node = value;
  while (typeof node === 'object' && node !== null && !path.has(node)) {
    path.add(node);
    node = deepest(node);
  }
  const type = Array.isArray(node) ? '[]interface {}' : 'map[string]interface {}';
  return unsupported(`json: unsupported value: encountered a cycle via ${type}`);
}

/** The child of a value that leads furthest down. */
function deepest(value: object): unknown {
  let best: unknown;
  let depth = -1;
  for (const child of Object.values(value)) {
    const reached = depthOf(child, 1000);
    if (reached > depth) {
      depth = reached;
      best = child;
    }
  }
  return best;
}

function depthOf(value: unknown, limit: number): number {
  let level: unknown[] = [value];
  let depth = 0;
  while (level.length > 0 && depth < limit) {
    const next = new Set<unknown>();
    for (const node of level) {
      if (typeof node !== 'object' || node === null) continue;
      for (const child of Object.values(node)) next.add(child);
    }
    level = [...next];
    depth += 1;
  }
  return depth;
}
