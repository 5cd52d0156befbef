import { isObject } from '../base/json.ts';
import { compareElements, keyElement, type FieldPath } from './path-element.ts';

/**
 * A set of fields of an object, in the very form in which managedFields carry it (fieldsV1): a tree whose keys are path elements
 * – `f:NAME` a field, `k:{…}` an element of a list by its keys, `v:VALUE` an element of a set, `i:INDEX` one by its place –, an
 * empty node is a member, a node with children is one if it holds the key `.`.
 *
 * Sets are never changed; operations share what stays the same, and give back an operand if it already is the result.
 * structured-merge-diff: fieldpath/set.go, serialize.go.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** No field, and as a node: a member without children. */
export const EMPTY_FIELD_SET: FieldSet = Object.freeze({});

const SELF = '.';

type Mutable = Record<string, FieldSet>;

const normalized = new WeakMap<object, FieldSet>();
const inOrder = new WeakSet<object>();

/** Objects of one make have the same fields: they share one set. */
const shared = new Map<string, FieldSet>();
const MOST_SHARED = 1000;

/** Reads fieldsV1: elements of unknown kinds are dropped, keys of list elements put in order. */
export function parseFieldSet(fieldsV1: unknown): FieldSet {
  if (!isObject(fieldsV1)) return EMPTY_FIELD_SET;
  const known = normalized.get(fieldsV1);
  if (known !== undefined) return known;
  const set = parseNode(fieldsV1);
  normalized.set(fieldsV1, set);
  return set;
}

/** True for sets that came out of this module: they are never changed, so there is no need to copy them. */
export function isOwnFieldSet(value: unknown): boolean {
  return typeof value === 'object' && value !== null && normalized.get(value) === value;
}

function parseNode(node: Readonly<Record<string, unknown>>): FieldSet {
  let copy: Mutable | undefined;
  const keys = Object.keys(node);
  const out: Mutable = {};
  for (const key of keys) {
    const element = parseElement(key);
    const child = node[key];
    const parsed = isObject(child) ? parseNode(child) : EMPTY_FIELD_SET;
    if (element !== key || parsed !== child) copy = out;
    if (element !== undefined) out[element] = parsed;
  }
  if (keys.length === 0) return EMPTY_FIELD_SET;
  if (keys.length === 1 && keys[0] === SELF) return EMPTY_FIELD_SET;
  return copy ?? (node as FieldSet);
}

function parseElement(key: string): string | undefined {
  if (key === SELF || key.startsWith('f:') || key.startsWith('v:') || key.startsWith('i:')) return key;
  if (!key.startsWith('k:')) return undefined;
  try {
    const fields: unknown = JSON.parse(key.slice(2));
    return isObject(fields) ? keyElement(fields) : undefined;
  } catch {
    return undefined;
  }
}

/** `f:NAME` */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** The set as fieldsV1, its elements in the order in which Kubernetes writes them. */
export function formatFieldSet(set: FieldSet): FieldSet {
  if (normalized.get(set) === set && inOrder.has(set)) return set;
  const result = orderNode(set);
  const text = JSON.stringify(result);
  const known = shared.get(text);
  if (known !== undefined) return known;
  normalized.set(result, result);
  inOrder.add(result);
  if (shared.size === MOST_SHARED) shared.clear();
  shared.set(text, result);
  return result;
}

function orderNode(set: FieldSet): FieldSet {
  const keys = Object.keys(set);
  if (keys.length === 0) return set;
  let ordered = true;
  for (let i = 1; i < keys.length && ordered; i += 1) ordered = compareElements(keys[i - 1] ?? '', keys[i] ?? '') < 0;
  if (!ordered) keys.sort(compareElements);
  let changed = !ordered;
  const out: Mutable = {};
  for (const key of keys) {
    const child = set[key] ?? EMPTY_FIELD_SET;
    const formatted = orderNode(child);
    if (formatted !== child) changed = true;
    out[key] = formatted;
  }
  return changed ? out : set;
}

/** True if the set has no members. */
export function isEmptyFieldSet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** The set of these paths. */
export function fieldSetOf(...paths: readonly FieldPath[]): FieldSet {
  let set = EMPTY_FIELD_SET;
  for (const path of paths) set = unionFieldSets(set, singlePath(path));
  return set;
}

function singlePath(path: FieldPath): FieldSet {
  let node = EMPTY_FIELD_SET;
  for (let i = path.length - 1; i >= 0; i -= 1) node = { [path[i] ?? '']: node };
  return node;
}

/** True if the path is a member. */
export function hasFieldPath(set: FieldSet, path: FieldPath): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) {
    node = node[element];
    if (node === undefined) return false;
  }
  return path.length > 0 && isMember(node);
}

/** True if a node is a member itself: it has no children, or says so. */
export function isMember(node: FieldSet): boolean {
  return node[SELF] !== undefined || isEmptyFieldSet(node);
}

