import { expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/logger.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { createInformerFactory } from '../../../src/cluster/machinery/informer.ts';
import { PodLookup } from '../../../src/cluster/nodes/pod-lookup.ts';
import type { PodInfo } from '../../../src/cluster/scheduler/pod-info.ts';
import type { Pod } from '../../../src/kube/api/core-v1.generated.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RESOURCES } from '../../../src/kube/resources.ts';
import { FakeClient } from '../machinery/fake-client.ts';
import { type PodLine, podOf } from '../scheduler/world.ts';

const UNSCHEDULABLE = {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
};

function lookupOf(pods: readonly PodLine[]): { readonly fake: FakeClient; readonly lookup: PodLookup } {
  const fake = new FakeClient();
  const context = { client: fake.client, clock: new VirtualClock({ start: 0 }), logger: silentLogger };
  const lookup = new PodLookup(createInformerFactory(context).informer<Pod>(RESOURCES.pods));
  tell(fake, 'ADDED', ...pods.map(podOf));
  return { fake, lookup };
}

function tell(fake: FakeClient, type: 'ADDED' | 'MODIFIED' | 'DELETED', ...pods: readonly Pod[]): void {
  fake.tell(type, ...(pods as unknown as KubeObject[]));
}

const names = (pods: readonly PodInfo[]): readonly string[] => pods.map(({ key }) => key.replace('default/', ''));

it('finds pods that wait for nodes, and those that take up room', () => {
  const { lookup } = lookupOf([
    { name: 'waits', status: UNSCHEDULABLE },
    { name: 'new', status: { phase: 'Pending' } },
    { name: 'goes', ending: true, status: UNSCHEDULABLE },
    { name: 'preempts', status: { ...UNSCHEDULABLE, nominatedNodeName: 'a' } },
    { name: 'given-up', status: { ...UNSCHEDULABLE, phase: 'Failed' } },
    { name: 'runs', on: 'a', status: { phase: 'Running' } },
    { name: 'ends', on: 'a', ending: true, status: { phase: 'Running' } },
    { name: 'ended', on: 'a', status: { phase: 'Succeeded' } },
    { name: 'elsewhere', on: 'b', status: { phase: 'Running' } },
  ]);
  expect(names(lookup.waiting())).toEqual(['waits']);
  expect(names(lookup.on('a'))).toEqual(['ends', 'runs']);
  expect(lookup.on('c')).toEqual([]);
  expect([...lookup.placed()].map(([node, { key }]) => `${node} ${key}`)).toEqual([
    'b default/elsewhere',
    'a default/ends',
    'a default/runs',
  ]);
  expect(lookup.on('b').map(({ pod }) => pod.spec)).toEqual([{ containers: [] }]);
});

it('works a pod out once, until it changes', () => {
  const { fake, lookup } = lookupOf([]);
  const pod = podOf({ name: 'web', on: 'a', asks: [{ cpu: '1' }] });
  const at = (resourceVersion: string): Pod => ({ ...pod, metadata: { ...pod.metadata, resourceVersion } });
  tell(fake, 'ADDED', at('1'));
  const [first] = lookup.on('a');
  expect(first?.requests.get('cpu')).toBe(1000);
  expect([...lookup.placed()]).toEqual([['a', first]]);
  expect(lookup.on('a')[0]).toBe(first);
  tell(fake, 'MODIFIED', at('2'));
  expect(lookup.on('a')[0]).not.toBe(first);
  expect(lookup.on('a')[0]?.pod.metadata.resourceVersion).toBe('2');
  tell(fake, 'DELETED', at('3'));
  expect(lookup.on('a')).toEqual([]);
});
