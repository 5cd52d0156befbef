import { afterEach, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../../src/client/kube-client.ts';
import { resourceType } from '../../../src/cluster/registry/resource-type.ts';
import type { KubeObject, ResourceType } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type EmbeddedCluster, embeddedCluster } from '../../support/embedded-cluster.ts';
import { refusal } from './support.ts';
import { type Respond, type WebhookServer, webhookServer } from './webhook-server.ts';

const GROUP = 'admissionregistration.k8s.io/v1';
const VALIDATING = resourceType(GROUP, 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', {
  clusterScoped: true,
});
const MUTATING = resourceType(GROUP, 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', {
  clusterScoped: true,
});
const RULES = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }];
const ALLOW: Respond = () => ({ allowed: true });

const open: (WebhookServer | EmbeddedCluster)[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await ('close' in each ? each.close() : each.stop());
});

async function setUp(respond: Respond = ALLOW): Promise<{
  readonly client: KubeClient;
  readonly hook: WebhookServer;
  readonly embedded: EmbeddedCluster;
}> {
  const embedded = await embeddedCluster({ nodes: 1 });
  const hook = await webhookServer(respond);
  open.push(hook, embedded);
  return { client: embedded.cluster.client, hook, embedded };
}

async function install(client: KubeClient, type: ResourceType, name: string, ...webhooks: object[]): Promise<void> {
  const defaults = { admissionReviewVersions: ['v1'], sideEffects: 'None', rules: RULES };
  await client.create(type, {
    metadata: { name },
    webhooks: webhooks.map((webhook, i) => ({
      name: `${String.fromCharCode(97 + i)}.hooks.io`,
      ...defaults,
      ...webhook,
    })),
  });
}

function at({ url, caBundle }: WebhookServer, path?: string): object {
  return { clientConfig: { url: url(path), caBundle } };
}

const MAP = { metadata: { name: 'm', namespace: 'default' }, data: { x: '1' } };

function jsonPatch(...operations: object[]): object {
  return { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') };
}

describe('validating webhooks', () => {
  it('are asked over TLS with the whole request', async () => {
    const { client, hook } = await setUp();
    await install(client, VALIDATING, 'v', at(hook, '/check'));
    const made = await client.create(RESOURCES.configMaps, MAP, { fieldManager: 'me' });
    await client.patch(RESOURCES.configMaps, { namespace: 'default', name: 'm' }, 'merge', { data: { x: '2' } });
    await client.delete(RESOURCES.configMaps, { namespace: 'default', name: 'm' });
    const [create, update, removal] = hook.asked;
    expect(create).toMatchObject({
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
      requestResource: { group: '', version: 'v1', resource: 'configmaps' },
      name: 'm',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me' },
    });
    expect(create?.['object']).toMatchObject({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      data: { x: '1' },
      metadata: { uid: made.metadata.uid },
    });
    expect(update).toMatchObject({
      operation: 'UPDATE',
      object: { data: { x: '2' } },
      oldObject: { data: { x: '1' } },
    });
    expect(removal).toMatchObject({ operation: 'DELETE', object: null, oldObject: { data: { x: '2' } } });
  });

  it.each([
    [{ allowed: false }, 400, 'admission webhook "a.hooks.io" denied the request without explanation'],
    [
      { allowed: false, status: { message: 'no', code: 403, reason: 'Forbidden' } },
      403,
      'admission webhook "a.hooks.io" denied the request: no',
    ],
    [
      { allowed: false, status: { reason: 'Because' } },
      400,
      'admission webhook "a.hooks.io" denied the request: Because',
    ],
    [
      { uid: 'x', allowed: true },
      500,
      /^Internal error occurred: failed calling webhook "a.hooks.io": received invalid webhook response: expected response.uid="[-0-9a-f]+", got "x"$/,
    ],
    [
      { allowed: true, patch: 'W10=', patchType: 'JSONPatch' },
      500,
      'Internal error occurred: failed calling webhook "a.hooks.io": received invalid webhook response: validating webhook may not return response.patch',
    ],
    [
      'oh',
      500,
      'Internal error occurred: failed calling webhook "a.hooks.io": failed to call webhook: an error on the server ("oh") has prevented the request from succeeding',
    ],
  ])('that answer %j', async (answer, code, message) => {
    const { client, hook } = await setUp(() => answer);
    await install(client, VALIDATING, 'v', at(hook));
    const status = await refusal(client.create(RESOURCES.configMaps, MAP));
    expect(status.code).toBe(code);
    if (typeof message === 'string') expect(status.message).toBe(message);
    else expect(status.message).toMatch(message);
  });

  it('are all asked at once', async () => {
    // None answers before all have been asked.
    const answers: (() => void)[] = [];
    const { client, hook } = await setUp(async () => {
      await new Promise<void>((resolve) => {
        answers.push(resolve);
        if (answers.length === 3) for (const answer of answers) answer();
      });
      return { allowed: true };
    });
    const patient = { ...at(hook), timeoutSeconds: 30 };
    await install(client, VALIDATING, 'v', patient, patient, patient);
    await client.create(RESOURCES.configMaps, MAP);
    expect(hook.asked).toHaveLength(3);
  });

  it('are passed over when they do not match', async () => {
    const { client, hook } = await setUp();
    await install(
      client,
      VALIDATING,
      'v',
      { ...at(hook), namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } } },
      { ...at(hook), objectSelector: { matchLabels: { a: 'b' } } },
      { ...at(hook), rules: [{ ...RULES[0], operations: ['DELETE'] }] },
      { ...at(hook), rules: [{ ...RULES[0], scope: 'Cluster' }] },
      { ...at(hook), matchConditions: [{ name: 'x', expression: 'object.data.x == "2"' }] },
    );
    await client.create(RESOURCES.configMaps, MAP);
    expect(hook.asked).toEqual([]);
  });

  it('tell of conditions that cannot be evaluated', async () => {
    const { client, hook } = await setUp();
    const matchConditions = [{ name: 'x', expression: 'object.data.nope == "2"' }];
    await install(client, VALIDATING, 'v', { ...at(hook), matchConditions });
    expect((await refusal(client.create(RESOURCES.configMaps, MAP))).message).toBe(
      `configmaps "m" is forbidden: expression 'object.data.nope == "2"' resulted in error: no such key: nope`,
    );
  });

  it('are not asked on dry runs unless that does nothing', async () => {
    const { client, hook } = await setUp();
    await install(client, VALIDATING, 'v', { ...at(hook), sideEffects: 'NoneOnDryRun' });
    await client.create(RESOURCES.configMaps, MAP, { dryRun: true });
    expect(hook.asked[0]).toMatchObject({ dryRun: true });
  });

  it('are asked of each object of a collection before the first goes', async () => {
    const { embedded, hook } = await setUp(({ oldObject }) => ({
      allowed: (oldObject as KubeObject | null)?.metadata.name !== 'z',
    }));
    const { client, apiServer } = embedded.cluster;
    for (const name of ['a', 'b', 'z']) {
      await client.create(RESOURCES.configMaps, { metadata: { name, namespace: 'default', labels: { mine: 'yes' } } });
    }
    await install(client, VALIDATING, 'v', { ...at(hook), rules: [{ ...RULES[0], operations: ['DELETE'] }] });
    const user = { name: 'ann', groups: ['system:masters'] };
    const selection = { labelSelector: 'mine=yes' };
    const request = {
      verb: 'deletecollection',
      type: RESOURCES.configMaps,
      namespace: 'default',
      user,
      selection,
    } as const;
    expect((await refusal(apiServer.handle(request))).message).toContain('denied the request');
    const left = await client.list(RESOURCES.configMaps, { namespace: 'default', ...selection });
    expect(left.items.map(({ metadata }) => metadata.name)).toEqual(['z']);
    expect(hook.asked).toHaveLength(3);
  });
});

