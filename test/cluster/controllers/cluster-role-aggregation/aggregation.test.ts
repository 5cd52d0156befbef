import { afterEach, describe, expect, it } from 'vitest';
import { createClusterRoleAggregationController } from '../../../../src/cluster/controllers/cluster-role-aggregation/cluster-role-aggregation-controller.ts';
import type { ClusterRole, PolicyRule } from '../../../../src/kube/api/rbac-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

let cluster: WorkloadCluster | undefined;

afterEach(() => cluster?.stop());

const rule = (resource: string): PolicyRule => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });

const part = (name: string, labels: Readonly<Record<string, string>>, ...resources: readonly string[]): object => ({
  metadata: { name, labels },
  rules: resources.map(rule),
});

const whole = (name: string, selectors: readonly object[], ...resources: readonly string[]): object => ({
  metadata: { name },
  aggregationRule: { clusterRoleSelectors: selectors },
  rules: resources.map(rule),
});

const byLabel = (key: string, value: string): object => ({ matchLabels: { [key]: value } });

async function start(...roles: readonly object[]): Promise<WorkloadCluster> {
  const running = await workloadCluster({ controllers: [createClusterRoleAggregationController], runPods: false });
  cluster = running;
  for (const role of roles) await running.create(RESOURCES.clusterRoles, role);
  await running.pass(1);
  return running;
}

async function resources(running: WorkloadCluster, name: string): Promise<(string | undefined)[]> {
  const { rules = [] } = await running.get<ClusterRole>(RESOURCES.clusterRoles, name);
  return rules.map((each) => each.resources?.[0]);
}

describe('a role that gathers others', () => {
  it('has the rules of those that it selects, by name, each once', async () => {
    const running = await start(
      whole('sum', [byLabel('to', 'sum'), byLabel('also', 'sum')]),
      part('b', { to: 'sum' }, 'pods', 'secrets'),
      part('a', { to: 'sum', also: 'sum' }, 'services', 'pods'),
      part('c', { also: 'sum' }, 'nodes'),
      part('d', { to: 'other' }, 'events'),
    );
    expect(await resources(running, 'sum')).toEqual(['services', 'pods', 'secrets', 'nodes']);
  });

  it('loses rules of its own, and those of roles that go', async () => {
    const running = await start(whole('sum', [byLabel('to', 'sum')], 'own'), part('a', { to: 'sum' }, 'pods'));
    expect(await resources(running, 'sum')).toEqual(['pods']);
    await running.delete(RESOURCES.clusterRoles, 'a');
    await running.pass(1);
    expect(await resources(running, 'sum')).toEqual([]);
  });

  it('may be gathered itself', async () => {
    const running = await start(
      whole('all', [byLabel('to', 'all')]),
      { ...whole('some', [byLabel('to', 'some')]), metadata: { name: 'some', labels: { to: 'all' } } },
      part('a', { to: 'some' }, 'pods'),
    );
    expect(await resources(running, 'all')).toEqual(['pods']);
  });

  it('does not gather itself, nor touch roles that gather nothing', async () => {
    const running = await start(
      { ...whole('self', [byLabel('to', 'self')], 'pods'), metadata: { name: 'self', labels: { to: 'self' } } },
      part('plain', {}, 'pods'),
    );
    expect(await resources(running, 'self')).toEqual([]);
    expect(await resources(running, 'plain')).toEqual(['pods']);
  });
});
