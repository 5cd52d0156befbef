import { describe, expect, it } from 'vitest';
import type { KubeClient } from '../../../src/client/kube-client.ts';
import type { Pod } from '../../../src/kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { pod, refusal, testServer } from './support.ts';

type PodObject = KubeObject & Pod;

async function create(client: KubeClient, name: string, spec: Record<string, unknown> = {}): Promise<PodObject> {
  return await client.create<PodObject>(RESOURCES.pods, pod(name, spec));
}

function named(name: string, more: object = {}): object {
  return { metadata: { name, namespace: 'default' }, ...more };
}

describe('ServiceAccount', () => {
  it('gives pods the default account and its token', async () => {
    const { client } = await testServer();
    const { spec } = await create(client, 'a', { initContainers: [{ name: 'i', image: 'x' }] });
    expect(spec).toMatchObject({ serviceAccountName: 'default', serviceAccount: 'default' });
    const [volume] = spec?.volumes ?? [];
    expect(volume?.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(volume?.projected).toEqual({
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
        {
          downwardAPI: {
            items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }],
          },
        },
      ],
    });
    const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
    for (const container of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]) {
      expect(container.volumeMounts).toEqual([{ mountPath, name: volume?.name, readOnly: true }]);
    }
  });

  it('refuses accounts that are not there', async () => {
    const { client } = await testServer();
    expect(await refusal(create(client, 'a', { serviceAccountName: 'x' }))).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: 'pods "a" is forbidden: error looking up service account default/x: serviceaccount "x" not found',
    });
    const generated = pod('') as { metadata: object };
    const metadata = { generateName: 'web-', namespace: 'default' };
    const status = await refusal(
      client.create(RESOURCES.pods, { ...generated, metadata, spec: { serviceAccountName: 'x', containers: [] } }),
    );
    expect(status.message).toMatch(/^pods "web-" is forbidden: error looking up/);
  });

  it('does as the account and the pod say', async () => {
    const { client } = await testServer();
    const account = named('quiet', { automountServiceAccountToken: false, imagePullSecrets: [{ name: 'pull' }] });
    await client.create(RESOURCES.serviceAccounts, account);
    const { spec } = await create(client, 'a', { serviceAccountName: 'quiet' });
    expect(spec?.volumes).toBeUndefined();
    expect(spec?.imagePullSecrets).toEqual([{ name: 'pull' }]);
    const loud = await create(client, 'b', { serviceAccountName: 'quiet', automountServiceAccountToken: true });
    expect(loud.spec?.volumes).toHaveLength(1);
  });
});

