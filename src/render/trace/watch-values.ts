import type { ValuePath } from './value-path.ts';

/** A value that a template looked at. */
export interface ValueRead {
  readonly path: ValuePath;
  /** Undefined: there is none. */
  readonly value: unknown;
}

type Table = Record<string, unknown>;

const paths = new WeakMap<object, ValuePath>();
const targets = new WeakMap<object, object>();

/** The path of a map or list that {@link watchValues} gave out. */
export function pathOf(value: unknown): ValuePath | undefined {
  return typeof value === 'object' && value !== null ? paths.get(value) : undefined;
}

/** The map or list itself behind one that {@link watchValues} gave out; other values as they are. */
export function unwatched(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? (targets.get(value) ?? value) : value;
}

/**
 * Values that tell what is read of them. They behave as the maps and lists behind them in everything else, changes
 * included.
 */
export function watchValues(values: Table, onRead: (read: ValueRead) => void): Table {
  const known = new WeakMap<object, Map<string, object>>();
  const watch = (value: unknown, path: ValuePath): unknown => {
    if (!isPlain(value) || paths.has(value)) return value;
    const key = JSON.stringify(path);
    let views = known.get(value);
    if (views === undefined) {
      views = new Map();
      known.set(value, views);
    }
    let view = views.get(key);
    if (view === undefined) {
      view = new Proxy(value, handler(path));
      paths.set(view, path);
      targets.set(view, value);
      views.set(key, view);
    }
    return view;
  };
  const handler = (path: ValuePath): ProxyHandler<object> => ({
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver);
      const step = stepOf(target, key);
      if (step === undefined || !Object.hasOwn(target, key)) return value;
      const below = [...path, step];
      onRead({ path: below, value: unwatched(value) });
      return watch(value, below);
    },
    getOwnPropertyDescriptor(target, key) {
      const found = Reflect.getOwnPropertyDescriptor(target, key);
      const step = found === undefined ? stepOf(target, key) : undefined;
      if (step !== undefined) onRead({ path: [...path, step], value: undefined });
      return found;
    },
  });
  return watch(values, []) as Table;
}

/** Maps and lists; what templates know as other types has a prototype of its own. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function stepOf(target: object, key: string | symbol): string | number | undefined {
  if (typeof key === 'symbol') return undefined;
  if (!Array.isArray(target)) return key;
  return /^\d+$/.test(key) ? Number(key) : undefined;
}
