import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isolatedEnvironment, realTools } from '../support/real-tools.ts';
import { commandLine, type CommandLine } from './run.ts';

/** A host with its pods, all kinds of Services before them, and clients that a policy tells apart. */
const SHOP = String.raw`
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
      annotations: { pintle.dev/behaviour.web: "{ paths: { /missing: 404 }, changes: [{ after: 1h, paths: { /healthz: 500 } }] }" }
    spec:
      containers:
        - name: web
          image: shop/web:1.0
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 5 }
---
{ apiVersion: v1, kind: Service, metadata: { name: web }, spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80, targetPort: http, nodePort: 30080 }] } }
---
{ apiVersion: v1, kind: Service, metadata: { name: public }, spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80, targetPort: http }] } }
---
{ apiVersion: v1, kind: Service, metadata: { name: heads }, spec: { clusterIP: None, selector: { app: web }, ports: [{ port: 8080 }] } }
---
{ apiVersion: v1, kind: Service, metadata: { name: vendor }, spec: { type: ExternalName, externalName: api.vendor.io } }
---
{ apiVersion: v1, kind: Service, metadata: { name: guarded }, spec: { selector: { app: guarded }, ports: [{ port: 80, targetPort: 8080 }] } }
---
{ apiVersion: v1, kind: Service, metadata: { name: orphan }, spec: { selector: { app: nobody }, ports: [{ port: 80 }] } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  ingressClassName: nginx
  tls: [{ hosts: [secure.example.com], secretName: secure-tls }]
  rules:
    - host: shop.example.com
      http:
        paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }]
    - host: secure.example.com
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
          - { path: /lost, pathType: Prefix, backend: { service: { name: lost, port: { number: 80 } } } }
---
{ apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: { name: secure-tls }, data: { tls.crt: "", tls.key: "" } }
---
{ apiVersion: v1, kind: Pod, metadata: { name: guarded, labels: { app: guarded } }, spec: { containers: [{ name: c, image: shop/web:1.0, ports: [{ containerPort: 8080 }] }] } }
---
{ apiVersion: v1, kind: Pod, metadata: { name: friend, labels: { role: friend } }, spec: { containers: [{ name: c, image: busybox, command: [sleep, infinity] }] } }
---
{ apiVersion: v1, kind: Pod, metadata: { name: stranger }, spec: { containers: [{ name: c, image: busybox, command: [sleep, infinity] }] } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: friends-only }
spec:
  podSelector: { matchLabels: { app: guarded } }
  ingress: [{ from: [{ podSelector: { matchLabels: { role: friend } } }], ports: [{ port: 8000, endPort: 8100 }] }]
`;

let line: CommandLine;

beforeAll(async () => {
  line = commandLine();
  const kubeconfig = join(line.home, 'config');
  await program('cluster', 'start', '--detach', '--nodes', '2', '--use', '--kubeconfig', kubeconfig);
  mkdirSync(line.home, { recursive: true });
  writeFileSync(join(line.home, 'shop.yaml'), SHOP);
  kubectl('apply', '-f', join(line.home, 'shop.yaml'));
  await good('cluster', 'advance', '2m');
}, 120_000);

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
  const steps = out
    .trimEnd()
    .split('\n')
    .map((step) =>
      step
        .replace(/web-[a-z0-9]+-[a-z0-9]{5}/g, 'web-X')
        .replace(/10\.244\.\d+\.\d+/g, 'POD')
        .replace(/10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+/g, 'CLUSTER-IP')
        .replace(/pintle-\d/g, 'NODE')
        .replace(/ +/, ' '),
    );
  return { code, steps };
}

const OUTSIDE = 'client a client outside of the cluster (203.0.113.77)';
const INSIDE = 'client a client in namespace default';
const REACHED = ['pod pod default/web-X (POD:8080) on node NODE', 'container container web answers 200 to /'];
const ANSWERED = [...REACHED, 'result HTTP 200 from pod default/web-X'];
const toIngress = (host: string): string => `dns ${host} → 172.18.199.1 (taken to lead to the ingress controller)`;
const viaService = (name: string, by: string): string =>
  `service Service default/${name} port 80/TCP (${by}): POD:8080, one of 2 endpoints`;
const named = (host: string, rest: string): string => `dns ${host} is ${host}.default.svc.cluster.local → ${rest}`;

