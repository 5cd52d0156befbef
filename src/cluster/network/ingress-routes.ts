import type { Ingress, IngressBackend } from '../../kube/api/networking-v1.generated.ts';
import { keyOf, nameOf } from '../machinery/keys.ts';
import { annotationOf, isServed } from './ingress-class.ts';
import type { NetworkState } from './network-state.ts';

/** A place of an ingress controller's configuration: where one host and path lead. */
export interface IngressRoute {
  readonly ingress: Ingress;
  /** As the rule has it; '' for rules without a host and for default backends. */
  readonly host: string;
  readonly path: string;
  readonly pathType: 'Exact' | 'Prefix' | 'ImplementationSpecific' | 'default';
  readonly backend: IngressBackend;
}

/** A request as it comes to an ingress controller. */
export interface IngressRequest {
  readonly host: string;
  /** Without query. */
  readonly path: string;
}

/** The rule that a request falls under, and how it was found. */
export interface IngressMatch {
  readonly route: IngressRoute;
  /** The secret of the certificate that is shown for the host; undefined: the controller's own. */
  readonly tlsSecret: string | undefined;
  /** True when the host stands under `tls` of some Ingress. */
  readonly tls: boolean;
  /** What the path is rewritten to, where an annotation asks for it. */
  readonly rewritten: string | undefined;
}

/** True when an Ingress is meant for the host, as a controller builds its servers. */
export function hostMatches(rule: string, host: string): boolean {
  if (rule === '' || rule === host) return true;
  if (!rule.startsWith('*.')) return false;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot + 1) === rule.slice(2);
}

/**
 * Finds the rule for a request among all Ingresses that the cluster's controller serves. An exact host beats a wildcard, that
 * one rules without a host; among the paths of one host Exact beats the longest prefix; older Ingresses beat younger ones.
 * kubernetes: staging/src/k8s.io/api/networking/v1/types.go; ingress-nginx: internal/ingress/controller
 */
export function matchIngress(state: NetworkState, request: IngressRequest): IngressMatch | undefined {
  const host = request.host.toLowerCase();
  const served = servedIngresses(state);
  const routes = served.flatMap((ingress) => routesOf(ingress));
  const server = serverOf(routes, host);
  const route =
    bestRoute(
      routes.filter((each) => each.host === server && each.pathType !== 'default'),
      request.path,
    ) ??
    routes.find(
      (each) => each.pathType === 'default' && (server === '' || hostsOf(each.ingress).includes(server ?? '')),
    ) ??
    routes.find((each) => each.pathType === 'default' && hostsOf(each.ingress).length === 0);
  if (route === undefined) return undefined;
  const certificate = certificateOf(served, host);
  return { route, ...certificate, rewritten: rewrite(route, request.path) };
}

/** The places of canaries, oldest first. */
export function canaryRoutes(state: NetworkState): readonly IngressRoute[] {
  return servedIngresses(state, true).flatMap((ingress) => routesOf(ingress));
}

/** The Ingresses that the cluster's controller serves, oldest first: canaries, or all others. */
function servedIngresses(state: NetworkState, canaries = false): Ingress[] {
  return state.objects.ingresses
    .filter((ingress) => isServed(ingress, state.objects.ingressClasses))
    .filter((ingress) => (annotationOf(ingress, 'canary') === 'true') === canaries)
    .sort((a, b) => {
      const [older, younger] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
      return older === younger ? (keyOf(a) < keyOf(b) ? -1 : 1) : older < younger ? -1 : 1;
    });
}

function routesOf(ingress: Ingress): IngressRoute[] {
  const out: IngressRoute[] = [];
  const aliases = (annotationOf(ingress, 'server-alias') ?? '').split(',').map((each) => each.trim());
  for (const rule of ingress.spec?.rules ?? []) {
    const hosts = [rule.host ?? '', ...aliases.filter((alias) => alias !== '')];
    for (const { path = '/', pathType, backend } of rule.http?.paths ?? []) {
      const type = pathType === 'Exact' || pathType === 'Prefix' ? pathType : 'ImplementationSpecific';
      for (const host of hosts) out.push({ ingress, host: host.toLowerCase(), path, pathType: type, backend });
    }
  }
  const fallback = ingress.spec?.defaultBackend;
  if (fallback !== undefined) out.push({ ingress, host: '', path: '/', pathType: 'default', backend: fallback });
  return out;
}

