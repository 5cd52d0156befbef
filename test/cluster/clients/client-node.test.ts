import { once } from 'node:events';
import net from 'node:net';
import { PassThrough } from 'node:stream';
import {
  ApiException,
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  CustomObjectsApi,
  Exec,
  Attach,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  PatchStrategy,
  PortForward,
  setHeaderOptions,
  type V1ConfigMap,
  type V1Pod,
  type V1Status,
  VersionApi,
  Watch,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedFixture, serveForTest } from '../http/served.ts';

const DEPLOYMENT = {
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx:1.29', ports: [{ containerPort: 80 }] }] },
    },
  },
};

const BOATS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'boats.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Boat', plural: 'boats' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { oars: { type: 'integer' } } } },
          },
        },
      },
    ],
  },
};

let fixture: ServedFixture;
let config: KubeConfig;
let core: CoreV1Api;

beforeAll(async () => {
  fixture = await serveForTest();
  config = new KubeConfig();
  config.loadFromFile(fixture.kubeconfig);
  core = config.makeApiClient(CoreV1Api);
});
afterAll(() => fixture.close());

/** Asks again until it is so, for at most a minute. */
async function until<T>(ask: () => Promise<T> | T, holds: (answer: T) => boolean): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > end) throw new Error(`not in time: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

async function namespace(name: string): Promise<string> {
  await core.createNamespace({ body: { metadata: { name } } });
  return name;
}

async function readyPod(name: string, space: string, image = 'nginx:1.29'): Promise<void> {
  await core.createNamespacedPod({
    namespace: space,
    body: { metadata: { name }, spec: { containers: [{ name: 'main', image }] } },
  });
  await until(
    () => core.readNamespacedPod({ namespace: space, name }),
    ({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false,
  );
}

describe('the typed API of @kubernetes/client-node', () => {
  it('creates, reads, changes and deletes', async () => {
    const space = await namespace('typed');
    const apps = config.makeApiClient(AppsV1Api);
    const created = await apps.createNamespacedDeployment({ namespace: space, body: DEPLOYMENT });
    expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date);
    expect(created.spec?.strategy?.rollingUpdate).toEqual({ maxSurge: '25%', maxUnavailable: '25%' });
    const key = { namespace: space, name: 'web' };
    await until(
      () => apps.readNamespacedDeploymentStatus(key),
      ({ status }) => status?.readyReplicas === 2,
    );
    const { items } = await core.listNamespacedPod({ namespace: space, labelSelector: 'app=web' });
    expect(items.map(({ status }) => status?.phase)).toEqual(['Running', 'Running']);
    const options = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);
    const image = { spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:1.28' }] } } } };
    const patched = await apps.patchNamespacedDeployment({ ...key, body: image }, options);
    expect(patched.spec?.template.spec?.containers[0]).toMatchObject({
      image: 'nginx:1.28',
      ports: [{ containerPort: 80 }],
    });
    const scale = await apps.readNamespacedDeploymentScale(key);
    await apps.replaceNamespacedDeploymentScale({
      ...key,
      body: { metadata: { name: 'web', namespace: space }, spec: { replicas: (scale.spec?.replicas ?? 0) - 1 } },
    });
    await until(
      () => apps.readNamespacedDeployment(key),
      ({ status }) => status?.updatedReplicas === 1 && status.replicas === 1,
    );
    await expect(apps.replaceNamespacedDeployment({ ...key, body: created })).rejects.toMatchObject({ code: 409 });
    const gone = await apps.deleteNamespacedDeployment(key);
    expect(gone.status).toBe('Success');
    await until(
      () => core.listNamespacedPod({ namespace: space }),
      (list) => list.items.length === 0,
    );
  });

  it('tells failures as Kubernetes does', async () => {
    const failure = await core
      .readNamespacedPod({ namespace: 'default', name: 'nobody' })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiException);
    const { code, body } = failure as ApiException<string>;
    expect(code).toBe(404);
    expect(JSON.parse(body)).toMatchObject({ kind: 'Status', reason: 'NotFound', message: 'pods "nobody" not found' });
    const job = { metadata: { name: 'j' }, spec: { template: { spec: { containers: [] } } } };
    const batch = config.makeApiClient(BatchV1Api);
    await expect(batch.createNamespacedJob({ namespace: 'default', body: job })).rejects.toMatchObject({ code: 422 });
  });

  it('lists in parts', async () => {
    const space = await namespace('parts');
    for (let i = 0; i < 5; i += 1) {
      await core.createNamespacedConfigMap({
        namespace: space,
        body: { metadata: { name: `m${i}` }, data: { i: `${i}` } },
      });
    }
    const names: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const part = await core.listNamespacedConfigMap({
        namespace: space,
        limit: 2,
        fieldSelector: 'metadata.name!=kube-root-ca.crt',
        ...(token === undefined ? {} : { _continue: token }),
      });
      expect(part.items.length).toBeLessThanOrEqual(2);
      names.push(...part.items.map(({ metadata }) => metadata?.name));
      token = part.metadata?._continue;
    } while (token !== undefined && token !== '');
    expect(names).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    expect((await config.makeApiClient(VersionApi).getCode()).minor).toBe('35');
  });

  it('applies objects of any kind, and takes fields over when told so', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    await objects.create(BOATS);
    const boat = { apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name: 'dinghy', namespace: 'default' } };
    const apply = (oars: number, manager: string, force = false): Promise<unknown> =>
      objects.patch({ ...boat, spec: { oars } }, undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
    await until(
      () => apply(2, 'one').catch((error: unknown) => error),
      (answer) => !(answer instanceof Error),
    );
    await expect(apply(4, 'two')).rejects.toMatchObject({ code: 409 });
    await apply(4, 'two', true);
    const custom = config.makeApiClient(CustomObjectsApi);
    const at = { group: 'example.com', version: 'v1', namespace: 'default', plural: 'boats' };
    expect(await custom.listNamespacedCustomObject(at)).toMatchObject({ items: [{ spec: { oars: 4 } }] });
  });
});

describe('watches of @kubernetes/client-node', () => {
  it('sees each change once and in order', async () => {
    const space = await namespace('watched');
    const seen: string[] = [];
    const watch = new Watch(config);
    const path = `/api/v1/namespaces/${space}/configmaps`;
    const controller = await watch.watch(
      path,
      { fieldSelector: 'metadata.name=m' },
      (phase, object: V1ConfigMap) => seen.push(`${phase} ${object.data?.['n'] ?? ''}`),
      () => {},
    );
    const key = { namespace: space, name: 'm' };
    await core.createNamespacedConfigMap({ namespace: space, body: { metadata: { name: 'm' }, data: { n: '0' } } });
    for (let n = 1; n <= 3; n += 1) {
      await core.replaceNamespacedConfigMap({ ...key, body: { metadata: { name: 'm' }, data: { n: `${n}` } } });
    }
    await core.deleteNamespacedConfigMap(key);
    await until(
      () => seen.length,
      (count) => count === 5,
    );
    expect(seen).toEqual(['ADDED 0', 'MODIFIED 1', 'MODIFIED 2', 'MODIFIED 3', 'DELETED 3']);
    controller.abort();
  });

  it('keeps an informer', async () => {
    const space = await namespace('informed');
    const path = `/api/v1/namespaces/${space}/pods`;
    const informer = makeInformer<V1Pod>(config, path, () => core.listNamespacedPod({ namespace: space }));
    const seen = { add: 0, delete: 0, phases: new Set<string>() };
    informer.on('add', () => {
      seen.add += 1;
    });
    informer.on('update', ({ status }) => seen.phases.add(status?.phase ?? ''));
    informer.on('delete', () => {
      seen.delete += 1;
    });
    await informer.start();
    await readyPod('one', space);
    await until(
      () => informer.get('one', space)?.status?.phase,
      (phase) => phase === 'Running',
    );
    await core.deleteNamespacedPod({ namespace: space, name: 'one' });
    await until(
      () => seen.delete,
      (count) => count === 1,
    );
    expect(seen.add).toBe(1);
    expect(seen.phases).toContain('Running');
    expect(informer.list(space)).toEqual([]);
    await informer.stop();
  });
});

describe('streams of @kubernetes/client-node', () => {
  beforeAll(async () => {
    await namespace('streams');
    await readyPod('web', 'streams');
  });

  async function exec(
    command: readonly string[],
    input?: string,
  ): Promise<{ status: V1Status; out: string; error: string }> {
    const [out, error] = [new PassThrough(), new PassThrough()];
    const stdin = input === undefined ? null : PassThrough.from([input]);
    const texts = [out, error].map(async (stream) => {
      let text = '';
      for await (const chunk of stream) text += String(chunk);
      return text;
    });
    const status = await new Promise<V1Status>((resolve, reject) => {
      new Exec(config).exec('streams', 'web', 'main', [...command], out, error, stdin, false, resolve).catch(reject);
    });
    out.end();
    error.end();
    return { status, out: (await texts[0]) ?? '', error: (await texts[1]) ?? '' };
  }

  it('runs programs', async () => {
    expect(await exec(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toMatchObject({
      out: 'out\n',
      error: 'err\n',
      status: { status: 'Failure', details: { causes: [{ reason: 'ExitCode', message: '3' }] } },
    });
    expect(await exec(['cat'], 'typed\n')).toMatchObject({ out: 'typed\n', status: { status: 'Success' } });
  });

  it('reads logs, and follows them to their end', async () => {
    const text = await core.readNamespacedPodLog({ namespace: 'streams', name: 'web' });
    expect(text).toContain('ready for start up');
    const script = 'for i in 1 2 3; do echo $i; sleep 1; done';
    await core.createNamespacedPod({
      namespace: 'streams',
      body: {
        metadata: { name: 'count' },
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'main', image: 'busybox:1.36', command: ['sh', '-c', script] }],
        },
      },
    });
    await until(
      () => core.readNamespacedPod({ namespace: 'streams', name: 'count' }),
      ({ status }) => status?.phase !== 'Pending',
    );
    const out = new PassThrough();
    await new Log(config).log('streams', 'count', 'main', out, { follow: true });
    let followed = '';
    for await (const chunk of out) followed += String(chunk);
    expect(followed).toBe('1\n2\n3\n');
  });

  it('attaches', async () => {
    await core.createNamespacedPod({
      namespace: 'streams',
      body: {
        metadata: { name: 'shell' },
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'main', image: 'busybox:1.36', command: ['sh'], stdin: true }],
        },
      },
    });
    await until(
      () => core.readNamespacedPod({ namespace: 'streams', name: 'shell' }),
      ({ status }) => status?.phase === 'Running',
    );
    const out = new PassThrough();
    let text = '';
    out.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const input = PassThrough.from(['echo hello $HOSTNAME\nexit 4\n']);
    const socket = await new Attach(config).attach('streams', 'shell', 'main', out, null, input, false);
    await new Promise((resolve) => {
      socket.onclose = resolve;
    });
    expect(text).toBe('hello shell\n');
    const ended = await until(
      () => core.readNamespacedPod({ namespace: 'streams', name: 'shell' }),
      ({ status }) => status?.phase === 'Failed',
    );
    expect(ended.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(4);
  });

  it('forwards ports', async () => {
    const forward = new PortForward(config);
    const server = net.createServer((socket) => {
      void forward.portForward('streams', 'web', [80], socket, null, socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const socket = net.connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n');
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await until(
      () => text,
      (answer) => answer.includes('\r\n\r\n'),
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    socket.destroy();
    server.close();
  });
});