describe('what cannot be called', () => {
  it.each([
    [
      'https://10.1.2.3/x',
      'Post "https://10.1.2.3/x?timeout=10s": 10.1.2.3 is not dialled: a simulated cluster calls webhooks on this machine\'s loopback and in its own network alone',
    ],
    [
      'https://127.0.0.1:1/',
      'Post "https://127.0.0.1:1/?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused',
    ],
  ])('%s', async (url, text) => {
    const { client } = await setUp();
    await install(client, VALIDATING, 'v', { clientConfig: { url } });
    expect((await refusal(client.create(RESOURCES.configMaps, MAP))).message).toBe(
      `Internal error occurred: failed calling webhook "a.hooks.io": failed to call webhook: ${text}`,
    );
  });

  it('is ignored where the webhook says so', async () => {
    const { client } = await setUp();
    await install(client, VALIDATING, 'v', { clientConfig: { url: 'https://127.0.0.1:1/' }, failurePolicy: 'Ignore' });
    await install(client, MUTATING, 'm', { clientConfig: { url: 'https://127.0.0.1:1/' }, failurePolicy: 'Ignore' });
    await client.create(RESOURCES.configMaps, MAP);
  });

  it('is a certificate that nobody knows, and an answer that does not come', async () => {
    const { client, hook } = await setUp(() => new Promise(() => {}));
    await install(client, VALIDATING, 'v', { clientConfig: { url: hook.url() } });
    expect((await refusal(client.create(RESOURCES.configMaps, MAP))).message).toContain(
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    );
    await client.delete(VALIDATING, { name: 'v' });
    await install(client, VALIDATING, 'v', { ...at(hook), timeoutSeconds: 1 });
    expect((await refusal(client.create(RESOURCES.configMaps, MAP))).message).toContain(
      '?timeout=1s": context deadline exceeded',
    );
  });

  it('is a Service without a pod that listens', async () => {
    const { client } = await setUp();
    const clientConfig = { service: { namespace: 'default', name: 'hook', path: '/x' } };
    await install(client, VALIDATING, 'v', { clientConfig });
    const url = 'Post "https://hook.default.svc:443/x?timeout=10s"';
    expect((await refusal(client.create(RESOURCES.configMaps, MAP))).message).toContain(
      `${url}: service "hook" not found`,
    );
    await client.create(RESOURCES.services, {
      metadata: { name: 'hook', namespace: 'default' },
      spec: { selector: { app: 'hook' }, ports: [{ port: 443, targetPort: 8443 }] },
    });
    expect((await refusal(client.create(RESOURCES.configMaps, MAP))).message).toMatch(
      /: dial tcp 10\.[\d.]+:443: connect: connection refused/,
    );
  });
});

