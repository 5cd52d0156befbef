import { afterEach, describe, expect, it } from 'vitest';
import type { Container, PodSpec } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { type Bench, type BenchOptions, bench, summary } from './support.ts';

let current: Bench | undefined;

async function open(options?: BenchOptions): Promise<Bench> {
  current = await bench(options);
  return current;
}

afterEach(() => current?.stop());

const HTTP: Partial<Container> = {
  image: 'nginx:1.27',
  ports: [{ name: 'http', containerPort: 80 }],
};

/** Each row: the container, what the pod looks like at some seconds, and events that must be there in the end. */
interface Row {
  readonly title: string;
  readonly container: Partial<Container>;
  readonly spec?: Partial<PodSpec>;
  readonly annotations?: Record<string, string>;
  readonly at: Readonly<Record<number, string>>;
  readonly events?: readonly string[];
  readonly catalogue?: BenchOptions['catalogue'];
}

const NOT_FOUND =
  'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:nope": failed to resolve reference "docker.io/library/nginx:nope": docker.io/library/nginx:nope: not found';

const ROWS: readonly Row[] = [
  {
    title: 'a tag that does not exist',
    container: { image: 'nginx:nope' },
    at: { 1: 'Pending c=ErrImagePull', 5: 'Pending c=ImagePullBackOff', 100: 'Pending c=ImagePullBackOff' },
    events: [
      'Normal Pulling: Pulling image "nginx:nope" (x4)',
      `Warning Failed: Failed to pull image "nginx:nope": ${NOT_FOUND} (x4)`,
      'Warning Failed: Error: ErrImagePull (x4)',
      'Normal BackOff: Back-off pulling image "nginx:nope" (x4)',
      'Warning Failed: Error: ImagePullBackOff (x4)',
    ],
  },
  {
    title: 'a private image without credentials',
    container: { image: 'registry.example.com/shop/web:1' },
    catalogue: { images: [{ image: 'registry.example.com/shop/*', behaviour: { private: true } }] },
    at: { 1: 'Pending c=ErrImagePull', 5: 'Pending c=ImagePullBackOff' },
    events: [
      'Warning Failed: Failed to pull image "registry.example.com/shop/web:1": rpc error: code = Unknown desc = failed to pull and unpack image "registry.example.com/shop/web:1": failed to resolve reference "registry.example.com/shop/web:1": unexpected status from HEAD request to https://registry.example.com/v2/shop/web/manifests/1: 401 Unauthorized',
    ],
  },
  {
    title: 'no such registry',
    container: { image: 'registry.invalid/shop/web:1' },
    at: { 5: 'Pending c=ImagePullBackOff' },
  },
  {
    title: 'a name that is none',
    container: { image: 'Shop/Web:1' },
    at: { 1: 'Pending c=InvalidImageName' },
    events: ['Warning Failed: Error: InvalidImageName'],
  },
  {
    title: 'an image that may not be pulled',
    container: { image: 'nginx:1.27', imagePullPolicy: 'Never' },
    at: { 1: 'Pending c=ErrImageNeverPull' },
    events: [
      'Warning ErrImageNeverPull: Container image "nginx:1.27" is not present with pull policy of Never',
      'Warning Failed: Error: ErrImageNeverPull',
    ],
  },
  {
    title: 'a container that exits again and again',
    container: { image: 'busybox:1', command: ['sh', '-c', 'echo boom; exit 3'] },
    at: {
      1: 'Running c=Error(3)',
      2: 'Running c=Error(3)/1',
      5: 'Running c=CrashLoopBackOff/1',
      15: 'Running c=CrashLoopBackOff/2',
      40: 'Running c=CrashLoopBackOff/3',
      2000: 'Running c=CrashLoopBackOff/11',
    },
    events: [
      expect.stringContaining(
        'Warning BackOff: Back-off restarting failed container c in pod p_default(UID) (x',
      ) as string,
    ],
  },
  {
    title: 'a shell with nothing to do',
    container: { image: 'busybox:1' },
    at: { 5: 'Running c=CrashLoopBackOff/1' },
  },
  {
    title: 'a command that does not exist',
    container: { command: ['/bin/does-not-exist'] },
    at: { 2: 'Running c=RunContainerError', 5: 'Running c=CrashLoopBackOff/1' },
    events: [
      'Warning Failed: Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/bin/does-not-exist": stat /bin/does-not-exist: no such file or directory (x2)',
    ],
  },
  {
    title: 'more memory than allowed',
    container: { resources: { limits: { memory: '64Mi' } } },
    annotations: { 'pintle.dev/behaviour.c': 'memory: 100Mi' },
    at: {
      2: 'Running c=running ready',
      3: 'Running c=OOMKilled(137)',
      5: 'Running c=OOMKilled(137)/1',
      10: 'Running c=CrashLoopBackOff/1',
    },
  },
  {
    title: 'a readiness probe on a wrong path',
    container: { ...HTTP, readinessProbe: { httpGet: { path: '/healthz', port: 'http' } } },
    at: { 5: 'Running c=running', 600: 'Running c=running' },
    events: ['Warning Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404 (x3)'],
  },
  {
    title: 'a readiness probe on a wrong port',
    container: { ...HTTP, readinessProbe: { tcpSocket: { port: 8080 } } },
    at: { 60: 'Running c=running' },
    events: ['Warning Unhealthy: Readiness probe failed: dial tcp 10.244.0.2:8080: connect: connection refused (x3)'],
  },
  {
    title: 'a readiness probe on a port that nobody has named',
    container: { ...HTTP, readinessProbe: { httpGet: { port: 'web' } } },
    at: { 60: 'Running c=running' },
    events: ['Warning Unhealthy: Readiness probe failed: couldn\'t find port name "web" (x3)'],
  },
  {
    title: 'answers that come too late',
    container: { ...HTTP, readinessProbe: { httpGet: { path: '/', port: 80 }, timeoutSeconds: 2 } },
    annotations: { 'pintle.dev/behaviour.c': 'answer: 3s' },
    at: { 60: 'Running c=running' },
    events: [
      'Warning Unhealthy: Readiness probe failed: Get "http://10.244.0.2:80/": context deadline exceeded (Client.Timeout exceeded while awaiting headers) (x3)',
    ],
  },
  {
    title: 'a liveness probe that fails',
    container: { ...HTTP, livenessProbe: { httpGet: { path: '/healthz', port: 80 }, periodSeconds: 5 } },
    at: {
      10: 'Running c=running ready',
      14: 'Running c=running/1 ready',
      30: 'Running c=CrashLoopBackOff/1',
      40: 'Running c=running/2 ready',
    },
    events: ['Normal Killing: Container c failed liveness probe, will be restarted (x2)'],
  },
  {
    title: 'a startup probe that never passes',
    container: {
      ...HTTP,
      startupProbe: { httpGet: { path: '/nope', port: 80 }, failureThreshold: 3, periodSeconds: 2 },
      livenessProbe: { httpGet: { path: '/', port: 80 } },
    },
    at: { 4: 'Running c=running', 9: 'Running c=running/1' },
    events: ['Normal Killing: Container c failed startup probe, will be restarted'],
  },
  {
    title: 'an init container that fails',
    container: HTTP,
    spec: { initContainers: [{ name: 'init', image: 'busybox:1', command: ['false'] }] },
    at: { 1: 'Pending init=Error(1) c=PodInitializing', 5: 'Pending init=CrashLoopBackOff/1 c=PodInitializing' },
  },
  {
    title: 'an init container that never ends',
    container: HTTP,
    spec: { initContainers: [{ name: 'init', image: 'busybox:1', command: ['sleep', 'infinity'] }] },
    at: { 5: 'Pending init=running c=PodInitializing', 3600: 'Pending init=running c=PodInitializing' },
  },
  {
    title: 'an init container that fails in a pod that is not restarted',
    container: HTTP,
    spec: {
      restartPolicy: 'Never',
      initContainers: [{ name: 'init', image: 'busybox:1', command: ['sh', '-c', 'exit 2'] }],
    },
    at: { 5: 'Failed init=Error(2) c=PodInitializing' },
  },
  {
    title: 'a ConfigMap that is missing in the environment',
    container: { envFrom: [{ configMapRef: { name: 'settings' } }] },
    at: { 5: 'Pending c=CreateContainerConfigError', 600: 'Pending c=CreateContainerConfigError' },
    events: ['Warning Failed: Error: configmap "settings" not found'],
  },
  {
    title: 'a Secret that is missing in the environment',
    container: { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'a' } } }] },
    at: { 5: 'Pending c=CreateContainerConfigError' },
    events: ['Warning Failed: Error: secret "keys" not found'],
  },
  {
    title: 'a ConfigMap that is missing as a volume',
    container: { volumeMounts: [{ name: 'v', mountPath: '/etc/v' }] },
    spec: { volumes: [{ name: 'v', configMap: { name: 'settings' } }] },
    at: { 5: 'Pending c=ContainerCreating', 20: 'Pending c=ContainerCreating' },
    events: ['Warning FailedMount: MountVolume.SetUp failed for volume "v" : configmap "settings" not found (x6)'],
  },
  {
    title: 'a claim that is not there',
    container: {},
    spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] },
    at: { 5: 'Pending c=ContainerCreating' },
    events: [
      'Warning FailedMount: Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[v], failed to process volumes=[v]: error processing PVC default/data: failed to fetch PVC from API server: persistentvolumeclaims "data" not found (x4)',
    ],
  },
  {
    title: 'a database without a password',
    container: { image: 'postgres:16' },
    at: { 4: 'Running c=Error(1)', 10: 'Running c=CrashLoopBackOff/1' },
  },
  {
    title: 'a deadline',
    container: HTTP,
    spec: { activeDeadlineSeconds: 20 },
    at: { 10: 'Running c=running ready', 21: 'Failed c=Completed(0)' },
    events: ['Normal DeadlineExceeded: Pod was active on the node longer than the specified deadline'],
  },
  {
    title: 'more than the node has',
    container: { resources: { requests: { cpu: '64' } } },
    at: { 1: 'Failed' },
    events: [
      "Warning OutOfcpu: Pod was rejected: Node didn't have enough resource: cpu, requested: 64000, used: 0, capacity: 4000",
    ],
  },
  {
    title: 'a faulty annotation',
    container: HTTP,
    annotations: { 'pintle.dev/behaviour.c': 'exitcode: 3' },
    at: { 5: 'Running c=running ready' },
    events: [expect.stringContaining('annotation pintle.dev/behaviour.c: exitcode: there is no such field') as string],
  },
];

