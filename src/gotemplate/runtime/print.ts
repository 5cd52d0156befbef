import { formatFloatValue } from '../../base/go-float.ts';
import { GoInt } from '../../base/go-int.ts';
import { decodeUtf8 } from '../../base/go-string.ts';
import { compareStrings } from '../../base/json.ts';
import { Format } from './format.ts';
import {
  elementType,
  GoObject,
  isNil,
  kindName,
  mapEntries,
  plainValue,
  sliceElements,
  typeName,
  typeOf,
} from './go-value.ts';

const NIL = '<nil>';
/** What the address of a pointer prints as; Go's differ from run to run. */
const ADDRESS = 0xc000010000n;
const STRINGABLE = 'vsxXq';

/** Prints values as Go's fmt does (Go: fmt/print.go). */
export class Printer {
  readonly format = new Format();
  out = '';
  /** Set while a bad verb is reported: methods are not called then. */
  #erroring = false;

  argument(value: unknown, verb: string): void {
    if (value === null || value === undefined) {
      if (verb === 'T' || verb === 'v') this.out += this.format.pad(NIL);
      else this.#badVerb(value, verb);
      return;
    }
    if (verb === 'T') this.out += this.format.string(typeName(value));
    else if (verb === 'p') this.#pointer(value, 'p');
    else if (value instanceof Uint8Array) this.#bytes(value, verb, '[]byte');
    else this.value(value, verb, 0);
  }

  /** A value at some depth of nesting; nil is an interface's. */
  value(value: unknown, verb: string, depth: number): void {
    switch (typeof value) {
      case 'string':
        return this.#string(value, verb);
      case 'number':
        return this.#float(value, verb, value);
      case 'bigint':
        return this.#integer(value, true, verb, value);
      case 'boolean':
        if (verb === 't' || verb === 'v') this.out += this.format.pad(String(value));
        else this.#badVerb(value, verb);
        return;
      case 'object':
        if (value !== null) return this.#object(value, verb, depth);
        break;
      default:
        break;
    }
    this.out += this.format.sharpV ? 'interface {}(nil)' : NIL;
  }

  #object(value: object, verb: string, depth: number): void {
    if (value instanceof GoInt) return this.#integer(value.value, !value.kind.startsWith('u'), verb, value);
    if (value instanceof GoObject && this.#stringer(value, verb)) return;
    switch (kindName(value)) {
      case 'slice':
        return this.#slice(value, verb, depth);
      case 'map':
        return this.#map(value, verb, depth);
      case 'struct':
        return this.#struct(value, verb, depth);
      case 'ptr':
        if (depth === 0 && !isNil(value)) {
          this.out += '&';
          return this.#struct(value, verb, depth + 1);
        }
        return this.#pointer(value, verb);
      case 'func':
        return this.#pointer(value, verb);
      default:
        return this.#named(value, verb, depth);
    }
  }

