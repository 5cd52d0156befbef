import { RESOURCES } from '../../src/kube/resources.ts';
import { type BadRelease, web } from './bad-release.ts';
import type { EmbeddedCluster } from './embedded-cluster.ts';

const TEMPLATE = {
  metadata: { labels: { app: 'x' } },
  spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1.36', command: ['true'] }] },
};

const job = (name: string, image = 'busybox:1.36'): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image, command: ['true'] }] } } },
});

const cronJob = (spec: object): object => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'nightly' },
  spec: { jobTemplate: { spec: { template: TEMPLATE } }, ...spec },
});

const statefulSet = (serviceName: string): object => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    serviceName,
    selector: { matchLabels: { app: 'db' } },
    template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image: 'shop/db:1' }] } },
  },
});

const claim = (storage: string, accessModes: readonly string[] = ['ReadWriteOnce']): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: { accessModes, storageClassName: 'standard', resources: { requests: { storage } } },
});

const consumer = { pod: { ...web(), volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } };

async function takenPort({ cluster: { client } }: EmbeddedCluster): Promise<void> {
  await client.create(RESOURCES.services, {
    metadata: { name: 'other', namespace: 'default' },
    spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] },
  });
}

async function foreignMap({ cluster: { client } }: EmbeddedCluster): Promise<void> {
  await client.create(RESOURCES.configMaps, { metadata: { name: 'shared', namespace: 'default' }, data: { a: '1' } });
}

async function othersMap({ cluster: { client } }: EmbeddedCluster): Promise<void> {
  const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
  const annotations = { 'meta.helm.sh/release-name': 'other', 'meta.helm.sh/release-namespace': 'default' };
  await client.create(RESOURCES.configMaps, {
    metadata: { name: 'shared', namespace: 'default', labels, annotations },
  });
}