describe('what goes wrong', () => {
  it.each(ROWS)('$title', async ({ container, spec, annotations, at, events, catalogue }) => {
    const b = await open(catalogue === undefined ? {} : { catalogue });
    await b.run('p', container, spec, annotations);
    const seen: Record<string, string> = {};
    let now = 0;
    for (const instant of Object.keys(at).map(Number)) {
      await b.clock.advance((instant - now) * 1000);
      now = instant;
      seen[instant] = summary(await b.pod('p'));
    }
    expect(seen).toEqual(at);
    const { uid = '' } = (await b.pod('p')).metadata;
    const told = (await b.events('p')).map((text) => text.replace(uid, 'UID'));
    for (const event of events ?? []) expect(told).toContainEqual(event);
  });

  it('mends when what was missing appears', async () => {
    const b = await open();
    await b.run('env', { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'm', key: 'a' } } }] });
    await b.run(
      'mount',
      {},
      { volumes: [{ name: 'v', secret: { secretName: 's', items: [{ key: 'k', path: 'k' }] } }] },
    );
    await b.clock.advance(60_000);
    expect(summary(await b.pod('env'))).toBe('Pending c=CreateContainerConfigError');
    await b.client.create(RESOURCES.configMaps, { metadata: { name: 'm', namespace: 'default' }, data: { b: '1' } });
    await b.client.create(RESOURCES.secrets, { metadata: { name: 's', namespace: 'default' }, data: {} });
    await b.clock.advance(2000);
    const state = (await b.pod('env')).status?.containerStatuses?.[0]?.state;
    expect(state?.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: "couldn't find key a in ConfigMap default/m",
    });
    expect((await b.events('mount')).at(-1)).toContain('references non-existent secret key: k');
    await b.client.update(RESOURCES.configMaps, { metadata: { name: 'm', namespace: 'default' }, data: { a: '1' } });
    await b.client.update(RESOURCES.secrets, { metadata: { name: 's', namespace: 'default' }, data: { k: 'eA==' } });
    await b.clock.advance(5000);
    expect(summary(await b.pod('env'))).toBe('Running c=running ready');
    expect(summary(await b.pod('mount'))).toBe('Running c=running ready');
  });

  it('lets credentials open a private registry', async () => {
    const b = await open({
      catalogue: { images: [{ image: 'registry.example.com/*', behaviour: { private: true } }] },
    });
    const config = (host: string): string =>
      Buffer.from(JSON.stringify({ auths: { [host]: { auth: 'dTpw' } } })).toString('base64');
    for (const [name, host] of [
      ['right', 'https://registry.example.com'],
      ['wrong', 'quay.io'],
    ] as const) {
      await b.client.create(RESOURCES.secrets, {
        metadata: { name, namespace: 'default' },
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': config(host) },
      });
    }
    for (const name of ['right', 'wrong', 'absent']) {
      await b.run(name, { image: 'registry.example.com/web:1' }, { imagePullSecrets: [{ name }] });
    }
    await b.clock.advance(5000);
    expect(summary(await b.pod('right'))).toBe('Running c=running ready');
    expect(summary(await b.pod('wrong'))).toBe('Pending c=ImagePullBackOff');
    expect(summary(await b.pod('absent'))).toBe('Pending c=ImagePullBackOff');
    expect(await b.events('absent')).toContain(
      'Warning FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (absent); attempting to pull the image may not succeed.',
    );
  });
});
