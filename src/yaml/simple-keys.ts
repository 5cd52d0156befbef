import type { Cursor } from './cursor.ts';
import type { Mark } from './fault.ts';

/** A place where a key without `?` may begin. */
interface SimpleKey {
  possible: boolean;
  /** Nothing else than a key may stand there. */
  readonly required: boolean;
  /** Number of the token that begins it. */
  readonly token: number;
  readonly mark: Mark;
}

/** A key without `?` must end within so many characters, on its line. */
const MAX_KEY_LENGTH = 1024;

/** The places where keys may begin, one for block context and one for each flow level in it; tokens are known by number. */
export class SimpleKeys {
  readonly #cursor: Cursor;
  #current: SimpleKey;
  readonly #outer: SimpleKey[] = [];
  readonly #byToken = new Map<number, SimpleKey>();

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
    this.#current = { possible: false, required: false, token: 0, mark: cursor.mark() };
  }

  /** The key that a `:` here would end, if there is one. */
  current(): SimpleKey | undefined {
    return this.#isPossible(this.#current) ? this.#current : undefined;
  }

  /** True while a `:` may still show that the token begins a key. */
  mayBegin(token: number): boolean {
    const key = this.#byToken.get(token);
    return key !== undefined && this.#isPossible(key);
  }

  #isPossible(key: SimpleKey): boolean {
    if (!key.possible) return false;
    if (key.mark.line === this.#cursor.line && this.#distance(key.mark.offset) <= MAX_KEY_LENGTH) return true;
    if (key.required) throw this.#missing(key);
    key.possible = false;
    return false;
  }

  #missing(key: SimpleKey): Error {
    return this.#cursor.fault("could not find expected ':'", key.mark);
  }

  /** Characters from an offset to here. */
  #distance(from: number): number {
    const { text, offset } = this.#cursor;
    const units = offset - from;
    if (units <= MAX_KEY_LENGTH || units > 2 * MAX_KEY_LENGTH) return units;
    return Array.from(text.slice(from, offset)).length;
  }

  /** Notes that the token that comes next, here, may begin a key. */
  save(token: number, required: boolean): void {
    this.remove();
    this.#current = { possible: true, required, token, mark: this.#cursor.mark() };
    this.#byToken.set(token, this.#current);
  }

  /** Rules a key out at this level. */
  remove(): void {
    const key = this.#current;
    if (!key.possible) return;
    if (key.required) throw this.#missing(key);
    this.found(key);
  }

  /** Forgets a key that has got its `:`. */
  found(key: SimpleKey): void {
    key.possible = false;
    this.#byToken.delete(key.token);
  }

  /** Begins a flow level with the token that comes next. */
  enter(token: number): void {
    this.#outer.push(this.#current);
    this.#current = { possible: false, required: false, token, mark: this.#cursor.mark() };
  }

  /** Ends a flow level. */
  leave(): void {
    const outer = this.#outer.pop();
    if (outer === undefined) return;
    // In an empty collection this is the number of its own first token, which then is no key: as in go-yaml.
    this.#byToken.delete(this.#current.token);
    this.#current = outer;
  }
}