describe('Priority', () => {
  it('computes the priority of a class', async () => {
    const { client } = await testServer();
    expect((await create(client, 'a')).spec).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
    const high = { metadata: { name: 'high' }, value: 1000, preemptionPolicy: 'Never' };
    await client.create(RESOURCES.priorityClasses, high);
    const { spec } = await create(client, 'b', { priorityClassName: 'high' });
    expect(spec).toMatchObject({ priority: 1000, preemptionPolicy: 'Never' });
    expect((await refusal(create(client, 'c', { priorityClassName: 'none' }))).message).toBe(
      'pods "c" is forbidden: no PriorityClass with name none was found',
    );
    expect((await refusal(create(client, 'c', { priority: 5 }))).message).toBe(
      'pods "c" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    );
  });

  it('allows one default', async () => {
    const { client } = await testServer();
    const usual = { metadata: { name: 'usual' }, value: 10, globalDefault: true };
    await client.create(RESOURCES.priorityClasses, usual);
    expect((await create(client, 'a')).spec).toMatchObject({ priority: 10, priorityClassName: 'usual' });
    const second = { metadata: { name: 'second' }, value: 20, globalDefault: true };
    expect((await refusal(client.create(RESOURCES.priorityClasses, second))).message).toBe(
      'priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
    );
  });
});

describe('defaults', () => {
  it('tolerate nodes that are not ready for five minutes', async () => {
    const { client } = await testServer();
    const common = { effect: 'NoExecute', operator: 'Exists' };
    const own = { ...common, key: 'node.kubernetes.io/unreachable', tolerationSeconds: 5 };
    expect((await create(client, 'a', { tolerations: [own] })).spec?.tolerations).toEqual([
      own,
      { ...common, key: 'node.kubernetes.io/not-ready', tolerationSeconds: 300 },
    ]);
    const everything = [{ operator: 'Exists' }];
    expect((await create(client, 'b', { tolerations: everything })).spec?.tolerations).toEqual(everything);
  });

  it('choose the newest default class', async () => {
    const { client, clock } = await testServer();
    const usual = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const claim = (name: string, spec: object = {}): Promise<KubeObject> =>
      client.create(RESOURCES.persistentVolumeClaims, named(name, { spec: { ...usual, ...spec } }));
    expect((await claim('none'))['spec']).toEqual({ ...usual, volumeMode: 'Filesystem' });
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    await client.create(RESOURCES.storageClasses, { metadata: { name: 'a-old', annotations }, provisioner: 'x' });
    await clock.advance(1000);
    await client.create(RESOURCES.storageClasses, { metadata: { name: 'z-new', annotations }, provisioner: 'x' });
    const made = await claim('a');
    expect(made['spec']).toMatchObject({ storageClassName: 'z-new' });
    expect(made.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
    expect((await claim('b', { storageClassName: '' }))['spec']).toMatchObject({ storageClassName: '' });
    const mark = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
    const controller = 'example.com/nginx';
    await client.create(RESOURCES.ingressClasses, {
      metadata: { name: 'nginx', annotations: mark },
      spec: { controller },
    });
    const ingress = await client.create(
      RESOURCES.ingresses,
      named('i', { spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } }),
    );
    expect(ingress['spec']).toMatchObject({ ingressClassName: 'nginx' });
  });
});

describe('LimitRanger', () => {
  const range = (limits: object[]): object => named('range', { spec: { limits } });
  const containers = (resources: object): Record<string, unknown> => ({
    containers: [{ name: 'c', image: 'x', resources }],
  });

  it('fills in requests and limits', async () => {
    const { client } = await testServer();
    const limits = [{ type: 'Container', default: { cpu: '500m', memory: '1Gi' }, defaultRequest: { cpu: '100m' } }];
    await client.create(RESOURCES.limitRanges, range(limits));
    const made = await create(client, 'a', containers({ limits: { memory: '2Gi' } }));
    expect(made.spec?.containers[0]?.resources).toEqual({
      limits: { cpu: '500m', memory: '2Gi' },
      requests: { cpu: '100m', memory: '2Gi' },
    });
    expect(made.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu request for container c; cpu limit for container c',
    });
  });

  it('keeps containers and pods within bounds', async () => {
    const { client } = await testServer();
    const limits = [
      { type: 'Container', min: { cpu: '100m' }, max: { memory: '1Gi' }, maxLimitRequestRatio: { cpu: '2' } },
      { type: 'Pod', max: { cpu: '1' } },
      { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '5Gi' } },
    ];
    await client.create(RESOURCES.limitRanges, range(limits));
    const low = containers({ requests: { cpu: '10m' }, limits: { cpu: '1500m', memory: '2Gi' } });
    expect((await refusal(create(client, 'a', low))).message).toBe(
      'pods "a" is forbidden: [minimum cpu usage per Container is 100m, but request is 10m, maximum memory usage per Container is 1Gi, but limit is 2Gi, cpu max limit to request ratio per Container is 2, but provided ratio is 150.000000, maximum cpu usage per Pod is 1, but limit is 1500m]',
    );
    const none = await refusal(create(client, 'a'));
    expect(none.message).toContain('maximum cpu usage per Pod is 1.  No limit is specified');
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } };
    const claim = named('c', { spec });
    expect((await refusal(client.create(RESOURCES.persistentVolumeClaims, claim))).message).toBe(
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 10Gi',
    );
  });
});

