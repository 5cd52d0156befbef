import { isObject, newObject } from '../base/json.ts';
import { deepEqual } from '../kube/equality.ts';
import type { GroupVersionKind, KubeObject } from '../kube/object.ts';
import { type FieldType, typeOf } from '../kube/type-table.ts';
import type { IgnoresField } from './drift-rules.ts';
import { joinPath } from './field-changes.ts';
import { withSecretData } from './mask-secrets.ts';
import { elementId, memberType, projectLive } from './project-live.ts';

/**
 * A manifest's object in which the fields that are left alone have the values of the cluster, so that writing it leaves them as they
 * are.
 */
export function keepIgnored(
  states: { readonly target: KubeObject; readonly live: KubeObject },
  type: GroupVersionKind,
  ignores: IgnoresField,
): KubeObject {
  const target = withSecretData(states.target);
  const fieldType = typeOf(type);
  const live = projectLive({ last: target, next: target, live: states.live }, fieldType);
  const kept = merge({ target, live, path: '', type: fieldType }, ignores);
  const { apiVersion, kind, metadata } = target;
  if (!isObject(kept)) return target;
  const fields = isObject(kept['metadata']) ? kept['metadata'] : {};
  // Whatever is left alone, it stays the object that it is.
  return { ...kept, apiVersion, kind, metadata: { ...fields, name: metadata.name, namespace: metadata.namespace } };
}

interface Pair {
  readonly target: unknown;
  readonly live: unknown;
  readonly path: string;
  readonly type: FieldType | undefined;
}

function merge(pair: Pair, ignores: IgnoresField): unknown {
  const { target, live, path, type } = pair;
  if (path !== '' && !deepEqual(target, live) && ignores(path)) return live;
  if (isObject(target) && isObject(live)) {
    const out = newObject();
    for (const [key, value] of Object.entries(target)) {
      const there = Object.hasOwn(live, key) ? live[key] : undefined;
      const kept = merge(
        { target: value, live: there, path: joinPath(path, key), type: memberType(type, key) },
        ignores,
      );
      if (kept !== undefined) out[key] = kept;
    }
    return out;
  }
  if (Array.isArray(target) && Array.isArray(live)) return mergeList(pair, [target, live], ignores);
  return target;
}

function mergeList(
  { path, type }: Pair,
  [target, live]: readonly [readonly unknown[], readonly unknown[]],
  ignores: IgnoresField,
): unknown {
  if (type?.kind === 'list' && type.listType === 'map') {
    const there = new Map(live.map((item) => [elementId(item, type), item]));
    return target.flatMap((item) => {
      const id = elementId(item, type);
      const kept = merge({ target: item, live: there.get(id), path: `${path}[${id}]`, type: type.element }, ignores);
      return kept === undefined ? [] : [kept];
    });
  }
  if (target.length !== live.length) return target;
  const element = type?.kind === 'list' ? type.element : undefined;
  return target.map((item, i) => merge({ target: item, live: live[i], path: `${path}[${i}]`, type: element }, ignores));
}
