import { describe, expect, it } from 'vitest';
import { matchIngress } from '../../../src/cluster/network/ingress-routes.ts';
import { isServed } from '../../../src/cluster/network/ingress-class.ts';
import type { HTTPIngressPath, Ingress } from '../../../src/kube/api/networking-v1.generated.ts';
import { ingress, ingressClass, network } from './support.ts';

const PREFIX = 'nginx.ingress.kubernetes.io/';

function path(name: string, text: string | undefined, pathType: string): HTTPIngressPath {
  return { path: text, pathType, backend: { service: { name, port: { number: 80 } } } };
}

const shop = ingress('shop/main', {
  rules: [
    {
      host: 'shop.example.com',
      http: {
        paths: [
          path('root', '/', 'Prefix'),
          path('cart', '/cart', 'Prefix'),
          path('cart-exact', '/cart', 'Exact'),
          path('checkout', '/cart/checkout', 'Prefix'),
          path('any', '/img', 'ImplementationSpecific'),
        ],
      },
    },
    { host: '*.example.com', http: { paths: [path('wild', '/', 'Prefix')] } },
    { host: 'bare.example.com', http: { paths: [path('bare', '/only', 'Prefix')] } },
  ],
  tls: [{ hosts: ['shop.example.com'], secretName: 'shop-tls' }],
});
const fallback = ingress('shop/zz-fallback', {
  defaultBackend: { service: { name: 'fallback', port: { number: 80 } } },
});
const rewriting = ingress(
  'shop/rewrite',
  { rules: [{ host: 'api.example.org', http: { paths: [path('api', '/v1(/|$)(.*)', 'ImplementationSpecific')] } }] },
  { [`${PREFIX}rewrite-target`]: '/$2', [`${PREFIX}server-alias`]: 'api.alias.org' },
);

const ROWS: readonly (readonly [string, string, string | undefined])[] = [
  ['shop.example.com', '/', 'root'],
  ['SHOP.example.com', '/other', 'root'],
  ['shop.example.com', '/cart', 'cart-exact'],
  ['shop.example.com', '/cart/', 'cart'],
  ['shop.example.com', '/cart/1', 'cart'],
  ['shop.example.com', '/cartoon', 'root'],
  ['shop.example.com', '/cart/checkout/pay', 'checkout'],
  ['shop.example.com', '/images/a.png', 'root'],
  ['shop.example.com', '/img.png', 'any'],
  ['blog.example.com', '/x', 'wild'],
  ['a.b.example.com', '/x', 'fallback'],
  ['bare.example.com', '/only/x', 'bare'],
  ['bare.example.com', '/x', 'fallback'],
  ['elsewhere.org', '/', 'fallback'],
  ['api.example.org', '/v1/users', 'api'],
  ['api.alias.org', '/v1', 'api'],
  ['api.example.org', '/v2', 'fallback'],
];

describe('rules of Ingresses', () => {
  const state = network({ ingresses: [shop, fallback, rewriting] });

  it.each(ROWS)('%s%s leads to %s', (host, at, expected) => {
    expect(matchIngress(state, { host, path: at })?.route.backend.service?.name).toBe(expected);
  });

  it('finds nothing without a default backend', () => {
    expect(matchIngress(network({ ingresses: [shop] }), { host: 'elsewhere.org', path: '/' })).toBeUndefined();
  });

  it('rewrites paths, and knows certificates', () => {
    expect(matchIngress(state, { host: 'api.example.org', path: '/v1/users/7' })?.rewritten).toBe('/users/7');
    expect(matchIngress(state, { host: 'api.example.org', path: '/v1' })?.rewritten).toBe('/');
    expect(matchIngress(state, { host: 'shop.example.com', path: '/' })).toMatchObject({
      tls: true,
      tlsSecret: 'shop/shop-tls',
    });
    expect(matchIngress(state, { host: 'blog.example.com', path: '/' })).toMatchObject({ tls: false });
  });

  it('prefers the older of two, and leaves canaries out', () => {
    const rule = (service: string): Ingress['spec'] => ({
      rules: [{ host: 'x.org', http: { paths: [path(service, '/', 'Prefix')] } }],
    });
    const at = (each: Ingress, time: string): Ingress => ({
      ...each,
      metadata: { ...each.metadata, creationTimestamp: time },
    });
    const younger = at(ingress('shop/a', rule('younger') ?? {}), '2026-02-01T00:00:00Z');
    const older = at(ingress('shop/b', rule('older') ?? {}), '2026-01-01T00:00:00Z');
    const canary = at(ingress('shop/c', rule('canary') ?? {}, { [`${PREFIX}canary`]: 'true' }), '2025-01-01T00:00:00Z');
    const found = matchIngress(network({ ingresses: [younger, canary, older] }), { host: 'x.org', path: '/' });
    expect(found?.route.backend.service?.name).toBe('older');
  });
});

describe('classes', () => {
  const none = ingress('shop/x', {});
  const named = (ingressClassName: string | undefined, annotation?: string): Ingress => ({
    ...none,
    metadata: {
      ...none.metadata,
      annotations: annotation === undefined ? {} : { 'kubernetes.io/ingress.class': annotation },
    },
    spec: { ingressClassName },
  });
  it.each([
    ['nginx by name', named('nginx'), [], true],
    ['nginx by annotation', named(undefined, 'nginx'), [], true],
    ['another name', named('traefik'), [], false],
    ['none at all', named(undefined), [], true],
    [
      'none, with a default of somebody else',
      named(undefined),
      [ingressClass('traefik', 'traefik.io/ingress-controller', true)],
      false,
    ],
    ['a class of ingress-nginx', named('public'), [ingressClass('public', 'k8s.io/ingress-nginx')], true],
    [
      'the name nginx, taken by somebody else',
      named('nginx'),
      [ingressClass('nginx', 'nginx.org/ingress-controller')],
      false,
    ],
  ] as const)('%s', (_, each, classes, expected) => {
    expect(isServed(each, classes)).toBe(expected);
  });
});
