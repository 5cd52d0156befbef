import { isObject, newObject } from '../base/json.ts';
import type { GroupVersionKind, KubeObject } from '../kube/object.ts';
import { typeOf } from '../kube/type-table.ts';
import { type FieldChange, fieldChanges } from './field-changes.ts';
import { maskSecrets, withSecretData } from './mask-secrets.ts';
import { isNothing, projectLive } from './project-live.ts';

/** An object in the three states that matter to a release; undefined where it is absent. */
export interface ObjectStates {
  /** In the last revision's manifest. */
  readonly last: KubeObject | undefined;
  /** In the new manifest. */
  readonly next: KubeObject | undefined;
  /** On the cluster. */
  readonly live: KubeObject | undefined;
}

/** What an upgrade would do to one object. */
export interface StateDiff {
  readonly change: 'added' | 'removed' | 'changed' | 'unchanged';
  /** What the cluster has of the fields that either manifest names; secrets are masked. */
  readonly before?: Readonly<Record<string, unknown>>;
  /** What it will have of them. */
  readonly after?: Readonly<Record<string, unknown>>;
  readonly changes: readonly FieldChange[];
  /** What somebody changed since the last revision: `before` is the release's word, `after` what the cluster has. */
  readonly drift: readonly FieldChange[];
  /** The object was deleted since the last revision. */
  readonly gone: boolean;
}

/**
 * Compares three ways: what changes is what differs between the cluster and the new manifest, in the fields that the last
 * or the new one names; fields of others do not count.
 */
export function diffObject(states: ObjectStates, type: GroupVersionKind, showSecrets = false): StateDiff {
  const fieldType = typeOf(type);
  const last = withSecretData(manifestFields(states.last));
  const next = withSecretData(manifestFields(states.next));
  // Where manifests alone are compared, this is one, too.
  const live = withSecretData(states.live as Fields | undefined);
  const before = live === undefined ? undefined : (projectLive({ last, next, live }, fieldType) as Fields);
  const [maskedBefore, maskedAfter] = showSecrets ? [before, next] : maskSecrets(before, next);
  const changes = fieldChanges(maskedBefore, maskedAfter, fieldType);
  const drift = last === undefined || live === undefined ? [] : driftOf(last, live, { fieldType, showSecrets });
  return {
    change: changeOf(before, next, changes),
    ...(maskedBefore === undefined ? {} : { before: maskedBefore }),
    ...(maskedAfter === undefined ? {} : { after: maskedAfter }),
    changes: before === undefined || next === undefined ? [] : changes,
    drift,
    gone: last !== undefined && live === undefined,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function changeOf(
  before: Fields | undefined,
  next: Fields | undefined,
  changes: readonly FieldChange[],
): StateDiff['change'] {
  if (before === undefined) return next === undefined ? 'unchanged' : 'added';
  if (next === undefined) return 'removed';
  return changes.length === 0 ? 'unchanged' : 'changed';
}

function driftOf(
  last: Fields,
  live: Fields,
  options: { readonly fieldType: ReturnType<typeof typeOf>; readonly showSecrets: boolean },
): FieldChange[] {
  const now = projectLive({ last, next: last, live }, options.fieldType) as Fields;
  const [from, to] = options.showSecrets ? [last, now] : maskSecrets(last, now);
  return fieldChanges(from, to, options.fieldType);
}

/** A manifest's fields without those that the API does not take from it, and without nulls. */
function manifestFields(object: KubeObject | undefined): Fields | undefined {
  if (object === undefined) return undefined;
  const { status: _, ...rest } = object;
  return withoutNulls(rest) as Fields;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const out = newObject();
  for (const [key, item] of Object.entries(value)) {
    if (item === null || item === undefined || (key === 'creationTimestamp' && isNothing(item))) continue;
    out[key] = withoutNulls(item);
  }
  return out;
}
