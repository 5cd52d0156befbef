import { describe, expect, test } from 'vitest';
import { DecodeError, decodeObject, decodeValue, emptyObject } from '../../src/kube/decode.ts';
import type { GroupVersionKind } from '../../src/kube/object.ts';
import { structNamed } from '../../src/kube/type-table.ts';

const POD: GroupVersionKind = { group: '', version: 'v1', kind: 'Pod' };
const DEPLOYMENT: GroupVersionKind = { group: 'apps', version: 'v1', kind: 'Deployment' };

const pod = (spec: object, rest: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec,
  ...rest,
});
const container = (fields: object) => pod({ containers: [{ name: 'c', ...fields }] });

describe('what the server writes back', () => {
  test('nulls and empty values go, structs that are values stay', () => {
    const body = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd', labels: {}, annotations: null, creationTimestamp: null },
      spec: { replicas: 0, paused: false, minReadySeconds: 0, template: { spec: { containers: [], volumes: [] } } },
    };
    expect(decodeObject(DEPLOYMENT, body, 'Strict').object).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: { replicas: 0, selector: null, strategy: {}, template: { metadata: {}, spec: { containers: [] } } },
      status: {},
    });
  });

  test('pointers to empty structs stay, times of conditions are null', () => {
    const body = pod(
      { containers: null, securityContext: {}, volumes: [{ name: 'v', emptyDir: {} }], nodeSelector: {} },
      { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
    );
    const { spec, status } = decodeObject(POD, body, 'Strict').object;
    expect(spec).toEqual({ containers: null, securityContext: {}, volumes: [{ name: 'v', emptyDir: {} }] });
    expect(status).toEqual({
      conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: null }],
    });
  });

  test('quantities, times and bytes are put in canonical form', () => {
    const body = pod(
      { containers: [{ name: 'c', resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }] },
      { metadata: { name: 'p', creationTimestamp: '2026-01-02T05:04:05.678+02:00' } },
    );
    const { object } = decodeObject(POD, body, 'Strict');
    expect(object.metadata.creationTimestamp).toBe('2026-01-02T03:04:05Z');
    expect(object['spec']).toEqual({
      containers: [{ name: 'c', resources: { limits: { cpu: '500m', memory: '1Gi' } } }],
    });
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: {}, data: { a: 'aGVs\nbG8=' } };
    expect(decodeObject({ ...POD, kind: 'Secret' }, secret, 'Strict').object['data']).toEqual({ a: 'aGVsbG8=' });
  });

  test('nulls in lists and maps are zero values', () => {
    const body = pod({ containers: [null, { name: 'c', args: ['a', null] }] }, { metadata: { labels: { a: null } } });
    const { object } = decodeObject(POD, body, 'Strict');
    expect(object.metadata.labels).toEqual({ a: '' });
    expect(object['spec']).toEqual({
      containers: [
        { name: '', resources: {} },
        { name: 'c', args: ['a', ''], resources: {} },
      ],
    });
  });

  test('an empty list of managers stays: it asks to forget them', () => {
    const { object } = decodeObject(POD, pod({}, { metadata: { managedFields: [] } }), 'Strict');
    expect(object.metadata.managedFields).toEqual([]);
  });

  test('foreign keys are plain keys, and nothing is shared with the body', () => {
    const body = JSON.parse(
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{},"data":{"__proto__":"a","constructor":"b"}}',
    ) as { data: object };
    const { object } = decodeObject({ ...POD, kind: 'ConfigMap' }, body, 'Strict');
    expect(Object.entries(object['data'] as object)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
    expect(object['data']).not.toBe(body.data);
  });

  test('kinds that are not built in keep their fields', () => {
    const gvk = { group: 'example.com', version: 'v1', kind: 'Thing' };
    const body = {
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata: { name: 't', labels: {}, odd: 1 },
      spec: { a: null },
    };
    const { object, warnings } = decodeObject(gvk, body, 'Warn');
    expect(object).toEqual({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 't' }, spec: { a: null } });
    expect(warnings).toEqual(['unknown field "metadata.odd"']);
  });

  test('what a kind is before anything is set', () => {
    expect(emptyObject(DEPLOYMENT)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {},
      spec: { selector: null, strategy: {}, template: { metadata: {}, spec: { containers: null } } },
      status: {},
    });
  });

  test('parts of objects', () => {
    const type = structNamed('api.core.v1.Container');
    expect(type && decodeValue(type, { name: 'c', args: [] })).toEqual({ name: 'c', resources: {} });
  });
});

