import type { Service, ServicePort } from '../../kube/api/core-v1.generated.ts';
import type { Ingress, IngressBackend } from '../../kube/api/networking-v1.generated.ts';
import { keyOf, namespaceOf } from '../machinery/keys.ts';
import { annotationOf } from './ingress-class.ts';
import { chooseCanary } from './ingress-canary.ts';
import { type IngressMatch, matchIngress, unservedIngress } from './ingress-routes.ts';
import { tellMissingEndpoints } from './missing-endpoints.ts';
import { inNetwork, type PolicyPeer } from './network-policy.ts';
import type { PortRequest } from './port-answer.ts';
import type { Hop, NetworkClient, Onward, RequestOutcome } from './hops.ts';
import { clusterFirst, lookUpHost } from './resolver.ts';
import { backendsOf } from './service-proxy.ts';

/** The ingress controller as NetworkPolicies see it. */
const CONTROLLER: PolicyPeer = {
  address: '10.244.0.1',
  pod: {
    namespace: 'ingress-nginx',
    labels: { 'app.kubernetes.io/name': 'ingress-nginx', 'app.kubernetes.io/component': 'controller' },
    ports: [],
  },
};

const BY = 'the ingress controller';

interface Arrived {
  readonly request: PortRequest;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly client: NetworkClient;
}

/** Takes a request through the ingress controller: redirects and refusals by annotation, then straight to an endpoint. */
export function passIngress(tracer: Onward, arrived: Arrived, hops: Hop[]): RequestOutcome {
  const { request, host, headers, client } = arrived;
  const [path = '/'] = request.path.split('?');
  const match = matchIngress(tracer.state, { host, path });
  if (match === undefined) {
    const unserved = unservedIngress(tracer.state, host);
    const cause = unserved === undefined ? '' : `; Ingress ${unserved} has a class that this controller does not serve`;
    hops.push({ stage: 'ingress', text: `no rule for ${host}${path}: the default backend answers${cause}` });
    return { kind: 'answered', status: 404, by: BY };
  }
  const { route } = match;
  const rule =
    route.pathType === 'default' ? 'default backend' : `${route.host || '*'}${route.path} (${route.pathType})`;
  hops.push({
    stage: 'ingress',
    text: `Ingress ${keyOf(route.ingress)}: ${rule}${certificateText(tracer, match, request)}`,
  });
  const early = earlyStatus(match, arrived, path);
  if (early !== undefined) {
    hops.push({ stage: 'ingress', text: early.text });
    return { kind: 'answered', status: early.status, by: BY };
  }
  const rewritten = match.rewritten === undefined ? request.path : match.rewritten;
  if (match.rewritten !== undefined) hops.push({ stage: 'ingress', text: `the path is rewritten to ${rewritten}` });
  const protocol = (annotationOf(route.ingress, 'backend-protocol') ?? 'HTTP').toUpperCase();
  const onward: PortRequest = { ...request, path: rewritten, scheme: protocol.endsWith('S') ? 'https' : 'http' };
  const canary = chooseCanary(tracer.state, route, { headers, random: tracer.random });
  const { ingress, backend } = canary?.route ?? route;
  if (canary !== undefined) hops.push({ stage: 'ingress', text: `Ingress ${keyOf(ingress)}: ${canary.reason}` });
  return toService(tracer, { ingress, backend, request: onward, client }, hops);
}

function certificateText({ state }: Onward, { tls, tlsSecret }: IngressMatch, { port }: PortRequest): string {
  if (port !== 443) return '';
  const [namespace = '', name = ''] = (tlsSecret ?? '').split('/');
  const secret = state.secret(namespace, name);
  if (tls && secret?.type === 'kubernetes.io/tls') return `, certificate of Secret ${tlsSecret ?? ''}`;
  const missing = tls && tlsSecret !== undefined ? ` (Secret ${tlsSecret} is missing or of another type)` : '';
  return `, the controller's own certificate${missing}`;
}

/** What the controller answers by itself. */
function earlyStatus(
  { route: { ingress }, tls }: IngressMatch,
  { request, client }: Arrived,
  path: string,
): { readonly status: number; readonly text: string } | undefined {
  const redirect = annotationOf(ingress, 'ssl-redirect') !== 'false';
  const forced = annotationOf(ingress, 'force-ssl-redirect') === 'true';
  if (request.port !== 443 && ((tls && redirect) || forced)) return { status: 308, text: 'redirected to https' };
  const ranges = annotationOf(ingress, 'whitelist-source-range') ?? annotationOf(ingress, 'allowlist-source-range');
  if (ranges !== undefined && !ranges.split(',').some((range) => inNetwork(client.peer.address, wholeNetwork(range)))) {
    return { status: 403, text: `${client.peer.address} is in none of ${ranges}` };
  }
  const permanent = annotationOf(ingress, 'permanent-redirect');
  if (permanent !== undefined)
    return { status: redirectCode(ingress, 'permanent', 301), text: `redirected to ${permanent}` };
  const temporal = annotationOf(ingress, 'temporal-redirect');
  if (temporal !== undefined)
    return { status: redirectCode(ingress, 'temporal', 302), text: `redirected to ${temporal}` };
  const root = annotationOf(ingress, 'app-root');
  if (root !== undefined && path === '/') return { status: 302, text: `redirected to ${root}` };
  if (annotationOf(ingress, 'auth-type') !== undefined)
    return { status: 401, text: 'a user and a password are asked for' };
  return undefined;
}

