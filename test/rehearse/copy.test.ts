import { afterEach, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../src/client/kube-client.ts';
import { PassingClient, type PassingRequest } from '../../src/client/passing-client.ts';
import type { Node, Pod } from '../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { StatusError } from '../../src/kube/status-error.ts';
import { copyCluster } from '../../src/rehearse/copy-cluster.ts';
import { learnBehaviours } from '../../src/rehearse/copy-pods.ts';
import { rehearse } from '../../src/rehearse/rehearse.ts';
import { startCopy } from '../../src/rehearse/start-copy.ts';
import { upgradeDefaults } from '../actions/release-world.ts';
import { type RehearsalStage, rehearsalStage, shopChart } from './stage.ts';

let stage: RehearsalStage;
afterEach(() => stage.embedded.stop());

/** A client that counts writes, and refuses what it is told to. */
class WatchedClient extends PassingClient {
  readonly writes: string[] = [];
  readonly #refused: (request: PassingRequest) => boolean;

  constructor(client: KubeClient, refused: (request: PassingRequest) => boolean = () => false) {
    super(client);
    this.#refused = refused;
  }

  protected override async pass<T>(request: PassingRequest, run: () => Promise<T>): Promise<T> {
    const { verb, type } = request;
    if (verb !== 'get' && verb !== 'list') this.writes.push(`${verb} ${type.resource}`);
    if (this.#refused(request)) {
      const message = `${type.resource} is forbidden`;
      throw new StatusError({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        reason: 'Forbidden',
        code: 403,
        message,
      });
    }
    return await run();
  }
}

async function podsIn(client: KubeClient, namespace: string): Promise<readonly string[]> {
  const { items } = await client.list<Pod>(RESOURCES.pods, { namespace });
  return items.map(({ metadata, spec, status }) => `${metadata.name} ${spec?.nodeName} ${status?.phase}`);
}

describe('copies of clusters', () => {
  it('only read the cluster', async () => {
    stage = await rehearsalStage();
    const { context, embedded, chart } = stage;
    const client = new WatchedClient(context.client);
    const { revision } = embedded.store;
    const now = context.clock.now();
    const options = upgradeDefaults(chart, { values: { image: 'shop/web:2' }, wait: true });
    await rehearse({ ...context, client }, { verb: 'upgrade', options });
    expect(client.writes).toEqual([]);
    expect(embedded.store.revision).toBe(revision);
    expect(context.clock.now()).toBe(now);
  });

  it('stand still as the cluster does', async () => {
    stage = await rehearsalStage();
    const { context } = stage;
    const copy = await copyCluster(context.client, { namespaces: ['default'], touched: [], now: context.clock.now() });
    const cluster = await startCopy(copy, 'copy');
    const before = await podsIn(context.client, 'default');
    expect(await podsIn(cluster.client, 'default')).toEqual(before);
    const { revision } = cluster.apiServer;
    await cluster.advance(600_000);
    expect(await podsIn(cluster.client, 'default')).toEqual(before);
    // Heartbeats aside, nobody finds anything to put right.
    expect(cluster.apiServer.revision - revision).toBeLessThan(20);
    const classes = await cluster.client.list(RESOURCES.storageClasses);
    expect(classes.items.map(({ metadata }) => metadata.name)).toEqual(['standard']);
    cluster.stop();
  });

  it('have the load of other namespaces', async () => {
    stage = await rehearsalStage({ nodes: 1 });
    const { client } = stage.context;
    await client.create(RESOURCES.namespaces, { metadata: { name: 'others' } });
    await client.create(RESOURCES.deployments, {
      metadata: { name: 'big', namespace: 'others' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { a: 'b' } },
        template: {
          metadata: { labels: { a: 'b' } },
          spec: { containers: [{ name: 'c', image: 'shop/big:1', resources: { requests: { cpu: '5500m' } } }] },
        },
      },
    });
    await stage.embedded.advance(60_000);
    const rehearsal = await stage.upgrade({ image: 'shop/web:2', replicas: 6 }, { wait: true, timeout: 60_000 });
    expect(rehearsal.succeeds).toBe(false);
    expect(rehearsal.unplaced[0]?.message).toContain('Insufficient cpu');
    expect(rehearsal.workloads.map(({ id }) => id)).toEqual(['Deployment default/web']);
  });

  it('have nodes that are not ready, without anybody who works there', async () => {
    stage = await rehearsalStage({ nodes: 2 });
    const { client } = stage.context;
    await stage.embedded.advance(60_000);
    const key = { name: 'pintle-2' };
    await client.patch(RESOURCES.nodes, key, 'merge', {
      metadata: { annotations: { 'pintle.dev/machine': 'stopped' } },
    });
    await stage.embedded.advance(90_000);
    const node = await client.get<Node>(RESOURCES.nodes, key);
    expect(node.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('Unknown');
    const rehearsal = await stage.upgrade({ image: 'shop/web:2' }, { wait: true });
    expect(rehearsal.copied.nodes).toBe(2);
    const fresh = rehearsal.pods.filter(({ old, node: place }) => !old && place !== '');
    expect(fresh.length).toBeGreaterThanOrEqual(4);
    expect(new Set(fresh.map(({ node: place }) => place))).toEqual(new Set(['pintle-1']));
  });

  it('need nodes and pods, and tell of what else may not be read', async () => {
    stage = await rehearsalStage();
    const { context, chart } = stage;
    const options = upgradeDefaults(chart, { values: { image: 'shop/web:2' }, wait: true });
    const without = (resource: string): Promise<unknown> =>
      rehearse(
        { ...context, client: new WatchedClient(context.client, ({ type }) => type.resource === resource) },
        { verb: 'upgrade', options },
      );
    await expect(without('nodes')).rejects.toMatchObject({ code: 'target' });
    await expect(without('pods')).rejects.toMatchObject({ code: 'target' });
    expect(await without('resourcequotas')).toMatchObject({
      succeeds: true,
      notes: ['resourcequotas in namespace "default" may not be read: it is as if there were none'],
    });
  });

  it('bring along the definitions of custom resources, which count as ready', async () => {
    const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.com}
spec:
  group: example.com
  names: {kind: Boat, plural: boats}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;
    const boat = `apiVersion: example.com/v1
kind: Boat
metadata:
  name: boat
  annotations: {pintle.dev/ready-path: .status.afloat=true}
spec: {image: {{ .Values.image }}}
`;
    const chart = await shopChart({ 'crds/boats.yaml': definition });
    stage = await rehearsalStage({ chart });
    const withBoat = await shopChart({ 'crds/boats.yaml': definition, 'templates/boat.yaml': boat });
    const options = upgradeDefaults(withBoat, { wait: true, timeout: 60_000 });
    const rehearsal = await stage.rehearse({ verb: 'upgrade', options });
    expect(rehearsal.failure).toBeUndefined();
    expect(rehearsal.timeline.map(({ subject, text }) => `${subject} ${text}`)).toContain('Boat default/boat created');
    expect(rehearsal.notes).toContain('nobody works on objects of Boat in the copy: they are taken to be ready');
  });
});

