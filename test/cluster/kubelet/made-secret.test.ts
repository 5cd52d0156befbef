import { afterEach, describe, expect, it } from 'vitest';
import type { Pod, Secret } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { embeddedCluster } from '../../support/embedded-cluster.ts';
import { bench, type Bench } from './support.ts';

let kubelet: Bench | undefined;
afterEach(() => {
  kubelet?.stop();
  kubelet = undefined;
});

describe('jobs that make Secrets', () => {
  it.each([
    {
      title: 'certificates of webhooks',
      image: 'registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.0',
      args: [
        'create',
        '--host=web,web.default.svc',
        '--namespace=default',
        '--secret-name=admission',
        '--cert-name=tls.crt',
        '--key-name=tls.key',
      ],
      name: 'admission',
      keys: ['ca', 'tls.crt', 'tls.key'],
    },
    {
      title: 'the password of the Redis of Argo CD',
      image: 'quay.io/argoproj/argocd:v3.4.4',
      command: ['argocd', 'admin', 'redis-initial-password'],
      name: 'argocd-redis',
      keys: ['auth'],
    },
  ])('make $title, once', async ({ image, command, args, name, keys }) => {
    kubelet = await bench();
    const { client, clock } = kubelet;
    const container = { image, ...(command === undefined ? {} : { command }), ...(args === undefined ? {} : { args }) };
    await kubelet.run('first', container, { restartPolicy: 'Never' });
    await clock.advance(10_000);
    const secret = await client.get<Secret>(RESOURCES.secrets, { namespace: 'default', name });
    expect(Object.keys(secret.data ?? {}).sort()).toEqual(keys);
    await kubelet.run('second', container, { restartPolicy: 'Never' });
    await clock.advance(10_000);
    expect((await kubelet.pod('second')).status?.phase).toBe('Succeeded');
    expect(await client.get<Secret>(RESOURCES.secrets, { namespace: 'default', name })).toEqual(secret);
  });
});

describe('Secrets of other namespaces', () => {
  const job = {
    containers: [
      {
        name: 'c',
        image: 'registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.0',
        args: ['create', '--host=web', '--namespace=kube-system', '--secret-name=admission'],
      },
    ],
    restartPolicy: 'Never' as const,
  };
  const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'create'] }];
  const account = { kind: 'ServiceAccount', name: 'default', namespace: 'default' };
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole' };

  it.each([
    ['nothing', undefined, 1],
    ['a role there', 'maker', 0],
    ['a built-in role that has not been stored yet', 'cluster-admin', 0],
  ])('are made by whom RBAC lets: with %s', async (_title, name, exitCode) => {
    const fixture = await embeddedCluster({ nodes: 1 });
    const { client } = fixture.cluster;
    await client.create(RESOURCES.clusterRoles, { metadata: { name: 'maker' }, rules });
    if (name !== undefined) {
      const binding = { metadata: { name: 'maker', namespace: 'kube-system' }, subjects: [account] };
      await client.create(RESOURCES.roleBindings, { ...binding, roleRef: { ...role, name } });
    }
    const pod = { namespace: 'default', name: 'job' };
    await client.create(RESOURCES.pods, { metadata: pod, spec: job });
    await fixture.advance(60_000);
    const { status } = await client.get<Pod>(RESOURCES.pods, pod);
    expect(status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(exitCode);
    const { items } = await client.list<Secret>(RESOURCES.secrets, { namespace: 'kube-system' });
    expect(items.map((secret) => secret.metadata.name)).toEqual(exitCode === 0 ? ['admission'] : []);
    const log = await client.logs(pod);
    const user = 'User "system:serviceaccount:default:default"';
    const err = `secrets is forbidden: ${user} cannot create resource "secrets" in API group "" in the namespace "kube-system"`;
    const last =
      exitCode === 0 ? { level: 'info', msg: 'saved secret' } : { level: 'fatal', msg: 'error creating secret', err };
    expect(log).toBe(`{"level":"info","msg":"getting secret"}\n${JSON.stringify(last)}\n`);
    fixture.stop();
  });
});

describe('servers that make Secrets', () => {
  it('make the certificates of KEDA, if they are to', async () => {
    kubelet = await bench();
    const { client, clock } = kubelet;
    const image = 'ghcr.io/kedacore/keda:2.19.0';
    const args = ['--leader-elect', '--cert-secret-name=kedaorg-certs'];
    await kubelet.run('without', { image, command: ['/keda'], args: [...args, '--enable-cert-rotation=false'] });
    await clock.advance(10_000);
    const key = { namespace: 'default', name: 'kedaorg-certs' };
    await expect(client.get(RESOURCES.secrets, key)).rejects.toThrow('not found');
    await kubelet.run('with', { image, command: ['/keda'], args: [...args, '--enable-cert-rotation=true'] });
    await clock.advance(10_000);
    const secret = await client.get<Secret>(RESOURCES.secrets, key);
    expect(Object.keys(secret.data ?? {}).sort()).toEqual(['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
    expect(secret.type).toBe('Opaque');
  });

  it.each([
    {
      title: 'that its configuration names',
      text: '[{"name":"web","secretName":"web-cert","secretNamespace":"default"}]',
      made: 1,
    },
    {
      title: 'and of nothing else in it',
      text: '[null, 1, "web", [null], {"name":null}, {"secretName":"web-cert","secretNamespace":"default"}]',
      made: 1,
    },
    { title: 'but none without them', text: '{"name":"web"}', made: 0 },
    { title: 'and live with what is no JSON', text: 'name: web', made: 0 },
  ])('make the certificates of Consul $title', async ({ text, made }) => {
    kubelet = await bench();
    const { client, clock } = kubelet;
    const metadata = { namespace: 'default', name: 'webhooks' };
    await client.create(RESOURCES.configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { 'webhooks.json': text },
    });
    const script =
      'exec consul-k8s-control-plane webhook-cert-manager \\\n  -log-level=info \\\n  -config-file=/config/webhooks.json';
    await kubelet.run(
      'manager',
      {
        image: 'hashicorp/consul-k8s-control-plane:1.9.2',
        command: ['/bin/sh', '-ec', script],
        volumeMounts: [{ name: 'config', mountPath: '/config' }],
      },
      { volumes: [{ name: 'config', configMap: { name: 'webhooks' } }] },
    );
    await clock.advance(10_000);
    expect((await kubelet.pod('manager')).status?.phase).toBe('Running');
    const { items } = await client.list<Secret>(RESOURCES.secrets, { namespace: 'default' });
    expect(items.map(({ metadata: { name }, type }) => [name, type])).toEqual(
      made === 0 ? [] : [['web-cert', 'kubernetes.io/tls']],
    );
  });
});
