import { afterEach, describe, expect, it } from 'vitest';
import {
  createNodeTtlController,
  nextStep,
  secondsOf,
} from '../../../../src/cluster/controllers/node-ttl/node-ttl-controller.ts';
import type { Node } from '../../../../src/kube/api/core-v1.generated.ts';
import { RESOURCES } from '../../../../src/kube/resources.ts';
import { type WorkloadCluster, workloadCluster } from '../support/workload-cluster.ts';

let cluster: WorkloadCluster | undefined;

afterEach(() => cluster?.stop());

const TTL = 'node.alpha.kubernetes.io/ttl';

describe('the time to live of Secrets on nodes', () => {
  /** Numbers of nodes one after the other, and the seconds that hold in the end. */
  it.each<[readonly number[], number]>([
    [[0], 0],
    [[100], 0],
    [[101], 15],
    [[101, 95], 15],
    [[101, 89], 0],
    [[500], 15],
    [[501], 30],
    [[501, 449], 15],
    [[1001], 60],
    [[1001, 899], 30],
    [[2001], 300],
    [[2001, 1800], 300],
    [[2001, 1799], 60],
    [[20_000], 300],
    [[20_000, 3], 0],
  ])('with %j nodes is %d s', (counts, expected) => {
    expect(secondsOf(counts.reduce(nextStep, 0))).toBe(expected);
  });

  it('stands on nodes, and is put right', async () => {
    cluster = await workloadCluster({ controllers: [createNodeTtlController], runPods: false });
    const running = cluster;
    await running.create(RESOURCES.nodes, { metadata: { name: 'a' } });
    await running.create(RESOURCES.nodes, { metadata: { name: 'b', annotations: { [TTL]: '15', other: 'kept' } } });
    await running.pass(1);
    const annotations = async (name: string): Promise<object | undefined> =>
      (await running.get<Node>(RESOURCES.nodes, name)).metadata.annotations;
    expect(await annotations('a')).toEqual({ [TTL]: '0' });
    expect(await annotations('b')).toEqual({ [TTL]: '0', other: 'kept' });
    await running.patch(RESOURCES.nodes, 'a', { metadata: { annotations: { [TTL]: '7' } } });
    await running.pass(1);
    expect(await annotations('a')).toEqual({ [TTL]: '0' });
  });
});
