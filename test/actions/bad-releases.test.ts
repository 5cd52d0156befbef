import { describe, expect, it } from 'vitest';
import type { UpgradeOptions } from '../../src/actions/upgrade.ts';
import { install } from '../../src/actions/install.ts';
import { upgrade } from '../../src/actions/upgrade.ts';
import type { Chart } from '../../src/chart/chart.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { chartOf } from '../support/chart-of.ts';
import { embeddedCluster, type EmbeddedCluster } from '../support/embedded-cluster.ts';

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  {{- with .Values.progressDeadlineSeconds }}
  progressDeadlineSeconds: {{ . }}
  {{- end }}
  {{- with .Values.extraSpec }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  selector:
    matchLabels: {{- toYaml .Values.selector | nindent 6 }}
  template:
    metadata:
      labels: {{- toYaml .Values.podLabels | nindent 8 }}
    spec:
      {{- with .Values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: web
          image: {{ .Values.image }}
          {{- with .Values.command }}
          command: {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with .Values.env }}
          env: {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            - name: http
              containerPort: 80
          readinessProbe:
            httpGet:
              path: {{ .Values.readyPath }}
              port: {{ .Values.readyPort }}
            periodSeconds: 2
          resources:
            requests:
              cpu: {{ .Values.cpu }}
`;

const FILES = {
  'values.yaml': `
replicas: 2
image: nginx:1.27
cpu: 50m
readyPath: /
readyPort: http
selector: { app: web }
podLabels: { app: web }
serviceType: ClusterIP
`,
  'templates/deployment.yaml': DEPLOYMENT,
  'templates/service.yaml': `
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  type: {{ .Values.serviceType }}
  {{- with .Values.clusterIP }}
  clusterIP: {{ . }}
  {{- end }}
  selector: { app: web }
  ports:
    - port: 80
      targetPort: http
`,
  'templates/config.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-config
data:
  greeting: {{ .Values.greeting | default "hello" }}
`,
  'templates/hook.yaml': `
{{- with .Values.hook }}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $.Release.Name }}-migrate
  annotations:
    helm.sh/hook: pre-upgrade
spec:
  backoffLimit: {{ .backoffLimit | default 0 }}
  {{- with .deadline }}
  activeDeadlineSeconds: {{ . }}
  {{- end }}
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: busybox:1.36
          command: {{- toYaml .command | nindent 12 }}
{{- end }}
`,
};

/** What the server alone writes. */
function withoutServerFields(object: KubeObject): object {
  const { metadata, status: _, ...rest } = object;
  const { resourceVersion: __, generation: ___, managedFields: ____, annotations = {}, ...kept } = metadata;
  const { 'deployment.kubernetes.io/revision': _____, ...others } = annotations;
  return { ...rest, metadata: { ...kept, annotations: others } };
}

async function liveObjects({ cluster }: EmbeddedCluster): Promise<object[]> {
  const out: object[] = [];
  for (const type of [RESOURCES.deployments, RESOURCES.services, RESOURCES.configMaps]) {
    const { items } = await cluster.client.list(type, { namespace: 'default' });
    out.push(
      ...items
        .filter((item) => item.metadata.labels?.['owner'] !== 'helm' && item.metadata.name !== 'kube-root-ca.crt')
        .map(withoutServerFields),
    );
  }
  return out;
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
    waitForJobs: false,
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

const CASES: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  [
    '1: an image that does not exist',
    { image: 'nginx:does-not-exist' },
    /Deployment\/default\/web not ready\..*nginx:does-not-exist/s,
  ],
  [
    '3: a container that exits at once',
    { image: 'busybox:1.36', command: ['sh', '-c', 'exit 3'] },
    /CrashLoopBackOff|back-off/,
  ],
  ['5: a readiness probe that never passes', { readyPort: 8081 }, /Readiness probe failed/],
  [
    '9: a ConfigMap that is missing',
    { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'nowhere', key: 'a' } } }] },
    /configmap "nowhere" not found/,
  ],
  ['10: requests that no node can hold', { cpu: '64' }, /0\/3 nodes are available: 3 Insufficient cpu/],
  [
    '11: a selector that no node satisfies',
    { nodeSelector: { disk: 'ssd' } },
    /3 node\(s\) didn't match Pod's node affinity\/selector/,
  ],
  ['15: a value that is invalid', { extraSpec: { minReadySeconds: -1 } }, /spec\.minReadySeconds: Invalid value: -1/],
  ['15: a value of the wrong type', { replicas: 'many' }, /replicas/],
  [
    '16: an immutable field',
    { selector: { app: 'other' }, podLabels: { app: 'other' } },
    /spec\.selector: Invalid value: .*field is immutable/s,
  ],
  ['17: a selector that does not match', { podLabels: { app: 'x' } }, /`selector` does not match template `labels`/],
  [
    '21: a hook that fails',
    { hook: { command: ['sh', '-c', 'exit 1'] } },
    /migrate.*BackoffLimitExceeded|BackoffLimitExceeded/s,
  ],
  ['21: a hook that never ends', { hook: { command: ['sleep', '100000'], deadline: 30 } }, /DeadlineExceeded/],
  [
    '22: a rollout without progress',
    { readyPort: 8081, progressDeadlineSeconds: 60 },
    /ProgressDeadlineExceeded|exceeded its progress deadline|Progress deadline exceeded/,
  ],
  ['23: a cluster address that is taken', { serviceType: 'ClusterIP', clusterIP: '10.96.0.1' }, /clusterIP/],
];

describe('upgrade --atomic of a bad release', () => {
  it.each(CASES)('%s', async (_, bad, message) => {
    const fixture = await embeddedCluster();
    const context = fixture.context();
    const chart = await chartOf(FILES);
    await install(context, {
      ...options(chart, {}),
      serverSide: 'true',
      createNamespace: false,
      replace: false,
      skipCrds: false,
    });
    const before = await liveObjects(fixture);
    const failure: unknown = await upgrade(context, options(chart, { greeting: 'goodbye', ...bad })).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Error);
    expect((failure as Error).message).toMatch(message);
    expect(await liveObjects(fixture)).toEqual(before);
    const history = await context.store.history('web');
    expect(history.map(({ version, info }) => [version, info.status])).toContainEqual([history.length, 'deployed']);
    fixture.stop();
  });
});
