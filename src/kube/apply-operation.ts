import { isObject, sortedKeys } from '../base/json.ts';
import type { Applied, ApplyRequest } from './apply-request.ts';
import { decodeObject, emptyObject } from './decode.ts';
import { deepEqual } from './equality.ts';
import {
  conflictError,
  conflictsOf,
  managerText,
  takeOwnership,
  withManagedFields,
  withoutIgnored,
  withoutManagedFields,
  type Conflict,
} from './field-ownership.ts';
import {
  EMPTY_FIELD_SET,
  hasFieldPath,
  intersectFieldSets,
  isEmptyFieldSet,
  subtractFieldSets,
  unionFieldSets,
  type FieldSet,
} from './field-set.ts';
import { formatFieldPath } from './path-element.ts';
import { LAST_APPLIED_ANNOTATION } from './managed-fields.ts';
import { managedTime, managerKey, withoutSystemFields, type Manager, type Managers } from './managers.ts';
import { apiVersionOf, type KubeObject } from './object.ts';
import { reconcileManagers } from './reconcile-fields.ts';
import { setKey } from './set-key.ts';
import type { StructType } from './type-table.ts';
import { compareTyped, withoutFields, type Comparison } from './typed-compare.ts';
import { mergeTyped, removeFields } from './typed-merge.ts';
import { fieldSetOfValue, withNamedFields } from './typed-value.ts';

/** What an apply works on. */
export interface ApplyState {
  readonly type: StructType;
  readonly live: KubeObject;
  readonly managers: Managers;
}

/** One server-side apply. structured-merge-diff: merge/update.go (Apply). */
export class ApplyOperation {
  readonly #request: ApplyRequest;
  readonly #type: StructType;
  readonly #live: KubeObject;
  readonly #managers: Managers;
  readonly #self: Manager;
  readonly #key: string;

