import { GoInt } from '../../base/go-int.ts';
import { plainValue, typeName } from './go-value.ts';
import { Printer } from './print.ts';

const LIMIT = 1_000_000;

/** fmt.Sprintf, with Go's notes on wrong verbs and missing or extra arguments in the text. */
export function sprintf(format: string, values: readonly unknown[]): string {
  if (!format.includes('%')) return values.length === 0 ? format : new Directives(format, values).run();
  return new Directives(format, values).run();
}

/** One pass over a format string (Go: pp.doPrintf). */
class Directives {
  readonly #format: string;
  readonly #values: readonly unknown[];
  readonly #printer = new Printer();
  #at = 0;
  #next = 0;
  #reordered = false;
  #goodIndex = true;
  #afterIndex = false;

  constructor(format: string, values: readonly unknown[]) {
    this.#format = format;
    this.#values = values;
  }

  run(): string {
    const printer = this.#printer;
    const end = this.#format.length;
    while (this.#at < end) {
      this.#goodIndex = true;
      const percent = this.#format.indexOf('%', this.#at);
      printer.out += this.#format.slice(this.#at, percent === -1 ? end : percent);
      if (percent === -1) break;
      this.#at = percent + 1;
      printer.format.clear();
      this.#flags();
      if (!this.#simple() && !this.#full()) break;
    }
    if (!this.#reordered && this.#next < this.#values.length) this.#extra();
    return printer.out;
  }

  #flags(): void {
    const flags = this.#printer.format;
    for (; this.#at < this.#format.length; this.#at += 1) {
      const c = this.#format[this.#at];
      if (c === '#') flags.sharp = true;
      else if (c === '0') flags.zero = true;
      else if (c === '+') flags.plus = true;
      else if (c === '-') flags.minus = true;
      else if (c === ' ') flags.space = true;
      else return;
    }
  }

  /** A lower-case verb straight behind the flags. */
  #simple(): boolean {
    const c = this.#format[this.#at];
    if (c === undefined || c < 'a' || c > 'z' || this.#next >= this.#values.length) return false;
    this.#at += 1;
    this.#print(c);
    return true;
  }

  /** A directive with index, width or precision; false at the end of the format. */
  #full(): boolean {
    this.#index();
    this.#width();
    if (this.#at + 1 <= this.#format.length && this.#format[this.#at] === '.') this.#precision();
    if (!this.#afterIndex) this.#index();
    const printer = this.#printer;
    const code = this.#format.codePointAt(this.#at);
    if (code === undefined) {
      printer.out += '%!(NOVERB)';
      return false;
    }
    const verb = String.fromCodePoint(code);
    this.#at += verb.length;
    if (verb === '%') printer.out += '%';
    else if (!this.#goodIndex) printer.out += `%!${verb}(BADINDEX)`;
    else if (this.#next >= this.#values.length) printer.out += `%!${verb}(MISSING)`;
    else this.#print(verb);
    return true;
  }

  #print(verb: string): void {
    const flags = this.#printer.format;
    if (verb === 'v') {
      flags.sharpV = flags.sharp;
      flags.sharp = false;
      flags.plusV = flags.plus;
      flags.plus = false;
    }
    this.#printer.argument(this.#values[this.#next], verb);
    this.#next += 1;
  }

  #width(): void {
    const flags = this.#printer.format;
    if (this.#format[this.#at] === '*') {
      this.#at += 1;
      const width = this.#integerArgument();
      flags.hasWidth = width !== undefined;
      flags.width = width ?? 0;
      if (width === undefined) this.#printer.out += '%!(BADWIDTH)';
      if (flags.width < 0) {
        flags.width = -flags.width;
        flags.minus = true;
        flags.zero = false;
      }
      this.#afterIndex = false;
      return;
    }
    const width = this.#number();
    flags.hasWidth = width !== undefined;
    flags.width = width ?? 0;
    if (this.#afterIndex && flags.hasWidth) this.#goodIndex = false;
  }

  #precision(): void {
    const flags = this.#printer.format;
    this.#at += 1;
    if (this.#afterIndex) this.#goodIndex = false;
    this.#index();
    if (this.#format[this.#at] === '*') {
      this.#at += 1;
      const precision = this.#integerArgument();
      flags.hasPrecision = precision !== undefined && precision >= 0;
      flags.precision = flags.hasPrecision ? (precision ?? 0) : 0;
      if (!flags.hasPrecision) this.#printer.out += '%!(BADPREC)';
      this.#afterIndex = false;
      return;
    }
    flags.precision = this.#number() ?? 0;
    flags.hasPrecision = true;
  }

  /** Decimal digits; undefined if there are none. A number beyond the limit takes the rest of the format with it, as in Go. */
  #number(): number | undefined {
    let value: number | undefined;
    for (; this.#at < this.#format.length; this.#at += 1) {
      const digit = this.#format.charCodeAt(this.#at) - 48;
      if (digit < 0 || digit > 9) break;
      if (value !== undefined && value > LIMIT) {
        this.#at = this.#format.length;
        return undefined;
      }
      value = (value ?? 0) * 10 + digit;
    }
    return value;
  }

  /** An explicit argument index `[n]`. */
  #index(): void {
    if (this.#format[this.#at] !== '[') {
      this.#afterIndex = false;
      return;
    }
    this.#reordered = true;
    const close = this.#format.indexOf(']', this.#at + 1);
    if (this.#format.length - this.#at < 3 || close === -1) {
      this.#at += 1;
      this.#goodIndex = false;
      this.#afterIndex = false;
      return;
    }
    const text = this.#format.slice(this.#at + 1, close);
    this.#at = close + 1;
    const index = Number(text) - 1;
    const wellFormed = /^\d{1,7}$/.test(text);
    if (wellFormed && index >= 0 && index < this.#values.length) {
      this.#next = index;
      this.#afterIndex = true;
      return;
    }
    this.#goodIndex = false;
    this.#afterIndex = wellFormed;
  }

  #integerArgument(): number | undefined {
    if (this.#next >= this.#values.length) return undefined;
    const value = plainValue(this.#values[this.#next]);
    this.#next += 1;
    const integer = value instanceof GoInt ? value.value : typeof value === 'bigint' ? value : undefined;
    if (integer === undefined || integer > BigInt(LIMIT) || integer < -BigInt(LIMIT)) return undefined;
    return Number(integer);
  }

  #extra(): void {
    const printer = this.#printer;
    printer.format.clear();
    printer.out += '%!(EXTRA ';
    this.#values.slice(this.#next).forEach((value, i) => {
      if (i > 0) printer.out += ', ';
      if (value === null || value === undefined) printer.out += '<nil>';
      else {
        printer.out += `${typeName(value)}=`;
        printer.argument(value, 'v');
      }
    });
    printer.out += ')';
  }
}
