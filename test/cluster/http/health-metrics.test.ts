import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { embeddedCluster } from '../../support/embedded-cluster.ts';
import { get } from './raw-request.ts';
import { type ServedFixture, serveForTest, wallClock } from './served.ts';

let fixture: ServedFixture;
const events: AuditEvent[] = [];

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username?: string };
  readonly impersonatedUser?: { readonly username: string; readonly groups: readonly string[] };
  readonly objectRef?: object;
  readonly responseStatus: { readonly code: number; readonly reason?: string };
}

beforeAll(async () => {
  fixture = await serveForTest({ speed: 100, audit: (event) => events.push(event as AuditEvent) });
});
afterAll(() => fixture.close());

function admin(): Record<string, string> {
  return { authorization: `Bearer ${fixture.served.keys.token}` };
}

async function kubectl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await fixture.kubectl(args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

describe('health', () => {
  it('is told in a word, in full, and check by check', async () => {
    for (const path of ['/healthz', '/livez', '/readyz', '/readyz?exclude=etcd']) {
      expect(await get(fixture, path, admin())).toMatchObject({ code: 200, text: 'ok' });
    }
    const verbose = (await get(fixture, '/readyz?verbose', {})).text.split('\n');
    expect(verbose[0]).toBe('[+]ping ok');
    expect(verbose.at(-2)).toBe('readyz check passed');
    expect((await get(fixture, '/livez?verbose&exclude=etcd&exclude=nope', {})).text).toMatch(
      /\[\+\]etcd excluded: ok\n[^]*warn: some health checks cannot be excluded: no matches for "nope"\nlivez check passed\n$/,
    );
    for (const path of ['/healthz/ping', '/readyz/etcd', '/livez/poststarthook/rbac/bootstrap-roles']) {
      expect(await get(fixture, path, admin())).toMatchObject({ code: 200, text: 'ok' });
    }
    expect((await get(fixture, '/readyz/nope', admin())).code).toBe(404);
    // Nobody may look behind the word.
    expect((await get(fixture, '/readyz/etcd', {})).code).toBe(403);
  });

  it('knows when the parts of the cluster do not run', async () => {
    const embedded = await embeddedCluster();
    embedded.cluster.stop();
    const served = await embedded.cluster.serve({ wallClock, speed: 0 });
    try {
      const { code, text } = await get({ served }, '/readyz', {});
      expect(code).toBe(500);
      expect(text).toContain('[-]informer-sync failed: reason withheld\n');
      expect(await get({ served }, '/livez?verbose', {})).toMatchObject({
        code: 200,
        text: expect.not.stringContaining('informer-sync') as string,
      });
    } finally {
      await served.close();
      embedded.stop();
    }
  });

  it('fails while the store takes no writes', async () => {
    Object.defineProperty(fixture.embedded.store, 'fault', { value: new Error('full'), configurable: true });
    try {
      expect(await get(fixture, '/healthz/etcd', admin())).toMatchObject({ code: 500 });
      const { code, text } = await get(fixture, '/readyz', {});
      expect(code).toBe(500);
      expect(text).toContain('[-]etcd failed: reason withheld\n');
      expect(text).toContain('readyz check failed\n');
    } finally {
      Object.defineProperty(fixture.embedded.store, 'fault', { value: undefined, configurable: true });
    }
    expect((await get(fixture, '/readyz', {})).code).toBe(200);
  });
});

describe('use of resources', () => {
  it('shows in kubectl top, follows load and its spread, and lets autoscalers act', async () => {
    await kubectl('create', 'deployment', 'web', '--image=nginx:1.29', '--replicas=2');
    await kubectl('set', 'resources', 'deployment', 'web', '--requests=cpu=100m,memory=64Mi', '--limits=cpu=300m');
    await kubectl('expose', 'deployment', 'web', '--port=80');
    await kubectl('rollout', 'status', 'deployment/web');
    await fixture.embedded.advance(60_000);
    const rows = (text: string): string[][] =>
      text
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(/ +/));
    expect(rows(await kubectl('top', 'nodes')).map(([name]) => name)).toEqual(['pintle-1', 'pintle-2', 'pintle-3']);
    const idle = rows(await kubectl('top', 'pods', '--containers'));
    expect(idle.map(([, container, cpu]) => [container, cpu])).toEqual([
      ['nginx', '1m'],
      ['nginx', '1m'],
    ]);
    await kubectl('annotate', 'service', 'web', 'pintle.dev/cpu-load=400m');
    const busy = rows(await kubectl('top', 'pods', '-l', 'app=web'));
    for (const [, cpu = ''] of busy) expect(Math.abs(Number.parseInt(cpu, 10) - 200)).toBeLessThan(10);
    await kubectl('annotate', 'service', 'web', 'pintle.dev/cpu-load=8', '--overwrite');
    for (const [, cpu] of rows(await kubectl('top', 'pods', '-l', 'app=web'))) expect(cpu).toBe('300m');
    await kubectl('annotate', 'service', 'web', 'pintle.dev/cpu-load=380m', '--overwrite');
    await kubectl('autoscale', 'deployment', 'web', '--cpu=80%', '--min=2', '--max=10');
    await fixture.embedded.advance(300_000);
    expect(await kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}')).toBe('5');
  });

  it('is what a pod says of itself', async () => {
    await kubectl('run', 'own', '--image=nginx:1.29', '--annotations=pintle.dev/behaviour={cpu: 250m, memory: 50Mi}');
    await kubectl('wait', '--for=condition=Ready', 'pod/own');
    await fixture.embedded.advance(60_000);
    const path = '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods/own';
    const metrics = JSON.parse((await get(fixture, path, admin())).text) as {
      readonly containers: readonly [{ readonly usage: { readonly cpu: string; readonly memory: string } }];
    };
    expect(metrics).toMatchObject({ kind: 'PodMetrics', window: '15s', metadata: { labels: { run: 'own' } } });
    const { cpu, memory } = metrics.containers[0].usage;
    expect(Math.abs(Number.parseInt(cpu, 10) / 250_000_000 - 1)).toBeLessThan(0.04);
    expect(Math.abs(Number.parseInt(memory, 10) / (50 * 1024) - 1)).toBeLessThan(0.04);
  });

  it('cannot be watched or written, and names what it has not', async () => {
    const root = '/apis/metrics.k8s.io/v1beta1';
    expect((await get(fixture, `${root}/nodes?watch=1`, admin())).code).toBe(405);
    expect((await get(fixture, `${root}/nodes/x`, admin(), { method: 'DELETE' })).code).toBe(405);
    expect((await get(fixture, `${root}/pods?labelSelector=a%20b`, admin())).code).toBe(400);
    expect((await fixture.kubectl(['top', 'pod', 'nope'])).stderr).toContain(
      'podmetrics.metrics.k8s.io "default/nope" not found',
    );
    expect((await fixture.kubectl(['top', 'node', 'nope'])).stderr).toContain(
      'nodemetrics.metrics.k8s.io "nope" not found',
    );
  });
});

