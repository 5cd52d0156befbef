import { expect, it } from 'vitest';
import { createCatalogue } from '../../../src/cluster/kubelet/images/catalogue.ts';
import { podUsages, usageInstant } from '../../../src/cluster/kubelet/usage/container-usage.ts';
import { formatTime } from '../../../src/cluster/machinery/time.ts';
import type { Pod } from '../../../src/kube/api/core-v1.generated.ts';
import { START } from './support.ts';

/** A pod of two containers that began so many seconds before the newest measurement. */
function pod(...seconds: readonly [main: number, second: number]): Pod {
  const names = ['web', 'log'];
  const at = usageInstant(START);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: 'u', labels: { app: 'web' } },
    spec: { nodeName: 'node-1', containers: names.map((name) => ({ name, image: 'shop/app:1' })) },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: names.map((name, i) => ({
        name,
        image: 'shop/app:1',
        imageID: '',
        ready: true,
        restartCount: 0,
        state: { running: { startedAt: formatTime(at - (seconds[i] ?? 0) * 1000) } },
      })),
    },
  };
}

it.each<[string, Pod, Readonly<Record<string, boolean>>]>([
  ['its first container', pod(60, 60), { web: true, log: false }],
  ['nobody while that is not measured', pod(5, 60), { log: false }],
])('the load of a Service comes to %s', (_, running, expected) => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', annotations: { 'pintle.dev/cpu-load': '1' } },
    spec: { selector: { app: 'web' } },
  };
  const [usage] = podUsages({
    catalogue: createCatalogue(),
    now: () => START,
    pods: () => [running],
    services: () => [service],
  });
  const loaded = usage?.containers.map(({ name, usage: { cpu } }) => [name, cpu > 900]) ?? [];
  expect(Object.fromEntries(loaded)).toEqual(expected);
});
