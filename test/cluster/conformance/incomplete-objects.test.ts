import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { StatusError } from '../../../src/kube/status-error.ts';
import type { ResourceType } from '../../../src/kube/object.ts';
import { type EmbeddedCluster, embeddedCluster } from '../../support/embedded-cluster.ts';

let embedded: EmbeddedCluster;

beforeAll(async () => {
  embedded = await embeddedCluster();
});

afterAll(() => embedded.stop());

async function typeOf(group: string, version: string, kind: string): Promise<ResourceType> {
  const type = await embedded.cluster.client.resourceFor({ group, version, kind });
  if (type === undefined) throw new Error(`no ${kind}`);
  return type;
}

/** The answer to an object: `created`, or code and message. */
async function answer(group: string, version: string, kind: string, body: object): Promise<string> {
  const type = await typeOf(group, version, kind);
  const object = {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    metadata: { name: 'x', ...(type.namespaced ? { namespace: 'default' } : {}) },
    ...body,
  };
  try {
    await embedded.cluster.client.create(type, object, { dryRun: true });
    return 'created';
  } catch (error) {
    if (error instanceof StatusError) return `${error.status.code} ${error.status.message}`;
    throw error;
  }
}

const TEMPLATE = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
const HOOK = { name: 'a.b.c', clientConfig: { url: 'https://localhost:1/x' }, sideEffects: 'None' };

describe('what is missing in lists and selectors', () => {
  it.each<[group: string, version: string, kind: string, body: object, expected: string]>([
    [
      'apps',
      'v1',
      'Deployment',
      { spec: { template: TEMPLATE } },
      '422 Deployment.apps "x" is invalid: [spec.selector: Required value',
    ],
    [
      'apps',
      'v1',
      'ReplicaSet',
      { spec: { template: TEMPLATE } },
      '422 ReplicaSet.apps "x" is invalid: [spec.selector: Required value',
    ],
    [
      'apps',
      'v1',
      'StatefulSet',
      { spec: { template: TEMPLATE } },
      '422 StatefulSet.apps "x" is invalid: [spec.selector: Required value',
    ],
    [
      'apps',
      'v1',
      'DaemonSet',
      { spec: { template: TEMPLATE } },
      '422 DaemonSet.apps "x" is invalid: spec.template.metadata.labels: Invalid value',
    ],
    [
      'discovery.k8s.io',
      'v1',
      'EndpointSlice',
      { addressType: 'IPv4', endpoints: [{ addresses: ['1.2.3.4'] }] },
      'created',
    ],
    [
      'discovery.k8s.io',
      'v1',
      'EndpointSlice',
      { addressType: 'IPv4', endpoints: [{}] },
      'must contain at least 1 address',
    ],
    ['discovery.k8s.io', 'v1', 'EndpointSlice', { addressType: 'IPv4' }, 'created'],
    ['', 'v1', 'Secret', { data: { a: null } }, 'created'],
    [
      'flowcontrol.apiserver.k8s.io',
      'v1',
      'FlowSchema',
      { spec: { priorityLevelConfiguration: { name: 'a' }, matchingPrecedence: 1, rules: [{}] } },
      'subjects must contain at least one value',
    ],
    [
      'flowcontrol.apiserver.k8s.io',
      'v1',
      'FlowSchema',
      {
        spec: { priorityLevelConfiguration: { name: 'a' }, matchingPrecedence: 1, rules: [{ nonResourceRules: [{}] }] },
      },
      'nonResourceURLs must contain at least one value',
    ],
    [
      'admissionregistration.k8s.io',
      'v1',
      'ValidatingWebhookConfiguration',
      { webhooks: [HOOK] },
      'webhooks[0].admissionReviewVersions: Required value',
    ],
    [
      'storage.k8s.io',
      'v1',
      'StorageClass',
      { provisioner: 'x', allowedTopologies: [{ matchLabelExpressions: [{ key: 'a' }] }] },
      'values: Required value',
    ],
    [
      'certificates.k8s.io',
      'v1',
      'CertificateSigningRequest',
      { spec: { signerName: 'a.b/c', usages: ['any'] } },
      'PEM block type must be CERTIFICATE REQUEST',
    ],
    [
      'batch',
      'v1',
      'Job',
      {
        spec: {
          podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In' } }] },
          template: { spec: { ...TEMPLATE.spec, restartPolicy: 'Never' } },
        },
      },
      'at least one value is required',
    ],
    ['resource.k8s.io', 'v1', 'ResourceClaim', { spec: {} }, 'created'],
  ])('%s/%s %s %j', async (group, version, kind, body, expected) => {
    expect(await answer(group, version, kind, body)).toContain(expected);
  });
});

it('takes up an extended resource that somebody writes into the capacity of a node', async () => {
  const { client } = embedded.cluster;
  const patch = [{ op: 'add', path: '/status/capacity/example.com~1dongle', value: '4' }];
  await client.patch(RESOURCES.nodes, { name: 'pintle-2' }, 'json', patch, { subresource: 'status' });
  const resources = { requests: { 'example.com/dongle': '3' }, limits: { 'example.com/dongle': '3' } };
  await client.create(RESOURCES.pods, {
    metadata: { name: 'dongle', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'nginx', resources }] },
  });
  await embedded.advance(20_000);
  const node = await client.get(RESOURCES.nodes, { name: 'pintle-2' });
  expect(node['status']).toMatchObject({ allocatable: { 'example.com/dongle': '4', cpu: '8' } });
  const pod = await client.get(RESOURCES.pods, { namespace: 'default', name: 'dongle' });
  expect(pod).toMatchObject({ spec: { nodeName: 'pintle-2' }, status: { phase: 'Running' } });
});
