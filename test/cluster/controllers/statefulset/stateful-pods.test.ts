import { describe, expect, test } from 'vitest';
import { isStaleClaim, ownersByRetention } from '../../../../src/cluster/controllers/statefulset/claim-retention.ts';
import {
  claimsFor,
  identityMatches,
  podParent,
  statefulPod,
  storageMatches,
  withIdentity,
} from '../../../../src/cluster/controllers/statefulset/stateful-pods.ts';
import type { StatefulSet, StatefulSetSpec } from '../../../../src/kube/api/apps-v1.generated.ts';
import type { PersistentVolumeClaim, Pod } from '../../../../src/kube/api/core-v1.generated.ts';

function statefulSet(spec: Partial<StatefulSetSpec> = {}): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', namespace: 'ns', uid: 'set-uid' },
    spec: {
      replicas: 3,
      serviceName: 'www',
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'tmp' }, { name: 'data' }] },
      },
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'data', labels: { tier: 'db' } },
          spec: { accessModes: ['ReadWriteOnce'] },
        },
      ],
      ...spec,
    },
  };
}

function podOf(set: StatefulSet, ordinal: number): Pod {
  return statefulPod(set, set.spec?.template ?? {}, { ordinal, revision: 'web-1' });
}

test.each([
  ['web-0', { set: 'web', ordinal: 0 }],
  ['web-12-3', { set: 'web-12', ordinal: 3 }],
  ['web', undefined],
  ['web-x', undefined],
])('%s', (name, expected) => {
  expect(podParent({ apiVersion: 'v1', kind: 'Pod', metadata: { name } })).toEqual(expected);
});

test('a pod has the identity and the storage of its ordinal', () => {
  const set = statefulSet();
  const pod = podOf(set, 2);
  expect(pod.metadata.name).toBe('web-2');
  expect(pod.metadata.labels).toEqual({
    app: 'web',
    'statefulset.kubernetes.io/pod-name': 'web-2',
    'apps.kubernetes.io/pod-index': '2',
    'controller-revision-hash': 'web-1',
  });
  expect(pod.spec?.hostname).toBe('web-2');
  expect(pod.spec?.subdomain).toBe('www');
  expect(pod.spec?.volumes).toEqual([
    { name: 'data', persistentVolumeClaim: { claimName: 'data-web-2', readOnly: false } },
    { name: 'tmp' },
  ]);
  expect(identityMatches(set, pod)).toBe(true);
  expect(storageMatches(set, pod)).toBe(true);
  const stray: Pod = { ...pod, metadata: { ...pod.metadata, labels: { app: 'web' } } };
  expect(identityMatches(set, stray)).toBe(false);
  expect(identityMatches(set, withIdentity(set, stray))).toBe(true);
});

test('claims are named after template and pod, and labelled as the set selects', () => {
  expect(claimsFor(statefulSet(), 'web-1')).toMatchObject([
    { metadata: { name: 'data-web-1', namespace: 'ns', labels: { tier: 'db', app: 'web' } } },
  ]);
});

describe('retention', () => {
  const claim: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data-web-5', namespace: 'ns' },
  };
  const known = (ordinal: number): Pod => {
    const pod = podOf(statefulSet(), ordinal);
    return { ...pod, metadata: { ...pod.metadata, uid: 'pod-uid' } };
  };
  test.each<[string, string, number, readonly string[] | undefined]>([
    ['Retain', 'Retain', 5, undefined],
    ['Retain', 'Retain', 0, undefined],
    ['Retain', 'Delete', 5, ['pod-uid']],
    ['Retain', 'Delete', 0, undefined],
    ['Delete', 'Retain', 5, ['set-uid']],
    ['Delete', 'Delete', 0, ['set-uid']],
    ['Delete', 'Delete', 5, ['pod-uid']],
  ])('deleted %s, scaled %s, ordinal %i', (whenDeleted, whenScaled, ordinal, expected) => {
    const set = statefulSet({ persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled } });
    const pod = known(ordinal);
    const owners = ownersByRetention(set, pod, claim);
    expect(owners?.map(({ uid }) => uid)).toEqual(expected);
    if (owners === undefined) return;
    const owned = { ...claim, metadata: { ...claim.metadata, ownerReferences: owners } };
    expect(ownersByRetention(set, pod, owned)).toBeUndefined();
    expect(ownersByRetention(statefulSet(), pod, owned)).toEqual([]);
  });

  test('a claim that somebody else controls is left alone', () => {
    const set = statefulSet({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } });
    const foreign = { apiVersion: 'v1', kind: 'X', name: 'x', uid: 'x', controller: true };
    const owned = { ...claim, metadata: { ...claim.metadata, ownerReferences: [foreign] } };
    expect(ownersByRetention(set, known(5), owned)).toBeUndefined();
  });

  test('a claim that goes with an earlier pod is stale', () => {
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'web-5', uid: 'old-uid', controller: true };
    const owned = { ...claim, metadata: { ...claim.metadata, ownerReferences: [owner] } };
    expect(isStaleClaim(podOf(statefulSet(), 5), owned, 'web-5')).toBe(true);
    expect(isStaleClaim(known(5), claim, 'web-5')).toBe(false);
  });
});
