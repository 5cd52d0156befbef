import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../src/base/logger.ts';
import { RealClock } from '../src/base/real-clock.ts';
import { SeededRandom } from '../src/base/random.ts';
import { VirtualClock } from '../src/base/virtual-clock.ts';
import { Cluster } from '../src/cluster/cluster.ts';
import { createCatalogue } from '../src/cluster/kubelet/images/catalogue.ts';
import { openLmdbStore } from '../src/cluster/store/lmdb-store.ts';
import { RESOURCES } from '../src/kube/resources.ts';

// A served cluster without nodes, in a process of its own; the bench sends it commands and hears what they came to.

/** Milliseconds of requests since the last time somebody asked, by path. */
let requests: { readonly what: string; readonly milliseconds: number }[] = [];
const logger: Logger = {
  log: (_level, message, fields) => {
    const { milliseconds } = (fields ?? {}) as { milliseconds?: number };
    if (milliseconds !== undefined) requests.push({ what: message, milliseconds });
  },
};
const wallClock = new RealClock({
  now: () => performance.timeOrigin + performance.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});

const store = await openLmdbStore(mkdtempSync(join(tmpdir(), 'pintle-http-')));
const cluster = new Cluster({
  store,
  clock: new VirtualClock({ start: Date.now() }),
  random: new SeededRandom(1),
  logger,
  nodes: [],
  catalogue: createCatalogue({}),
  description: 'bench',
});
await cluster.start();
const served = await cluster.serve({ wallClock, speed: 1 });
process.send?.({ port: served.port, token: served.keys.token, ca: served.keys.authority.certificate });

const commands: Record<string, (argument: number) => unknown> = {
  /** Fills a namespace with pods of a usual size. */
  pods: async (count) => {
    const namespace = `n${count}`;
    await cluster.client.create(RESOURCES.namespaces, { metadata: { name: namespace } });
    globalThis.gc?.();
    const before = process.memoryUsage();
    for (let i = 0; i < count; i += 1) {
      await cluster.client.create(RESOURCES.pods, pod(namespace, i));
      if (i % 1000 === 999) await store.flush();
    }
    await cluster.clock.settle();
    globalThis.gc?.();
    globalThis.gc?.();
    const after = process.memoryUsage();
    return { heap: after.heapUsed - before.heapUsed, rss: after.rss - before.rss };
  },
  requests: () => {
    const all = requests;
    requests = [];
    return all;
  },
  memory: () => process.memoryUsage(),
  cpu: () => process.cpuUsage(),
  /** Of its own accord, so that a profile is written. */
  end: () => {
    setTimeout(() => process.exit(0), 20);
  },
};

function pod(namespace: string, i: number): object {
  return {
    metadata: { name: `web-${i}`, namespace, labels: { app: 'web', 'pod-template-hash': '5d4f8c7b9' } },
    spec: {
      nodeName: 'node-1',
      containers: [
        {
          name: 'web',
          image: 'nginx:1.27',
          ports: [{ containerPort: 80 }],
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
          readinessProbe: { httpGet: { path: '/', port: 80 } },
        },
      ],
    },
  };
}

process.on('message', (message: { readonly id: number; readonly command: string; readonly argument: number }) => {
  void (async () => {
    const result = await commands[message.command]?.(message.argument);
    process.send?.({ id: message.id, result });
  })();
});