  /** A named type over a basic one. */
  #named(value: object, verb: string, depth: number): void {
    const plain = plainValue(value);
    if (typeof plain === 'string') return this.#string(plain, verb, value);
    if (typeof plain === 'number') return this.#float(plain, verb, value);
    if (typeof plain === 'bigint') return this.#integer(plain, true, verb, value);
    if (plain instanceof GoInt) return this.#integer(plain.value, !plain.kind.startsWith('u'), verb, value);
    this.value(plain === value ? null : plain, verb, depth);
  }

  /** Prints with the type's own String or Error method, if there is one and the verb wants text. */
  #stringer(value: GoObject, verb: string): boolean {
    const string = value.type.string as ((value: GoObject) => string) | undefined;
    if (string === undefined || this.#erroring || this.format.sharpV || !STRINGABLE.includes(verb)) return false;
    if (isNil(value) && value.type.kind === 'ptr') this.out += NIL;
    else this.#string(string(value), verb);
    return true;
  }

  #string(text: string, verb: string, shown: unknown = text): void {
    if (verb === 'v') this.out += this.format.sharpV ? this.format.quoted(text) : this.format.string(text);
    else if (verb === 's') this.out += this.format.string(text);
    else if (verb === 'q') this.out += this.format.quoted(text);
    else if (verb === 'x' || verb === 'X') this.out += this.format.hex(text, verb === 'X');
    else this.#badVerb(shown, verb);
  }

  #integer(value: bigint, signed: boolean, verb: string, shown: unknown): void {
    const format = this.format;
    switch (verb) {
      case 'v':
        if (format.sharpV && !signed) this.#hexWithPrefix(value);
        else this.out += format.integer(value, 10, verb);
        break;
      case 'd':
        this.out += format.integer(value, 10, verb);
        break;
      case 'b':
        this.out += format.integer(value, 2, verb);
        break;
      case 'o':
      case 'O':
        this.out += format.integer(value, 8, verb);
        break;
      case 'x':
      case 'X':
        this.out += format.integer(value, 16, verb);
        break;
      case 'c':
        this.out += format.character(BigInt.asUintN(64, value));
        break;
      case 'q':
        this.out += format.quotedCharacter(BigInt.asUintN(64, value));
        break;
      case 'U':
        this.out += format.unicode(BigInt.asUintN(64, value));
        break;
      default:
        this.#badVerb(shown, verb);
    }
  }

  #hexWithPrefix(value: bigint): void {
    const sharp = this.format.sharp;
    this.format.sharp = true;
    this.out += this.format.integer(value, 16, 'v');
    this.format.sharp = sharp;
  }

  #float(value: number, verb: string, shown: unknown): void {
    if (verb === 'v') this.out += this.format.float(value, 64, 'g', -1);
    else if ('bgGxX'.includes(verb)) this.out += this.format.float(value, 64, verb, -1);
    else if ('feE'.includes(verb)) this.out += this.format.float(value, 64, verb, 6);
    else if (verb === 'F') this.out += this.format.float(value, 64, 'f', 6);
    else this.#badVerb(shown, verb);
  }

  #bytes(value: Uint8Array, verb: string, name: string): void {
    if (verb === 's') this.out += this.format.string(decodeUtf8(value));
    else if (verb === 'q') this.out += this.format.quoted(decodeUtf8(value));
    else if (verb === 'x' || verb === 'X') this.out += this.format.hex(value, verb === 'X');
    else if (verb === 'v' && this.format.sharpV) {
      this.out += `${name}{`;
      value.forEach((byte, i) => {
        if (i > 0) this.out += ', ';
        this.#hexWithPrefix(BigInt(byte));
      });
      this.out += '}';
    } else this.#slice(value, verb, 0);
  }

  #slice(value: object, verb: string, depth: number): void {
    const plain = plainValue(value);
    if (plain instanceof Uint8Array && 'sqxX'.includes(verb)) return this.#bytes(plain, verb, typeName(value));
    const elements = plain instanceof Uint8Array ? [] : (sliceElements(value) ?? []);
    if (this.format.sharpV) {
      this.out += typeName(value);
      if (isNil(value)) {
        this.out += '(nil)';
        return;
      }
    }
    this.out += this.format.sharpV ? '{' : '[';
    elements.forEach((element, i) => {
      if (i > 0) this.out += this.format.sharpV ? ', ' : ' ';
      this.value(element, verb, depth + 1);
    });
    if (plain instanceof Uint8Array) this.out += this.#eachByte(plain, verb).join(this.format.sharpV ? ', ' : ' ');
    this.out += this.format.sharpV ? '}' : ']';
  }

  /** Whoever prints `.` by mistake prints all files of a chart, byte by byte: each of the 256 is worked out once. */
  #eachByte(bytes: Uint8Array, verb: string): string[] {
    const before = this.out;
    const known = new Map<number, string>();
    const texts = Array.from(bytes, (byte) => {
      const text = known.get(byte);
      if (text !== undefined) return text;
      this.out = '';
      this.value(new GoInt(byte, 'uint8'), verb, 1);
      known.set(byte, this.out);
      return this.out;
    });
    this.out = before;
    return texts;
  }

  #map(value: object, verb: string, depth: number): void {
    if (this.format.sharpV) {
      this.out += typeName(value);
      if (isNil(value)) {
        this.out += '(nil)';
        return;
      }
    }
    this.out += this.format.sharpV ? '{' : 'map[';
    const entries = mapEntries(value) ?? {};
    const keys = Object.keys(entries).sort(compareStrings);
    keys.forEach((key, i) => {
      if (i > 0) this.out += this.format.sharpV ? ', ' : ' ';
      this.#string(key, verb);
      this.out += ':';
      this.value(entries[key], verb, depth + 1);
    });
    this.out += this.format.sharpV ? '}' : ']';
  }

  #struct(value: object, verb: string, depth: number): void {
    const object = value as GoObject;
    const type = object.type.kind === 'ptr' ? elementType(object.type) : object.type;
    const { sharpV, plusV } = this.format;
    if (sharpV) this.out += type.name;
    this.out += '{';
    (type.fields ?? []).forEach((field, i) => {
      if (i > 0) this.out += sharpV ? ', ' : ' ';
      if (sharpV || plusV) this.out += `${field.name}:`;
      const content = object.field?.(field.name);
      if ((content === null || content === undefined) && sharpV) this.out += `${field.type.name}(nil)`;
      else this.value(content, verb, depth + 1);
    });
    this.out += '}';
  }

  #pointer(value: unknown, verb: string): void {
    const kind = kindName(value);
    const address = isNil(value) ? 0n : ADDRESS;
    if (!['func', 'map', 'ptr', 'slice'].includes(kind)) this.#badVerb(value, verb);
    else if (verb === 'v' && this.format.sharpV) {
      this.out += `(${typeName(value)})(${address === 0n ? 'nil' : `0x${address.toString(16)}`})`;
    } else if (verb === 'v' && address === 0n) this.out += this.format.pad(NIL);
    else if (verb === 'v' || verb === 'p') {
      const sharp = this.format.sharp;
      this.format.sharp = !sharp;
      this.out += this.format.integer(address, 16, 'v');
      this.format.sharp = sharp;
    } else if ('bodxX'.includes(verb)) this.#integer(address, false, verb, value);
    else this.#badVerb(value, verb);
  }

  #badVerb(value: unknown, verb: string): void {
    this.out += `%!${verb}(`;
    if (value === null || value === undefined) this.out += NIL;
    else {
      this.#erroring = true;
      this.out += `${typeName(value)}=`;
      if (value instanceof Uint8Array) this.#bytes(value, 'v', '[]byte');
      else this.value(value, 'v', 0);
      this.#erroring = false;
    }
    this.out += ')';
  }
}

/** `%v` of a value: what fmt.Sprint gives for it alone. */
export function printValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return formatFloatValue(value);
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      break;
  }
  if (value === null || value === undefined) return NIL;
  if (value instanceof GoInt) return value.toString();
  const printer = new Printer();
  printer.argument(value, 'v');
  return printer.out;
}

/** fmt.Sprint: a space between two operands when neither is a string. */
export function sprint(values: readonly unknown[]): string {
  let out = '';
  let afterString = true;
  for (const value of values) {
    const isString = typeof value === 'string' || typeOf(value)?.kind === 'string';
    if (!isString && !afterString) out += ' ';
    out += printValue(value);
    afterString = isString;
  }
  return out;
}

/** fmt.Sprintln: a space between all operands and a newline at the end. */
export function sprintln(values: readonly unknown[]): string {
  return `${values.map(printValue).join(' ')}\n`;
}