describe('metrics for autoscalers', () => {
  it('are there for kubectl once an object says what they are', async () => {
    const raw = async (path: string): Promise<unknown> => JSON.parse(await kubectl('get', '--raw', path));
    const custom = '/apis/custom.metrics.k8s.io/v1beta2';
    const external = '/apis/external.metrics.k8s.io/v1beta1';
    expect((await get(fixture, custom, admin())).code).toBe(404);
    expect((await get(fixture, `${custom}/namespaces/default/pods/*/jobs`, admin())).code).toBe(404);
    await kubectl('create', 'service', 'clusterip', 'measured', '--tcp=80');
    await kubectl('annotate', 'service', 'measured', 'pintle.dev/metrics=jobs{kind="a"} 30\njobs{kind="b"} 1.5');
    await kubectl('annotate', 'namespace', 'default', 'pintle.dev/external-metrics=queue{name="mail"} 5');
    const name = 'v1beta1.external.metrics.k8s.io';
    await vi.waitFor(() => kubectl('wait', '--for=condition=Available', `apiservice/${name}`), { timeout: 60_000 });
    await kubectl('wait', '--for=condition=Available', 'apiservice/v1beta2.custom.metrics.k8s.io');
    const verbs = ['get'];
    expect(await raw(custom)).toMatchObject({
      kind: 'APIResourceList',
      groupVersion: 'custom.metrics.k8s.io/v1beta2',
      resources: [{ name: 'services/jobs', singularName: '', namespaced: true, kind: 'MetricValueList', verbs }],
    });
    expect(await raw(external)).toMatchObject({
      resources: [{ name: 'queue', kind: 'ExternalMetricValueList', verbs }],
    });
    expect(await raw(`${custom}/namespaces/default/services/measured/jobs`)).toEqual({
      kind: 'MetricValueList',
      apiVersion: 'custom.metrics.k8s.io/v1beta2',
      metadata: {},
      items: [
        {
          describedObject: { kind: 'Service', namespace: 'default', name: 'measured', apiVersion: '/v1' },
          metric: { name: 'jobs', selector: null },
          timestamp: expect.any(String) as string,
          value: '31500m',
        },
      ],
    });
    const old = '/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/services/*/jobs?metricLabelSelector=kind%3Db';
    expect(await raw(old)).toMatchObject({
      items: [{ metricName: 'jobs', value: '1500m', selector: { matchLabels: { kind: 'b' } } }],
    });
    expect(await raw(`${external}/namespaces/default/queue?labelSelector=name%3Dmail`)).toMatchObject({
      kind: 'ExternalMetricValueList',
      items: [{ metricName: 'queue', metricLabels: { name: 'mail' }, value: '5' }],
    });
    expect(await kubectl('api-versions')).toContain('custom.metrics.k8s.io/v1beta2\n');
    expect(await kubectl('get', 'all')).toContain('service/measured');
    const none = await fixture.kubectl(['get', '--raw', `${custom}/namespaces/default/services/other/jobs`]);
    expect(none.stderr).toContain('the server could not find the metric jobs for services other');
    const written = await get(fixture, `${external}/namespaces/default/queue`, admin(), { method: 'DELETE' });
    expect(written.code).toBe(405);
    expect((await get(fixture, `${custom}/namespaces/default/services/*/jobs?labelSelector=a%20b`, admin())).code).toBe(
      400,
    );
  });
});

