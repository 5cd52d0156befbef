import { encodeUtf8 } from '../../base/go-string.ts';
import { formatFloat } from '../../base/go-float.ts';
import { binaryFloat, hexFloat } from './float-verbs.ts';
import { canBackquote, isPrint, quote, quoteRune } from './quote.ts';

const DIGITS = { lower: '0123456789abcdef', upper: '0123456789ABCDEF' };

/** Flags, width and precision of one directive, and the formatting of basic values with them (Go: fmt/format.go). */
export class Format {
  width = 0;
  hasWidth = false;
  precision = 0;
  hasPrecision = false;
  minus = false;
  plus = false;
  sharp = false;
  space = false;
  zero = false;
  /** `%+v`: field names. */
  plusV = false;
  /** `%#v`: Go syntax. */
  sharpV = false;

  clear(): void {
    this.width = 0;
    this.precision = 0;
    this.hasWidth = this.hasPrecision = this.minus = this.plus = false;
    this.sharp = this.space = this.zero = this.plusV = this.sharpV = false;
  }

  pad(text: string): string {
    if (!this.hasWidth || this.width === 0) return text;
    return this.minus ? text + this.padding(text) : this.padding(text) + text;
  }

  padding(text: string): string {
    const missing = this.width - runeCount(text);
    return missing > 0 ? (this.zero && !this.minus ? '0' : ' ').repeat(missing) : '';
  }

  #padWithSpaces(text: string): string {
    const zero = this.zero;
    this.zero = false;
    const padded = this.pad(text);
    this.zero = zero;
    return padded;
  }

  string(text: string): string {
    return this.pad(this.#truncate(text));
  }

  quoted(text: string): string {
    const short = this.#truncate(text);
    if (this.sharp && canBackquote(short)) return this.pad(`\`${short}\``);
    return this.pad(quote(short, this.plus));
  }

  #truncate(text: string): string {
    if (!this.hasPrecision || text.length <= this.precision) return text;
    return Array.from(text).slice(0, this.precision).join('');
  }

  character(value: bigint): string {
    return this.pad(String.fromCodePoint(validRune(value)));
  }

  quotedCharacter(value: bigint): string {
    return this.pad(quoteRune(validRune(value), this.plus));
  }

  unicode(value: bigint): string {
    const digits = value.toString(16).toUpperCase();
    let text = `U+${digits.padStart(this.hasPrecision && this.precision > 4 ? this.precision : 4, '0')}`;
    if (this.sharp && value <= 0x10ffffn && isPrint(Number(value))) text += ` '${String.fromCodePoint(Number(value))}'`;
    return this.#padWithSpaces(text);
  }

  /** Integers in base 2, 8, 10 or 16; `verb` tells `%X` and `%O` from the rest. */
  integer(value: bigint, base: 2 | 8 | 10 | 16, verb: string): string {
    const negative = value < 0n;
    let digits = (negative ? -value : value).toString(base);
    if (verb === 'X') digits = digits.toUpperCase();
    let minimum = 0;
    if (this.hasPrecision) {
      if (this.precision === 0 && value === 0n) return ' '.repeat(this.width);
      minimum = this.precision;
    } else if (this.zero && !this.minus && this.hasWidth) {
      minimum = negative || this.plus || this.space ? this.width - 1 : this.width;
    }
    digits = digits.padStart(minimum, '0');
    if (this.sharp) digits = sharpPrefix(digits, base, verb);
    if (verb === 'O') digits = `0o${digits}`;
    if (negative) digits = `-${digits}`;
    else if (this.plus) digits = `+${digits}`;
    else if (this.space) digits = ` ${digits}`;
    return this.#padWithSpaces(digits);
  }

  /** A float with the verb `e E f g G b x X`; `precision` -1 means as many digits as needed. */
  float(value: number, size: 32 | 64, verb: string, defaultPrecision: number): string {
    const precision = this.hasPrecision ? this.precision : defaultPrecision;
    let text = floatText(value, size, verb, precision);
    if (text[0] !== '-' && text[0] !== '+') text = `+${text}`;
    if (this.space && text[0] === '+' && !this.plus) text = ` ${text.slice(1)}`;
    if (text[1] === 'I' || text[1] === 'N') {
      if (text[1] === 'N' && !this.space && !this.plus) text = text.slice(1);
      else if (text[0] === '+' && !this.plus && text[1] === 'N') text = text.slice(1);
      return this.#padWithSpaces(text);
    }
    if (this.sharp && verb !== 'b') text = withPoint(text, verb, precision);
    if (!this.plus && text[0] === '+') return this.pad(text.slice(1));
    if (this.zero && !this.minus && this.hasWidth && this.width > text.length) {
      return (text[0] ?? '') + '0'.repeat(this.width - text.length) + text.slice(1);
    }
    return this.pad(text);
  }

  /** `%x` and `%X` of a string or of bytes. */
  hex(content: string | Uint8Array, upper: boolean): string {
    const bytes = typeof content === 'string' ? encodeUtf8(content) : content;
    const length = this.hasPrecision && this.precision < bytes.length ? this.precision : bytes.length;
    if (length === 0) return this.hasWidth ? this.padding('') : '';
    const digits = upper ? DIGITS.upper : DIGITS.lower;
    const prefix = this.sharp ? (upper ? '0X' : '0x') : '';
    let text = prefix;
    for (let i = 0; i < length; i += 1) {
      if (this.space && i > 0) text += ` ${prefix}`;
      const byte = bytes[i] ?? 0;
      text += (digits[byte >> 4] ?? '') + (digits[byte & 15] ?? '');
    }
    return this.pad(text);
  }
}

function floatText(value: number, size: 32 | 64, verb: string, precision: number): string {
  if (!Number.isFinite(value)) return formatFloat(value, 'g', -1, size);
  switch (verb) {
    case 'b':
      return binaryFloat(value, size);
    case 'x':
    case 'X':
      return hexFloat(value, precision, verb === 'X');
    case 'e':
    case 'E':
    case 'f':
    case 'G':
      return formatFloat(value, verb, precision, size);
    default:
      return formatFloat(value, 'g', precision, size);
  }
}

/** The `#` flag on floats: a decimal point always, and trailing zeros kept for `g`. */
function withPoint(text: string, verb: string, precision: number): string {
  let digits = 'gGvxX'.includes(verb) ? (precision === -1 ? 6 : precision) : 0;
  if (verb === 'X') digits = 0;
  const hex = verb === 'x' || verb === 'X';
  const at = text.search(hex ? /[pP]/ : /[eE]/);
  const tail = at === -1 ? '' : text.slice(at);
  let body = at === -1 ? text : text.slice(0, at);
  let significant = false;
  for (const character of body.slice(1)) {
    if (character === '.') continue;
    if (character !== '0') significant = true;
    if (significant) digits -= 1;
  }
  if (!body.includes('.')) {
    if (body.length === 2 && body[1] === '0') digits -= 1;
    body += '.';
  }
  return body + '0'.repeat(Math.max(0, digits)) + tail;
}

function sharpPrefix(digits: string, base: number, verb: string): string {
  if (base === 2) return `0b${digits}`;
  if (base === 8) return digits.startsWith('0') ? digits : `0${digits}`;
  if (base === 16) return (verb === 'X' ? '0X' : '0x') + digits;
  return digits;
}

function validRune(value: bigint): number {
  return value < 0n || value > 0x10ffffn || (value >= 0xd800n && value < 0xe000n) ? 0xfffd : Number(value);
}

/** Go's utf8.RuneCountInString. */
function runeCount(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
