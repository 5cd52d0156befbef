import { isObject, newObject } from '../base/json.ts';
import type { FieldType, ListType } from '../kube/type-table.ts';
import { parseQuantity } from '../kube/quantity.ts';

type Fields = Readonly<Record<string, unknown>>;

/** One field in the three states that matter to a release; undefined where it is absent. */
export interface ThreeStates {
  /** In the last revision's manifest. */
  readonly last: unknown;
  /** In the new manifest. */
  readonly next: unknown;
  /** On the cluster. */
  readonly live: unknown;
}

/**
 * What the cluster has of the fields that either manifest names: defaults, status and what others added are left out.
 * Where a live value means the same as a manifest's (`1000m` and `1`), the manifest's spelling is taken.
 */
export function projectLive(states: ThreeStates, type: FieldType | undefined): unknown {
  const { last, next, live } = states;
  const wanted = next ?? last;
  if (live === undefined || live === null) return isNothing(wanted) ? wanted : undefined;
  if (isObject(live) && isObject(wanted)) return projectObject({ last, next, live }, type);
  if (Array.isArray(live) && Array.isArray(wanted)) return projectList(live, states, type);
  for (const spelling of [next, last]) if (sameScalar(live, spelling, type)) return spelling;
  return live;
}

function projectObject(
  states: { readonly last: unknown; readonly next: unknown; readonly live: Fields },
  type: FieldType | undefined,
): Fields {
  const last = isObject(states.last) ? states.last : {};
  const next = isObject(states.next) ? states.next : {};
  const out = newObject();
  for (const key of new Set([...Object.keys(next), ...Object.keys(last)])) {
    const value = projectLive(
      { last: own(last, key), next: own(next, key), live: own(states.live, key) },
      memberType(type, key),
    );
    if (value !== undefined) out[key] = value;
  }
  return out;
}

function projectList(live: readonly unknown[], states: ThreeStates, type: FieldType | undefined): unknown[] {
  const last = Array.isArray(states.last) ? (states.last as readonly unknown[]) : [];
  const next = Array.isArray(states.next) ? (states.next as readonly unknown[]) : [];
  const element = type?.kind === 'list' ? type.element : undefined;
  if (type?.kind === 'list' && type.listType !== 'atomic') {
    const id = (item: unknown): string => elementId(item, type);
    const lastItems = new Map(last.map((item) => [id(item), item]));
    const nextItems = new Map(next.map((item) => [id(item), item]));
    const liveItems = new Map(live.map((item) => [id(item), item]));
    const out: unknown[] = [];
    for (const key of new Set([...nextItems.keys(), ...lastItems.keys()])) {
      const item = liveItems.get(key);
      if (item !== undefined) {
        out.push(projectLive({ last: lastItems.get(key), next: nextItems.get(key), live: item }, element));
      }
    }
    return out;
  }
  return live.map((item, i) =>
    next[i] === undefined && last[i] === undefined
      ? item
      : (projectLive({ last: last[i], next: next[i], live: item }, element) ?? item),
  );
}

/** What tells elements of a list apart: the values of its keys, or the scalar itself. */
export function elementId(item: unknown, list: ListType): string {
  if (list.listType !== 'map' || !isObject(item)) return JSON.stringify(item);
  const fields = list.element.kind === 'struct' ? list.element.fields : undefined;
  return list.keys.map((key) => `${key}=${keyText(item[key] ?? fields?.get(key)?.default)}`).join(',');
}

function keyText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return (typeof value === 'string' ? value : JSON.stringify(value)).replace(/^"(.*)"$/, '$1');
}

/** The type of a struct's field or of a map's value, where it is known. */
export function memberType(type: FieldType | undefined, key: string): FieldType | undefined {
  if (type?.kind === 'map') return type.value;
  if (type?.kind !== 'struct') return undefined;
  return type.fields.get(key)?.type ?? type.others;
}

function own(value: Fields, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Nothing that the API keeps: null, and lists and maps without content. */
export function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isNothing);
}

function sameScalar(live: unknown, manifest: unknown, type: FieldType | undefined): boolean {
  if (live === manifest) return true;
  if (type?.kind !== 'scalar' || type.scalar !== 'quantity') return false;
  if (!isAmount(live) || !isAmount(manifest)) return false;
  try {
    return parseQuantity(live).nano === parseQuantity(manifest).nano;
  } catch {
    return false;
  }
}

function isAmount(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