function redirectCode(ingress: Ingress, kind: 'permanent' | 'temporal', usual: number): number {
  const code = Number(annotationOf(ingress, `${kind}-redirect-code`));
  return Number.isInteger(code) && code >= 300 && code < 400 ? code : usual;
}

function wholeNetwork(range: string): string {
  const text = range.trim();
  return text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
}

interface ToService {
  readonly ingress: Ingress;
  readonly backend: IngressBackend;
  readonly request: PortRequest;
  readonly client: NetworkClient;
}

/** Controllers send to endpoints that are ready, past the Service's address. */
function toService(tracer: Onward, { ingress, backend, request, client }: ToService, hops: Hop[]): RequestOutcome {
  const { service: wanted } = backend;
  if (wanted === undefined) {
    hops.push({ stage: 'ingress', text: 'its backend is no Service: nobody answers' });
    return { kind: 'answered', status: 503, by: BY };
  }
  const service = tracer.state.service(namespaceOf(ingress), wanted.name);
  const port = service === undefined ? undefined : portOf(service, wanted.port);
  if (service === undefined || port === undefined) {
    const what =
      service === undefined ? 'does not exist' : `has no port ${wanted.port?.name ?? wanted.port?.number ?? ''}`;
    hops.push({ stage: 'service', text: `Service ${namespaceOf(ingress)}/${wanted.name} ${what}` });
    return { kind: 'answered', status: 503, by: BY };
  }
  if (service.spec?.type === 'ExternalName') return toExternal(tracer, service, { ...request, port: port.port }, hops);
  const ready = backendsOf(tracer.state, { service, port }).filter(
    ({ endpoint }) => endpoint.conditions?.ready !== false,
  );
  const title = `Service ${keyOf(service)} port ${port.port}`;
  const chosen = tracer.chooser.choose({ service, port }, ready, { client: client.peer.address, now: 0 });
  if (chosen === undefined) {
    hops.push({ stage: 'service', text: `${title} has no endpoint that is ready` });
    tellMissingEndpoints(tracer.state, service, hops);
    const fallback = annotationOf(ingress, 'default-backend');
    if (fallback !== undefined && fallback !== wanted.name) {
      const other = {
        service: { name: fallback, port: firstPort(tracer.state.service(namespaceOf(ingress), fallback)) },
      };
      return toService(tracer, { ingress, backend: other, request, client }, hops);
    }
    return { kind: 'answered', status: 503, by: BY };
  }
  hops.push({ stage: 'service', text: `${title}: ${chosen.address}:${chosen.port}, one of ${ready.length} endpoints` });
  return asGateway(tracer.toBackend(chosen, request, CONTROLLER, hops));
}

/** A default backend is asked at the first port that it has. */
function firstPort(service: Service | undefined): { readonly number: number } {
  return { number: service?.spec?.ports?.[0]?.port ?? 80 };
}

function portOf(
  { spec }: Service,
  wanted: { readonly name?: string | undefined; readonly number?: number | undefined } | undefined,
): ServicePort | undefined {
  const ports = spec?.ports ?? [];
  const found = ports.find(({ name, port }) =>
    wanted?.name === undefined ? port === wanted?.number : name === wanted.name,
  );
  // Services without ports of their own lead to whatever port is asked for.
  return found ?? (spec?.type === 'ExternalName' && wanted?.number !== undefined ? { port: wanted.number } : undefined);
}

function toExternal(tracer: Onward, service: Service, request: PortRequest, hops: Hop[]): RequestOutcome {
  const host = service.spec?.externalName ?? '';
  const [address] = lookUpHost(tracer.state, host, clusterFirst(namespaceOf(service))).addresses;
  if (address === undefined) {
    hops.push({ stage: 'dns', text: `${host} has no address` });
    return { kind: 'answered', status: 503, by: BY };
  }
  hops.push({ stage: 'dns', text: `${host} → ${address}` });
  return asGateway(tracer.reach(address, request, CONTROLLER, hops));
}

/** What a proxy tells of a backend that fails. */
function asGateway(outcome: RequestOutcome): RequestOutcome {
  if (outcome.kind === 'answered') return outcome;
  return { kind: 'answered', status: outcome.failure === 'timeout' ? 504 : 502, by: BY };
}
