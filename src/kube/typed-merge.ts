import { isObject } from '../base/json.ts';
import { childrenOf, fieldElement, isEmptyFieldSet, isMember, type FieldSet } from './field-set.ts';
import { formatFieldPath } from './path-element.ts';
import { setKey } from './set-key.ts';
import type { FieldType, ListType } from './type-table.ts';
import { TypedError, childType, listElements, shapeOf } from './typed-value.ts';

const ANY: FieldType = { kind: 'any', atomic: false };

/**
 * `live` with what `config` says laid over it; neither is changed, the result shares their parts.
 * structured-merge-diff: typed/merge.go.
 *
 * @throws TypedError
 */
export function mergeTyped(live: unknown, config: unknown, type: FieldType): unknown {
  if (config === undefined) return live;
  if (live === undefined) return config;
  const shape = shapeOf(type, config === null ? live : config);
  if (shape.kind === 'leaf') return config;
  if (shape.kind === 'list') return mergeLists(live, config, shape.type);
  if (config === null && isObject(live)) return isEmptyObject(live) ? null : live;
  if (!isObject(live) || !isObject(config)) return config;
  const out: Record<string, unknown> = { ...live };
  for (const key of Object.keys(config)) {
    if (config[key] === undefined) continue;
    const own = Object.hasOwn(live, key) ? live[key] : undefined;
    setKey(out, key, mergeTyped(own, config[key], childType(shape.type, key) ?? ANY));
  }
  return out;
}

function isEmptyObject(value: object): boolean {
  return Object.keys(value).length === 0;
}

interface Indexed {
  readonly elements: readonly string[];
  readonly items: readonly unknown[];
  /** The item of an element; undefined for elements that are there twice. */
  readonly byElement: ReadonlyMap<string, unknown>;
}

function index(type: ListType, value: unknown, allowDuplicates: boolean): Indexed {
  const byElement = new Map<string, unknown>();
  const elements: string[] = [];
  const items: unknown[] = [];
  for (const { element, item } of listElements(type, value)) {
    const found = byElement.has(element);
    if (found && !allowDuplicates) throw new TypedError('', `duplicate entries for key ${formatFieldPath([element])}`);
    byElement.set(element, found ? undefined : item);
    elements.push(element);
    items.push(item);
  }
  return { elements, items, byElement };
}

/**
 * The elements of both: those of the applied list in its order, those only live where they were, as far as that goes together.
 */
function mergeLists(live: unknown, config: unknown, type: ListType): unknown {
  if (!Array.isArray(live) || live.length === 0) return config === null ? live : config;
  if (!Array.isArray(config) || config.length === 0) return live;
  const right = index(type, config, false);
  const left = index(type, live, true);
  const shared = right.elements.filter((element) => left.byElement.has(element));
  const merged = new Set<string>();
  const out: unknown[] = [];
  let nextShared = shared.shift();
  const takeRight = (element: string): void => {
    merged.add(element);
    out.push(mergeTyped(left.byElement.get(element), right.byElement.get(element), type.element));
  };
  let i = 0;
  let j = 0;
  while (i < left.elements.length || j < right.elements.length) {
    const own = left.elements[i];
    const other = right.elements[j];
    if (own !== undefined && other !== undefined) {
      if (own === other) {
        takeRight(own);
        i += 1;
        j += 1;
        nextShared = shared.shift();
        continue;
      }
      if (right.byElement.has(own) && nextShared !== undefined && nextShared !== own) {
        // Shared, but not the one whose turn it is.
        i += 1;
        continue;
      }
    }
    if (own !== undefined) {
      if (!right.byElement.has(own)) {
        out.push(left.items[i]);
        i += 1;
        continue;
      }
      if (merged.has(own)) i += 1;
    }
    if (other !== undefined) {
      takeRight(other);
      j += 1;
      if (nextShared === other) nextShared = shared.shift();
    }
  }
  return out;
}

/** The value without these fields; undefined if nothing of a container is left. structured-merge-diff: typed/remove.go. */
export function removeFields(value: unknown, fields: FieldSet, type: FieldType): unknown {
  if (isEmptyFieldSet(fields)) return value;
  const shape = shapeOf(type, value);
  if (shape.kind === 'leaf') return isScalarOrAny(type) ? value : undefined;
  if (shape.kind === 'list') return removeElements(value, fields, shape.type);
  if (!isObject(value) || isEmptyObject(value)) return undefined;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const element = fieldElement(key);
    const node = fields[element];
    if (node === undefined) setKey(out, key, item);
    else if (!isMember(node)) {
      // What has lost all it held stays, as null.
      const rest = removeFields(item, childrenOf(fields, element), childType(shape.type, key) ?? ANY);
      setKey(out, key, rest ?? null);
    }
  }
  return isEmptyObject(out) ? undefined : out;
}

function isScalarOrAny(type: FieldType): boolean {
  return type.kind === 'scalar' || type.kind === 'any';
}

function removeElements(value: unknown, fields: FieldSet, type: ListType): unknown {
  const out: unknown[] = [];
  for (const { element, item } of listElements(type, value)) {
    const node = fields[element];
    if (node === undefined) out.push(item);
    else if (!isMember(node)) {
      const rest = removeFields(item, childrenOf(fields, element), type.element);
      if (rest !== undefined) out.push(rest);
    }
  }
  return out.length === 0 ? undefined : out;
}
