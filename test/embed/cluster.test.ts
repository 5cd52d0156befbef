import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, PintleError, RESOURCES } from 'pintle';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';

const WEB = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx:1.29' }] },
    },
  },
};

async function phases(cluster: Cluster): Promise<unknown[]> {
  const { items } = await cluster.client.list(RESOURCES.pods, { namespace: 'default' });
  return items.map((pod) => (pod['status'] as { readonly phase: string }).phase);
}

describe('a cluster in a test', () => {
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = await Cluster.create({ nodes: 3, start: Date.UTC(2026, 0, 1) });
  });
  afterEach(() => cluster.stop());

  it('begins afresh', async () => {
    expect((await cluster.client.list(RESOURCES.nodes)).items).toHaveLength(3);
    expect(await phases(cluster)).toEqual([]);
  });

  it('lets time pass when it is told to', async () => {
    await cluster.client.create(RESOURCES.deployments, WEB);
    await cluster.advance(0);
    expect(await phases(cluster)).toEqual(['Pending', 'Pending']);
    await cluster.advance(60_000);
    expect(await phases(cluster)).toEqual(['Running', 'Running']);
    expect(cluster.clock.now()).toBe(Date.UTC(2026, 0, 1, 0, 1));
  });

  it('gives the same names for the same calls', async () => {
    const names = async (each: Cluster): Promise<unknown> => {
      await each.client.create(RESOURCES.deployments, WEB);
      await each.advance(60_000);
      return (await each.client.list(RESOURCES.pods)).items.map(({ metadata }) => [metadata.name, metadata.uid]);
    };
    const other = await Cluster.create({ start: Date.UTC(2026, 0, 1) });
    expect(await names(cluster)).toEqual(await names(other));
    await other.stop();
  });

  it('goes on from a snapshot', async () => {
    await cluster.client.create(RESOURCES.deployments, WEB);
    await cluster.advance(60_000);
    const snapshot = await cluster.snapshot();
    const copy = await Cluster.create({ snapshot });
    expect(copy.clock.now()).toBe(cluster.clock.now());
    expect(await phases(copy)).toEqual(['Running', 'Running']);
    await copy.client.patch(RESOURCES.deployments, { namespace: 'default', name: 'web' }, 'merge', {
      spec: { replicas: 1 },
    });
    await copy.advance(60_000);
    expect(await phases(copy)).toEqual(['Running']);
    expect(await phases(cluster)).toEqual(['Running', 'Running']);
    await copy.stop();
  });

  it('says what is wrong with what it is given', async () => {
    await expect(Cluster.create({ kubernetesVersion: '2.0' })).rejects.toMatchObject({ code: 'usage' });
    await expect(Cluster.create({ snapshot: new Uint8Array([1, 2]) })).rejects.toBeInstanceOf(PintleError);
    const bytes = await cluster.snapshot();
    await expect(Cluster.create({ snapshot: bytes.subarray(0, bytes.length - 20) })).rejects.toMatchObject({
      code: 'store-corrupt',
    });
  });
});

describe('a cluster that is served from a test', () => {
  it('answers kubectl, several side by side', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pintle-embed-'));
    const one = await Cluster.create({ nodes: 1, kubernetesVersion: '1.33' });
    const two = await Cluster.create({ nodes: 2 });
    try {
      const served = await Promise.all([one.serve({ speed: 60 }), two.serve({ speed: 60 })]);
      const kubectl = (at: number, ...args: readonly string[]): Promise<string> => {
        const kubeconfig = join(folder, `config-${at}`);
        writeFileSync(kubeconfig, served[at]?.kubeconfig ?? '');
        return run(realTools().kubectl, args, { ...isolatedEnvironment(folder), KUBECONFIG: kubeconfig });
      };
      expect(await kubectl(0, 'get', 'nodes', '-o', 'name')).toBe('node/pintle\n');
      expect(await kubectl(0, 'version')).toContain('Server Version: v1.33.0\n');
      expect(await kubectl(1, 'get', 'nodes', '-o', 'name')).toBe('node/pintle-1\nnode/pintle-2\n');
      await kubectl(0, 'create', 'deployment', 'web', '--image=nginx:1.29');
      await kubectl(0, 'rollout', 'status', 'deployment/web', '--timeout=120s');
      expect(await phases(one)).toEqual(['Running']);
      // Time that was let pass by hand does not have to pass again.
      await two.advance(3_600_000);
      await kubectl(1, 'run', 'late', '--image=nginx:1.29');
      await kubectl(1, 'wait', '--for=condition=Ready', 'pod/late', '--timeout=120s');
    } finally {
      await Promise.all([one.stop(), two.stop()]);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { env, timeout: 170_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${args.join(' ')}: ${stderr}`, { cause: error }));
    });
  });
}
