import { describe, expect, test } from 'vitest';
import { create, type Json, set, stored, update, withValues } from './support.ts';

const SCHEMA: Json = {
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'FlowSchema',
  metadata: {},
  spec: {
    priorityLevelConfiguration: { name: 'low' },
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: 'jane' } }],
        resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] }],
      },
    ],
  },
};
const LEVEL: Json = {
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  kind: 'PriorityLevelConfiguration',
  metadata: {},
  spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } },
};
const CLAIM: Json = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  metadata: {},
  spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu.example.com' } }] } },
};
const TEMPLATE: Json = { ...CLAIM, kind: 'ResourceClaimTemplate', spec: { spec: CLAIM['spec'] } };
const DEVICE_CLASS: Json = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'DeviceClass',
  metadata: {},
  spec: { selectors: [{ cel: { expression: 'true' } }] },
};
const DEVICES: Json = {
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  metadata: {},
  spec: { driver: 'gpu.example.com', nodeName: 'n', pool: { name: 'n', resourceSliceCount: 1, generation: 1 } },
};
const RANGE: Json = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: {},
  spec: { cidrs: ['10.1.0.0/16'] },
};
const ATTRIBUTES: Json = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'VolumeAttributesClass',
  metadata: {},
  driverName: 'd.example.com',
  parameters: { iops: '5' },
};
const CAPACITY: Json = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIStorageCapacity',
  metadata: {},
  storageClassName: 'fast',
};
const RULE = 'spec.rules[0]';
const REQUEST = 'spec.devices.requests[0]';
const QUEUING = 'spec.limited.limitResponse.queuing';

const REFUSED: readonly (readonly [Json, Json, string])[] = [
  [
    SCHEMA,
    { 'spec.matchingPrecedence': 1 },
    "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
  ],
  [
    SCHEMA,
    { 'spec.matchingPrecedence': 10_001 },
    'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000',
  ],
  [
    SCHEMA,
    { 'spec.priorityLevelConfiguration.name': '' },
    'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
  ],
  [SCHEMA, { [`${RULE}.subjects`]: [] }, `${RULE}.subjects: Required value: subjects must contain at least one value`],
  [
    SCHEMA,
    { [`${RULE}.subjects[0]`]: { kind: 'Group', user: { name: 'x' } } },
    `[${RULE}.subjects[0].group: Required value: group is required when subject kind is 'Group', ${RULE}.subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User']`,
  ],
  [
    SCHEMA,
    { [`${RULE}.subjects[0].kind`]: 'Robot' },
    `${RULE}.subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"`,
  ],
  [
    SCHEMA,
    { [`${RULE}.resourceRules[0].verbs`]: ['*', 'get'] },
    `${RULE}.resourceRules[0].verbs: Invalid value: ["*","get"]: if '*' is present, must not specify other verbs`,
  ],
  [
    SCHEMA,
    { [`${RULE}.resourceRules[0].namespaces`]: [] },
    `${RULE}.resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace`,
  ],
  [
    SCHEMA,
    { [`${RULE}.resourceRules`]: [] },
    `${RULE}: Required value: at least one of resourceRules and nonResourceRules has to be non-empty`,
  ],
  [
    SCHEMA,
    { [`${RULE}.nonResourceRules`]: [{ verbs: ['get'], nonResourceURLs: ['healthz', '/a//b', '/a*/b'] }] },
    `[${RULE}.nonResourceRules[0].nonResourceURLs[0]: Invalid value: "healthz": must start with slash, ${RULE}.nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/a//b": must not contain double slash, ${RULE}.nonResourceRules[0].nonResourceURLs[2]: Invalid value: "/a*/b": wildcard can only do suffix matching]`,
  ],
  [LEVEL, { 'spec.type': 'Free' }, 'spec.type: Unsupported value: "Free": supported values: "Exempt", "Limited"'],
  [LEVEL, { 'spec.type': 'Exempt' }, 'spec.limited: Forbidden: must be nil if the type is not Limited'],
  [LEVEL, { 'spec.limited': undefined }, 'spec.limited: Required value: must not be empty when type is Limited'],
  [
    LEVEL,
    { [`${QUEUING}.handSize`]: 65 },
    `${QUEUING}.handSize: Invalid value: 65: should not be greater than queues (64)`,
  ],
  [
    LEVEL,
    { [`${QUEUING}.queues`]: -1, [`${QUEUING}.handSize`]: -2 },
    `[${QUEUING}.queues: Invalid value: -1: must be positive, ${QUEUING}.handSize: Invalid value: -2: must be positive]`,
  ],
  [
    LEVEL,
    { 'spec.limited.lendablePercent': 101 },
    'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
  ],
  [
    CLAIM,
    { [`${REQUEST}.exactly`]: undefined },
    `${REQUEST}: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`,
  ],
  [CLAIM, { [`${REQUEST}.exactly.deviceClassName`]: '' }, `${REQUEST}.exactly.deviceClassName: Required value`],
  [CLAIM, { [`${REQUEST}.exactly.count`]: 0 }, `${REQUEST}.exactly.count: Invalid value: 0: must be greater than zero`],
  [
    CLAIM,
    { [`${REQUEST}.exactly.allocationMode`]: 'Some' },
    `${REQUEST}.exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"`,
  ],
  [
    CLAIM,
    { 'spec.devices.constraints': [{ requests: ['other'], matchAttribute: 'a.example.com/x' }] },
    'spec.devices.constraints[0].requests[0]: Invalid value: "other": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
  ],
  [
    TEMPLATE,
    { 'spec.spec.devices.requests[0].exactly.selectors': [{}] },
    'spec.spec.devices.requests[0].exactly.selectors[0]: Required value: exactly one of `cel` is required',
  ],
  [DEVICE_CLASS, { 'spec.config': [{}] }, 'spec.config[0]: Required value: exactly one of `opaque` is required'],
  [
    DEVICES,
    { 'spec.allNodes': true },
    'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
  ],
  [DEVICES, { 'spec.devices': [{ name: 'a' }, { name: 'a' }] }, 'spec.devices[1].name: Duplicate value: "a"'],
  [RANGE, { 'spec.cidrs': [] }, 'spec.cidrs: Required value: at least one CIDR required'],
  [
    RANGE,
    { 'spec.cidrs': ['10.1.0.0/16', '10.2.0.0/16'] },
    'spec: Invalid value: {"cidrs":["10.1.0.0/16","10.2.0.0/16"]}: may specify no more than one IP for each IP family',
  ],
  [ATTRIBUTES, { driverName: '' }, 'driverName: Required value'],
  [ATTRIBUTES, { parameters: {} }, 'parameters: Required value: must contain at least one key/value pair'],
  [CAPACITY, { capacity: '-1Gi' }, 'capacity: Invalid value: "-1Gi": must be greater than or equal to 0'],
];