describe('metrics', () => {
  it('count requests, objects and time, for those who may', async () => {
    expect((await get(fixture, '/metrics', {})).code).toBe(403);
    await get(fixture, '/api/v1/namespaces/default/pods/none', admin());
    const { text, headers } = await get(fixture, '/metrics', admin());
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toContain(
      'apiserver_request_total{verb="GET",group="",version="v1",resource="pods",subresource="",scope="resource",component="apiserver",dry_run="",code="404"} 1\n',
    );
    expect(text).toMatch(/^apiserver_request_duration_seconds_count\{verb="LIST"/m);
    expect(text).toMatch(/^apiserver_storage_objects\{resource="nodes"\} 3$/m);
    expect(text).toMatch(/^kubernetes_build_info\{git_version="v1.35.2"\} 1$/m);
    for (const line of text.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
      expect(line).toMatch(/^[a-z0-9_]+(?:\{[^{}]*\})? (?:[\d.e+-]+|Nan|\+Inf)$/);
    }
  });
});

describe('paths that lead nowhere', () => {
  it('are counted together, however many there are', async () => {
    for (const path of [
      '/apis/odd1.io/v1/odd2',
      '/api/v1/odd3',
      '/api/v1/pods/a/odd4',
      '/apis/apps/odd5/deployments',
    ]) {
      await get(fixture, path, {});
      await get(fixture, path, admin());
    }
    await get(fixture, '/api/v1/nodes', admin(), { method: 'PROPFIND' });
    await get(fixture, '/version', admin());
    await get(fixture, '/api/v1/namespaces/default/serviceaccounts/odd6/token', admin(), {
      method: 'POST',
      body: '{}',
    });
    await get(fixture, '/api/v1/namespaces/default/pods/odd7/log', admin());
    const { text } = await get(fixture, '/metrics', admin());
    expect(text).not.toContain('odd');
    const counted = (labels: string): boolean => text.includes(`apiserver_request_total{${labels}`);
    const nowhere =
      'verb="GET",group="",version="",resource="",subresource="",scope="",component="apiserver",dry_run=""';
    expect(counted(`${nowhere},code="404"}`)).toBe(true);
    expect(counted('verb="other",group="",version="v1",resource="nodes",subresource="",scope="cluster"')).toBe(true);
    expect(counted('verb="POST",group="",version="v1",resource="serviceaccounts",subresource="token"')).toBe(true);
    expect(counted('verb="CONNECT",group="",version="v1",resource="pods",subresource="log"')).toBe(true);
  });
});

describe('the audit log', () => {
  it('tells who did what and how it came out, and no secrets', async () => {
    events.length = 0;
    await kubectl('create', 'secret', 'generic', 'audited', '--from-literal=password=hunter2');
    await kubectl('get', 'secret', 'audited', '-o', 'yaml', '--as=jane', '--as-group=system:masters');
    await fixture.kubectl(['get', 'secrets', '--as=eve']);
    await get(fixture, '/api/v1/pods?watch=1&timeoutSeconds=1', admin());
    expect(JSON.stringify(events)).not.toContain('hunter2');
    expect(JSON.stringify(events)).not.toContain(fixture.served.keys.token);
    const of = (verb: string, resource: string): AuditEvent[] =>
      events.filter(({ verb: own, requestURI }) => own === verb && requestURI.includes(`/${resource}`));
    expect(of('create', 'secrets')).toMatchObject([
      {
        level: 'Metadata',
        stage: 'ResponseComplete',
        user: { username: 'kubernetes-admin' },
        objectRef: { resource: 'secrets', namespace: 'default', apiVersion: 'v1' },
        responseStatus: { code: 201 },
      },
    ]);
    expect(of('get', 'secrets')).toMatchObject([
      { user: { username: 'kubernetes-admin' }, impersonatedUser: { username: 'jane' }, responseStatus: { code: 200 } },
    ]);
    expect(of('list', 'secrets')).toMatchObject([
      { impersonatedUser: { username: 'eve' }, responseStatus: { code: 403, reason: 'Forbidden' } },
    ]);
    // The end is told once the connection has it.
    await expect
      .poll(() => of('watch', 'pods').map(({ stage }) => stage))
      .toEqual(['ResponseStarted', 'ResponseComplete']);
  });
});
