import { afterEach, describe, expect, it } from 'vitest';
import { tableOf } from '../../../../src/cluster/apiserver/http/transform.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { type EmbeddedCluster, embeddedCluster } from '../../../support/embedded-cluster.ts';
import { refusal } from '../../apiserver/support.ts';

const open: EmbeddedCluster[] = [];

afterEach(() => {
  for (const each of open.splice(0)) each.stop();
});

const API = {
  metadata: { name: 'v1beta1.custom.metrics.k8s.io' },
  spec: {
    group: 'custom.metrics.k8s.io',
    version: 'v1beta1',
    groupPriorityMinimum: 100,
    versionPriority: 100,
    insecureSkipTLSVerify: true,
    service: { namespace: 'default', name: 'adapter' },
  },
};

describe('APIServices', () => {
  it('become available with the endpoints of their Service', async () => {
    const embedded = await embeddedCluster({ nodes: 1 });
    open.push(embedded);
    const { client } = embedded.cluster;
    await client.create(RESOURCES.apiServices, API);
    const conditions = async (): Promise<unknown> => {
      await embedded.advance(20_000);
      const { status } = await client.get<{ status: { conditions: object[] } }>(RESOURCES.apiServices, API.metadata);
      return status.conditions;
    };
    const available = (status: string, reason: string, message: string): object[] => [
      { type: 'Available', status, reason, message, lastTransitionTime: expect.any(String) as unknown },
    ];
    const what = 'service/adapter in "default"';
    expect(await conditions()).toEqual(available('False', 'ServiceNotFound', `${what} is not present`));
    const spec = { selector: { app: 'adapter' }, ports: [{ port: 443, targetPort: 80 }] };
    const metadata = { name: 'adapter', namespace: 'default' };
    await client.create(RESOURCES.services, { metadata, spec });
    expect(await conditions()).toEqual(
      available('False', 'MissingEndpoints', `endpointslices for ${what} have no addresses with port name ""`),
    );
    await client.create(RESOURCES.pods, {
      metadata: { ...metadata, labels: { app: 'adapter' } },
      spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] },
    });
    expect(await conditions()).toEqual(available('True', 'Passed', 'all checks passed'));
    const object = await client.get(RESOURCES.apiServices, API.metadata);
    const options = { type: RESOURCES.apiServices, now: embedded.cluster.clock.now(), includeObject: 'None' };
    expect(tableOf(object, 'v1', options)).toMatchObject({
      rows: [{ cells: ['v1beta1.custom.metrics.k8s.io', 'default/adapter', 'True', expect.any(String)] }],
    });
    await client.delete(RESOURCES.services, metadata);
    expect(await conditions()).toEqual(available('False', 'ServiceNotFound', `${what} is not present`));
  });

  it('of this server always are', async () => {
    const embedded = await embeddedCluster({ nodes: 1 });
    open.push(embedded);
    const { service: _service, insecureSkipTLSVerify: _insecure, ...spec } = API.spec;
    await embedded.cluster.client.create(RESOURCES.apiServices, { ...API, spec });
    await embedded.advance(1000);
    expect(await embedded.cluster.client.get(RESOURCES.apiServices, API.metadata)).toMatchObject({
      status: { conditions: [{ status: 'True', reason: 'Local' }] },
    });
  });

  it('are checked', async () => {
    const embedded = await embeddedCluster({ nodes: 1 });
    open.push(embedded);
    const bad = { metadata: { name: 'x' }, spec: { group: 'a.b', version: 'V', service: {}, caBundle: 'eA==' } };
    expect((await refusal(embedded.cluster.client.create(RESOURCES.apiServices, bad))).message).toBe(
      'APIService.apiregistration.k8s.io "x" is invalid: [metadata.name: Invalid value: "x": must be `spec.version+"."+spec.group`: "V.a.b", ' +
        `spec.version: Invalid value: "V": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?'), ` +
        'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000, spec.versionPriority: Invalid value: 0: must be positive and less than 1000, ' +
        'spec.service.namespace: Required value, spec.service.name: Required value]',
    );
  });
});
