import { isObject } from '../../../../base/json.ts';
import type { Environment } from '@marcbachmann/cel-js';

/** Strings as cel-go's extension has them (version 2), and Kubernetes' find and findAll. cel-go: ext/strings.go */
export function registerStrings(env: Environment): void {
  env
    .registerFunction('string.charAt(int): string', (text: string, index: bigint) => charAt(text, index))
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
      text.replaceAll(from, () => to),
    )
    .registerFunction(
      'string.replace(string, string, int): string',
      (text: string, from: string, to: string, limit: bigint) => replaceSome(text, from, to, Number(limit)),
    )
    .registerFunction('string.reverse(): string', (text: string) => Array.from(text).reverse().join(''))
    .registerFunction('strings_quote(string): string', (text: string) => JSON.stringify(text))
    .registerFunction('string.format(list): string', (text: string, values: readonly unknown[]) => format(text, values))
    .registerFunction(
      'string.find(string): string',
      (text: string, pattern: string) => regex(pattern).exec(text)?.[0] ?? '',
    )
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) =>
      findAll(text, pattern, -1),
    )
    .registerFunction('string.findAll(string, int): list<string>', (text: string, pattern: string, limit: bigint) =>
      findAll(text, pattern, Number(limit)),
    );
}

function charAt(text: string, index: bigint): string {
  const characters = Array.from(text);
  if (index < 0n || index > BigInt(characters.length)) throw new Error(`index out of range: ${index}`);
  return characters[Number(index)] ?? '';
}

function replaceSome(text: string, from: string, to: string, limit: number): string {
  if (limit < 0) return text.replaceAll(from, () => to);
  let left = limit;
  return text.replaceAll(from, (found) => {
    left -= 1;
    return left >= 0 ? to : found;
  });
}

function regex(pattern: string, flags = 'u'): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch {
    throw new Error(`Illegal regex: ${pattern}`);
  }
}

function findAll(text: string, pattern: string, limit: number): string[] {
  const found = [...text.matchAll(regex(pattern, 'gu'))].map(([all]) => all);
  return limit < 0 ? found : found.slice(0, limit);
}

/** `%s`, `%d`, `%f`, `%e`, `%b`, `%o`, `%x`, `%X` and `%%`, some with a precision. cel-go: ext/formatting.go */
function format(text: string, values: readonly unknown[]): string {
  let next = 0;
  const out = text.replaceAll(
    /%(?:(%)|(?:\.(\d+))?([a-zA-Z]))/g,
    (_all, percent?: string, precision?: string, verb?: string) => {
      if (percent !== undefined) return '%';
      if (next >= values.length) throw new Error(`index ${next} out of range`);
      const value = values[next];
      next += 1;
      return clause(verb ?? '', value, precision === undefined ? 6 : Number(precision));
    },
  );
  return out;
}

function clause(verb: string, value: unknown, precision: number): string {
  switch (verb) {
    case 's':
      return celText(value);
    case 'd':
      if (typeof value === 'bigint' || typeof value === 'number') return String(value);
      break;
    case 'f':
      if (isNumeric(value)) return Number(value).toFixed(precision);
      break;
    case 'e':
      if (isNumeric(value))
        return Number(value)
          .toExponential(precision)
          .replace(/e([+-])(\d)$/, 'e$10$2');
      break;
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      if (typeof value === 'bigint') return value.toString(2);
      break;
    case 'o':
      if (typeof value === 'bigint') return value.toString(8);
      break;
    case 'x':
    case 'X': {
      const hex = hexOf(value);
      if (hex !== undefined) return verb === 'X' ? hex.toUpperCase() : hex;
      break;
    }
    default:
      throw new Error(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
  throw new Error(`error during formatting: ${verb} clause cannot be used on ${typeof value}`);
}

function isNumeric(value: unknown): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

function hexOf(value: unknown): string | undefined {
  if (typeof value === 'bigint') return value.toString(16);
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : undefined;
}

/** A value as `%s` writes it: lists in brackets, maps in braces with sorted keys. */
function celText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return `[${value.map(celText).join(', ')}]`;
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof Map) return mapText([...value]);
  if (isObject(value)) return mapText(Object.entries(value));
  return typeof value === 'string' ? value : `${value as bigint | boolean | number}`;
}

function mapText(entries: readonly (readonly [unknown, unknown])[]): string {
  const texts = entries.map(([key, item]) => `${celText(key)}: ${celText(item)}`);
  return `{${texts.sort().join(', ')}}`;
}