describe('what is learned from pods at work', () => {
  it('is how long they took to start', () => {
    stage = { embedded: { stop: () => {} } } as unknown as RehearsalStage;
    const pod = (image: string, seconds: number, restarts = 0): Pod => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x', namespace: 'default' },
      spec: { containers: [{ name: 'c', image }] },
      status: {
        conditions: [
          { type: 'Ready', status: 'True', lastTransitionTime: new Date(1_000_000 + seconds * 1000).toISOString() },
        ],
        containerStatuses: [
          {
            name: 'c',
            image,
            imageID: '',
            ready: true,
            restartCount: restarts,
            state: { running: { startedAt: new Date(1_000_000).toISOString() } },
          },
        ],
      },
    });
    const pods = [pod('corp.example/db:1', 10), pod('corp.example/db:1', 30), pod('corp.example/db:2', 20)];
    const learned = learnBehaviours([...pods, pod('corp.example/db:1', 5000), pod('corp.example/db:1', 1, 3)]);
    expect(learned[0]).toEqual({ image: 'corp.example/db', behaviour: { startMillis: 20_000 } });
    expect(learned.slice(1).map(({ image }) => image)).toEqual(['corp.example/db:1', 'corp.example/db:2']);
    expect(learnBehaviours([])).toEqual([]);
  });
});
