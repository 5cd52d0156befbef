import { afterAll, beforeAll, expect, it } from 'vitest';
import { DNS_ADDRESS } from '../../../src/cluster/network/resolver.ts';
import { DNS_SERVICE_ADDRESS } from '../../../src/cluster/serve/bootstrap-system.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { START } from '../../support/embedded-cluster.ts';
import { type ServedFixture, serveForTest } from './served.ts';

let fixture: ServedFixture;

beforeAll(async () => {
  fixture = await serveForTest({ speed: 0, start: START });
});
afterAll(() => fixture.close());

function list(group: string, resource: string, namespace?: string): readonly KubeObject[] {
  return fixture.embedded.cluster.apiServer.listNow({ group, resource }, namespace);
}

it('the DNS has its Service where pods look for it', () => {
  expect(DNS_SERVICE_ADDRESS).toBe(DNS_ADDRESS);
  const service = fixture.embedded.cluster.apiServer.readNow(RESOURCES.services, 'kube-system', 'kube-dns');
  expect(service?.['spec']).toMatchObject({
    clusterIP: DNS_ADDRESS,
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

it('add-ons find how they are called, and a ServiceCIDR is ready', () => {
  const [range] = list('networking.k8s.io', 'servicecidrs');
  expect(range?.['status']).toMatchObject({ conditions: [{ type: 'Ready', status: 'True' }] });
  const names = list('', 'configmaps', 'kube-system').map(({ metadata }) => metadata.name);
  expect(names).toEqual(['coredns', 'extension-apiserver-authentication', 'kube-root-ca.crt', 'kubeadm-config']);
  expect(list('rbac.authorization.k8s.io', 'roles', 'kube-system')).toHaveLength(1);
});
