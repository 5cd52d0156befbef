import { childrenOf, EMPTY_FIELD_SET, isEmptyFieldSet, type FieldSet } from './field-set.ts';
import type { Managers } from './managers.ts';
import type { FieldType } from './type-table.ts';
import { elementType } from './typed-value.ts';

/**
 * What managers own, as a schema says it that may have changed since: parts of what is one value now become the value.
 * structured-merge-diff: typed/reconcile_schema.go
 */
export function reconcileManagers(managers: Managers, type: FieldType): void {
  for (const [key, manager] of managers) {
    const set = reconciled(manager.set, type);
    if (set !== manager.set) managers.set(key, { ...manager, set });
  }
}

/** The set itself where nothing is to be done. */
function reconciled(set: FieldSet, type: FieldType): FieldSet {
  let out: Record<string, FieldSet> | undefined;
  for (const [element, node] of Object.entries(set)) {
    if (element === '.') continue;
    const inner = elementType(type, element);
    if (inner === undefined || isEmptyFieldSet(childrenOf(set, element))) continue;
    const next = isWhole(inner) ? EMPTY_FIELD_SET : reconciled(node, inner);
    if (next === node) continue;
    out ??= { ...set };
    out[element] = next;
  }
  return out ?? set;
}

function isWhole(type: FieldType): boolean {
  if (type.kind === 'list') return type.listType === 'atomic';
  return (type.kind === 'struct' || type.kind === 'map') && type.atomic;
}
