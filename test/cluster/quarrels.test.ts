import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Watch } from '../../src/client/kube-client.ts';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { resourceType } from '../../src/cluster/registry/resource-type.ts';
import type { ReplicaSet } from '../../src/kube/api/apps-v1.generated.ts';
import type { ConfigMap, Event } from '../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { embeddedCluster, progressLog } from '../support/embedded-cluster.ts';

const MUTATING = resourceType(
  'admissionregistration.k8s.io/v1',
  'MutatingWebhookConfiguration',
  'mutatingwebhookconfigurations',
  { clusterScoped: true },
);
const HOUR = 3_600_000;

let cluster: Cluster;
let warnings: readonly string[];
const watches: Watch[] = [];

beforeEach(async () => {
  const told = progressLog();
  warnings = told.warnings;
  ({ cluster } = await embeddedCluster({
    start: Date.UTC(2026, 0, 1),
    logger: told.logger,
    nodes: [{ nodeName: 'n', index: 0, capacity: { cpu: '32', memory: '128Gi', pods: '110' } }],
  }));
});

afterEach(() => {
  for (const each of watches.splice(0)) each.stop();
  cluster.stop();
});

const metadata = (name: string) => ({ name, namespace: 'default' });
const told = async (): Promise<readonly string[]> =>
  (await cluster.client.list<Event>(RESOURCES.events)).items
    .filter(({ reason }) => reason === 'NoProgress')
    .map(({ involvedObject, count = 1 }) => `${count} of ${involvedObject.kind ?? ''} ${involvedObject.name ?? ''}`);

/** Keeps one key of a ConfigMap at a value, as a controller of somebody's own does. */
function keep(value: string, fieldManager?: string): () => number {
  let writes = 0;
  const options = fieldManager === undefined ? {} : { fieldManager };
  const watch = cluster.client.watch<ConfigMap>(
    RESOURCES.configMaps,
    { fieldSelector: 'metadata.name=shared' },
    {
      event: (event) => {
        if (event.type !== 'ADDED' && event.type !== 'MODIFIED') return;
        if (event.object.data?.['mode'] === value) return;
        writes += 1;
        const patch = { data: { mode: value } };
        cluster.client.patch(RESOURCES.configMaps, metadata('shared'), 'merge', patch, options).catch(() => {});
      },
    },
  );
  watches.push(watch);
  return () => writes;
}

describe('two who keep one field at different values', () => {
  it('do not spin: time goes on, and one event names both', async () => {
    const [blue, green] = [keep('blue', 'blue-operator'), keep('green', 'green-operator')];
    await cluster.client.create(RESOURCES.configMaps, { metadata: metadata('shared'), data: { mode: 'none' } });
    await cluster.advance(600_000);
    expect(warnings).toEqual([
      'no progress: ConfigMap default/shared was written 1000 times at one instant, by blue-operator, green-operator; slowed down',
    ]);
    expect(await told()).toEqual(['1 of ConfigMap shared']);
    expect(blue() + green()).toBeGreaterThan(1000);
    // From then on they get a turn when others have had theirs.
    const before = blue() + green();
    await cluster.advance(1000);
    expect(blue() + green() - before).toBeLessThan(1000);
  });

  it('may agree in the end', async () => {
    keep('blue', 'blue-operator');
    keep('green', 'green-operator');
    await cluster.client.create(RESOURCES.configMaps, { metadata: metadata('shared'), data: { mode: 'none' } });
    await cluster.advance(1000);
    for (const each of watches.splice(0)) each.stop();
    const counts = [keep('red', 'red-operator'), keep('red', 'red-operator')];
    for (let i = 0; i < 10; i += 1) await cluster.clock.settle();
    const { data } = await cluster.client.get<ConfigMap>(RESOURCES.configMaps, metadata('shared'));
    expect(data).toEqual({ mode: 'red' });
    expect(counts.map((count) => count()).every((count) => count < 10)).toBe(true);
  });
});

it('somebody who writes one object very often, alone, is let be', async () => {
  await cluster.client.create(RESOURCES.configMaps, { metadata: metadata('shared'), data: { n: '0' } });
  for (let i = 1; i <= 1500; i += 1) {
    const patch = { data: { n: String(i) } };
    await cluster.client.patch(RESOURCES.configMaps, metadata('shared'), 'merge', patch);
  }
  const { data } = await cluster.client.get<ConfigMap>(RESOURCES.configMaps, metadata('shared'));
  expect(data).toEqual({ n: '1500' });
  expect(warnings).toEqual([]);
});

/** A webhook that changes each object of a resource that is updated; gives how often it was asked. */
async function install(
  group: string,
  resource: string,
  operations: (asked: number) => readonly object[],
): Promise<() => number> {
  let asked = 0;
  cluster.apiServer.setWebhookClient({
    post: (_config, review) => {
      const { uid } = (review as { readonly request: { readonly uid: string } }).request;
      asked += 1;
      const patch = Buffer.from(JSON.stringify(operations(asked))).toString('base64');
      const response = { uid, allowed: true, patchType: 'JSONPatch', patch };
      return Promise.resolve({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
    },
  });
  await cluster.client.create(MUTATING, {
    metadata: { name: 'freezer' },
    webhooks: [
      {
        name: 'freeze.example.com',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        clientConfig: { url: 'https://freezer.example.com/' },
        rules: [{ apiGroups: [group], apiVersions: ['v1'], operations: ['UPDATE'], resources: [resource] }],
      },
    ],
  });
  return () => asked;
}

describe('a webhook that puts back what a controller writes', () => {
  const web = (replicas: number): object => ({
    metadata: metadata('web'),
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
  });

  const replicas = async (): Promise<readonly (number | undefined)[]> =>
    (await cluster.client.list<ReplicaSet>(RESOURCES.replicaSets)).items.map(({ spec }) => spec?.replicas);

  it('wins without a fight, as a write that changes nothing is told to nobody', async () => {
    await cluster.client.create(RESOURCES.deployments, web(1));
    await cluster.advance(60_000);
    const asked = await install('apps', 'replicasets', () => [{ op: 'replace', path: '/spec/replicas', value: 1 }]);
    await cluster.client.patch(RESOURCES.deployments, metadata('web'), 'merge', { spec: { replicas: 3 } });
    await cluster.advance(HOUR);
    expect(await replicas()).toEqual([1]);
    expect(asked()).toBeGreaterThan(0);
    expect(asked()).toBeLessThan(50);
    expect(warnings).toEqual([]);
  });

  it('and leaves a mark each time: it does not spin, and one event names both', async () => {
    const key = metadata('kube-root-ca.crt');
    const asked = await install('', 'configmaps', (count) => [
      { op: 'replace', path: '/data/ca.crt', value: 'frozen' },
      { op: 'add', path: '/metadata/labels', value: { asked: String(count) } },
    ]);
    await cluster.client.patch(RESOURCES.configMaps, key, 'merge', { metadata: { labels: { touched: 'yes' } } });
    await cluster.advance(60_000);
    expect((await cluster.client.get<ConfigMap>(RESOURCES.configMaps, key)).data).toEqual({ 'ca.crt': 'frozen' });
    expect(asked()).toBeGreaterThan(900);
    expect(asked()).toBeLessThan(1600);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /root-ca-certificate-publisher-controller \(default, \d+ times\), webhook freeze\.example\.com \(ConfigMap default\/kube-root-ca\.crt, \d+ times\); slowed down$/,
    );
    expect(await told()).toHaveLength(1);
  });
});
