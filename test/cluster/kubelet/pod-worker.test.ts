import { expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { NodeContext } from '../../../src/cluster/kubelet/pods/node-context.ts';
import { PodWorker } from '../../../src/cluster/kubelet/pods/pod-worker.ts';

it('forgets what it waited for when that has come, and the rest when the pod is no more', () => {
  const ended: string[] = [];
  const waiting = new Map<string, () => void>();
  const view = {
    waitFor: ([key = '']: readonly string[], wake: () => void) => {
      waiting.set(key, wake);
      return () => ended.push(key);
    },
  };
  const node: Partial<NodeContext> = {
    clock: new VirtualClock({ start: 0 }),
    view: view as unknown as NodeContext['view'],
  };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } };
  const worker = new PodWorker(pod, node as NodeContext, { ended: () => {} });
  const told: string[] = [];
  for (const key of ['a', 'b', 'c']) worker.wakeOn([key], () => told.push(key));
  waiting.get('b')?.();
  expect({ told, ended }).toEqual({ told: ['b'], ended: ['b'] });
  worker.abandon();
  expect({ told, ended }).toEqual({ told: ['b'], ended: ['b', 'a', 'c'] });
});
