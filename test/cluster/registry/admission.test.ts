import { describe, expect, test } from 'vitest';
import { create, stored, withValues, type Json } from './support.ts';

const GROUP = 'admissionregistration.k8s.io';
const RULE = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const WEBHOOKS: Json = {
  apiVersion: `${GROUP}/v1`,
  kind: 'ValidatingWebhookConfiguration',
  metadata: {},
  webhooks: [
    {
      name: 'a.b.c',
      clientConfig: { service: { name: 'x', namespace: 'y' } },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      rules: [RULE],
    },
  ],
};
const POLICY: Json = {
  apiVersion: `${GROUP}/v1`,
  kind: 'ValidatingAdmissionPolicy',
  metadata: {},
  spec: { matchConstraints: { resourceRules: [RULE] }, validations: [{ expression: 'true' }] },
};
const BINDING: Json = {
  apiVersion: `${GROUP}/v1`,
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: {},
  spec: { policyName: 'x', validationActions: ['Deny'] },
};
const W = 'webhooks[0]';

describe('webhooks and policies', () => {
  test('get their defaults', () => {
    const webhook = {
      clientConfig: { service: { port: 443 } },
      failurePolicy: 'Fail',
      matchPolicy: 'Equivalent',
      namespaceSelector: {},
      objectSelector: {},
      timeoutSeconds: 10,
      rules: [{ scope: '*' }],
    };
    expect(stored(WEBHOOKS)).toMatchObject({ webhooks: [webhook] });
    expect(stored({ ...WEBHOOKS, kind: 'MutatingWebhookConfiguration' })).toMatchObject({
      webhooks: [{ ...webhook, reinvocationPolicy: 'Never' }],
    });
    expect(stored(POLICY)['spec']).toMatchObject({
      failurePolicy: 'Fail',
      matchConstraints: {
        matchPolicy: 'Equivalent',
        namespaceSelector: {},
        objectSelector: {},
        resourceRules: [{ scope: '*' }],
      },
    });
    expect(stored(BINDING)['spec']).toEqual(BINDING['spec']);
  });

  test.each<[Json, Json, string]>([
    [
      WEBHOOKS,
      { [`${W}.sideEffects`]: undefined },
      `${W}.sideEffects: Required value: must specify one of None, NoneOnDryRun`,
    ],
    [
      WEBHOOKS,
      { [`${W}.name`]: 'a' },
      `${W}.name: Invalid value: "a": should be a domain with at least three segments separated by dots`,
    ],
    [
      WEBHOOKS,
      { [`${W}.admissionReviewVersions`]: [] },
      `${W}.admissionReviewVersions: Required value: must specify one of v1, v1beta1`,
    ],
    [
      WEBHOOKS,
      { [`${W}.admissionReviewVersions`]: ['v2'] },
      `${W}.admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1`,
    ],
    [
      WEBHOOKS,
      { [`${W}.clientConfig`]: {} },
      `${W}.clientConfig: Required value: exactly one of url or service is required`,
    ],
    [
      WEBHOOKS,
      { [`${W}.clientConfig`]: { url: 'http://a.b/c' } },
      `${W}.clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
    ],
    [
      WEBHOOKS,
      { [`${W}.timeoutSeconds`]: 31 },
      `${W}.timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds`,
    ],
    [
      WEBHOOKS,
      { [`${W}.rules[0].operations`]: ['*', 'CREATE'] },
      `${W}.rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
    ],
    [
      WEBHOOKS,
      { [`${W}.rules[0].resources`]: ['pods/*', 'pods/status'] },
      `${W}.rules[0].resources[1]: Invalid value: "pods/status": if 'pods/*' is present, must not specify pods/status`,
    ],
    [
      WEBHOOKS,
      { [`${W}.failurePolicy`]: 'x' },
      `${W}.failurePolicy: Unsupported value: "x": supported values: "Fail", "Ignore"`,
    ],
    [POLICY, { 'spec.matchConstraints': undefined }, 'spec.matchConstraints: Required value'],
    [
      POLICY,
      { 'spec.validations': [] },
      '[spec.validations: Required value: validations or auditAnnotations must contain at least one item, spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item]',
    ],
    [
      POLICY,
      { 'spec.validations': [{ expression: ' ' }] },
      'spec.validations[0].expression: Required value: expression is not specified',
    ],
    [
      BINDING,
      { 'spec.validationActions': [] },
      'spec.validationActions: Required value: at least one validation action is required',
    ],
    [
      BINDING,
      { 'spec.validationActions': ['Deny', 'Warn'] },
      'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ],
  ])('%o with %o', (object, values, message) => {
    const expected = `${String(object['kind'])}.${GROUP} "web" is invalid: ${message}`;
    expect(create(withValues(object, values)).message).toBe(expected);
  });
});
