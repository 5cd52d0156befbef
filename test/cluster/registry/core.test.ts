import { describe, expect, test } from 'vitest';
import { create, make, set, stored, strategyOf, update, withValues, type Json } from './support.ts';

const CONFIG_MAP: Json = { apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { a: '1' } };
const SECRET: Json = { apiVersion: 'v1', kind: 'Secret', metadata: {}, data: { a: 'MQ==' } };
const LIMITS: Json = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: {},
  spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] },
};
const QUOTA: Json = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: {}, spec: { hard: { pods: '1' } } };
const VOLUME: Json = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: {},
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } },
};
const NAMESPACE: Json = { apiVersion: 'v1', kind: 'Namespace', metadata: {} };

function changed(old: Json, values: Json): string | undefined {
  return update(old, (draft) => {
    for (const [path, value] of Object.entries(values)) set(draft, path, value);
  }).message;
}

describe('new objects', () => {
  test.each<[Json, Json, string]>([
    [
      CONFIG_MAP,
      { data: { 'a b': 'x' } },
      `ConfigMap "web" is invalid: data[a b]: Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
    ],
    [
      CONFIG_MAP,
      { data: { a: 'x' }, binaryData: { a: 'eA==' } },
      'ConfigMap "web" is invalid: data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ],
    [
      SECRET,
      { type: 'kubernetes.io/tls' },
      'Secret "web" is invalid: [data[tls.crt]: Required value, data[tls.key]: Required value]',
    ],
    [
      SECRET,
      { type: 'kubernetes.io/dockerconfigjson' },
      'Secret "web" is invalid: data[.dockerconfigjson]: Required value',
    ],
    [
      SECRET,
      { type: 'kubernetes.io/basic-auth' },
      'Secret "web" is invalid: [data[username]: Required value, data[password]: Required value]',
    ],
    [
      LIMITS,
      { 'spec.limits': [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }] },
      'LimitRange "web" is invalid: spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
    ],
    [
      QUOTA,
      { 'spec.hard': { foo: '1' } },
      'ResourceQuota "web" is invalid: [spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified, spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota]',
    ],
    [
      QUOTA,
      { 'spec.hard': { pods: '1.5' } },
      'ResourceQuota "web" is invalid: spec.hard[pods]: Invalid value: "1500m": must be an integer',
    ],
    [
      VOLUME,
      { 'spec.hostPath': undefined },
      'PersistentVolume "web" is invalid: spec: Required value: must specify a volume type',
    ],
    [
      VOLUME,
      { 'spec.nfs': { server: 'a', path: '/b' } },
      'PersistentVolume "web" is invalid: spec.nfs: Forbidden: may not specify more than 1 volume type',
    ],
    [
      make.claim(),
      { 'spec.accessModes': undefined },
      'PersistentVolumeClaim "web" is invalid: spec.accessModes: Required value: at least 1 access mode is required',
    ],
    [
      make.claim(),
      { 'spec.accessModes': ['x'] },
      'PersistentVolumeClaim "web" is invalid: spec.accessModes: Unsupported value: "x": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
    [
      make.claim(),
      { 'spec.resources': undefined },
      'PersistentVolumeClaim "web" is invalid: spec.resources[storage]: Required value',
    ],
    [
      make.claim(),
      { 'spec.resources.requests.storage': '0' },
      'PersistentVolumeClaim "web" is invalid: spec.resources[storage]: Invalid value: "0": must be greater than zero',
    ],
    [
      make.claim(),
      { 'spec.accessModes': ['ReadWriteOncePod', 'ReadOnlyMany'] },
      'PersistentVolumeClaim "web" is invalid: spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    ],
  ])('%o with %o', (object, values, message) => {
    expect(create(withValues(object, values)).message).toBe(message);
  });

  test('get their defaults', () => {
    expect(stored(SECRET)).toMatchObject({ type: 'Opaque' });
    expect(stored(LIMITS)).toMatchObject({ spec: { limits: [{ defaultRequest: { cpu: '1' } }] } });
    expect(stored(VOLUME)).toMatchObject({
      spec: { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem', hostPath: { type: '' } },
      status: { phase: 'Pending' },
    });
    expect(stored(make.claim())).toMatchObject({ spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } });
    expect(stored(NAMESPACE)).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'web' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'b' }] } };
    const controller = { apiVersion: 'v1', kind: 'ReplicationController', metadata: {}, spec: { template } };
    expect(stored(controller)).toMatchObject({
      metadata: { labels: { a: 'b' } },
      spec: { replicas: 1, selector: { a: 'b' } },
    });
  });

  test('turn the texts of a Secret into data', () => {
    const { object } = create({ ...SECRET, stringData: { a: '2', b: 'x' } });
    expect(object).toMatchObject({ data: { a: 'Mg==', b: 'eA==' } });
    expect(object).not.toHaveProperty('stringData');
  });
});

describe('immutable fields', () => {
  const SET = 'field is immutable when `immutable` is set';

  test.each<[Json, Json, string]>([
    [{ ...CONFIG_MAP, immutable: true }, { 'data.a': '2' }, `ConfigMap "web" is invalid: data: Forbidden: ${SET}`],
    [
      { ...CONFIG_MAP, immutable: true },
      { immutable: false },
      `ConfigMap "web" is invalid: immutable: Forbidden: ${SET}`,
    ],
    [{ ...SECRET, immutable: true }, { 'data.a': 'Mg==' }, `Secret "web" is invalid: data: Forbidden: ${SET}`],
    [SECRET, { type: 'x' }, 'Secret "web" is invalid: type: Invalid value: "x": field is immutable'],
  ])('%o with %o', (object, values, message) => {
    expect(changed(stored(object), values)).toBe(message);
  });

  test('metadata of immutable objects may change', () => {
    expect(changed(stored({ ...CONFIG_MAP, immutable: true }), { 'metadata.labels': { a: 'b' } })).toBeUndefined();
  });

  test('claims only grow, once they are bound to a class that allows it', () => {
    const forbidden =
      'PersistentVolumeClaim "web" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    const claim = stored(make.claim({ 'spec.volumeName': 'pv', 'spec.storageClassName': 'fast' }));
    expect(changed(claim, { 'spec.accessModes': ['ReadWriteMany'] })).toContain(forbidden);
    expect(changed(claim, { 'spec.storageClassName': 'slow' })).toContain(forbidden);
    expect(changed(claim, { 'spec.resources.requests.storage': '2Gi' })).toContain(forbidden);
    const bound = withValues(claim, { 'status.phase': 'Bound', 'status.capacity': { storage: '1Gi' } });
    expect(changed(bound, { 'spec.resources.requests.storage': '2Gi' })).toBeUndefined();
    expect(changed(bound, { 'spec.resources.requests.storage': '500Mi' })).toBe(
      'PersistentVolumeClaim "web" is invalid: spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
    );
    expect(changed(claim, { 'metadata.labels': { a: 'b' } })).toBeUndefined();
  });

  test('volumes keep their source', () => {
    expect(changed(stored(VOLUME), { 'spec.hostPath.path': '/y' })).toContain(
      'PersistentVolume "web" is invalid: spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
    );
    expect(changed(stored(VOLUME), { 'spec.persistentVolumeReclaimPolicy': 'Delete' })).toBeUndefined();
  });
});

describe('field selectors', () => {
  test('know more than names of some kinds', () => {
    expect(strategyOf('/secrets').selectableFields?.(stored(SECRET))).toMatchObject({ type: 'Opaque' });
    expect(strategyOf('/namespaces').selectableFields?.(stored(NAMESPACE))).toMatchObject({ 'status.phase': 'Active' });
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace: 'a' },
      involvedObject: { kind: 'Pod', namespace: 'a' },
    };
    expect(strategyOf('/events').selectableFields?.(stored(event))).toMatchObject({ 'involvedObject.kind': 'Pod' });
  });
});