describe('unknown fields', () => {
  const body = pod({ containers: [{ name: 'c', imagee: 'x' }], foo: 1 }, { bar: {} });
  const faults = ['unknown field "spec.containers[0].imagee"', 'unknown field "spec.foo"', 'unknown field "bar"'];

  test('are dropped, warned of or refused', () => {
    expect(decodeObject(POD, body, 'Ignore').warnings).toEqual([]);
    expect(decodeObject(POD, body, 'Ignore').object['spec']).toEqual({ containers: [{ name: 'c', resources: {} }] });
    expect(decodeObject(POD, body, 'Warn').warnings).toEqual(faults);
    expect(() => decodeObject(POD, body, 'Strict')).toThrow(
      new DecodeError(`strict decoding error: ${faults.join(', ')}`),
    );
  });
});

describe('wrong types are refused in Go words', () => {
  test.each<[string, GroupVersionKind, unknown, string]>([
    [
      'text for a number',
      DEPLOYMENT,
      { spec: { replicas: 'x' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'fraction',
      DEPLOYMENT,
      { spec: { replicas: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'too large',
      DEPLOYMENT,
      { spec: { replicas: 3e9 } },
      'json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'number for a text',
      POD,
      container({ image: 5 }),
      'json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string',
    ],
    [
      'bool in env',
      POD,
      container({ env: [{ name: 'A', value: true }] }),
      'json: cannot unmarshal bool into Go struct field EnvVar.spec.containers.env.value of type string',
    ],
    [
      'named type',
      POD,
      container({ imagePullPolicy: 1 }),
      'json: cannot unmarshal number into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy',
    ],
    [
      'map for a list',
      POD,
      { spec: { containers: {} } },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      'text for a struct',
      POD,
      { spec: 'x' },
      'json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec',
    ],
    [
      'element',
      POD,
      { spec: { containers: [1] } },
      'json: cannot unmarshal number into Go struct field PodSpec.spec.containers of type v1.Container',
    ],
    [
      'label',
      POD,
      { metadata: { labels: { a: 1 } } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      'quantity',
      POD,
      container({ resources: { limits: { cpu: 'x' } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      'port',
      POD,
      container({ livenessProbe: { httpGet: { port: true } } }),
      'json: cannot unmarshal bool into Go value of type int32',
    ],
    [
      'time',
      POD,
      { metadata: { creationTimestamp: 'soon' } },
      'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"',
    ],
    [
      'date',
      POD,
      { metadata: { creationTimestamp: '2026-02-30T00:00:00Z' } },
      'parsing time "2026-02-30T00:00:00Z": day out of range',
    ],
    ['bytes', { ...POD, kind: 'Secret' }, { data: { a: 'a b' } }, 'illegal base64 data at input byte 1'],
    ['whole body', POD, [], 'json: cannot unmarshal array into Go value of type v1.Pod'],
  ])('%s', (_, gvk, body, message) => {
    expect(() => decodeObject(gvk, body, 'Ignore')).toThrow(new DecodeError(message));
  });

  test('as the server answers', () => {
    const { status } = new DecodeError('x').toStatusError(DEPLOYMENT);
    expect(status).toMatchObject({
      code: 400,
      reason: 'BadRequest',
      message: 'Deployment in version "v1" cannot be handled as a Deployment: x',
    });
  });
});