describe('ResourceQuota', () => {
  const quota = (client: KubeClient, hard: object, more: object = {}): Promise<KubeObject> =>
    client.create(RESOURCES.resourceQuotas, named('q', { spec: { hard, ...more } }));

  it('counts objects', async () => {
    const { client } = await testServer();
    await quota(client, { pods: '2', configmaps: '1', 'count/deployments.apps': '0' });
    await create(client, 'a');
    await create(client, 'b');
    expect(await refusal(create(client, 'c'))).toMatchObject({
      code: 403,
      message: 'pods "c" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2',
    });
    await client.create(RESOURCES.configMaps, named('a'));
    expect((await refusal(client.create(RESOURCES.configMaps, named('b')))).message).toBe(
      'configmaps "b" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
    );
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } };
    const deployment = named('d', { spec: { selector: { matchLabels: { a: 'b' } }, template } });
    expect((await refusal(client.create(RESOURCES.deployments, deployment))).message).toContain(
      'requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0',
    );
    await client.delete(RESOURCES.pods, { namespace: 'default', name: 'a' });
    expect((await create(client, 'c')).metadata.name).toBe('c');
  });

  it('adds up what pods ask for', async () => {
    const { client } = await testServer();
    await quota(client, { 'requests.cpu': '1', 'limits.memory': '2Gi' });
    const missing = await refusal(create(client, 'a'));
    expect(missing.message).toBe(
      'pods "a" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c',
    );
    const resources = { requests: { cpu: '600m' }, limits: { memory: '1Gi' } };
    const spec = { containers: [{ name: 'c', image: 'x', resources }] };
    await create(client, 'a', spec);
    expect((await refusal(create(client, 'b', spec))).message).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    );
    const done = { status: { phase: 'Succeeded' } };
    await client.patch(RESOURCES.pods, { namespace: 'default', name: 'a' }, 'merge', done, { subresource: 'status' });
    expect((await create(client, 'b', spec)).metadata.name).toBe('b');
  });

  it('looks at pods that are resized', async () => {
    const { client } = await testServer();
    await quota(client, { 'requests.cpu': '1' });
    const resources = (cpu: string): object => ({ requests: { cpu }, limits: { cpu: '4' } });
    const containers = (cpu: string): object[] => [{ name: 'c', image: 'x', resources: resources(cpu) }];
    await create(client, 'a', { containers: containers('600m') });
    const resize = (cpu: string): Promise<KubeObject> =>
      client.patch(
        RESOURCES.pods,
        { namespace: 'default', name: 'a' },
        'strategic',
        { spec: { containers: containers(cpu) } },
        { subresource: 'resize' },
      );
    expect((await refusal(resize('1200m'))).message).toBe(
      'pods "a" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    );
    expect((await resize('1')).metadata.name).toBe('a');
  });

  it('leaves devices alone that are not limited as requests', async () => {
    const { client } = await testServer();
    await quota(client, { 'example.com/gpu': '1', 'requests.example.com/disk': '1' });
    const devices = (name: string): Record<string, unknown> => {
      const amounts = { [name]: '2' };
      return { containers: [{ name: 'c', image: 'x', resources: { requests: amounts, limits: amounts } }] };
    };
    expect((await create(client, 'a', devices('example.com/gpu'))).metadata.name).toBe('a');
    expect((await refusal(create(client, 'b', devices('example.com/disk')))).message).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: requests.example.com/disk=2, used: requests.example.com/disk=0, limited: requests.example.com/disk=1',
    );
  });

  it('looks at the pods in its scope', async () => {
    const { client } = await testServer();
    await quota(client, { pods: '0' }, { scopes: ['Terminating'] });
    await create(client, 'a');
    expect((await refusal(create(client, 'b', { activeDeadlineSeconds: 5 }))).code).toBe(403);
  });
});
