import { isObject } from '../base/json.ts';
import { toYaml } from '../yaml/index.ts';
import { fieldChanges } from './field-changes.ts';
import { literally } from './matches-name.ts';
import type { ObjectDiff } from './object-diff.ts';

/** How much of two objects must be the same for one to count as the other under a new name. */
const LIKENESS = 0.7;
/** Objects of fewer lines are alike too easily. */
const LEAST_LINES = 4;
/** Comparing each with each takes its time; a release that changes so much is another one. */
const MOST_PAIRS = 10_000;

interface Candidate {
  readonly removed: ObjectDiff;
  readonly added: ObjectDiff;
  readonly likeness: number;
}

/**
 * Marks objects that go and come again under another name: of one kind and namespace, and alike in most of their lines. Each is one at
 * most once. They are still deleted and created; what differs between them is then told as changes of the new one.
 */
export function findRenames(diffs: readonly ObjectDiff[]): ObjectDiff[] {
  const partners = new Map<ObjectDiff, ObjectDiff>();
  const candidates = candidatesOf(diffs).sort((a, b) => b.likeness - a.likeness);
  for (const { removed, added } of candidates) {
    if (partners.has(removed) || partners.has(added)) continue;
    partners.set(removed, added);
    partners.set(added, removed);
  }
  if (partners.size === 0) return [...diffs];
  return diffs.map((diff) => {
    const partner = partners.get(diff);
    if (partner === undefined) return diff;
    if (diff.change === 'removed') return { ...diff, renamedTo: partner.name };
    const { before = {} } = partner;
    return { ...diff, renamedFrom: partner.name, before, changes: fieldChanges(before, diff.after, undefined) };
  });
}

function candidatesOf(diffs: readonly ObjectDiff[]): Candidate[] {
  const gone = diffs.filter((diff) => diff.change === 'removed' && !diff.kept);
  const fresh = diffs.filter((diff) => diff.change === 'added' && !diff.gone);
  if (gone.length * fresh.length > MOST_PAIRS) return [];
  const out: Candidate[] = [];
  for (const removed of gone) {
    for (const added of fresh) {
      if (placeOf(removed) !== placeOf(added)) continue;
      const likeness = likenessOf(linesOf(removed.before, removed.name), linesOf(added.after, added.name));
      if (likeness >= LIKENESS) out.push({ removed, added, likeness });
    }
  }
  return out;
}

function placeOf({ apiVersion, kind, namespace }: ObjectDiff): string {
  return `${apiVersion}/${kind}/${namespace}`;
}

/** The lines that tell an object from others of its kind, with its name taken out wherever it stands. */
function linesOf(object: Readonly<Record<string, unknown>> | undefined, name: string): readonly string[] {
  if (object === undefined) return [];
  const { apiVersion: _, kind: __, metadata, ...content } = object;
  const { name: ___, namespace: ____, ...more } = isObject(metadata) ? metadata : {};
  const whole = new RegExp(`(?<![A-Za-z0-9])${literally(name)}(?![A-Za-z0-9])`, 'g');
  return toYaml({ ...content, ...more })
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replaceAll(whole, '\0'));
}

/** Lines that both have, as a part of the longer one's. */
function likenessOf(one: readonly string[], other: readonly string[]): number {
  if (one.length < LEAST_LINES || other.length < LEAST_LINES) return 0;
  const left = new Map<string, number>();
  for (const line of one) left.set(line, (left.get(line) ?? 0) + 1);
  let common = 0;
  for (const line of other) {
    const count = left.get(line) ?? 0;
    if (count === 0) continue;
    left.set(line, count - 1);
    common += 1;
  }
  return common / Math.max(1, one.length, other.length);
}
