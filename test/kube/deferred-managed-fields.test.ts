import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import {
  bareMetadata,
  copyMetadata,
  deferManagedFields,
  isDeferred,
  sameManagedFields,
  setManagedFields,
  takeManagedFields,
} from '../../src/kube/deferred-managed-fields.ts';
import type { GroupVersionKind, KubeObject } from '../../src/kube/object.ts';
import { updateManagedFields, type UpdateRequest } from '../../src/kube/server-side-apply.ts';

const POD: GroupVersionKind = { group: '', version: 'v1', kind: 'Pod' };
const NOW = Date.parse('2026-01-01T00:00:00Z');

type Draft = { apiVersion: string; kind: string; metadata: Record<string, unknown>; [field: string]: unknown };

function pod(labels: Record<string, string> = {}): Draft {
  const containers = [{ name: 'c', image: 'i', resources: {} }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels }, spec: { containers } };
}

function request(after: KubeObject, before: KubeObject | undefined, at: number, manager = 'm'): UpdateRequest {
  return { gvk: POD, manager, subresource: at % 3 === 1 ? 'status' : '', now: NOW + at * 1000, before, after };
}

/** The object after a random change. */
function changed(object: KubeObject, random: SeededRandom): Draft {
  const metadata = bareMetadata(object.metadata);
  const labels = { ...(metadata.labels as Record<string, string>) };
  const label = `l${random.below(4)}`;
  if (labels[label] === undefined) labels[label] = 'x';
  else delete labels[label];
  const ip = `10.0.0.${random.below(3)}`;
  return {
    ...object,
    metadata: { ...metadata, labels },
    status: { phase: random.below(2) === 0 ? 'Running' : 'Pending', podIPs: [{ ip }] },
  };
}

describe('managedFields that wait', () => {
  test('are those that would have been worked out at once, after any chain of writes', () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = new SeededRandom(seed);
      let lazy: Draft = pod();
      let eager: KubeObject = updateManagedFields(request(pod(), undefined, 0));
      expect(deferManagedFields(request(lazy, undefined, 0))).toBe(true);
      let refused = 0;
      for (let at = 1; at <= 3 + (seed % 12); at += 1) {
        const next = changed(lazy, random);
        const manager = `m${random.below(3)}`;
        eager = updateManagedFields(request(structuredClone(next), eager, at, manager));
        if (!deferManagedFields(request(next, lazy, at, manager))) {
          refused += 1;
          setManagedFields(next.metadata, updateManagedFields(request(next, lazy, at, manager)).metadata.managedFields);
        }
        lazy = next;
        if (random.below(8) === 0) expect(lazy.metadata['managedFields']).toEqual(eager.metadata.managedFields);
      }
      expect({ seed, fields: lazy.metadata['managedFields'] }).toEqual({ seed, fields: eager.metadata.managedFields });
      expect(refused).toBeLessThan(3);
    }
  });

  test('follow from the object as it was when it was written', () => {
    const draft = pod({ rare: 'b' });
    const first = structuredClone(draft);
    deferManagedFields(request(draft, undefined, 0));
    (draft['spec'] as Record<string, unknown>)['nodeName'] = 'later';
    draft.metadata['annotations'] = { later: 'x' };
    expect(isDeferred(draft)).toBe(true);
    const expected = updateManagedFields(request(first, undefined, 0)).metadata.managedFields;
    expect(draft.metadata['managedFields']).toEqual(expected);
    expect(isDeferred(draft)).toBe(false);
  });

  test('are a field like any other for who lists, copies or writes them down', () => {
    const draft = pod({ scarce: 'x' });
    deferManagedFields(request(draft, undefined, 0));
    const expected = updateManagedFields(request(pod({ scarce: 'x' }), undefined, 0)).metadata.managedFields;
    expect(Object.keys(draft.metadata)).toContain('managedFields');
    expect({ ...draft.metadata }['managedFields']).toEqual(expected);
    expect(structuredClone(draft).metadata['managedFields']).toEqual(expected);
    expect((JSON.parse(JSON.stringify(draft)) as Draft).metadata['managedFields']).toEqual(expected);
  });

  test('go from one metadata to another unread, and give way to plain ones', () => {
    const draft = pod({ single: 'x' });
    deferManagedFields(request(draft, undefined, 0));
    const object: KubeObject = draft;
    const copy = copyMetadata(object.metadata);
    const other: Record<string, unknown> = { name: 'p', managedFields: [] };
    takeManagedFields(other, copy);
    expect(isDeferred(draft)).toBe(true);
    expect(sameManagedFields(copy, draft.metadata)).toBe(true);
    expect(sameManagedFields(other, draft.metadata)).toBe(true);
    setManagedFields(other, []);
    expect(other['managedFields']).toEqual([]);
    expect(sameManagedFields(other, draft.metadata)).toBe(false);
    setManagedFields(other, undefined);
    expect('managedFields' in other).toBe(false);
    expect('managedFields' in bareMetadata(copy)).toBe(false);
  });

  test('do not wait where objects of the make have been before: all of a second share them', () => {
    const drafts = [0, 0, 0, 1000].map((later) => {
      const draft = pod({ common: String(later) });
      expect(deferManagedFields({ ...request(draft, undefined, 0), now: NOW + later })).toBe(true);
      return draft;
    });
    expect(drafts.map((draft) => isDeferred(draft))).toEqual([true, false, false, false]);
    const [first, second, third, later] = drafts.map(({ metadata }) => metadata['managedFields'] as { time: string }[]);
    expect(second).toEqual(first);
    expect(third).toBe(second);
    expect(later?.[0]?.time).toBe('2026-01-01T00:00:01Z');
    const other = pod({ common: 'x' });
    deferManagedFields(request(other, undefined, 0, 'somebody'));
    expect(other.metadata['managedFields']).toEqual([{ ...first?.[0], manager: 'somebody' }]);
  });

  test('do not wait where a client sent its own, or nobody was recorded before', () => {
    const before = updateManagedFields(request(pod(), undefined, 0));
    const sent = { ...pod({ a: 'b' }), metadata: { name: 'p', managedFields: [] } };
    expect(deferManagedFields(request(sent, before, 1))).toBe(false);
    expect(deferManagedFields(request(pod({ a: 'b' }), pod(), 1))).toBe(false);
  });
});