describe('Services', () => {
  it('lead to containers of the simulation, which let everything pass', async () => {
    const embedded = await embeddedCluster({ nodes: 1 });
    open.push(embedded);
    const { client } = embedded.cluster;
    await client.create(RESOURCES.services, {
      metadata: { name: 'hook', namespace: 'default' },
      spec: { selector: { app: 'hook' }, ports: [{ port: 443, targetPort: 80 }] },
    });
    await client.create(RESOURCES.pods, {
      metadata: { name: 'hook', namespace: 'default', labels: { app: 'hook' } },
      spec: { containers: [{ name: 'c', image: 'nginx:1.27', ports: [{ containerPort: 80 }] }] },
    });
    await embedded.cluster.advance(60_000);
    await install(client, MUTATING, 'm', { clientConfig: { service: { namespace: 'default', name: 'hook' } } });
    expect(await client.create(RESOURCES.configMaps, MAP)).toMatchObject({ data: { x: '1' } });
  });

  it('with the name of the loopback lead to this machine', async () => {
    const { client, hook } = await setUp(() => ({ allowed: false }));
    await client.create(RESOURCES.services, {
      metadata: { name: 'hook', namespace: 'default' },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    });
    const service = { namespace: 'default', name: 'hook', port: hook.port };
    await install(client, VALIDATING, 'v', { clientConfig: { service, caBundle: hook.caBundle } });
    expect((await refusal(client.create(RESOURCES.configMaps, MAP))).message).toContain('denied the request');
  });
});

describe('mutating webhooks', () => {
  it('change objects one after the other', async () => {
    const { client, hook } = await setUp((review, path) => {
      const { data } = review['object'] as { data: Record<string, string> };
      return jsonPatch({
        op: 'add',
        path: `/data${path.split('?')[0] ?? ''}`,
        value: `after ${Object.keys(data).join()}`,
      });
    });
    await install(client, MUTATING, 'm', at(hook, '/a'), at(hook, '/b'));
    const made = await client.create(RESOURCES.configMaps, MAP);
    expect(made['data']).toEqual({ x: '1', a: 'after x', b: 'after x,a' });
  });

  it('are asked again when others have changed what they saw', async () => {
    const { client, hook } = await setUp((review, path) => {
      const { data } = review['object'] as { data: Record<string, string> };
      if (path.startsWith('/count'))
        return jsonPatch({ op: 'add', path: '/data/count', value: String(Object.keys(data).length) });
      return 'late' in data ? { allowed: true } : jsonPatch({ op: 'add', path: '/data/late', value: 'y' });
    });
    await install(
      client,
      MUTATING,
      'm',
      { ...at(hook, '/count'), reinvocationPolicy: 'IfNeeded' },
      { ...at(hook, '/late'), reinvocationPolicy: 'Never' },
    );
    const made = await client.create(RESOURCES.configMaps, MAP);
    expect(made['data']).toEqual({ x: '1', count: '3', late: 'y' });
    expect(hook.asked).toHaveLength(3);
  });

  it('meet the defaults and the plugins of the server', async () => {
    const { client, hook } = await setUp(() =>
      jsonPatch({ op: 'add', path: '/spec/containers/-', value: { name: 'side', image: 'sidecar' } }),
    );
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }];
    await install(client, MUTATING, 'm', { ...at(hook), rules });
    const spec = { containers: [{ name: 'c', image: 'nginx:1' }] };
    const { spec: made } = await client.create<KubeObject & { spec: { containers: Record<string, unknown>[] } }>(
      RESOURCES.pods,
      { metadata: { name: 'p', namespace: 'default' }, spec },
    );
    expect(made.containers[1]).toMatchObject({
      name: 'side',
      imagePullPolicy: 'Always',
      terminationMessagePath: '/dev/termination-log',
      volumeMounts: [{ mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
    });
  });

  it.each([
    [{ allowed: true, patch: 'W10=' }, 'webhook returned response.patch but not response.patchType'],
    [{ allowed: true, patchType: 'JSONPatch' }, 'webhook returned response.patchType but not response.patch'],
    [{ allowed: true, patchType: 'Other', patch: 'W10=' }, 'unsupported patch type "Other"'],
    [{ allowed: true, patchType: 'JSONPatch', patch: 'e30=' }, 'received undecodable patch in webhook response'],
    [jsonPatch({ op: 'remove', path: '/data/nope' }), 'Internal error occurred'],
  ])('that answer %j', async (answer, text) => {
    const { client, hook } = await setUp(() => answer);
    await install(client, MUTATING, 'm', at(hook));
    const status = await refusal(client.create(RESOURCES.configMaps, MAP));
    expect(status.code).toBe(500);
    expect(status.message).toContain(text);
  });
});