describe('objects of newer groups that are wrong', () => {
  test.each(REFUSED)('%j with %j', (object, values, message) => {
    expect(create(withValues({ ...object, metadata: { name: 'x' } }, values)).message).toBe(
      `${String(object['kind'])}.${String(object['apiVersion']).split('/')[0] ?? ''} "x" is invalid: ${message}`,
    );
  });
});

const FIXED: readonly (readonly [Json, Json, string])[] = [
  [CLAIM, { 'spec.devices.requests[0].name': 'other' }, 'spec: Invalid value'],
  [RANGE, { 'spec.cidrs': ['10.2.0.0/16'] }, 'spec.cidrs: Invalid value: ["10.2.0.0/16"]: field is immutable'],
  [ATTRIBUTES, { parameters: { iops: '6' } }, 'parameters: Forbidden: updates to parameters are forbidden.'],
  [ATTRIBUTES, { driverName: 'e.example.com' }, 'driverName: Invalid value: "e.example.com": field is immutable'],
  [CAPACITY, { storageClassName: 'slow' }, 'storageClassName: Invalid value: "slow": field is immutable'],
  [DEVICES, { 'spec.nodeName': 'm' }, 'spec.nodeName: Invalid value: "m": field is immutable'],
];

describe('what may not be changed', () => {
  test.each(FIXED)('%j to %j', (object, values, message) => {
    const outcome = update(stored(object), (draft) => {
      for (const [path, value] of Object.entries(values)) set(draft, path, value);
    });
    expect(outcome.message).toContain(message);
  });

  test('but a range of addresses may get one of the other family', () => {
    const outcome = update(stored(RANGE), (draft) => set(draft, 'spec.cidrs', ['10.1.0.0/16', 'fd00::/108']));
    expect(outcome.message).toBeUndefined();
  });
});

describe('what is filled in', () => {
  test('by kind', () => {
    const made = (object: Json): unknown => create({ ...object, metadata: { name: 'x' } }).object['spec'];
    expect(made(SCHEMA)).toMatchObject({ matchingPrecedence: 1000 });
    expect(made(LEVEL)).toEqual({
      type: 'Limited',
      limited: {
        nominalConcurrencyShares: 30,
        lendablePercent: 0,
        limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
      },
    });
    expect(made(CLAIM)).toMatchObject({
      devices: { requests: [{ exactly: { allocationMode: 'ExactCount', count: 1 } }] },
    });
  });

  test('as whether the level of a schema is there', () => {
    const dangling = (object: { readonly object: Json }): unknown =>
      (object.object['status'] as { readonly conditions: readonly { readonly status: string }[] }).conditions[0]
        ?.status;
    const level = { ...LEVEL, metadata: { name: 'low' } };
    const schema = { ...SCHEMA, metadata: { name: 'x' } };
    expect(dangling(create(schema))).toBe('True');
    expect(dangling(create(schema, { stored: [level] }))).toBe('False');
  });
});
