import { compareStrings } from '../base/json.ts';
import type { ManagedFieldsEntry } from './api/meta-v1.generated.ts';
import {
  fieldPaths,
  intersectFieldSets,
  isEmptyFieldSet,
  subtractFieldSets,
  subtractFieldSetsDeep,
  unionFieldSets,
  type FieldSet,
} from './field-set.ts';
import { formatFieldPath, type FieldPath } from './path-element.ts';
import { writeManagers, type Manager, type Managers } from './managers.ts';
import type { KubeObject } from './object.ts';
import { deepEqual } from './equality.ts';
import { StatusError, type StatusCause } from './status-error.ts';
import type { Comparison } from './typed-compare.ts';

/** A field that an applier changes and another manager owns. */
export interface Conflict {
  readonly manager: Manager;
  readonly path: FieldPath;
}

/** The fields that a change takes from managers other than its own. */
export function conflictsOf(comparison: Comparison, managers: Managers, self: string): readonly Conflict[] {
  const changed = unionFieldSets(comparison.modified, comparison.added);
  if (isEmptyFieldSet(changed)) return [];
  const conflicts: Conflict[] = [];
  for (const [key, manager] of managers) {
    if (key === self) continue;
    for (const path of fieldPaths(intersectFieldSets(manager.set, changed))) conflicts.push({ manager, path });
  }
  return conflicts.sort((a, b) => compareStrings(managerText(a.manager), managerText(b.manager)));
}

/** What changed or went belongs to nobody else any more; managers that own nothing are forgotten. */
export function takeOwnership(comparison: Comparison, managers: Managers, self: string | undefined): void {
  const changed = unionFieldSets(comparison.modified, comparison.added);
  for (const [key, manager] of managers) {
    const set =
      key === self ? manager.set : subtractFieldSets(subtractFieldSets(manager.set, changed), comparison.removed);
    if (isEmptyFieldSet(set)) managers.delete(key);
    else if (set !== manager.set) managers.set(key, { ...manager, set });
  }
}

/** The set without these fields and all below them. */
export function withoutIgnored(set: FieldSet, ignored: FieldSet | undefined): FieldSet {
  return ignored === undefined ? set : subtractFieldSetsDeep(set, ignored);
}

/** A manager as conflicts name it. */
export function managerText({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = JSON.stringify(manager) + (subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`);
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

/** The server's answer to an apply with conflicts. apimachinery: pkg/util/managedfields/internal/conflict.go. */
export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const causes: StatusCause[] = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${managerText(manager)}`,
    field: formatFieldPath(path),
  }));
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: conflictText(conflicts),
    reason: 'Conflict',
    details: { causes },
    code: 409,
  });
}

function conflictText(conflicts: readonly Conflict[]): string {
  const [only] = conflicts;
  if (conflicts.length === 1 && only !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${managerText(only.manager)}: ${formatFieldPath(only.path)}`;
  }
  const lines: string[] = [];
  let last: string | undefined;
  for (const { manager, path } of conflicts) {
    const name = managerText(manager);
    if (name !== last) lines.push(`conflicts with ${name}:`);
    last = name;
    lines.push(`- ${formatFieldPath(path)}`);
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** The object without managedFields. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/**
 * The object with these managers. If nothing but times of managedFields would change, the object that is there is the result:
 * a write that changes nothing else is none. apiserver: pkg/endpoints/handlers/fieldmanager/equality.go.
 */
export function withManagedFields(
  object: KubeObject,
  managers: Managers,
  existing: KubeObject | undefined,
): KubeObject {
  const bare = withoutManagedFields(object);
  const entries = writeManagers(managers);
  if (existing !== undefined && sameButTimes(existing.metadata.managedFields ?? [], entries ?? [])) {
    if (bare === withoutManagedFields(existing) || deepEqual(bare, withoutManagedFields(existing))) return existing;
  }
  return withEntries(bare, entries);
}

/** An object without managedFields with these. */
export function withEntries(bare: KubeObject, entries: readonly ManagedFieldsEntry[] | undefined): KubeObject {
  return entries === undefined ? bare : { ...bare, metadata: { ...bare.metadata, managedFields: entries } };
}

function sameButTimes(a: readonly object[], b: readonly object[]): boolean {
  const withoutTime = (entry: object): object => ({ ...entry, time: undefined });
  return a.length === b.length && deepEqual(a.map(withoutTime), b.map(withoutTime));
}
