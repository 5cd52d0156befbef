import { describe, expect, test } from 'vitest';
import { hostPathVolume } from '../../../../src/cluster/controllers/volumes/host-path-provisioner.ts';
import { findVolume, whyNotSatisfied } from '../../../../src/cluster/controllers/volumes/volume-matching.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
} from '../../../../src/kube/api/core-v1.generated.ts';

function claim(spec: Partial<PersistentVolumeClaimSpec> = {}): PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'ns', uid: 'claim-uid', resourceVersion: '7' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'slow',
      resources: { requests: { storage: '5Gi' } },
      ...spec,
    },
  };
}

function volume(name: string, spec: Partial<PersistentVolumeSpec> = {}, phase = 'Available'): PersistentVolume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels: { tier: name } },
    spec: { capacity: { storage: '5Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'slow', ...spec },
    status: { phase },
  };
}

const size = (storage: string): Partial<PersistentVolumeSpec> => ({ capacity: { storage } });
const meant = (name: string, uid?: string): Partial<PersistentVolumeSpec> => ({
  claimRef: { namespace: 'ns', name, ...(uid === undefined ? {} : { uid }) },
});

describe('the volume of a claim', () => {
  test.each<[string, PersistentVolumeClaim, readonly PersistentVolume[], string | undefined]>([
    ['none', claim(), [], undefined],
    [
      'the smallest that is large enough',
      claim(),
      [volume('a', size('20Gi')), volume('b', size('6Gi')), volume('c', size('1Gi'))],
      'b',
    ],
    ['equal by amount', claim(), [volume('a', size('5120Mi'))], 'a'],
    ['of its class', claim(), [volume('a', { storageClassName: 'fast' })], undefined],
    [
      'without a class',
      claim({ storageClassName: '' }),
      [volume('a'), volume('b', { storageClassName: undefined })],
      'b',
    ],
    ['with its access modes', claim({ accessModes: ['ReadWriteMany'] }), [volume('a')], undefined],
    [
      'with no more access modes than needed',
      claim(),
      [volume('a', { accessModes: ['ReadWriteMany', 'ReadWriteOnce'] }), volume('b', size('9Gi'))],
      'b',
    ],
    ['of its mode', claim({ volumeMode: 'Block' }), [volume('a')], undefined],
    ['that its selector selects', claim({ selector: { matchLabels: { tier: 'b' } } }), [volume('a'), volume('b')], 'b'],
    ['that is free', claim(), [volume('a', {}, 'Released'), volume('b', meant('other'))], undefined],
    [
      'that is meant for it, however large',
      claim(),
      [volume('a'), volume('b', { ...size('50Gi'), ...meant('data') })],
      'b',
    ],
    ['not one meant for its predecessor', claim(), [volume('a', meant('data', 'old-uid'))], undefined],
  ])('%s', (_, subject, volumes, expected) => {
    expect(findVolume(subject, volumes, false)?.metadata.name).toBe(expected);
  });

  test('none but the one meant for it before its first pod', () => {
    expect(findVolume(claim(), [volume('a')], true)).toBeUndefined();
    expect(findVolume(claim(), [volume('a', meant('data'))], true)?.metadata.name).toBe('a');
  });
});

test.each<[PersistentVolume, string | undefined]>([
  [volume('a'), undefined],
  [volume('a', size('1Gi')), 'requested PV is too small'],
  [volume('a', { storageClassName: 'fast' }), 'storageClassName does not match'],
  [volume('a', { volumeMode: 'Block' }), 'incompatible volumeMode'],
  [volume('a', { accessModes: ['ReadOnlyMany'] }), 'incompatible accessMode'],
])('why a chosen volume does not do', (subject, expected) => {
  expect(whyNotSatisfied(subject, claim())).toBe(expected);
});

test('a volume that is made', () => {
  const storageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard' },
    provisioner: 'pintle.dev/host-path',
    reclaimPolicy: 'Retain',
  };
  expect(hostPathVolume(claim(), storageClass)).toMatchObject({
    metadata: { name: 'pvc-claim-uid', annotations: { 'pv.kubernetes.io/provisioned-by': 'pintle.dev/host-path' } },
    spec: {
      capacity: { storage: '5Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'standard',
      claimRef: { namespace: 'ns', name: 'data', uid: 'claim-uid' },
    },
  });
});
