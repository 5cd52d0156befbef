import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/logger.ts';
import type { ApiFailure } from '../../../src/cluster/faults/fault.ts';
import { clearFaults, injectFault } from '../../../src/cluster/faults/fault-store.ts';
import { ApiServer } from '../../../src/cluster/apiserver/api-server.ts';
import { builtinStrategies } from '../../../src/cluster/registry/builtins.ts';
import { MemoryStore } from '../../../src/cluster/store/memory-store.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { Deployment } from '../../../src/kube/api/apps-v1.generated.ts';
import type { Node, Pod } from '../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { runBadRelease, web } from '../../support/bad-release.ts';
import { embeddedCluster, type EmbeddedCluster } from '../../support/embedded-cluster.ts';

let fixture: EmbeddedCluster | undefined;

afterEach(() => {
  fixture?.stop();
  fixture = undefined;
});

async function open(): Promise<EmbeddedCluster> {
  fixture = await embeddedCluster();
  return fixture;
}

async function deploy({ cluster: { client } }: EmbeddedCluster): Promise<void> {
  await client.create(RESOURCES.deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'shop/web:1' }] } },
    },
  });
}

describe('row 24', () => {
  it('warns of a schedule that never fires', async () => {
    const clock = new VirtualClock({ start: 0 });
    const store = new MemoryStore();
    const server = new ApiServer({
      store,
      strategies: builtinStrategies(),
      clock,
      random: new SeededRandom(1),
      logger: silentLogger,
    });
    const user = { name: 'admin', groups: ['system:masters'] };
    const namespace = { metadata: { name: 'default' } };
    await server.handle({ verb: 'create', type: RESOURCES.namespaces, body: namespace, user });
    const warnings: string[] = [];
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1.36' }] } };
    await server.handle({
      verb: 'create',
      type: RESOURCES.cronJobs,
      namespace: 'default',
      body: { metadata: { name: 'never' }, spec: { schedule: '0 0 30 2 *', jobTemplate: { spec: { template } } } },
      user,
      warn: (message) => warnings.push(message),
    });
    expect(warnings).toEqual(['spec.schedule: "0 0 30 2 *" never fires: no such date comes within five years']);
  });
});

describe('row 25', () => {
  it('refuses evictions that a budget does not allow', async () => {
    const cluster = await open();
    const { client } = cluster.cluster;
    await deploy(cluster);
    await client.create(RESOURCES.podDisruptionBudgets, {
      metadata: { name: 'all', namespace: 'default' },
      spec: { minAvailable: '100%', selector: { matchLabels: { app: 'web' } } },
    });
    await cluster.advance(30_000);
    const [pod] = (await client.list<Pod>(RESOURCES.pods, { namespace: 'default' })).items;
    const name = pod?.metadata.name ?? '';
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } };
    await expect(client.create(RESOURCES.pods, eviction, { subresource: 'eviction' })).rejects.toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      status: {
        details: {
          causes: [
            {
              reason: 'DisruptionBudget',
              message: 'The disruption budget all needs 3 healthy pods and has 3 currently',
            },
          ],
        },
      },
    });
    await client.patch(RESOURCES.podDisruptionBudgets, { namespace: 'default', name: 'all' }, 'merge', {
      spec: { minAvailable: 2 },
    });
    await cluster.advance(1000);
    await client.create(RESOURCES.pods, eviction, { subresource: 'eviction' });
  });
});

describe('row 26', () => {
  it.each([429, 500, 503, 504, 'refuse', 'drop'] as const)(
    'a release gets over requests of which some fail with %s',
    async (failure: ApiFailure) => {
      const {
        failure: error,
        last,
        lines,
      } = await runBadRelease(
        {
          title: '',
          bad: { pod: web({ image: 'nginx:1.28' }) },
          message: /./,
          meanwhile: ({ cluster: { client } }) => {
            const verbs = ['get', 'list', 'patch', 'update'];
            void injectFault(client, { kind: 'api-errors', failure, chance: 0.3, verbs });
          },
        },
        true,
      );
      expect(error).toBeUndefined();
      expect(last).toEqual([2, 'deployed']);
      expect(lines).toContainEqual(expect.stringMatching(/^Deployment web: Available=True/));
    },
  );
});

describe('row 27', () => {
  it('takes a node that is lost out, evicts its pods after 300 s, and runs them elsewhere', async () => {
    const cluster = await open();
    const { client, clock } = cluster.cluster;
    await deploy(cluster);
    await cluster.advance(30_000);
    const begin = clock.now();
    await injectFault(client, { kind: 'node-down', node: 'pintle-3' });
    const node = async (): Promise<Node> => await client.get<Node>(RESOURCES.nodes, { name: 'pintle-3' });
    const state = async (): Promise<string> => {
      const { spec, status } = await node();
      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      const taints = (spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).sort();
      return [ready?.status, ready?.reason, ...taints].join(' ');
    };
    await cluster.advance(30_000);
    expect(await state()).toBe('True KubeletReady');
    await cluster.advance(40_000);
    expect(await state()).toBe(
      'Unknown NodeStatusUnknown node.kubernetes.io/unreachable:NoExecute node.kubernetes.io/unreachable:NoSchedule',
    );
    const pods = async (): Promise<readonly Pod[]> =>
      (await client.list<Pod>(RESOURCES.pods, { namespace: 'default' })).items;
    const lost = (await pods()).filter(({ spec }) => spec?.nodeName === 'pintle-3');
    expect(lost).toHaveLength(1);
    expect(lost[0]?.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('False');
    expect(lost[0]?.metadata.deletionTimestamp).toBeUndefined();
    await cluster.advance(begin + 380_000 - clock.now());
    const after = await pods();
    expect(
      after.find(({ metadata }) => metadata.uid === lost[0]?.metadata.uid)?.metadata.deletionTimestamp,
    ).toBeDefined();
    const deployment = await client.get<Deployment>(RESOURCES.deployments, { namespace: 'default', name: 'web' });
    expect(deployment.status?.availableReplicas).toBe(3);
    await clearFaults(client);
    await cluster.advance(60_000);
    expect(await pods()).toHaveLength(3);
    expect(await state()).toBe('True KubeletReady');
  });
});
