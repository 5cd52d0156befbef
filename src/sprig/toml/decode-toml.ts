import { newObject } from '../../base/json.ts';
import { quote } from '../../gotemplate/runtime/quote.ts';
import { type DateReader, floatValue, readNumberOrDate, readSigned } from './toml-numbers.ts';
import { TomlDocument } from './toml-document.ts';
import { END, nameCharacter, quoteCharacter, TomlFault, TomlScanner } from './toml-scanner.ts';
import { readString } from './toml-strings.ts';
import { isPlainTable } from './toml-table.ts';

type Table = Record<string, unknown>;

/**
 * A TOML document as BurntSushi/toml decodes it: integers as bigint, floats as number, lists of tables as
 * `[]map[string]interface {}`. Throws an Error with that library's text (`toml: line 1 (last key "a"): …`).
 */
export function decodeToml(text: string, readDate: DateReader): Table {
  if (/^[\s\S]{0,5}\0/.test(text)) {
    throw new Error('toml: line 1: files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8');
  }
  const parser = new Parser(text.replace(/^\ufeff/, ''), readDate);
  return parser.parse();
}

class Parser {
  readonly #scanner: TomlScanner;
  readonly #document = new TomlDocument();
  readonly #readDate: DateReader;
  /** The line of the key that is being read. */
  #keyLine = 1;

  constructor(text: string, readDate: DateReader) {
    this.#scanner = new TomlScanner(text);
    this.#readDate = readDate;
  }

  parse(): Table {
    try {
      while (this.#item());
    } catch (error) {
      const { message } = error as Error;
      const line = error instanceof TomlFault ? error.line : this.#keyLine;
      const { lastKey } = this.#document;
      const key = lastKey === '' ? '' : ` (last key ${quote(lastKey)})`;
      throw new Error(`toml: line ${line}${key}: ${message}`, { cause: error });
    }
    return this.#document.root;
  }

  /** Reads a table's head or a key with its value; false at the end of the text. */
  #item(): boolean {
    const scanner = this.#scanner;
    scanner.skipLines();
    if (scanner.peek() === END) return false;
    if (scanner.accept('[')) this.#tableHead();
    else {
      this.#pair();
      this.#document.currentKey = '';
    }
    scanner.skipBlanks();
    const after = scanner.next();
    if (after === '#') scanner.skipComment();
    else if (after === '\r' || after === '\n') return true;
    else if (after === END) return false;
    else {
      throw scanner.fault(
        `expected a top-level item to end with a newline, comment, or EOF, but got ${quoteCharacter(after)} instead`,
      );
    }
    return true;
  }

  #tableHead(): void {
    const scanner = this.#scanner;
    const array = scanner.accept('[');
    const key: string[] = [];
    for (;;) {
      scanner.skipBlanks();
      const first = scanner.peek();
      if (first === ']' || first === END) {
        throw scanner.fault('unexpected end of table name (table names cannot be empty)');
      }
      if (first === '.') throw scanner.fault('unexpected table separator (table names cannot be empty)');
      if (key.length === 0) this.#keyLine = scanner.line;
      key.push(this.#keyPart());
      scanner.skipBlanks();
      const end = scanner.next();
      if (end === ']') break;
      if (end !== '.') {
        throw scanner.fault(`expected '.' or ']' to end table name, but got ${quoteCharacter(end)} instead`);
      }
    }
    if (array) {
      const end = scanner.next();
      if (end !== ']') {
        throw scanner.fault(`expected end of table array name delimiter ']', but got ${quoteCharacter(end)} instead`);
      }
    }
    this.#document.addContext(key, array);
    this.#document.setType('', false);
  }