const ROWS: readonly {
  readonly title: string;
  readonly args: readonly string[];
  readonly code?: number;
  readonly steps: readonly string[];
}[] = [
  {
    title: 'an Ingress',
    args: ['http://shop.example.com/'],
    steps: [
      OUTSIDE,
      toIngress('shop.example.com'),
      'ingress Ingress default/web: shop.example.com/ (Prefix)',
      'service Service default/web port 80: POD:8080, one of 2 endpoints',
      ...ANSWERED,
    ],
  },
  {
    title: 'an Ingress with the wrong host',
    args: ['-H', 'Host: wrong.example.com', 'http://172.18.199.1/cart'],
    steps: [
      OUTSIDE,
      'ingress no rule for wrong.example.com/cart: the default backend answers',
      'result HTTP 404 from the ingress controller',
    ],
  },
  {
    title: 'a host that no Ingress has',
    args: ['http://wrong.example.com/'],
    steps: [
      INSIDE,
      'dns wrong.example.com is wrong.example.com → 203.0.113.10, TTL 30 s; no Ingress has that host',
      'outside 203.0.113.10 is outside of the cluster, and taken to answer',
      'result HTTP 200 from 203.0.113.10',
    ],
  },
  {
    title: 'https with a certificate',
    args: ['https://secure.example.com/'],
    steps: [
      OUTSIDE,
      toIngress('secure.example.com'),
      'ingress Ingress default/web: secure.example.com/ (Prefix), certificate of Secret default/secure-tls',
      'service Service default/web port 80: POD:8080, one of 2 endpoints',
      ...ANSWERED,
    ],
  },
  {
    title: 'http where https is asked for',
    args: ['--fail', 'http://secure.example.com/'],
    steps: [
      OUTSIDE,
      toIngress('secure.example.com'),
      'ingress Ingress default/web: secure.example.com/ (Prefix)',
      'ingress redirected to https',
      'result HTTP 308 from the ingress controller',
    ],
  },
  {
    title: 'an Ingress to a Service that is not there',
    args: ['--fail', 'https://secure.example.com/lost'],
    code: 1,
    steps: [
      OUTSIDE,
      toIngress('secure.example.com'),
      'ingress Ingress default/web: secure.example.com/lost (Prefix), certificate of Secret default/secure-tls',
      'service Service default/lost does not exist',
      'result HTTP 503 from the ingress controller',
    ],
  },
  {
    title: 'a node port',
    args: ['http://172.18.0.3:30080/'],
    steps: [OUTSIDE, viaService('web', 'NodePort'), ...ANSWERED],
  },
  {
    title: 'a load balancer',
    args: ['http://172.18.200.1/'],
    steps: [OUTSIDE, viaService('public', 'LoadBalancer'), ...ANSWERED],
  },
  {
    title: 'a cluster address',
    args: ['http://web/'],
    steps: [INSIDE, named('web', 'CLUSTER-IP, TTL 30 s'), viaService('web', 'ClusterIP'), ...ANSWERED],
  },
  {
    title: 'a Service without an address',
    args: ['tcp://heads:8080'],
    steps: [
      INSIDE,
      named('heads', 'POD (one of 2), TTL 30 s'),
      'pod pod default/web-X (POD:8080) on node NODE',
      'container container web accepts the connection',
      'result connected to pod default/web-X',
    ],
  },
  {
    title: 'an external name',
    args: ['http://vendor/'],
    steps: [
      INSIDE,
      named('vendor', 'api.vendor.io → 203.0.113.10, TTL 30 s'),
      'outside 203.0.113.10 is outside of the cluster, and taken to answer',
      'result HTTP 200 from 203.0.113.10',
    ],
  },
  {
    title: 'a name that does not exist',
    args: ['http://nowhere/'],
    code: 1,
    steps: [
      INSIDE,
      'dns nowhere has no address: nowhere.default.svc.cluster.local. NXDOMAIN, nowhere.svc.cluster.local. NXDOMAIN, nowhere.cluster.local. NXDOMAIN, nowhere. NXDOMAIN',
      'result Could not resolve host: nowhere',
    ],
  },
  {
    title: 'a Service whose selector finds nobody',
    args: ['http://orphan/'],
    code: 1,
    steps: [
      INSIDE,
      named('orphan', 'CLUSTER-IP, TTL 30 s'),
      'service Service default/orphan port 80/TCP (ClusterIP): default/orphan has no endpoints',
      'pod no pod in namespace default has the labels app=nobody',
      'result Failed to connect to CLUSTER-IP port 80: Connection refused',
    ],
  },
  {
    title: 'a port that a Service does not have',
    args: ['http://web:81/'],
    code: 1,
    steps: [
      INSIDE,
      named('web', 'CLUSTER-IP, TTL 30 s'),
      'service no Service with the address CLUSTER-IP has a port 81',
      'result Failed to connect to CLUSTER-IP port 81: Connection timed out',
    ],
  },
  {
    title: 'from a pod that a policy lets through',
    args: ['--from', 'friend', 'http://guarded/'],
    steps: [
      'client pod default/friend (POD) on node NODE',
      named('guarded', 'CLUSTER-IP, TTL 30 s'),
      'service Service default/guarded port 80/TCP (ClusterIP): POD:8080, one of 1 endpoints',
      'pod pod default/guarded (POD:8080) on node NODE',
      'container container c answers 200 to /',
      'result HTTP 200 from pod default/guarded',
    ],
  },
  {
    title: 'from a pod that a policy stops',
    args: ['--from', 'default/stranger', 'http://guarded/'],
    code: 1,
    steps: [
      'client pod default/stranger (POD) on node NODE',
      named('guarded', 'CLUSTER-IP, TTL 30 s'),
      'service Service default/guarded port 80/TCP (ClusterIP): POD:8080, one of 1 endpoints',
      'policy ingress denied by default/friends-only',
      'result Failed to connect to POD port 8080: Connection timed out',
    ],
  },
  {
    title: 'from a pod that is not there',
    args: ['--from', 'nobody', 'http://web/'],
    code: 1,
    steps: ['result pod default/nobody does not exist'],
  },
];

describe('pintle cluster curl on a served cluster', () => {
  it.each(ROWS)('tells the way of a request: $title', async ({ args, code = 0, steps }) => {
    expect(await curl(...args)).toEqual({ code, steps });
  });

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
