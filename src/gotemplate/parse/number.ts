import { quote, unquoteChar } from '../runtime/quote.ts';
import type { NumberNode } from './node.ts';

const MAX_UINT64 = (1n << 64n) - 1n;
const MAX_INT64 = (1n << 63n) - 1n;
const MIN_INT64 = -(1n << 63n);

/** A character constant; throws an Error with Go's text. */
export function parseCharConstant(pos: number, text: string): NumberNode {
  const character = unquoteChar(text, 1, "'");
  if (character === undefined) throw new Error('invalid syntax');
  if (text.slice(character.end) !== "'") throw new Error(`malformed character constant: ${text}`);
  const value = BigInt(character.code);
  return { type: 'number', pos, text, int: value, uint: value, float: character.code };
}

/** A number literal in every form that can hold it, with the rules of Go's constants; throws an Error with Go's text. */
export function parseNumber(pos: number, text: string): NumberNode {
  if (/^(?:0|[1-9][0-9]{0,14})$/.test(text)) {
    const value = BigInt(text);
    return { type: 'number', pos, text, float: Number(text), int: value, uint: value };
  }
  if (text.endsWith('i')) throw new Error(`imaginary number ${quote(text)} is not supported`);
  const integer = parseInteger(text);
  const unsigned = integer !== undefined && !/^[+-]/.test(text) && integer <= MAX_UINT64;
  const uint = unsigned || integer === 0n ? integer : undefined;
  const int = integer !== undefined && integer >= MIN_INT64 && integer <= MAX_INT64 ? integer : undefined;
  if (int !== undefined || uint !== undefined) return numberNode(pos, text, int, uint, Number(int ?? uint));
  const float = parseFloat64(text);
  if (float === undefined) throw new Error(`illegal number syntax: ${quote(text)}`);
  if (!/[.eEpP]/.test(text)) throw new Error(`integer overflow: ${quote(text)}`);
  const whole = Number.isInteger(float) ? BigInt(float) : undefined;
  return numberNode(
    pos,
    text,
    whole !== undefined && whole >= MIN_INT64 && whole <= MAX_INT64 ? whole : undefined,
    whole !== undefined && whole >= 0n && whole <= MAX_UINT64 ? whole : undefined,
    float,
  );
}

function numberNode(
  pos: number,
  text: string,
  int: bigint | undefined,
  uint: bigint | undefined,
  float: number,
): NumberNode {
  return {
    type: 'number',
    pos,
    text,
    float,
    ...(int === undefined ? {} : { int }),
    ...(uint === undefined ? {} : { uint }),
  };
}

/** strconv.ParseInt with base 0, without its range; undefined if the text is no integer. */
function parseInteger(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  const body = /^[+-]/.test(text) ? text.slice(1) : text;
  if (!underscoresFit(body)) return undefined;
  const digits = body.replaceAll('_', '').toLowerCase();
  const magnitude = /^0x[0-9a-f]+$|^0b[01]+$|^0o[0-7]+$|^(?:[1-9][0-9]*|0)$/.test(digits)
    ? BigInt(digits)
    : /^0[0-7]+$/.test(digits)
      ? BigInt(`0o${digits.slice(1)}`)
      : undefined;
  return magnitude === undefined || !negative ? magnitude : -magnitude;
}

/** Underscores may stand only between digits or between a base prefix and a digit. */
function underscoresFit(body: string): boolean {
  return (
    !body.includes('_') || (/^(?:0[xXbBoO])?_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*$/.test(body) && !body.startsWith('_'))
  );
}

/** Underscores stand between digits. */
const DECIMAL =
  /^(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+(?:_[0-9]+)*)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][+-]?[0-9]+(?:_[0-9]+)*)?$/;

function parseFloat64(text: string): number | undefined {
  const body = /^[+-]/.test(text) ? text.slice(1) : text;
  const sign = text.startsWith('-') ? -1 : 1;
  const hex = /^0[xX]([0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?[pP]([+-]?[0-9]+)$/.exec(body);
  if (hex !== null) {
    const digits = `${hex[1] ?? ''}${hex[2] ?? ''}`.replaceAll('_', '');
    if (digits === '') return undefined;
    const shift = Number(hex[3]) - 4 * (hex[2] ?? '').replaceAll('_', '').length;
    const value = Number(BigInt(`0x${digits}`)) * 2 ** shift;
    return Number.isFinite(value) ? sign * value : undefined;
  }
  if (!DECIMAL.test(body)) return undefined;
  const value = Number(body.replaceAll('_', ''));
  return Number.isFinite(value) ? sign * value : undefined;
}