function hostsOf(ingress: Ingress): readonly string[] {
  return (ingress.spec?.rules ?? []).map(({ host }) => host ?? '').filter((host) => host !== '');
}

/** The host under whose rules a request falls; undefined when there is none. */
function serverOf(routes: readonly IngressRoute[], host: string): string | undefined {
  const hosts = routes.filter(({ pathType }) => pathType !== 'default').map((route) => route.host);
  if (host !== '' && hosts.includes(host)) return host;
  const wildcard = hosts.find((each) => each.startsWith('*.') && hostMatches(each, host));
  if (wildcard !== undefined) return wildcard;
  return hosts.includes('') ? '' : undefined;
}

function bestRoute(routes: readonly IngressRoute[], path: string): IngressRoute | undefined {
  const exact = routes.find((route) => route.pathType === 'Exact' && route.path === path);
  if (exact !== undefined) return exact;
  let best: IngressRoute | undefined;
  for (const route of routes) {
    if (!pathMatches(route, path)) continue;
    if (best === undefined || route.path.length > best.path.length) best = route;
  }
  return best;
}

/** `/foo` of type Prefix means `/foo` and `/foo/…`; implementation-specific paths are nginx's: any text that begins so. */
function pathMatches({ ingress, path: wanted, pathType }: IngressRoute, path: string): boolean {
  if (pathType === 'Exact') return path === wanted;
  if (annotationOf(ingress, 'use-regex') === 'true' || rewriteUsesGroups(ingress)) return patternOf(wanted).test(path);
  if (pathType === 'ImplementationSpecific') return path.startsWith(wanted);
  const trimmed = wanted.replace(/\/+$/, '');
  return path === trimmed || path.startsWith(`${trimmed}/`);
}

function rewriteUsesGroups(ingress: Ingress): boolean {
  return /\$\d/.test(annotationOf(ingress, 'rewrite-target') ?? '');
}

function patternOf(path: string): RegExp {
  try {
    return new RegExp(`^${path}`, 'i');
  } catch {
    return /^(?!)/;
  }
}

function rewrite({ ingress, path }: IngressRoute, requested: string): string | undefined {
  const target = annotationOf(ingress, 'rewrite-target');
  if (target === undefined || target === '') return undefined;
  const groups = patternOf(path).exec(requested);
  return target.replace(/\$(\d)/g, (_, number: string) => groups?.[Number(number)] ?? '');
}

function certificateOf(
  ingresses: readonly Ingress[],
  host: string,
): { readonly tls: boolean; readonly tlsSecret: string | undefined } {
  for (const ingress of ingresses) {
    for (const { hosts = [], secretName } of ingress.spec?.tls ?? []) {
      const named = hosts.length === 0 ? hostsOf(ingress) : hosts;
      if (!named.some((each) => each !== '' && hostMatches(each.toLowerCase(), host))) continue;
      const secret = secretName === undefined || secretName === '' ? undefined : secretName;
      return {
        tls: true,
        tlsSecret: secret === undefined ? undefined : `${ingress.metadata.namespace ?? ''}/${secret}`,
      };
    }
  }
  return { tls: false, tlsSecret: undefined };
}

/** The Ingress that would be meant, if only somebody served it; for messages. */
export function unservedIngress(state: NetworkState, host: string): string | undefined {
  const ingress = state.objects.ingresses.find(
    (each) => !isServed(each, state.objects.ingressClasses) && hostsOf(each).some((name) => hostMatches(name, host)),
  );
  return ingress === undefined ? undefined : `${ingress.metadata.namespace ?? ''}/${nameOf(ingress)}`;
}
