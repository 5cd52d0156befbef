/** An object as a client may have sent it: of the right types, but anything may be missing. */
export type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Loose<T[Key]> | undefined }
    : T;

/** The same while defaults are filled in. */
export type Edit<T> = T extends readonly (infer Item)[]
  ? Edit<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]?: Edit<T[Key]> | undefined }
    : T;

/** Quantities of resources by name. */
export type ResourceList = Readonly<Record<string, string | number | undefined>>;

/** True for what Go leaves out: nothing, an empty text, no items, no keys. */
export function isEmpty(value: object | string | undefined): boolean {
  if (value === undefined || value === '') return true;
  if (typeof value === 'string') return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const _key in value) return false;
  return true;
}

/** True for an empty or missing text. */
export function isBlank(text: string | undefined): text is '' | undefined {
  return text === undefined || text === '';
}

/** A whole copy. */
export function clone<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(clone) as T;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = clone((value as Record<string, unknown>)[key]);
    if (key === '__proto__')
      Object.defineProperty(copy, key, { value: item, enumerable: true, writable: true, configurable: true });
    else copy[key] = item;
  }
  return copy as T;
}

/** Go's path.Clean of an absolute path is `/`. */
export function isRootPath(path: string): boolean {
  if (!path.startsWith('/')) return false;
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') kept.pop();
    else kept.push(part);
  }
  return kept.length === 0;
}
