import { injectFault } from '../../src/cluster/faults/fault-store.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { type BadRelease, web } from './bad-release.ts';

const http = (path: string, port: string | number, more: object = {}): object => ({
  httpGet: { path, port },
  periodSeconds: 2,
  ...more,
});

function job(name: string, spec: object, command: readonly string[]): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations: { 'helm.sh/hook': 'pre-upgrade' } },
    spec: {
      backoffLimit: 0,
      ...spec,
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'migrate', image: 'busybox:1.36', command }] },
      },
    },
  };
}

function claim(spec: object): Record<string, unknown> {
  return {
    extra: [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
      },
    ],
    pod: { ...web(), volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
  };
}

const env = (name: string, from: object): object => ({ env: [{ name, valueFrom: from }] });

/** Rows of docs/bad-releases.md that show in the cluster. */
export const SHOWN_ROWS: readonly BadRelease[] = [
  {
    title: '1: an image that does not exist',
    bad: { pod: web({ image: 'nginx:does-not-exist' }) },
    message: /Deployment\/default\/web not ready\..*nginx:does-not-exist.*not found/s,
    shows: [
      /^Pod web-\S+: Pending$/,
      /web=ImagePullBackOff/,
      /^Event Pod Warning Failed: Failed to pull image "nginx:does-not-exist"/,
      /^Event Pod Normal BackOff: Back-off pulling image/,
    ],
  },
  {
    title: '2: a private image without credentials',
    cluster: { catalogue: { images: [{ image: 'registry.example.com/*', behaviour: { private: true } }] } },
    bad: { pod: { ...web({ image: 'registry.example.com/web:1' }), imagePullSecrets: [{ name: 'absent' }] } },
    message: /401 Unauthorized/,
    shows: [
      /web=ImagePullBackOff/,
      /^Event Pod Warning Failed: .*401 Unauthorized/,
      /^Event Pod Warning FailedToRetrieveImagePullSecret:/,
    ],
  },
  {
    title: '3: a container that exits at once',
    bad: { pod: web({ image: 'busybox:1.36', command: ['sh', '-c', 'exit 3'] }) },
    message: /CrashLoopBackOff: back-off .*last exit: Error, code 3/,
    shows: [
      /web=CrashLoopBackOff last=Error\(3\) restarted/,
      /^Event Pod Warning BackOff: Back-off restarting failed container web/,
    ],
  },
  {
    title: '4: out of memory',
    bad: {
      podAnnotations: { 'pintle.dev/behaviour.web': 'memory: 100Mi' },
      pod: web({ resources: { limits: { memory: '64Mi' } } }),
      deployment: { replicas: 2, minReadySeconds: 30 },
    },
    message: /OOMKilled/,
    shows: [/last=OOMKilled\(137\) restarted/],
  },
  {
    title: '5: a readiness probe on a wrong port',
    bad: { pod: web({ readinessProbe: http('/', 8081) }) },
    message: /Readiness probe failed: Get "http:\/\/10\.\S+:8081\/": dial tcp \S+: connect: connection refused/,
    shows: [
      /: Ready=False ContainersNotReady containers with unready status: \[web\]/,
      /^Event Pod Warning Unhealthy: Readiness probe failed/,
    ],
  },
  {
    title: '5: a readiness probe on a wrong path',
    bad: {
      pod: web({ readinessProbe: http('/missing', 'http') }),
      podAnnotations: { 'pintle.dev/behaviour.web': 'paths: { /missing: 404 }' },
    },
    message: /Readiness probe failed: HTTP probe failed with statuscode: 404/,
    shows: [/^Event Pod Warning Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404/],
  },
  {
    title: '5: a readiness probe that is too slow',
    bad: { podAnnotations: { 'pintle.dev/behaviour.web': 'answerMillis: 3000' } },
    message: /context deadline exceeded/,
    shows: [/^Event Pod Warning Unhealthy: Readiness probe failed: .*context deadline exceeded/],
  },
  {
    title: '6: a liveness probe that fails',
    bad: {
      deployment: { replicas: 2, minReadySeconds: 60 },
      pod: web({ livenessProbe: http('/', 8081) }),
    },
    message: /Liveness probe failed|failed liveness probe|CrashLoopBackOff/,
    shows: [
      /web=\S+ last=\S+ restarted/,
      /^Event Pod Warning Unhealthy: Liveness probe failed/,
      /^Event Pod Normal Killing: Container web failed liveness probe, will be restarted/,
    ],
  },
  {
    title: '7: a startup probe that never passes',
    bad: { pod: web({ startupProbe: http('/', 8081, { failureThreshold: 5 }) }) },
    message: /Startup probe failed|CrashLoopBackOff/,
    shows: [
      /restarted/,
      /^Event Pod Warning Unhealthy: Startup probe failed/,
      /^Event Pod Normal Killing: Container web failed startup probe, will be restarted/,
    ],
  },
  {
    title: '8: an init container that fails',
    bad: {
      pod: { ...web(), initContainers: [{ name: 'init', image: 'busybox:1.36', command: ['sh', '-c', 'exit 7'] }] },
    },
    message: /init.*code 7/s,
    shows: [
      /init=CrashLoopBackOff last=Error\(7\) restarted/,
      /: Initialized=False ContainersNotInitialized/,
      /web=PodInitializing/,
    ],
  },
  {
    title: '8: an init container that never ends',
    bad: { pod: { ...web(), initContainers: [{ name: 'init', image: 'busybox:1.36', command: ['sleep', '100000'] }] } },
    message: /web not ready/,
    shows: [/init=running/, /: Initialized=False ContainersNotInitialized/],
  },
  {
    title: '9: a ConfigMap that is missing in the environment',
    bad: { pod: web(env('A', { configMapKeyRef: { name: 'nowhere', key: 'a' } })) },
    message: /CreateContainerConfigError.*configmap "nowhere" not found/,
    shows: [/web=CreateContainerConfigError/, /^Event Pod Warning Failed: Error: configmap "nowhere" not found/],
  },
  {
    title: '9: a key that is missing',
    bad: { pod: web(env('A', { configMapKeyRef: { name: 'web-config', key: 'absent' } })) },
    message: /couldn't find key absent in ConfigMap default\/web-config/,
    shows: [/web=CreateContainerConfigError/],
  },
  {
    title: '9: a Secret that is missing as a volume',
    bad: { pod: { ...web(), volumes: [{ name: 's', secret: { secretName: 'nowhere' } }] } },
    message: /MountVolume\.SetUp failed for volume "s" : secret "nowhere" not found/,
    shows: [/web=ContainerCreating/, /^Event Pod Warning FailedMount: MountVolume\.SetUp failed for volume "s"/],
  },
  {
    title: '10: requests that no node can hold',
    bad: { pod: web({ resources: { requests: { cpu: '64' } } }) },
    message: /0\/3 nodes are available: 3 Insufficient cpu/,
    shows: [
      /: PodScheduled=False Unschedulable 0\/3 nodes are available: 3 Insufficient cpu/,
      /^Event Pod Warning FailedScheduling: 0\/3 nodes/,
    ],
  },
  {
    title: '11: a selector that no node satisfies',
    bad: { pod: { ...web(), nodeSelector: { disk: 'ssd' } } },
    message: /3 node\(s\) didn't match Pod's node affinity\/selector/,
    shows: [/: PodScheduled=False Unschedulable/],
  },
  {
    title: '11: anti-affinity with more pods than nodes',
    bad: {
      deployment: { replicas: 4 },
      pod: {
        ...web(),
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
            ],
          },
        },
      },
    },
    message: /didn't match pod anti-affinity rules|didn't satisfy existing pods anti-affinity rules/,
    shows: [/^Event Pod Warning FailedScheduling:/],
  },
  {
    title: '11: a spread that cannot be',
    bad: {
      pod: {
        ...web(),
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'nowhere',
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: { matchLabels: { app: 'web' } },
          },
        ],
      },
    },
    message: /didn't match pod topology spread constraints \(missing required label\)/,
    shows: [/^Event Pod Warning FailedScheduling:/],
  },
  {
    title: '11: taints',
    setup: async ({ cluster: { client } }) => {
      for (const { metadata } of (await client.list(RESOURCES.nodes)).items) {
        const taints = [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }];
        await client.patch(RESOURCES.nodes, { name: metadata.name ?? '' }, 'merge', { spec: { taints } });
      }
    },
    good: { pod: { ...web(), tolerations: [{ operator: 'Exists' }] } },
    bad: { pod: { ...web(), tolerations: [] } },
    message: /3 node\(s\) had untolerated taint\(s\)/,
    shows: [/: PodScheduled=False Unschedulable/],
  },
  {
    title: '12: a claim of a class that does not exist',
    bad: claim({ storageClassName: 'nowhere' }),
    message: /PersistentVolumeClaim\/default\/data not ready|unbound|storageclass/i,
    shows: [
      /^PersistentVolumeClaim data: Pending/,
      /^Event PersistentVolumeClaim Warning ProvisioningFailed: storageclass.storage.k8s.io "nowhere" not found/,
      /: PodScheduled=False/,
    ],
  },
  {
    title: '12: a claim without a class and without a volume',
    bad: claim({ storageClassName: '' }),
    message: /PersistentVolumeClaim\/default\/data not ready|unbound/i,
    shows: [
      /^PersistentVolumeClaim data: Pending/,
      /^Event PersistentVolumeClaim Normal FailedBinding: no persistent volumes available for this claim and no storage class is set/,
    ],
  },
  {
    title: '13: a quota that is used up',
    setup: async ({ cluster: { client } }) => {
      await client.create(RESOURCES.resourceQuotas, {
        metadata: { name: 'few', namespace: 'default' },
        spec: { hard: { pods: '2' } },
      });
    },
    bad: { pod: web({ image: 'nginx:1.28' }) },
    message: /exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2/,
    shows: [
      /^Event ReplicaSet Warning FailedCreate: .*exceeded quota: few/,
      /^Deployment web: ReplicaFailure=True FailedCreate/,
    ],
  },
  {
    title: '13: a limit range',
    setup: async ({ cluster: { client } }) => {
      await client.create(RESOURCES.limitRanges, {
        metadata: { name: 'small', namespace: 'default' },
        spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] },
      });
    },
    bad: { pod: web({ resources: { requests: { cpu: '2' }, limits: { cpu: '2' } } }) },
    message: /maximum cpu usage per Container is 1, but limit is 2/,
    shows: [/^Event ReplicaSet Warning FailedCreate: .*maximum cpu usage per Container is 1/],
  },
  {
    title: '14: a ServiceAccount that is missing',
    // Without it the old name would stay, as it does in Kubernetes: the API server copies it to a field that nobody owns.
    good: { pod: { ...web(), serviceAccountName: 'default' } },
    bad: { pod: { ...web(), serviceAccountName: 'nobody' } },
    message: /serviceaccount "nobody" not found/,
    shows: [
      /^Event ReplicaSet Warning FailedCreate: .*error looking up service account default\/nobody: serviceaccount "nobody" not found/,
    ],
  },
  {
    title: '21: a hook that fails',
    bad: { extra: [job('migrate', {}, ['sh', '-c', 'exit 1'])] },
    message: /BackoffLimitExceeded/,
    shows: [
      /^Job migrate: Failed=True BackoffLimitExceeded Job has reached the specified backoff limit/,
      /^Event Job Warning BackoffLimitExceeded:/,
    ],
  },
  {
    title: '21: a hook with a deadline',
    bad: { extra: [job('migrate', { activeDeadlineSeconds: 30 }, ['sleep', '100000'])] },
    message: /DeadlineExceeded/,
    shows: [/^Job migrate: Failed=True DeadlineExceeded Job was active longer than specified deadline/],
  },
  {
    title: '21: a hook that never ends',
    bad: { extra: [job('migrate', {}, ['sleep', '100000'])] },
    message: /migrate/,
    shows: [/^Pod migrate-\S+: Running/],
  },
  {
    title: '22: a rollout without progress',
    bad: { deployment: { replicas: 2, progressDeadlineSeconds: 60 }, pod: web({ readinessProbe: http('/', 8081) }) },
    message: /[Pp]rogress deadline|ProgressDeadlineExceeded/,
    shows: [
      /^Deployment web: Progressing=False ProgressDeadlineExceeded ReplicaSet "web-\S+" has timed out progressing/,
    ],
  },
  {
    title: '26: a server that fails',
    bad: { pod: web({ image: 'nginx:1.28' }) },
    meanwhile: ({ cluster: { client, clock } }) => {
      const fault = {
        kind: 'api-errors',
        failure: 503,
        verbs: ['patch'],
        resources: ['deployments'],
        clients: ['user'],
      } as const;
      // Longer than requests are tried, and over before the way back gives up.
      void injectFault(client, fault, clock.now() + 5000);
    },
    message: /the server is currently unable to handle the request/,
    shows: [],
  },
  {
    title: '27: a node that goes away in the middle',
    timeout: 120_000,
    bad: { pod: web({ image: 'nginx:1.28', readinessProbe: http('/', 'http', { initialDelaySeconds: 30 }) }) },
    meanwhile: ({ cluster: { client, clock } }) => {
      clock.setTimer(
        20_000,
        () => void injectFault(client, { kind: 'node-down', node: 'pintle-1' }, clock.now() + 150_000),
      );
      clock.setTimer(
        20_000,
        () => void injectFault(client, { kind: 'node-partition', node: 'pintle-2' }, clock.now() + 150_000),
      );
    },
    message: /web not ready/,
    shows: [
      /^Node pintle-1: Ready=Unknown NodeStatusUnknown Kubelet stopped posting node status/,
      /^Event Node Normal NodeNotReady:/,
    ],
  },
];
