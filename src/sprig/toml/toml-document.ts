import { newObject } from '../../base/json.ts';
import { ANY_MAP, sliceOf } from '../../gotemplate/runtime/go-type.ts';
import { GoTyped } from '../../gotemplate/runtime/go-value.ts';
import { isPlainTable } from './toml-table.ts';
import { formatKey, type Key } from './toml-key.ts';

type Table = Record<string, unknown>;

const TABLE_LIST = sliceOf(ANY_MAP);

/** What has been read of a document, and the rules by which tables and keys may not be defined twice (BurntSushi/toml). */
export class TomlDocument {
  readonly root: Table = newObject();
  /** The table that keys are put into. */
  context: string[] = [];
  /** The last part of the key that is being read, '' for none. */
  currentKey = '';
  /** Tables that exist because a longer key goes through them. */
  readonly #implicits = new Set<string>();
  readonly #arrays = new Set<string>();

  /** The key that errors name. */
  get lastKey(): string {
    if (this.currentKey === '') return formatKey(this.context);
    return this.context.length === 0 ? this.currentKey : `${formatKey(this.context)}.${this.currentKey}`;
  }

  /** Notes whether the value of a key is an array; '' stands for the context itself. */
  setType(key: string, isArray: boolean): void {
    const full = formatKey(key === '' ? this.context : [...this.context, key]);
    if (isArray) this.#arrays.add(full);
    else this.#arrays.delete(full);
  }

  addImplicit(key: Key): void {
    this.#implicits.add(formatKey(key));
  }

  /** Opens a table, or with `array` a further table of a list; missing tables on the way are made. */
  addContext(key: Key, array: boolean): void {
    let table = this.root;
    const way: string[] = [];
    for (const part of key.slice(0, -1)) {
      way.push(part);
      if (!Object.hasOwn(table, part)) {
        this.addImplicit(way);
        table[part] = newObject();
      }
      const next = enter(table[part]);
      if (next === undefined) throw new Error(`Key '${formatKey(way)}' was already created as a hash.`);
      table = next;
    }
    const last = key.at(-1) ?? '';
    this.context = way;
    if (array) {
      if (!Object.hasOwn(table, last)) table[last] = new GoTyped<Table[]>(TABLE_LIST, []);
      const list = table[last];
      if (!isTableList(list)) {
        throw new Error(`Key '${formatKey(key)}' was already created and cannot be used as an array.`);
      }
      list.value.push(newObject());
    } else this.setValue(last, newObject());
    this.context = [...this.context, last];
  }

  /** Sets a key of the context; one that a longer key has made before may be set once. */
  setValue(key: string, value: unknown): void {
    let table = this.root;
    const way: string[] = [];
    for (const part of this.context) {
      way.push(part);
      const next = enter(table[part]);
      if (next === undefined) throw new Error(`Key '${formatKey(way)}' has already been defined.`);
      table = next;
    }
    const full = formatKey([...way, key]);
    if (!Object.hasOwn(table, key)) {
      table[key] = value;
      return;
    }
    if (!this.#implicits.has(full)) throw new Error(`Key '${full}' has already been defined.`);
    this.#implicits.delete(full);
    if (this.#arrays.has(full)) table[key] = value;
  }
}

function isTableList(value: unknown): value is GoTyped<Table[]> {
  return value instanceof GoTyped && value.type === TABLE_LIST;
}

/** The table that a key leads into: of a list of tables the last one. */
function enter(value: unknown): Table | undefined {
  if (isTableList(value)) return value.value.at(-1);
  return isPlainTable(value) ? value : undefined;
}
