import { formatFloat } from '../../base/go-float.ts';
import { sortedKeys } from '../../base/json.ts';
import type { GoKind } from '../../gotemplate/runtime/go-type.ts';
import { GoObject, isNil, mapEntries, plainValue, sliceElements, typeOf } from '../../gotemplate/runtime/go-value.ts';
import { printValue } from '../../gotemplate/runtime/print.ts';
import { GoVersion } from '../semver.ts';
import { GoTime } from '../time/go-time.ts';
import { UTC } from '../time/location.ts';
import { formatKey, type Key, quoteKey, quoteText } from './toml-key.ts';

const RFC3339 = '2006-01-02T15:04:05.999999999Z07:00';
/** TOML's local times are known by the names of the zones that the decoder gives them. */
const LOCAL_FORMATS: Readonly<Record<string, string>> = {
  'datetime-local': '2006-01-02T15:04:05.999999999',
  'date-local': '2006-01-02',
  'time-local': '15:04:05.999999999',
};

/** A value as TOML, laid out as BurntSushi/toml does it. Throws an Error with that library's text. */
export function encodeToml(value: unknown): string {
  if (value === null || value === undefined) throw new Error('reflect: call of reflect.Value.Type on zero Value');
  const encoder = new Encoder();
  encoder.encode([], value);
  return encoder.out;
}

/** Fields of a struct, undefined if the value is none or is written as text. */
function structFields(value: unknown): readonly (readonly [name: string, value: unknown])[] | undefined {
  if (!(value instanceof GoObject) || isText(value)) return undefined;
  const type = value.type.kind === 'ptr' ? value.type.elem : value.type;
  if (type?.kind !== 'struct') return undefined;
  return (type.fields ?? []).map(({ name }) => [name, value.field?.(name)] as const);
}

/** Types that write themselves. */
function isText(value: unknown): value is GoTime | GoVersion {
  return value instanceof GoTime || value instanceof GoVersion;
}

/** True for tables and for lists of nothing but tables, which come behind a table's plain keys. */
function isTable(value: unknown): boolean {
  if (isNil(value) || isText(value)) return false;
  return mapEntries(value) !== undefined || structFields(value) !== undefined || isTableList(value);
}

function isTableList(value: unknown): boolean {
  const elements = isNil(value) ? undefined : sliceElements(value);
  if (elements === undefined || elements.length === 0) return false;
  let all = true;
  for (const element of elements) {
    if (isNil(element)) throw new Error('toml: cannot encode array with nil element');
    // Every element is looked at: a nil anywhere within is refused.
    const isList = isTableList(element);
    all &&= !isList && isTable(element);
  }
  return all;
}

class Encoder {
  out = '';

  encode(key: Key, value: unknown): void {
    if (isNil(value)) return;
    if (isText(value) || !isTable(value)) this.#pair(key, value, false);
    else if (isTableList(value)) this.#tableList(key, value);
    else this.#table(key, value);
  }

  #tableList(key: Key, value: unknown): void {
    if (key.length === 0) throw new Error('toml: top-level values must be Go maps or structs');
    for (const element of sliceElements(value) ?? []) {
      this.#newline();
      this.out += `${indent(key)}[[${formatKey(key)}]]`;
      this.#newline();
      this.#members(key, element, false);
    }
  }

  #table(key: Key, value: unknown): void {
    if (key.length === 1) this.#newline();
    if (key.length > 0) {
      this.out += `${indent(key)}[${formatKey(key)}]`;
      this.#newline();
    }
    this.#members(key, value, false);
  }

  /** Plain keys first, then tables. */
  #members(key: Key, value: unknown, inline: boolean): void {
    const map = mapEntries(value);
    const entries =
      map === undefined ? (structFields(value) ?? []) : sortedKeys(map).map((name) => [name, map[name]] as const);
    const plain = entries.filter(([, member]) => !isTable(member));
    const tables = entries.filter(([, member]) => isTable(member));
    const ordered = [...plain, ...tables];
    if (inline) this.out += '{';
    ordered.forEach(([name, member], index) => {
      if (isNil(member)) return;
      if (!inline) return this.encode([...key, name], member);
      this.#pair([name], member, true);
      if (index < ordered.length - 1) this.out += ', ';
    });
    if (inline) this.out += '}';
  }

  #pair(key: Key, value: unknown, inline: boolean): void {
    const name = key.at(-1);
    if (name === undefined) return this.#element(value);
    this.out += `${indent(key)}${quoteKey(name)} = `;
    this.#element(value);
    if (!inline) this.#newline();
  }

  #element(value: unknown): void {
    if (value instanceof GoTime) this.out += formatDate(value);
    else if (value instanceof GoVersion) this.out += quoteText(value.toGoJson());
    else if (typeOf(value)?.name === 'time.Duration') this.out += quoteText(printValue(value));
    else {
      const elements = sliceElements(value);
      if (elements !== undefined) {
        this.out += '[';
        elements.forEach((element, index) => {
          if (index > 0) this.out += ', ';
          this.#element(element);
        });
        this.out += ']';
      } else if (mapEntries(value) !== undefined || structFields(value) !== undefined) this.#members([], value, true);
      else this.out += scalar(value);
    }
  }

  #newline(): void {
    if (this.out !== '') this.out += '\n';
  }
}

function indent(key: Key): string {
  return '  '.repeat(Math.max(0, key.length - 1));
}

function scalar(value: unknown): string {
  const kind: GoKind | undefined = typeOf(value)?.kind;
  const plain = plainValue(value);
  if (typeof plain === 'string') return quoteText(plain);
  if (typeof plain === 'number') return formatNumber(plain);
  if (kind === 'func') throw new Error('unsupported type: func');
  return String(plain);
}

function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const text = formatFloat(value, 'g', -1);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function formatDate(time: GoTime): string {
  const format = LOCAL_FORMATS[time.location.name];
  return format === undefined ? time.format(RFC3339) : time.in(UTC).format(format);
}
