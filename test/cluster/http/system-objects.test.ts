import { afterAll, beforeAll, expect, it } from 'vitest';
import { DNS_SERVICE_ADDRESS } from '../../../src/cluster/machinery/cluster-network.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { resourceType } from '../../../src/cluster/registry/resource-type.ts';
import { embeddedCluster, START } from '../../support/embedded-cluster.ts';
import { get } from './raw-request.ts';
import { type ServedFixture, serveForTest, wallClock } from './served.ts';

const ADMISSION = 'admissionregistration.k8s.io/v1';
const CLUSTER = { clusterScoped: true };

let fixture: ServedFixture;

beforeAll(async () => {
  fixture = await serveForTest({ speed: 0, start: START });
});
afterAll(() => fixture.close());

function list(group: string, resource: string, namespace?: string): readonly KubeObject[] {
  return fixture.embedded.cluster.apiServer.listNow({ group, resource }, namespace);
}

it('the DNS has its Service where pods look for it', () => {
  const service = fixture.embedded.cluster.apiServer.readNow(RESOURCES.services, 'kube-system', 'kube-dns');
  expect(service?.['spec']).toMatchObject({
    clusterIP: DNS_SERVICE_ADDRESS,
    ports: [{ port: 53 }, { port: 53 }, { port: 9153 }],
  });
});

it('every flow schema names a level that is there', () => {
  const group = 'flowcontrol.apiserver.k8s.io';
  const schemas = list(group, 'flowschemas');
  expect(schemas).toHaveLength(11);
  expect(list(group, 'prioritylevelconfigurations')).toHaveLength(8);
  for (const schema of schemas) {
    expect(schema['status']).toMatchObject({ conditions: [{ type: 'Dangling', status: 'False', reason: 'Found' }] });
  }
});

it('flow schemas say whether their level is there, whenever it comes and goes', async () => {
  const { client } = fixture.embedded.cluster;
  const group = 'flowcontrol.apiserver.k8s.io/v1';
  const schemas = resourceType(group, 'FlowSchema', 'flowschemas', CLUSTER);
  const levels = resourceType(group, 'PriorityLevelConfiguration', 'prioritylevelconfigurations', CLUSTER);
  const dangling = async (): Promise<unknown> => (await client.get(schemas, { name: 'early' }))['status'];
  await client.create(schemas, {
    metadata: { name: 'early' },
    spec: { priorityLevelConfiguration: { name: 'late' } },
  });
  const missing = { type: 'Dangling', status: 'True', reason: 'NotFound' };
  expect(await dangling()).toMatchObject({ conditions: [missing] });
  await client.create(levels, { metadata: { name: 'late' }, spec: { type: 'Exempt' } });
  const found = {
    type: 'Dangling',
    status: 'False',
    reason: 'Found',
    message: expect.stringContaining('"late" and it') as string,
  };
  expect(await dangling()).toMatchObject({ conditions: [found] });
  await client.delete(levels, { name: 'late' });
  expect(await dangling()).toMatchObject({ conditions: [missing] });
  await client.delete(schemas, { name: 'early' });
});

it('add-ons find how they are called, and a ServiceCIDR is ready', () => {
  const [range] = list('networking.k8s.io', 'servicecidrs');
  expect(range?.['status']).toMatchObject({ conditions: [{ type: 'Ready', status: 'True' }] });
  const names = list('', 'configmaps', 'kube-system').map(({ metadata }) => metadata.name);
  expect(names).toEqual(['coredns', 'extension-apiserver-authentication', 'kube-root-ca.crt', 'kubeadm-config']);
  expect(list('rbac.authorization.k8s.io', 'roles', 'kube-system')).toHaveLength(1);
});

it('a cluster is served without what its users do not let be', async () => {
  const lines: string[] = [];
  const logger = {
    log: (level: string, message: string) => lines.push(`${level} ${message}`),
  };
  const embedded = await embeddedCluster({ logger, nodes: 1 });
  const { client } = embedded.cluster;
  try {
    const spec = { clusterIP: DNS_SERVICE_ADDRESS, ports: [{ port: 80 }] };
    await client.create(RESOURCES.services, { metadata: { name: 'taken', namespace: 'default' }, spec });
    await client.create(
      resourceType(ADMISSION, 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', CLUSTER),
      {
        metadata: { name: 'refuses' },
        webhooks: [
          {
            name: 'refuses.example.com',
            rules: [
              {
                apiGroups: ['*'],
                apiVersions: ['*'],
                operations: ['CREATE'],
                resources: ['clusterroles', 'configmaps'],
              },
            ],
            clientConfig: { service: { namespace: 'default', name: 'none' } },
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
          },
        ],
      },
    );
    lines.length = 0;
    const served = await embedded.cluster.serve({ wallClock, speed: 0 });
    try {
      expect((await get({ served }, '/readyz', { authorization: `Bearer ${served.keys.token}` })).code).toBe(200);
    } finally {
      await served.close();
    }
    const warned = lines.filter((line) => line.includes('could not be created'));
    expect(warned.filter((line) => line.includes('Service '))).toEqual([
      expect.stringMatching(
        /^warn the system's Service kube-dns could not .*provided IP is already allocated/,
      ) as string,
    ]);
    expect(warned.filter((line) => line.includes("system's ConfigMap"))).toHaveLength(3);
    expect(warned.some((line) => line.includes("system's ClusterRole "))).toBe(true);
  } finally {
    embedded.stop();
  }
});