  #keyPart(): string {
    const scanner = this.#scanner;
    if (scanner.accept('"')) return readString(scanner, '"', false);
    if (scanner.accept("'")) return readString(scanner, "'", false);
    return scanner.run(/[A-Za-z0-9_-]/);
  }

  /** Reads the parts of a key and the equals sign. */
  #key(): string[] {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    const first = scanner.peek();
    if (first === '=' || first === END) throw scanner.fault("unexpected '=': key name appears blank");
    if (first === '.') throw scanner.fault("unexpected '.': keys cannot start with a '.'");
    this.#keyLine = scanner.line;
    const key: string[] = [];
    for (;;) {
      scanner.skipBlanks();
      const start = scanner.peek();
      if (start === '=' || start === END) throw scanner.fault("unexpected '='");
      if (start === '.') throw scanner.fault("unexpected '.'");
      key.push(this.#keyPart());
      scanner.skipBlanks();
      const end = scanner.next();
      if (end === '=') return key;
      if (end === '.') continue;
      if (end === END) throw scanner.fault("unexpected EOF; expected key separator '='");
      const message = `expected '.' or '=', but got ${quoteCharacter(end)} instead`;
      throw end === '\n' ? scanner.faultBefore(message) : scanner.fault(message);
    }
  }

  /** Reads a key with its value into the present table; gives the parts and the value. */
  #pair(): { readonly key: readonly string[]; readonly value: unknown } {
    const document = this.#document;
    const outer = document.context;
    const key = this.#key();
    document.currentKey = key.at(-1) ?? '';
    for (const part of key.slice(0, -1)) {
      const context = [...document.context, part];
      document.addImplicit(context);
      document.addContext(context, false);
    }
    const value = this.#value(false);
    document.setValue(document.currentKey, value);
    document.setType(document.currentKey, Array.isArray(value));
    document.context = outer;
    return { key, value };
  }

  #value(inArray: boolean): unknown {
    const scanner = this.#scanner;
    scanner.skipBlanks();
    const first = scanner.peek();
    if (/[0-9]/.test(first)) return readNumberOrDate(scanner, this.#readDate);
    if (/\p{L}/u.test(first)) return this.#word();
    scanner.next();
    switch (first) {
      case '[':
        return this.#array();
      case '{':
        return this.#inlineTable(inArray);
      case '"':
      case "'":
        return readString(scanner, first);
      case '.':
        throw scanner.fault("floats must start with a digit, not '.'");
      case '+':
      case '-':
        return readSigned(scanner);
      case END:
        throw scanner.fault('unexpected EOF; expected value');
      case '\n':
        throw scanner.faultBefore(`expected value but found ${quoteCharacter(first)} instead`);
      default:
        throw scanner.fault(`expected value but found ${quoteCharacter(first)} instead`);
    }
  }

  #word(): unknown {
    const scanner = this.#scanner;
    const start = scanner.text.slice(scanner.pos, scanner.pos + 3);
    if (start === 'inf' || start === 'nan') {
      scanner.pos += 3;
      return floatValue(scanner, start);
    }
    const word = scanner.run(/\p{L}/u);
    if (word === 'true' || word === 'false') return word === 'true';
    throw scanner.fault(`expected value but found ${quote(word)} instead`);
  }

  #array(): unknown[] {
    const scanner = this.#scanner;
    this.#document.setType(this.#document.currentKey, true);
    const values: unknown[] = [];
    for (;;) {
      scanner.skipLines();
      if (scanner.accept(',')) throw scanner.fault('unexpected comma');
      if (scanner.accept(']')) return values;
      values.push(this.#value(true));
      scanner.skipLines();
      const end = scanner.next();
      if (end === ']') return values;
      if (end !== ',') {
        throw scanner.fault(`expected a comma (',') or array terminator (']'), but got ${nameCharacter(end)}`);
      }
    }
  }

  #inlineTable(inArray: boolean): Table {
    const scanner = this.#scanner;
    const document = this.#document;
    const { context: outer, currentKey } = document;
    const context = [...outer, currentKey];
    document.context = context;
    document.currentKey = '';
    document.addImplicit(context);
    document.addContext(context, inArray);
    const table: Table = newObject();
    for (let first = true; ; first = false) {
      scanner.skipLines();
      if (scanner.accept('}')) break;
      if (!first) {
        const end = scanner.next();
        if (end !== ',') {
          throw scanner.fault(
            `expected a comma or an inline table terminator '}', but got ${nameCharacter(end)} instead`,
          );
        }
        scanner.skipLines();
        if (scanner.accept('}')) break;
      }
      if (scanner.accept(',')) throw scanner.fault('unexpected comma');
      const { key, value } = this.#pair();
      put(table, key, value);
      document.context = context;
    }
    document.context = outer;
    document.currentKey = currentKey;
    return table;
  }
}

/** Puts a value under a dotted key. */
function put(table: Table, key: readonly string[], value: unknown): void {
  let target = table;
  for (const part of key.slice(0, -1)) {
    if (!Object.hasOwn(target, part)) target[part] = newObject();
    const next = target[part];
    if (!isPlainTable(next)) throw new Error(`${quote(part)} is not a table`);
    target = next;
  }
  target[key.at(-1) ?? ''] = value;
}