const shared = { extra: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shared' }, data: { a: '2' } }] };

/** Rows of docs/bad-releases.md that the API server, or the release manager, refuses. */
export const REFUSED_ROWS: readonly BadRelease[] = [
  {
    title: '15: a value out of range',
    bad: { deployment: { replicas: 2, minReadySeconds: -1 } },
    message: /spec\.minReadySeconds: Invalid value: -1: must be greater than or equal to 0/,
  },
  { title: '15: a wrong type', bad: { deployment: { replicas: 'many' } }, message: /replicas/ },
  {
    title: '15: an unknown field',
    bad: { deployment: { replicas: 2, replica: 3 } },
    message: /unknown field "spec\.replica"|\.spec\.replica: field not declared in schema/,
  },
  {
    title: '15: a required value that is missing',
    bad: { pod: web({ image: '' }) },
    message: /spec\.template\.spec\.containers\[0\]\.image: Required value/,
  },
  {
    title: '15: several faults at once',
    bad: { pod: web({ name: 'Bad_Name', ports: [{ containerPort: 70_000 }] }) },
    message: /containers\[0\]\.name: Invalid value.*containers\[0\]\.ports\[0\]\.containerPort: Invalid value/s,
  },
  {
    title: '15: a bad label',
    bad: { podLabels: { app: 'web', 'bad key': 'x' } },
    message: /spec\.template\.metadata\.labels|spec\.template\.labels/,
  },
  {
    title: '16: the selector of a Deployment',
    bad: { selector: { app: 'other' }, podLabels: { app: 'other' } },
    message: /spec\.selector: Invalid value: .*field is immutable/s,
  },
  {
    title: '16: the template of a Job',
    good: { extra: [job('once')] },
    bad: { extra: [job('once', 'busybox:1.35')] },
    message: /spec\.template: Invalid value: .*field is immutable/s,
  },
  {
    title: '16: the specification of a StatefulSet',
    good: { extra: [statefulSet('db')] },
    bad: { extra: [statefulSet('database')] },
    message: /updates to statefulset spec for fields other than .* are forbidden/,
  },
  {
    title: '16: the specification of a claim',
    good: { ...consumer, extra: [claim('1Gi')] },
    bad: { ...consumer, extra: [claim('1Gi', ['ReadWriteMany'])] },
    message: /spec: Forbidden: spec is immutable after creation except resources\.requests/,
  },
  {
    title: '16: a smaller claim',
    good: { ...consumer, extra: [claim('2Gi')] },
    bad: { ...consumer, extra: [claim('1Gi')] },
    message: /field can not be less than (?:previous value|status\.capacity)/,
  },
  {
    title: '16: the address of a Service',
    good: { service: { type: 'ClusterIP', clusterIP: '10.96.0.77' } },
    bad: { service: { type: 'ClusterIP', clusterIP: '10.96.0.78' } },
    message: /spec\.clusterIPs?\[?0?\]?: Invalid value: .*may not change once set|field is immutable/,
  },
  {
    title: '17: a selector that does not match',
    bad: { podLabels: { app: 'x' } },
    message: /`selector` does not match template `labels`/,
  },
  {
    title: '18: an object of nobody',
    setup: foreignMap,
    bad: shared,
    message:
      /ConfigMap "shared" in namespace "default" exists and cannot be imported into the current release: invalid ownership metadata/,
  },
  {
    title: '18: an object of another release',
    setup: othersMap,
    bad: shared,
    message:
      /annotation validation error: key "meta\.helm\.sh\/release-name" must equal "web": current value is "other"/,
  },
  {
    title: '19: a field that another manager has',
    meanwhile: ({ cluster: { client } }) => {
      const object = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'web-config' },
        data: { greeting: 'mine' },
      };
      const key = { namespace: 'default', name: 'web-config' };
      void client.patch(RESOURCES.configMaps, key, 'apply', object, { fieldManager: 'editor', force: true });
    },
    bad: {},
    message: /conflict with "editor".*\.data\.greeting/s,
  },
  {
    title: '20: a definition that is missing',
    bad: { extra: [{ apiVersion: 'shop.example.com/v1', kind: 'Order', metadata: { name: 'o' } }] },
    message: /no matches for kind "Order" in version "shop\.example\.com\/v1"/,
  },
  {
    title: '20: a version that is gone',
    bad: { extra: [{ apiVersion: 'policy/v1beta1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec: {} }] },
    message: /no matches for kind "PodDisruptionBudget" in version "policy\/v1beta1"/,
  },
  {
    title: '23: a node port that is taken',
    setup: takenPort,
    bad: { service: { type: 'NodePort' }, servicePorts: [{ port: 80, nodePort: 30_080 }] },
    message: /spec\.ports\[0\]\.nodePort: Invalid value: 30080: provided port is already allocated/,
  },
  {
    title: '23: a node port out of range',
    bad: { service: { type: 'NodePort' }, servicePorts: [{ port: 80, nodePort: 80 }] },
    message: /provided port is not in the valid range\. The range of valid ports is 30000-32767/,
  },
  {
    title: '23: an address that is taken',
    bad: {
      extra: [
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'second' },
          spec: { clusterIP: '10.96.0.1', ports: [{ port: 80 }] },
        },
      ],
    },
    message:
      /spec\.clusterIPs: Invalid value: \["10\.96\.0\.1"\]: failed to allocate IP 10\.96\.0\.1: provided IP is already allocated/,
  },
  {
    title: '23: ports that are the same',
    bad: {
      servicePorts: [
        { name: 'a', port: 80 },
        { name: 'a', port: 81 },
      ],
    },
    message: /spec\.ports\[1\]\.name: Duplicate value: "a"/,
  },
  {
    title: '24: a schedule that is none',
    bad: { extra: [cronJob({ schedule: 'every day' })] },
    message: /spec\.schedule: Invalid value: "every day": expected exactly 5 fields, found 2: \[every day\]/,
  },
  {
    title: '24: a time zone that is none',
    bad: { extra: [cronJob({ schedule: '0 3 * * *', timeZone: 'Mars/Olympus' })] },
    message: /spec\.timeZone: Invalid value: "Mars\/Olympus": unknown time zone Mars\/Olympus/,
  },
];