  constructor(request: ApplyRequest, { type, live, managers }: ApplyState) {
    this.#request = request;
    this.#type = type;
    this.#live = live;
    this.#managers = managers;
    this.#self = {
      manager: request.manager === '' ? 'unknown' : request.manager,
      operation: 'Apply',
      apiVersion: apiVersionOf(request.gvk),
      subresource: request.subresource ?? '',
      time: managedTime(request.now),
      set: EMPTY_FIELD_SET,
    };
    this.#key = managerKey(this.#self);
  }

  run(): Applied {
    const { live: existing, config, gvk } = this.#request;
    if (this.#request.type !== undefined) reconcileManagers(this.#managers, this.#type);
    if (this.#managers.size === 0 && existing !== undefined) this.#ownFieldsBefore(existing);
    const before = this.#managers.get(this.#key);
    const set = withoutIgnored(fieldSetOfValue(config, this.#type), this.#request.ignoredFields);
    const liveValue = withoutManagedFields(this.#live);
    const merged = mergeTyped(liveValue, config, this.#type);
    this.#managers.set(this.#key, { ...this.#self, set });
    const pruned = before === undefined ? merged : this.#prune(merged, before.set);
    const comparison = withoutFields(compareTyped(liveValue, pruned, this.#type), this.#request.ignoredFields);
    const conflicts = this.#settle(comparison);
    this.#strip();
    const changed = !deepEqual(liveValue, pruned);
    const decoded = changed ? decodeObject(gvk, pruned, 'Ignore').object : this.#live;
    if (!changed) this.#keepTime(before);
    const object = this.#withLastApplied(decoded);
    return {
      object: withManagedFields(object, this.#managers, existing),
      conflicts: conflicts.map(({ manager, path }) => ({
        manager: managerText(manager),
        field: formatFieldPath(path),
      })),
    };
  }

  /** Fields of objects that were written before anybody was recorded. */
  #ownFieldsBefore(existing: KubeObject): void {
    const comparison = compareTyped(emptyObject(this.#request.gvk), withoutManagedFields(existing), this.#type);
    const set = withoutSystemFields(
      withoutIgnored(unionFieldSets(comparison.added, comparison.modified), this.#request.ignoredFields),
    );
    if (set === undefined) return;
    const manager: Manager = { ...this.#self, manager: 'before-first-apply', operation: 'Update', set };
    this.#managers.set(managerKey(manager), manager);
  }

  /** Takes away what this manager applied last time and nobody has any more. */
  #prune(merged: unknown, last: FieldSet): unknown {
    if (isEmptyFieldSet(last)) return merged;
    const type = this.#type;
    const lastNamed = withNamedFields(last, type);
    let pruned = removeFields(merged, lastNamed, type);
    const mergedSet = withNamedFields(fieldSetOfValue(merged, type), type);
    let owned = EMPTY_FIELD_SET;
    for (const { set } of this.#managers.values()) owned = unionFieldSets(owned, set);
    const prunedSet = withNamedFields(fieldSetOfValue(pruned, type), type);
    const unowned = subtractFieldSets(mergedSet, unionFieldSets(prunedSet, withNamedFields(owned, type)));
    pruned = removeFields(merged, unowned, type);
    const stillThere = withNamedFields(fieldSetOfValue(pruned, type), type);
    return removeFields(merged, intersectFieldSets(subtractFieldSets(mergedSet, stillThere), lastNamed), type);
  }

  #settle(comparison: Comparison): readonly Conflict[] {
    const conflicts = conflictsOf(comparison, this.#managers, this.#key);
    if (conflicts.length > 0 && !this.#request.force) {
      const kept = conflicts.filter(({ path }) => !hasFieldPath(this.#takenFromLastApplied(), path));
      if (kept.length > 0) throw conflictError(kept);
    }
    takeOwnership(comparison, this.#managers, this.#key);
    return conflicts;
  }

  /** kubectl may take over what its client-side apply wrote and nobody changed since. */
  #takenFromLastApplied(): FieldSet {
    const { manager, gvk } = this.#request;
    const text = this.#live.metadata.annotations?.[LAST_APPLIED_ANNOTATION];
    if (manager !== 'kubectl' || text === undefined || text === '') return EMPTY_FIELD_SET;
    let applied: unknown;
    try {
      applied = JSON.parse(text);
    } catch {
      return EMPTY_FIELD_SET;
    }
    if (!isObject(applied) || applied['apiVersion'] !== apiVersionOf(gvk)) return EMPTY_FIELD_SET;
    const { added, modified, removed } = compareTyped(applied, withoutManagedFields(this.#live), this.#type);
    const set = fieldSetOfValue(applied, this.#type);
    return subtractFieldSets(subtractFieldSets(subtractFieldSets(set, modified), added), removed);
  }

  #strip(): void {
    const own = this.#managers.get(this.#key);
    if (own === undefined) return;
    const set = withoutSystemFields(own.set);
    if (set === undefined) this.#managers.delete(this.#key);
    else this.#managers.set(this.#key, { ...own, set });
  }

  #keepTime(before: Manager | undefined): void {
    const own = this.#managers.get(this.#key);
    if (own !== undefined && before !== undefined) this.#managers.set(this.#key, { ...own, time: before.time });
    else if (own !== undefined) this.#managers.set(this.#key, { ...own, time: undefined });
  }

  #withLastApplied(object: KubeObject): KubeObject {
    const { annotations } = object.metadata;
    const known = annotations?.[LAST_APPLIED_ANNOTATION];
    if (this.#request.manager !== 'kubectl' || known === undefined || known === '') return object;
    const text = lastAppliedText(this.#request.config);
    if (text === known) return object;
    return {
      ...object,
      metadata: { ...object.metadata, annotations: { ...annotations, [LAST_APPLIED_ANNOTATION]: text } },
    };
  }
}

/** The annotation that keeps a configuration for client-side apply. */
function lastAppliedText(config: KubeObject): string {
  const { [LAST_APPLIED_ANNOTATION]: _, ...annotations } = config.metadata.annotations ?? {};
  const metadata = { ...config.metadata };
  const rest = config.metadata.annotations === undefined ? metadata : { ...metadata, annotations };
  return `${JSON.stringify(sorted({ ...config, metadata: rest }))}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const out: Record<string, unknown> = {};
  for (const key of sortedKeys(value)) setKey(out, key, sorted(value[key]));
  return out;
}
