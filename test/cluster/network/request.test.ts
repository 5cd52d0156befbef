import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { createCatalogue } from '../../../src/cluster/kubelet/images/catalogue.ts';
import { traceRequest } from '../../../src/cluster/trace-request.ts';
import { INGRESS_ADDRESS } from '../../../src/cluster/network/ingress-controller.ts';
import type { Pod } from '../../../src/kube/api/core-v1.generated.ts';
import type { Ingress } from '../../../src/kube/api/networking-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { embeddedCluster, type EmbeddedCluster } from '../../support/embedded-cluster.ts';

let fixture: EmbeddedCluster;

beforeEach(async () => {
  fixture = await embeddedCluster();
  const { client } = fixture.cluster;
  await client.create(RESOURCES.deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: {
          labels: { app: 'web' },
          annotations: {
            'pintle.dev/behaviour.web':
              'paths: { /missing: 404 }\nchanges: [{ afterMillis: 60000, paths: { /healthz: 500 } }]',
          },
        },
        spec: {
          containers: [
            {
              name: 'web',
              image: 'shop/web:1.0',
              ports: [{ name: 'http', containerPort: 8080 }],
              readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 5 },
            },
          ],
        },
      },
    },
  });
  await client.create(RESOURCES.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http', nodePort: 30_080 }] },
  });
  await client.create(RESOURCES.ingresses, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      ingressClassName: 'nginx',
      rules: [
        {
          host: 'shop.example.com',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
          },
        },
      ],
    },
  });
  await fixture.advance(20_000);
});

afterEach(() => fixture.stop());

async function curl(url: string, from?: string): Promise<{ readonly path: readonly string[]; readonly end: string }> {
  const { client, clock } = fixture.cluster;
  const { hops, outcome } = await traceRequest(
    { client, clock, random: new SeededRandom(1), logger: silentLogger, catalogue: createCatalogue() },
    {
      url: new URL(url),
      namespace: 'default',
      ...(from === undefined ? {} : { from: { namespace: 'default', name: from } }),
    },
  );
  const end = outcome.kind === 'answered' ? String(outcome.status) : `${outcome.failure}: ${outcome.message}`;
  return { path: hops.map(({ stage, text }) => `${stage}: ${text}`), end };
}

async function aPod(): Promise<string> {
  const { items } = await fixture.cluster.client.list<Pod>(RESOURCES.pods, { namespace: 'default' });
  return items[0]?.metadata.name ?? '';
}

describe('a request', () => {
  it('goes through an Ingress to a pod, and stops when the pods are not ready any more', async () => {
    const object = await fixture.cluster.client.get<Ingress>(RESOURCES.ingresses, {
      namespace: 'default',
      name: 'web',
    });
    expect(object.status?.loadBalancer?.ingress).toEqual([{ ip: INGRESS_ADDRESS }]);
    const ready = await curl('http://shop.example.com/cart?x=1');
    expect(ready.end).toBe('200');
    expect(ready.path).toEqual([
      'client: a client outside of the cluster (203.0.113.77)',
      `dns: shop.example.com → ${INGRESS_ADDRESS} (taken to lead to the ingress controller)`,
      'ingress: Ingress default/web: shop.example.com/ (Prefix)',
      expect.stringMatching(/^service: Service default\/web port 80: 10\.244\.\d+\.\d+:8080, one of 2 endpoints$/),
      expect.stringMatching(/^pod: pod default\/web-\w+-\w+ \(10\.244\.\d+\.\d+:8080\) on node pintle-\d$/),
      'container: container web answers 200 to /cart?x=1',
    ]);
    expect((await curl('http://shop.example.com/missing')).end).toBe('404');
    await fixture.advance(120_000);
    const failed = await curl('http://shop.example.com/cart');
    expect(failed.end).toBe('503');
    expect(failed.path.slice(3)).toEqual([
      'service: Service default/web port 80 has no endpoint that is ready',
      expect.stringMatching(/^pod: pod default\/web-\S+ is not ready: containers with unready status: \[web\]$/),
      expect.stringMatching(/^pod: pod default\/web-\S+ is not ready/),
    ]);
    const direct = await curl('http://web.default/');
    expect(direct.end).toMatch(/^refused: Failed to connect to 10\.\d+\.\d+\.\d+ port 80: Connection refused$/);
  });

  it('goes from pods and from outside to a Service', async () => {
    const pod = await aPod();
    expect((await curl('http://web/', pod)).end).toBe('200');
    expect((await curl('http://web.default.svc.cluster.local/')).end).toBe('200');
    expect((await curl('http://172.18.0.3:30080/')).end).toBe('200');
    expect((await curl('http://172.18.0.3:31111/')).end).toMatch(/^refused/);
    expect((await curl('http://web:81/')).end).toMatch(/^timeout/);
    expect((await curl('http://nowhere/')).end).toBe('unknown-host: Could not resolve host: nowhere');
    expect((await curl('http://web/', 'nobody')).end).toBe('client: pod default/nobody does not exist');
    expect((await curl('https://kubernetes/healthz', pod)).end).toBe('200');
    expect((await curl('tcp://web:80')).end).toBe('0');
    expect((await curl('http://vendor.io/', pod)).end).toBe('200');
    expect((await curl('http://10.244.9.9/', pod)).end).toMatch(/^timeout/);
  });

  it('is stopped by a policy', async () => {
    await fixture.cluster.client.create(RESOURCES.networkPolicies, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'from-ingress', namespace: 'default' },
      spec: {
        podSelector: { matchLabels: { app: 'web' } },
        ingress: [
          { from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }] },
        ],
      },
    });
    const inside = await curl('http://web/');
    expect(inside.path.at(-1)).toBe('policy: ingress denied by default/from-ingress');
    expect(inside.end).toMatch(/^timeout/);
    expect((await curl('http://shop.example.com/')).end).toBe('200');
  });
});
