import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { ClusterState } from '../../../src/cluster/scheduler/cluster-state.ts';
import type { Node, Pod } from '../../../src/kube/api/core-v1.generated.ts';
import { equalityMatcher } from '../../../src/kube/labels.ts';

const ZONE = 'topology.kubernetes.io/zone';
const at = (map: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...map].filter(([, count]) => count !== 0).sort(([a], [b]) => (a < b ? -1 : 1)));

function node(name: string, zone: string | undefined): Node {
  const labels = { host: name, ...(zone === undefined ? {} : { [ZONE]: zone }) };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
}

function pod(uid: string, random: SeededRandom, isDeleting: boolean): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      uid,
      name: uid,
      namespace: `ns-${random.below(2)}`,
      labels: { app: `app-${random.below(3)}` },
      ...(isDeleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { containers: [], nodeName: `node-${random.below(6)}` },
  };
}

/** Counts as a look at each pod gives them. */
function countEach(state: ClusterState, pods: ReadonlyMap<string, Pod>, of: (pod: Pod) => string) {
  const counts = new Map<string, Map<string, number>>();
  for (const each of pods.values()) {
    const place = state.get(each.spec?.nodeName ?? '');
    const zone = place?.labels[ZONE];
    if (zone === undefined) continue;
    const own = counts.get(of(each)) ?? new Map<string, number>();
    counts.set(of(each), own.set(zone, (own.get(zone) ?? 0) + 1));
  }
  return counts;
}

const groupOf = ({ metadata }: Pod): string =>
  [metadata.namespace, metadata.labels?.['app'], metadata.deletionTimestamp].join();
const SELECTORS = { one: { app: 'app-1' }, two: { app: 'app-2' }, none: { app: 'nobody' } };

describe('counts of placed pods', () => {
  test('are those that a look at each pod gives, whatever comes, goes and moves', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = new SeededRandom(seed);
      const state = new ClusterState();
      const pods = new Map<string, Pod>();
      for (let step = 0; step < 150; step += 1) {
        const name = `node-${random.below(6)}`;
        const uid = `pod-${random.below(12)}`;
        const chance = random.below(10);
        if (chance === 0) state.removeNode(name);
        else if (chance <= 2) state.setNode(node(name, [undefined, 'a', 'b'][random.below(3)]));
        else if (chance <= 4) {
          pods.delete(uid);
          state.removePod(uid);
        } else {
          const placed = pod(uid, random, random.below(4) === 0);
          pods.set(uid, placed);
          state.setPod(placed);
        }
        // Those that were asked for once are kept up to date from then on.
        if (step % 7 > 0) continue;
        const groups = countEach(state, pods, groupOf);
        for (const group of state.groups) {
          expect({ seed, step, at: at(group.counts(ZONE)) }).toEqual({
            seed,
            step,
            at: at(groups.get(groupOf(group.sample.pod)) ?? new Map()),
          });
        }
        for (const [key, labels] of Object.entries(SELECTORS)) {
          for (const namespace of ['ns-0', 'ns-1']) {
            const matcher = equalityMatcher(labels);
            const selected = [...pods.values()].filter(
              ({ metadata }) =>
                metadata.namespace === namespace &&
                metadata.deletionTimestamp === undefined &&
                matcher.matches(metadata.labels),
            );
            const groups = state.groups.selected(namespace, key, matcher);
            for (const place of state.nodes) {
              expect([...groups].reduce((sum, group) => sum + group.on(place), 0)).toBe(
                selected.filter(({ spec }) => spec?.nodeName === place.name).length,
              );
            }
          }
        }
        const labelled = state.nodes.filter(({ labels }) => labels[ZONE] !== undefined);
        expect(state.topology(ZONE).isComplete).toBe(labelled.length === state.nodes.length);
        expect(state.topology(ZONE).values).toEqual(new Set(labelled.map(({ labels }) => labels[ZONE])));
      }
    }
  });
});
