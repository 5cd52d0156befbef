import { install } from '../../src/actions/install.ts';
import { upgrade, type UpgradeOptions } from '../../src/actions/upgrade.ts';
import type { Chart } from '../../src/chart/chart.ts';
import { clearFaults, listFaults } from '../../src/cluster/faults/fault-store.ts';
import type { Event, Pod } from '../../src/kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { chartOf } from './chart-of.ts';
import { embeddedCluster, type EmbeddedCluster, type EmbeddedOptions } from './embedded-cluster.ts';

/** The chart of the releases. */
export const FILES = {
  'values.yaml': `
deployment: { replicas: 2 }
selector: { app: web }
podLabels: { app: web }
podAnnotations: {}
pod:
  containers:
    - name: web
      image: nginx:1.27
      ports: [{ name: http, containerPort: 80 }]
      readinessProbe: { httpGet: { path: /, port: http }, periodSeconds: 2 }
      resources: { requests: { cpu: 50m } }
service: { type: ClusterIP }
servicePorts: [{ port: 80, targetPort: http }]
greeting: hello
extra: []
`,
  'templates/all.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  {{- toYaml .Values.deployment | nindent 2 }}
  selector:
    matchLabels: {{- toYaml .Values.selector | nindent 6 }}
  template:
    metadata:
      labels: {{- toYaml .Values.podLabels | nindent 8 }}
      annotations: {{- toYaml .Values.podAnnotations | nindent 8 }}
    spec: {{- toYaml .Values.pod | nindent 6 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  {{- toYaml .Values.service | nindent 2 }}
  selector: { app: web }
  ports: {{- toYaml .Values.servicePorts | nindent 4 }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-config
data:
  greeting: {{ .Values.greeting }}
{{- range .Values.extra }}
---
{{ toYaml . }}
{{- end }}
`,
};

/** The container of a good release, with some of it changed. */
export function web(change: object = {}): { readonly containers: readonly object[] } {
  return {
    containers: [
      {
        name: 'web',
        image: 'nginx:1.27',
        ports: [{ name: 'http', containerPort: 80 }],
        readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 2 },
        resources: { requests: { cpu: '50m' } },
        ...change,
      },
    ],
  };
}

/** A release that goes wrong. */
export interface BadRelease {
  readonly title: string;
  /** Of the release that is good; laid over the chart's. */
  readonly good?: Record<string, unknown>;
  /** What is changed in the bad one. */
  readonly bad: Record<string, unknown>;
  /** What there is in the cluster besides. */
  readonly setup?: (fixture: EmbeddedCluster) => Promise<void>;
  readonly cluster?: EmbeddedOptions;
  /** What the user is told. */
  readonly message: RegExp;
  /** Lines of {@link linesOf} that are there when it has failed; none: nothing of it reaches the cluster. */
  readonly shows?: readonly RegExp[];
  /** ms that the upgrade waits. */
  readonly timeout?: number;
  /** What is done while the upgrade waits. */
  readonly meanwhile?: (fixture: EmbeddedCluster) => void;
}

/** What came of a bad release: once left as it failed, once undone. */
export interface BadOutcome {
  readonly failure: unknown;
  /** Empty when the outcome was undone. */
  readonly lines: readonly string[];
  readonly before: readonly object[];
  readonly after: readonly object[];
  /** Version and status of the last revision. */
  readonly last: readonly [number, string];
}

/** Installs the good release and upgrades to the bad one. */
export async function runBadRelease(release: BadRelease, atomic: boolean): Promise<BadOutcome> {
  const fixture = await embeddedCluster(release.cluster);
  const context = fixture.context();
  try {
    await release.setup?.(fixture);
    const chart = await chartOf(FILES);
    const { good = {}, bad, timeout = 300_000 } = release;
    const settings = { ...options(chart, good), atomic, timeout };
    await install(context, {
      ...settings,
      serverSide: 'true',
      createNamespace: false,
      replace: false,
      skipCrds: false,
    });
    const before = await liveObjects(fixture);
    release.meanwhile?.(fixture);
    const values = { ...good, greeting: 'goodbye', ...bad };
    const failure: unknown = await upgrade(context, { ...settings, values }).then(
      () => undefined,
      (error: unknown) => error,
    );
    await endFaultsOfApi(fixture);
    const history = await context.store.history('web');
    const { version, info } = history.at(-1) ?? {};
    return {
      failure,
      lines: await linesOf(fixture),
      before,
      after: await liveObjects(fixture),
      last: [version ?? 0, info?.status ?? ''],
    };
  } finally {
    fixture.stop();
  }
}

/** What is seen of the cluster is not to suffer from them. */
export async function endFaultsOfApi(fixture: EmbeddedCluster): Promise<void> {
  const { client } = fixture.cluster;
  const faults = (await listFaults(client)).filter(({ fault }) => fault.kind.startsWith('api-'));
  if (faults.length === 0) return;
  await clearFaults(
    client,
    faults.map(({ id }) => id),
  );
  await fixture.advance(0);
}

function options(chart: Chart, values: Record<string, unknown>): UpgradeOptions {
  return {
    name: 'web',
    chart,
    values,
    dryRun: 'none',
    atomic: true,
    timeout: 300_000,
    wait: true,
    waitForJobs: true,
    noHooks: false,
    serverSide: 'auto',
    forceConflicts: false,
    forceReplace: false,
    cleanupOnFail: false,
    reuse: 'default',
    skipSchemaValidation: false,
    renderSubchartNotes: false,
    takeOwnership: false,
  };
}

const RELEASED = [
  RESOURCES.deployments,
  RESOURCES.statefulSets,
  RESOURCES.jobs,
  RESOURCES.cronJobs,
  RESOURCES.services,
  RESOURCES.configMaps,
  RESOURCES.persistentVolumeClaims,
];

/** The objects that releases are made of, without what the server alone writes. */
export async function liveObjects({ cluster }: EmbeddedCluster): Promise<object[]> {
  const out: object[] = [];
  for (const type of RELEASED) {
    const { items } = await cluster.client.list(type, { namespace: 'default' });
    // Hooks are no objects of the release: what they leave is theirs.
    const own = items.filter(
      ({ metadata: { labels, name, annotations } }) =>
        labels?.['owner'] !== 'helm' && name !== 'kube-root-ca.crt' && annotations?.['helm.sh/hook'] === undefined,
    );
    out.push(...own.map(withoutServerFields));
  }
  return out;
}

function withoutServerFields(object: KubeObject): object {
  const { metadata, status: _, ...rest } = object;
  const { resourceVersion: __, generation: ___, managedFields: ____, annotations = {}, ...kept } = metadata;
  const { 'deployment.kubernetes.io/revision': _____, ...others } = annotations;
  return { ...rest, metadata: { ...kept, annotations: others } };
}

interface WithConditions {
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
  };
}

/**
 * What can be seen of a cluster, a line each: `Pod web-…: Pending web=ImagePullBackOff`,
 * `Deployment web: Progressing=False ProgressDeadlineExceeded …`, `Event Pod Warning Failed: …`.
 */
export async function linesOf({ cluster: { client } }: EmbeddedCluster): Promise<string[]> {
  const lines: string[] = [];
  for (const type of [...RELEASED, RESOURCES.replicaSets, RESOURCES.pods, RESOURCES.nodes]) {
    const { items } = await client.list<KubeObject & WithConditions>(type);
    for (const { metadata, status } of items) {
      const title = `${type.kind} ${metadata.name ?? ''}`;
      if (status?.phase !== undefined) lines.push(`${title}: ${status.phase}`);
      for (const each of status?.conditions ?? []) {
        lines.push(`${title}: ${each.type}=${each.status} ${each.reason ?? ''} ${each.message ?? ''}`.trimEnd());
      }
    }
  }
  for (const pod of (await client.list<Pod>(RESOURCES.pods)).items) lines.push(...containersOf(pod));
  for (const { involvedObject, type, reason, message } of (await client.list<Event>(RESOURCES.events)).items) {
    lines.push(`Event ${involvedObject.kind ?? ''} ${type ?? ''} ${reason ?? ''}: ${message ?? ''}`);
  }
  return lines;
}

function containersOf({ metadata, status }: Pod): string[] {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.map(({ name, state, lastState, restartCount }) => {
    const now = state?.waiting?.reason ?? state?.terminated?.reason ?? (state?.running === undefined ? '' : 'running');
    const last = lastState?.terminated;
    const before = last === undefined ? '' : ` last=${last.reason ?? ''}(${last.exitCode})`;
    return `Pod ${metadata.name ?? ''}: ${name}=${now}${before}${restartCount > 0 ? ' restarted' : ''}`;
  });
}
