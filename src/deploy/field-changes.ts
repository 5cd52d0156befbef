import { compareStrings, isObject } from '../base/json.ts';
import { deepEqual } from '../kube/equality.ts';
import type { FieldType } from '../kube/type-table.ts';
import { elementId, isNothing, memberType } from './project-live.ts';

/** One field that differs. */
export interface FieldChange {
  /** `spec.template.spec.containers[name=web].image`, `metadata.annotations["example.com/team"]` */
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before?: unknown;
  readonly after?: unknown;
}

/** The fields in which two states of an object differ, each at the deepest place that tells it, in the order of paths. */
export function fieldChanges(before: unknown, after: unknown, type: FieldType | undefined): FieldChange[] {
  const out: FieldChange[] = [];
  collect({ before, after, path: '', type }, out);
  return out;
}

interface Pair {
  readonly before: unknown;
  readonly after: unknown;
  readonly path: string;
  readonly type: FieldType | undefined;
}

function collect(pair: Pair, out: FieldChange[]): void {
  const { before, after, path, type } = pair;
  if (deepEqual(before, after) || (isNothing(before) && isNothing(after))) return;
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareStrings);
    for (const key of keys) {
      collect(
        {
          before: Object.hasOwn(before, key) ? before[key] : undefined,
          after: Object.hasOwn(after, key) ? after[key] : undefined,
          path: joinPath(path, key),
          type: memberType(type, key),
        },
        out,
      );
    }
    return;
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    collectList(pair, before, after, out);
    return;
  }
  out.push(changeOf(pair));
}

function collectList(pair: Pair, before: readonly unknown[], after: readonly unknown[], out: FieldChange[]): void {
  const { path, type } = pair;
  const element = type?.kind === 'list' ? type.element : undefined;
  if (type?.kind === 'list' && type.listType === 'map') {
    const old = new Map(before.map((item) => [elementId(item, type), item]));
    const fresh = new Map(after.map((item) => [elementId(item, type), item]));
    for (const id of new Set([...old.keys(), ...fresh.keys()])) {
      collect({ before: old.get(id), after: fresh.get(id), path: `${path}[${id}]`, type: element }, out);
    }
    return;
  }
  if (before.length !== after.length || !before.every(isObject) || !after.every(isObject)) {
    out.push(changeOf(pair));
    return;
  }
  for (const [i, item] of before.entries()) {
    collect({ before: item, after: after[i], path: `${path}[${i}]`, type: element }, out);
  }
}

function changeOf({ before, after, path }: Pair): FieldChange {
  if (before === undefined) return { path, change: 'added', after };
  if (after === undefined) return { path, change: 'removed', before };
  return { path, change: 'changed', before, after };
}

/** The path of a member. */
export function joinPath(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
