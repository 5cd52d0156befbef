import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import type { RequestTrace } from '../../../src/cluster/network/hops.ts';
import type { PortRequest } from '../../../src/cluster/network/port-answer.ts';
import { RequestTracer } from '../../../src/cluster/network/request.ts';
import { endpoint, ingress, network, node, pod, service, slice } from './support.ts';

const PREFIX = 'nginx.ingress.kubernetes.io/';

/** What containers were asked. */
let asked: PortRequest | undefined;

function prefixed(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`${PREFIX}${name}`, value]));
}

const rule = (name: string, host: string): object => ({
  host,
  http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }] },
});

/** Sends a request to `shop.example.com` through an Ingress with these annotations; a canary has annotations of its own. */
function send(
  annotations: Readonly<Record<string, string>>,
  {
    url = 'http://shop.example.com/cart',
    canary,
    headers,
    seed = 1,
    tls = false,
    backend = 'web',
  }: {
    readonly url?: string;
    readonly canary?: Readonly<Record<string, string>>;
    readonly headers?: Readonly<Record<string, string>>;
    readonly seed?: number;
    readonly tls?: boolean;
    readonly backend?: string;
  } = {},
): RequestTrace {
  const spec = {
    rules: [rule(backend, 'shop.example.com')],
    ...(tls ? { tls: [{ hosts: ['shop.example.com'] }] } : {}),
  };
  const names = ['web', 'next', 'sorry'];
  const state = network({
    nodes: [node('node-1', '172.18.0.2')],
    services: [...names, 'empty'].map((name, i) =>
      service(`shop/${name}`, { clusterIP: `10.96.0.${i + 10}`, ports: [{ port: 80 }], selector: { app: name } }),
    ),
    slices: names.map((name, i) =>
      slice(`shop/${name}`, [endpoint(`10.244.0.${i + 5}`, { targetRef: { kind: 'Pod', namespace: 'shop', name } })]),
    ),
    pods: names.map((name, i) => pod(`shop/${name}`, `10.244.0.${i + 5}`)),
    ingresses: [
      ingress('shop/main', spec, prefixed(annotations)),
      ...(canary === undefined
        ? []
        : [
            ingress(
              'shop/canary',
              { rules: [rule('next', 'shop.example.com')] },
              prefixed({ canary: 'true', ...canary }),
            ),
          ]),
    ],
  });
  asked = undefined;
  const tracer = new RequestTracer({
    state,
    answers: {
      answer: (_pod, request) => {
        asked = request;
        return { kind: 'answered', container: 'c', status: 200 };
      },
    },
    random: new SeededRandom(seed),
    clock: { now: () => 0 },
  });
  return tracer.send({ url: new URL(url), namespace: 'shop', headers });
}

function status({ outcome }: RequestTrace): number | string {
  return outcome.kind === 'answered' ? outcome.status : outcome.failure;
}

/** The pod that answers. */
function by({ outcome }: RequestTrace): string {
  return outcome.kind === 'answered' ? outcome.by : '';
}

describe('annotations of ingress-nginx (docs/user-guide/nginx-configuration/annotations.md)', () => {
  it.each([
    [{}, 200],
    [{ 'force-ssl-redirect': 'true' }, 308],
    [{ 'permanent-redirect': 'https://new.example.com' }, 301],
    [{ 'permanent-redirect': 'https://new.example.com', 'permanent-redirect-code': '308' }, 308],
    [{ 'temporal-redirect': 'https://new.example.com' }, 302],
    [{ 'temporal-redirect': 'https://new.example.com', 'temporal-redirect-code': '307' }, 307],
    [{ 'whitelist-source-range': '10.0.0.0/8' }, 403],
    [{ 'whitelist-source-range': '10.0.0.0/8, 203.0.113.77' }, 200],
    [{ 'allowlist-source-range': '192.168.0.0/16' }, 403],
    [{ 'auth-type': 'basic', 'auth-secret': 'users' }, 401],
    [{ 'app-root': '/app' }, 200],
  ])('%j: %i', (annotations, expected) => {
    expect(status(send(annotations))).toBe(expected);
  });

  it('app-root is for the root alone', () => {
    expect(status(send({ 'app-root': '/app' }, { url: 'http://shop.example.com/' }))).toBe(302);
  });

  it('ssl-redirect turns off what TLS brings', () => {
    expect(status(send({}, { tls: true }))).toBe(308);
    expect(status(send({ 'ssl-redirect': 'false' }, { tls: true }))).toBe(200);
    expect(status(send({}, { tls: true, url: 'https://shop.example.com/' }))).toBe(200);
  });

  it('backend-protocol and rewrite-target say what the container is asked', () => {
    send({ 'backend-protocol': 'HTTPS', 'rewrite-target': '/inner' });
    expect(asked).toMatchObject({ scheme: 'https', path: '/inner', port: 8080 });
  });

  it('default-backend takes the place of a Service without endpoints', () => {
    expect(status(send({}, { backend: 'empty' }))).toBe(503);
    const trace = send({ 'default-backend': 'sorry' }, { backend: 'empty' });
    expect(by(trace)).toBe('pod shop/sorry');
    expect(trace.hops.map(({ text }) => text)).toContain('no pod in namespace shop has the labels app=empty');
  });
});

describe('canaries', () => {
  it.each([
    [{ 'canary-by-header': 'X-Next' }, { 'x-next': 'always' }, 'next'],
    [{ 'canary-by-header': 'X-Next' }, { 'x-next': 'never' }, 'web'],
    [{ 'canary-by-header': 'X-Next', 'canary-weight': '100' }, { 'x-next': 'never' }, 'web'],
    [{ 'canary-by-header': 'X-Next', 'canary-weight': '100' }, { 'x-next': 'maybe' }, 'next'],
    [{ 'canary-by-header': 'X-Next' }, {}, 'web'],
    [{ 'canary-by-header': 'X-Next', 'canary-by-header-value': 'v2' }, { 'x-next': 'v2' }, 'next'],
    [{ 'canary-by-header': 'X-Next', 'canary-by-header-value': 'v2' }, { 'x-next': 'always' }, 'web'],
    [{ 'canary-by-header': 'X-Next', 'canary-by-header-pattern': '^v[23]$' }, { 'x-next': 'v3' }, 'next'],
    [{ 'canary-by-header': 'X-Next', 'canary-by-header-pattern': '(' }, { 'x-next': 'v3' }, 'web'],
    [{ 'canary-by-cookie': 'next' }, { cookie: 'a=b; next=always' }, 'next'],
    [{ 'canary-by-cookie': 'next', 'canary-weight': '100' }, { cookie: 'next=never' }, 'web'],
    [{ 'canary-weight': '100' }, {}, 'next'],
    [{ 'canary-weight': '0' }, {}, 'web'],
  ])('%j with %j: %s', (canary, headers, expected) => {
    expect(by(send({}, { canary, headers }))).toBe(`pod shop/${expected}`);
  });

  it('take their share by weight', () => {
    const share = Array.from({ length: 400 }, (_, seed) =>
      by(send({}, { canary: { 'canary-weight': '25' }, seed })),
    ).filter((name) => name === 'pod shop/next').length;
    expect(share).toBeGreaterThan(60);
    expect(share).toBeLessThan(140);
  });
});
