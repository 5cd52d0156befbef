import type { Logger } from '../../src/base/logger.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { KubeClient } from '../../src/client/kube-client.ts';
import { ApiServer } from '../../src/cluster/apiserver/api-server.ts';
import { deploymentStrategy } from '../../src/cluster/registry/apps/deployment.ts';
import { jobStrategy } from '../../src/cluster/registry/batch/job.ts';
import { leaseStrategy } from '../../src/cluster/registry/coordination/lease.ts';
import { configMapStrategy } from '../../src/cluster/registry/core/config-map.ts';
import { eventStrategy } from '../../src/cluster/registry/core/event.ts';
import { namespaceStrategy } from '../../src/cluster/registry/core/namespace.ts';
import { podStrategy } from '../../src/cluster/registry/core/pod.ts';
import { secretStrategy } from '../../src/cluster/registry/core/secret.ts';
import { serviceAccountStrategy } from '../../src/cluster/registry/core/service-account.ts';
import { MemoryStore } from '../../src/cluster/store/memory-store.ts';
import type { DeployEnvironment } from '../../src/deploy/environment.ts';
import type { KubeObject, ResourceType } from '../../src/kube/object.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { isStatus } from '../../src/kube/status-error.ts';

/** The instant at which light clusters begin. */
export const START = Date.UTC(2026, 0, 15, 12);

/** An API server alone, with {@link LightCluster.react} in place of controllers. */
export interface LightCluster extends DeployEnvironment {
  readonly clock: VirtualClock;
  /** What was logged, as `level: message`. */
  readonly log: readonly string[];
  /** The server as another program talks to it. */
  clientOf(fieldManager: string): KubeClient;
  /** From now on objects become ready a second after each change; those with `bad` in their image or name do not. */
  react(): void;
  /** The live object, or undefined. */
  find(type: ResourceType, name: string, namespace?: string): Promise<KubeObject | undefined>;
  /** The names of all objects of a type in a namespace, sorted. */
  names(type: ResourceType, namespace?: string): Promise<string[]>;
}

/** Starts an API server with a handful of kinds and two namespaces. */
export async function lightCluster(): Promise<LightCluster> {
  const clock = new VirtualClock({ start: START });
  const log: string[] = [];
  const logger: Logger = { log: (level, message) => log.push(`${level}: ${message}`) };
  const strategies = [
    configMapStrategy(),
    deploymentStrategy(),
    eventStrategy(),
    jobStrategy(),
    leaseStrategy(),
    namespaceStrategy(),
    podStrategy(),
    secretStrategy(),
    serviceAccountStrategy(),
  ];
  const server = new ApiServer({
    store: new MemoryStore(),
    strategies: new Map(strategies.map((each) => [`${each.type.group}/${each.type.resource}`, each])),
    clock,
    random: new SeededRandom(7),
    logger,
  });
  const client = server.client({ description: 'light cluster' });
  for (const name of ['default', 'kube-system']) {
    await client.create(RESOURCES.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await client.create(RESOURCES.serviceAccounts, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: name },
    });
  }
  return {
    client,
    clock,
    logger,
    log,
    clientOf: (fieldManager) => server.client({ fieldManager }),
    react: () => {
      for (const type of [RESOURCES.deployments, RESOURCES.jobs, RESOURCES.pods]) reactTo(client, clock, type);
    },
    find: async (type, name, namespace = 'default') => {
      try {
        return await client.get(type, { namespace: type.namespaced ? namespace : undefined, name });
      } catch (error) {
        if (isStatus(error, 'NotFound')) return undefined;
        throw error;
      }
    },
    names: async (type, namespace = 'default') => {
      const { items } = await client.list(type, { namespace: type.namespaced ? namespace : undefined });
      return items.map(({ metadata }) => metadata.name ?? '').sort();
    },
  };
}

function reactTo(client: KubeClient, clock: VirtualClock, type: ResourceType): void {
  client.watch(
    type,
    {},
    {
      event: (event) => {
        if (event.type !== 'ADDED' && event.type !== 'MODIFIED') return;
        const { object } = event;
        const status = statusOf(object);
        if (status === undefined) return;
        clock.setTimer(1000, () => {
          const { name = '', namespace } = object.metadata;
          // The object may be gone by then.
          void client
            .patch(type, { namespace, name }, 'merge', { status }, { subresource: 'status' })
            .catch(() => undefined);
        });
      },
    },
  );
}

/** What a controller would say of an object that it has not looked at yet. */
function statusOf(object: KubeObject): object | undefined {
  const bad = JSON.stringify([object.metadata.name, object['spec']]).includes('bad');
  const status = (object['status'] ?? {}) as { observedGeneration?: number; startTime?: string; phase?: string };
  const now = new Date(START).toISOString().replace('.000', '');
  switch (object.kind) {
    case 'Deployment': {
      if (status.observedGeneration === object.metadata.generation) return undefined;
      const replicas = (object['spec'] as { replicas?: number }).replicas ?? 1;
      const condition = (kind: string, reason: string): object => ({
        type: kind,
        status: 'True',
        reason,
        message: '',
        lastTransitionTime: now,
        lastUpdateTime: now,
      });
      return {
        observedGeneration: object.metadata.generation,
        replicas,
        updatedReplicas: replicas,
        readyReplicas: bad ? 0 : replicas,
        availableReplicas: bad ? 0 : replicas,
        conditions: bad
          ? []
          : [condition('Progressing', 'NewReplicaSetAvailable'), condition('Available', 'MinimumReplicasAvailable')],
      };
    }
    case 'Job': {
      if (status.startTime !== undefined) return undefined;
      const last = { status: 'True', lastProbeTime: now, lastTransitionTime: now };
      return bad
        ? {
            startTime: now,
            failed: 1,
            conditions: [
              {
                ...last,
                type: 'FailureTarget',
                reason: 'BackoffLimitExceeded',
                message: 'Job has reached the specified backoff limit',
              },
              {
                ...last,
                type: 'Failed',
                reason: 'BackoffLimitExceeded',
                message: 'Job has reached the specified backoff limit',
              },
            ],
          }
        : {
            startTime: now,
            completionTime: now,
            succeeded: 1,
            conditions: [
              { ...last, type: 'SuccessCriteriaMet', reason: 'CompletionsReached', message: '' },
              { ...last, type: 'Complete', reason: 'CompletionsReached', message: '' },
            ],
          };
    }
    case 'Pod':
      if (status.phase !== undefined && status.phase !== 'Pending') return undefined;
      return { phase: bad ? 'Failed' : 'Succeeded' };
    default:
      return undefined;
  }
}
