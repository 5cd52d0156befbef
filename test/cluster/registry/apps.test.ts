import { describe, expect, test } from 'vitest';
import { create, make, set, stored, strategyOf, update, type Json } from './support.ts';
import { NEGATIVE, QUALIFIED, UNMATCHED } from './texts.ts';

const OTHER_LABELS = { 'spec.selector.matchLabels': { app: 'x' }, 'spec.template.metadata.labels': { app: 'x' } };
const IMAGE = 'spec.template.spec.containers[0].image';

function changed(old: Json, values: Json, subresource = ''): ReturnType<typeof update> {
  const change = (draft: Json): void => {
    for (const [path, value] of Object.entries(values)) set(draft, path, value);
  };
  return update(old, change, { subresource });
}

describe('a Deployment', () => {
  test('gets the defaults of Kubernetes', () => {
    expect(stored(make.deployment())['spec']).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: { spec: { restartPolicy: 'Always', terminationGracePeriodSeconds: 30 } },
    });
  });

  test.each<[Json, string]>([
    [
      { 'spec.selector': undefined },
      `[spec.selector: Required value, spec.template.metadata.labels: Invalid value: {"app":"web"}: ${UNMATCHED}]`,
    ],
    [
      { 'spec.selector.matchLabels.app': 'x' },
      `spec.template.metadata.labels: Invalid value: {"app":"web"}: ${UNMATCHED}`,
    ],
    [{ 'spec.selector': {} }, 'spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    [{ 'spec.replicas': -1 }, `spec.replicas: Invalid value: -1: ${NEGATIVE}`],
    [
      { 'spec.template.spec.restartPolicy': 'Never' },
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      { 'spec.strategy': { type: 'Rolling' } },
      'spec.strategy: Unsupported value: {"Type":"Rolling","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
    ],
    [
      { 'spec.strategy': { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } },
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      { 'spec.strategy': { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
    ],
    [
      { 'spec.strategy': { rollingUpdate: { maxSurge: 'x' } } },
      `spec.strategy.rollingUpdate.maxSurge: Invalid value: "x": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
    ],
    [
      { 'spec.minReadySeconds': 700 },
      'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds',
    ],
    [
      { 'spec.template.spec.activeDeadlineSeconds': 3 },
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported',
    ],
    [
      { 'spec.template.metadata.labels': { app: 'web', 'a b': 'c' } },
      `spec.template.labels: Invalid value: "a b": ${QUALIFIED}`,
    ],
    [{ [IMAGE]: '' }, `${IMAGE}: Required value`],
  ])('refuses %o', (values, message) => {
    expect(create(make.deployment(values)).message).toBe(`Deployment.apps "web" is invalid: ${message}`);
  });

  test('never changes its selector', () => {
    expect(changed(stored(make.deployment()), OTHER_LABELS).message).toBe(
      'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable',
    );
  });

  test.each<[Json, string, boolean]>([
    [{ 'spec.replicas': 3 }, '', true],
    [{ [IMAGE]: 'x' }, '', true],
    [{ 'metadata.labels': { a: 'b' } }, '', false],
    [{ 'status.replicas': 3 }, '', false],
    [{ 'spec.replicas': 3, 'status.replicas': 1 }, 'status', false],
  ])('makes a new generation for %o%s: %s', (values, subresource, isNew) => {
    expect(changed(stored(make.deployment()), values, subresource)).toMatchObject({
      message: undefined,
      isNewGeneration: isNew,
    });
  });

  test('drops a status that is created or updated with it', () => {
    const deployment = stored(make.deployment({ 'status.replicas': 7 }));
    expect(deployment['status']).toBeUndefined();
    expect(changed(deployment, { 'status.replicas': 7 }).object['status']).toBeUndefined();
    expect(changed(deployment, { 'status.replicas': 7 }, 'status').object['status']).toEqual({ replicas: 7 });
    expect(changed(deployment, { 'status.replicas': -7 }, 'status').message).toBe(
      `Deployment.apps "web" is invalid: status.replicas: Invalid value: -7: ${NEGATIVE}`,
    );
  });

  test('scales', () => {
    expect(strategyOf('apps/deployments').scale).toEqual({
      replicas: 'spec.replicas',
      statusReplicas: 'status.replicas',
      selector: 'spec.selector',
    });
  });
});

describe('a StatefulSet', () => {
  const CLAIM = {
    metadata: { name: 'd' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const FORBIDDEN =
    "StatefulSet.apps \"web\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

  test('gets the defaults of Kubernetes', () => {
    expect(stored(make.statefulSet({ 'spec.volumeClaimTemplates': [CLAIM] }))['spec']).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          spec: { volumeMode: 'Filesystem' },
          status: { phase: 'Pending' },
        },
      ],
    });
  });

  test.each<[Json, string]>([
    [
      { 'spec.podManagementPolicy': 'x' },
      `spec.podManagementPolicy: Invalid value: "x": must be 'OrderedReady' or 'Parallel'`,
    ],
    [
      { 'spec.updateStrategy': { type: 'x' } },
      `spec.updateStrategy: Invalid value: {"Type":"x","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'`,
    ],
    [
      { 'spec.updateStrategy': { rollingUpdate: { partition: -1 } } },
      `spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: ${NEGATIVE}`,
    ],
  ])('refuses %o', (values, message) => {
    expect(create(make.statefulSet(values)).message).toBe(`StatefulSet.apps "web" is invalid: ${message}`);
  });

  test.each<[Json]>([
    [{ 'spec.serviceName': 'x' }],
    [{ 'spec.volumeClaimTemplates': [CLAIM] }],
    [{ 'spec.podManagementPolicy': 'Parallel' }],
    [OTHER_LABELS],
  ])('never changes %o', (values) => {
    expect(changed(stored(make.statefulSet()), values).message).toBe(FORBIDDEN);
  });

  test('changes what rolls out', () => {
    const values = {
      'spec.replicas': 2,
      [IMAGE]: 'x',
      'spec.updateStrategy': { type: 'OnDelete' },
      'spec.minReadySeconds': 3,
    };
    expect(changed(stored(make.statefulSet()), values)).toMatchObject({ message: undefined, isNewGeneration: true });
  });
});

describe('a DaemonSet', () => {
  test.each<[Json, string]>([
    [
      { 'spec.updateStrategy': { type: 'x' } },
      'spec.updateStrategy: Unsupported value: {"Type":"x","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"',
    ],
    [
      { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: 0 } } },
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
    ],
    [
      { 'spec.updateStrategy': { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } } },
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
    ],
  ])('refuses %o', (values, message) => {
    expect(create(make.daemonSet(values)).message).toBe(`DaemonSet.apps "web" is invalid: ${message}`);
  });

  test('never changes its selector, and counts its templates', () => {
    const set = stored(make.daemonSet());
    const annotation = 'deprecated.daemonset.template.generation';
    expect(changed(set, OTHER_LABELS).message).toBe(
      'DaemonSet.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable',
    );
    expect(set.metadata.annotations).toEqual({ [annotation]: '1' });
    expect(changed(set, { [IMAGE]: 'x' }).object.metadata.annotations).toEqual({ [annotation]: '2' });
    expect(changed(set, { 'spec.minReadySeconds': 1 }).object.metadata.annotations).toEqual({ [annotation]: '1' });
  });
});
