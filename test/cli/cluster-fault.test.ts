import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import { commandLine, type CommandLine } from './run.ts';

/** Three nodes in two zones. */
const NODES = `nodes:
  - { name: a, zone: east }
  - { name: b, zone: west }
  - { name: c, zone: west }
`;

const IMAGES = `images:
  - { image: shop/*, private: true }
  - { image: shop/open, private: false }
`;

let line: CommandLine;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
  line = commandLine();
  env = { ...isolatedEnvironment(line.home), PINTLE_HOME: line.home, KUBECONFIG: join(line.home, 'config') };
  const [nodes, images] = [join(line.home, 'nodes.yaml'), join(line.home, 'catalogue.yaml')];
  writeFileSync(nodes, NODES);
  writeFileSync(images, IMAGES);
  program('cluster', 'start', '--detach', '--nodes', nodes, '--images', images, '--use');
});

afterAll(() => {
  program('cluster', 'delete');
  line.close();
});

/** In a process of its own, as what serves must be. */
function program(...args: readonly string[]): string {
  const bin = join(import.meta.dirname, '..', '..', 'bin', 'pintle.js');
  return execFileSync(process.execPath, [bin, ...args], { env, encoding: 'utf8' });
}

function kubectl(...args: readonly string[]): string {
  return execFileSync(realTools().kubectl, args, { env, encoding: 'utf8' });
}

async function good(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await line.run('cluster', ...args);
  expect({ args, code, err: code === 0 ? '' : err }).toEqual({ args, code: 0, err: '' });
  return out;
}

const ready = (): string =>
  kubectl(
    'get',
    'nodes',
    '-o',
    'jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}',
  ).trim();

describe('a served cluster', () => {
  it('has the nodes and the images of its files', async () => {
    expect(ready()).toBe('a=True b=True c=True');
    kubectl('run', 'closed', '--image=shop/closed:1');
    kubectl('run', 'open', '--image=shop/open:1');
    await good('advance', '1m');
    const pods = kubectl('get', 'pods', '--no-headers');
    expect(pods).toMatch(/closed +0\/1 +(?:ErrImagePull|ImagePullBackOff)/);
    expect(pods).toMatch(/open +1\/1 +Running/);
  });

  it('is told of faults in its own time, which ends them', async () => {
    await good('advance', '3h');
    expect(await good('fault', 'node-down', 'a', '--for', '10m')).toBe('node-down-a: node a is down for 10m0s\n');
    expect(await good('fault', 'list')).toMatch(/node-down-a +(?:10m0s|9m5\d\.?\d*s) +node a is down/);
    await good('advance', '2m');
    expect(ready()).toBe('a=Unknown b=True c=True');
    await good('advance', '9m');
    expect(ready()).toBe('a=True b=True c=True');
    expect(kubectl('get', 'events', '-n', 'kube-system', '--field-selector', 'reason=FaultInjected')).toContain(
      'Fault node-down-a: node a is down',
    );
    expect((await line.run('cluster', 'fault', 'list')).err).toContain('No faults.');
  });

  it('loses a zone, and has it back within a minute', async () => {
    await good('fault', 'zone-down', 'west');
    await good('advance', '2m');
    expect(ready()).toBe('a=True b=Unknown c=Unknown');
    expect(await good('fault', 'clear')).toBe('zone-down-west is over\n');
    await good('advance', '1m');
    expect(ready()).toBe('a=True b=True c=True');
  });

  it.each([
    [['node-partition', 'b'], 'node-partition-b: node b is cut off'],
    [['registry-down', 'docker.io'], 'registry-down-docker.io: registry docker.io is down'],
    [['slow-disk', 'b', '--factor', '20'], 'slow-disk-b: the disk of node b is 20 times as slow'],
    [
      ['clock-skew', 'kube-controller-manager', '--by=-5m'],
      'clock-skew-kube-controller-manager: the clock of kube-controller-manager is 5m0s behind',
    ],
    [
      ['api-errors', '503', '--chance', '0.5', '--clients', 'kubelet'],
      'api-errors-503-kubelet: 50 % of the requests of kubelet fail with 503',
    ],
    [['api-latency', '2s', '--verbs', 'create'], 'api-latency-create: all requests (create) take 2000 ms longer'],
  ])('takes %j', async (args, told) => {
    const out = await good('fault', ...args);
    expect(out.startsWith(`${told} until "pintle cluster fault clear `)).toBe(true);
    const [id = ''] = told.split(':');
    expect(await good('fault', 'clear', id)).toBe(`${id} is over\n`);
  });

  it.each([
    [['node-down', 'nobody'], 'nodes "nobody" not found'],
    [['zone-down', 'north'], 'zones are east, west'],
    [['slow-disk', 'b', '--factor', 'much'], 'a slow disk takes above 1'],
    [['clock-skew', 'nobody'], 'nodes "nobody" not found'],
    [['api-errors', '418'], 'is no failure of a request'],
    [['clear', 'nothing'], 'no such fault: nothing'],
  ])('refuses %j', async (args, text) => {
    const { code, err } = await line.run('cluster', 'fault', ...args);
    expect(code).toBe(1);
    expect(err).toContain(text);
  });

  it('passes through a schedule that its seed draws, and is well afterwards', async () => {
    kubectl('create', 'deployment', 'web', '--image=shop/open:1', '--replicas=3');
    const lines = (await good('fault', 'chaos', '--seed', '5', '--for', '10m')).trim().split('\n');
    expect(lines.length).toBeGreaterThan(2);
    await good('advance', '10m');
    expect((await line.run('cluster', 'fault', 'list')).err).toContain('No faults.');
    expect(ready()).toBe('a=True b=True c=True');
    expect(kubectl('get', 'deployment', 'web', '-o', 'jsonpath={.status.availableReplicas}')).toBe('3');
  });
});