/** What is below an element, without the element itself. */
export function childrenOf(set: FieldSet, element: string): FieldSet {
  const node = set[element];
  if (node === undefined) return EMPTY_FIELD_SET;
  return node[SELF] === undefined ? node : withoutSelf(node);
}

function withoutSelf(node: FieldSet): FieldSet {
  const { [SELF]: _, ...rest } = node;
  return rest;
}

/** A node for an element: with children and, maybe, a member itself. Undefined if it is neither. */
function fieldNode(member: boolean, children: FieldSet): FieldSet | undefined {
  if (isEmptyFieldSet(children)) return member ? EMPTY_FIELD_SET : undefined;
  return member ? { [SELF]: EMPTY_FIELD_SET, ...children } : children;
}

/** The members of both. */
export function unionFieldSets(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptyFieldSet(b)) return a;
  if (isEmptyFieldSet(a)) return b;
  let out: Mutable | undefined;
  for (const element in b) {
    const other = b[element] ?? EMPTY_FIELD_SET;
    const own = a[element];
    const merged = own === undefined ? other : unionNodes(own, other);
    if (merged !== own) {
      out ??= { ...a };
      out[element] = merged;
    }
  }
  return out ?? a;
}

function unionNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const aEmpty = isEmptyFieldSet(a);
  const bEmpty = isEmptyFieldSet(b);
  if (aEmpty && bEmpty) return a;
  if (bEmpty) return isMember(a) ? a : { [SELF]: EMPTY_FIELD_SET, ...a };
  if (aEmpty) return isMember(b) ? b : { [SELF]: EMPTY_FIELD_SET, ...b };
  return unionFieldSets(a, b);
}

/** The members that are in both. */
export function intersectFieldSets(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const out: Mutable = {};
  let same = true;
  for (const element in a) {
    const own = a[element] ?? EMPTY_FIELD_SET;
    const other = b[element];
    const node = other === undefined ? undefined : intersectNodes(element, own, other);
    if (node !== own) same = false;
    if (node !== undefined) out[element] = node;
  }
  return same ? a : out;
}

function intersectNodes(element: string, a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (a === b || element === SELF) return a;
  const member = isMember(a) && isMember(b);
  if (isEmptyFieldSet(a)) return member ? a : undefined;
  const children = intersectFieldSets(withoutSelf(a), withoutSelf(b));
  const node = fieldNode(member, children);
  return node !== undefined && equalFieldSets(node, a) ? a : node;
}

/**
 * The members of `a` that are not in `b`. Only paths that are themselves in `b` go: a parent in `b` does not take its children.
 */
export function subtractFieldSets(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, false);
}

/** The members of `a` that are neither in `b` nor below a member of `b`. */
export function subtractFieldSetsDeep(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, b, true);
}

function subtract(a: FieldSet, b: FieldSet, deep: boolean): FieldSet {
  if (a === b) return EMPTY_FIELD_SET;
  let out: Mutable | undefined;
  for (const element in b) {
    const own = a[element];
    const other = b[element];
    if (own === undefined || other === undefined || element === SELF) continue;
    const node = subtractNode(own, other, deep);
    if (node === own) continue;
    out ??= { ...a };
    if (node === undefined) delete out[element];
    else out[element] = node;
  }
  return out ?? a;
}

function subtractNode(own: FieldSet, other: FieldSet, deep: boolean): FieldSet | undefined {
  const otherMember = isMember(other);
  if (deep && otherMember) return undefined;
  const member = isMember(own);
  if (isEmptyFieldSet(own)) return otherMember ? undefined : own;
  const children = own[SELF] === undefined ? own : withoutSelf(own);
  const rest = subtract(children, other, deep);
  const staysMember = member && !otherMember;
  if (rest === children && staysMember === member) return own;
  return fieldNode(staysMember, rest);
}

/** The same members. */
export function equalFieldSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  let count = 0;
  for (const element in a) {
    const own = a[element];
    const other = b[element];
    if (other === undefined || own === undefined || !equalFieldSets(own, other)) return false;
    count += 1;
  }
  for (const _ in b) count -= 1;
  return count === 0;
}

/** Without the members that have members below them. */
export function leafFields(set: FieldSet): FieldSet {
  const out: Mutable = {};
  for (const element in set) {
    if (element !== SELF) out[element] = leafFields(set[element] ?? EMPTY_FIELD_SET);
  }
  return out;
}

/** Every member's path, parents before their children. */
export function fieldPaths(set: FieldSet): FieldPath[] {
  const paths: FieldPath[] = [];
  collect(set, [], paths);
  return paths;
}

function collect(set: FieldSet, prefix: FieldPath, paths: FieldPath[]): void {
  const elements = Object.keys(set)
    .filter((element) => element !== SELF)
    .sort(compareElements);
  for (const element of elements) {
    if (isMember(set[element] ?? EMPTY_FIELD_SET)) paths.push([...prefix, element]);
  }
  for (const element of elements) collect(set[element] ?? EMPTY_FIELD_SET, [...prefix, element], paths);
}
