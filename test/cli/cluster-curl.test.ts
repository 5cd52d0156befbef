import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CURL_ROWS, sameStep, SHOP } from '../support/curl-rows.ts';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import { commandLine, type CommandLine } from './run.ts';

let line: CommandLine;

beforeAll(async () => {
  line = commandLine();
  const kubeconfig = join(line.home, 'config');
  await program('cluster', 'start', '--detach', '--nodes', '2', '--use', '--kubeconfig', kubeconfig);
  mkdirSync(line.home, { recursive: true });
  writeFileSync(join(line.home, 'shop.yaml'), SHOP);
  kubectl('apply', '-f', join(line.home, 'shop.yaml'));
  await good('cluster', 'advance', '2m');
});

afterAll(async () => {
  await program('cluster', 'delete');
  line.close();
});

/** In a process of its own, as what serves must be. */
async function program(...args: readonly string[]): Promise<string> {
  const bin = join(import.meta.dirname, '..', '..', 'bin', 'pintle.js');
  const env = { ...isolatedEnvironment(line.home), PINTLE_HOME: line.home };
  return execFileSync(process.execPath, [bin, ...args], { env, encoding: 'utf8' });
}

function kubectl(...args: readonly string[]): string {
  const env = { ...isolatedEnvironment(line.home), KUBECONFIG: join(line.home, 'config') };
  return execFileSync(realTools().kubectl, args, { env, encoding: 'utf8' });
}

async function good(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await line.run(...args);
  expect({ args, code, err: code === 0 ? '' : err }).toEqual({ args, code: 0, err: '' });
  return out;
}

/** What one request came to: exit code, and the steps with the parts that chance decides on made the same. */
async function curl(...args: readonly string[]): Promise<{ readonly code: number; readonly steps: readonly string[] }> {
  const { code, out } = await line.run('cluster', 'curl', ...args);
  const steps = out.trimEnd().split('\n').map(sameStep);
  return { code, steps };
}

describe('pintle cluster curl on a served cluster', () => {
  it.each(CURL_ROWS)(
    'tells the way of a request: $title',
    async ({ url, from, host, fail = false, code = 0, steps }) => {
      const flags = [
        ...(from === undefined ? [] : ['--from', from]),
        ...(host === undefined ? [] : ['-H', `Host: ${host}`]),
      ];
      expect(await curl(...flags, ...(fail ? ['--fail'] : []), url)).toEqual({ code, steps });
    },
  );

  it('refuses what is no request', async () => {
    expect((await line.run('cluster', 'curl', '-H', 'nonsense', 'http://web/')).err).toContain('is no header');
    expect((await line.run('cluster', 'curl', 'ftp://web/')).err).toContain('is no URL of a request');
    expect((await line.run('cluster', 'curl', 'tcp://web')).err).toContain('names no port');
  });

  it('gives the same as JSON', async () => {
    const { outcome, hops } = JSON.parse(
      await good('cluster', 'curl', '-o', 'json', 'http://shop.example.com/missing'),
    ) as {
      readonly outcome: object;
      readonly hops: readonly { readonly stage: string }[];
    };
    expect(outcome).toMatchObject({ kind: 'answered', status: 404 });
    expect(hops.map(({ stage }) => stage)).toEqual(['client', 'dns', 'ingress', 'service', 'pod', 'container']);
  });

  it('shows the tables and routes behind it', async () => {
    expect(await good('cluster', 'trace', 'web')).toMatch(
      /-A KUBE-SEP-\w+ .*-j DNAT --to-destination 10\.244\.\d+\.\d+:8080/,
    );
    const ipvs = await good('cluster', 'trace', 'web', '--proxy', 'ipvs', '--cni', 'calico', '--node', 'pintle-2');
    expect(ipvs).toMatch(/TCP {2}172\.18\.0\.3:30080 rr\n {2}-> 10\.244\./);
    expect(ipvs).toMatch(/10\.244\.0\.0\/24 via 172\.18\.0\.2 dev tunl0 proto bird onlink/);
    expect((await line.run('cluster', 'trace', '--node', 'nope')).err).toContain('nope');
  });

  it('tells where it stops once the readiness of the pods fails, and once they are gone', async () => {
    await good('cluster', 'advance', '1h1m');
    const unready = await curl('http://shop.example.com/');
    expect(unready.steps.slice(2)).toEqual([
      'ingress Ingress default/web: shop.example.com/ (Prefix)',
      'service Service default/web port 80 has no endpoint that is ready',
      'pod pod default/web-X is not ready: containers with unready status: [web]',
      'pod pod default/web-X is not ready: containers with unready status: [web]',
      'result HTTP 503 from the ingress controller',
    ]);
    expect((await curl('http://heads:8080/')).steps.slice(2, 3)).toEqual([
      'pod pod default/web-X is not ready: containers with unready status: [web]',
    ]);
    expect((await curl('http://web/')).code).toBe(1);
    kubectl('delete', 'deployment', 'web', '--cascade=foreground');
    await good('cluster', 'advance', '2m');
    expect((await curl('http://shop.example.com/')).steps.slice(2)).toEqual([
      'ingress Ingress default/web: shop.example.com/ (Prefix)',
      'service Service default/web port 80 has no endpoint that is ready',
      'pod no pod in namespace default has the labels app=web',
      'result HTTP 503 from the ingress controller',
    ]);
  });
});
