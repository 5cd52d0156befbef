import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Pod, Service } from '../../kube/api/core-v1.generated.ts';
import { DNS_SERVICE_ADDRESS } from '../machinery/cluster-network.ts';
import { keyOf, namespaceOf } from '../machinery/keys.ts';
import { DNS_TTL, OUTSIDE_ADDRESS } from './dns.ts';
import { failed, type Hop, type NetworkClient, type Onward, type RequestOutcome, type RequestTrace } from './hops.ts';
import { INGRESS_ADDRESS } from './ingress-controller.ts';
import { passIngress } from './ingress-hop.ts';
import { matchIngress } from './ingress-routes.ts';
import { tellMissingEndpoints } from './missing-endpoints.ts';
import { peerOfPod, policyDenial, type PolicyPeer } from './network-policy.ts';
import { addressesOf, type NetworkState } from './network-state.ts';
import type { PortAnswers, PortRequest } from './port-answer.ts';
import { clusterFirst, lookUpHost, resolverOf } from './resolver.ts';
import { type Backend, BackendChooser, findEntry, routeToService, type ServiceEntry } from './service-proxy.ts';

/** A request that somebody wants to send. */
export interface NetworkRequest {
  /** `http://web.shop/healthz`, `https://shop.example.com/`, `tcp://db:5432` */
  readonly url: URL;
  /** The pod that sends it; absent: a client of the namespace, or the world outside for addresses that face it. */
  readonly from?: { readonly namespace: string; readonly name: string } | undefined;
  readonly namespace: string;
  /** What the request carries, names in lower case: `host`, where that is not the URL's, and what canaries look at. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What the network is told with. */
export interface TracerOptions {
  readonly state: NetworkState;
  readonly answers: PortAnswers;
  readonly random: Random;
  readonly clock: Pick<Clock, 'now'>;
}

/** A request on its way, behind the DNS. */
interface Sent {
  readonly address: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly client: NetworkClient;
}

/** Addresses of clients that are no pods: a passing one inside, and one outside. */
const PASSING_ADDRESS = '10.244.255.254';
const CLIENT_ADDRESS = '203.0.113.77';
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** Sends requests through names, Ingresses, Services and policies to containers, and tells each step. */
export class RequestTracer implements Onward {
  readonly state: NetworkState;
  readonly chooser: BackendChooser;
  readonly random: Random;
  readonly #options: TracerOptions;

  constructor(options: TracerOptions) {
    this.#options = options;
    this.state = options.state;
    this.random = options.random;
    this.chooser = new BackendChooser(options.random);
  }

  send(request: NetworkRequest): RequestTrace {
    const hops: Hop[] = [];
    return { hops, outcome: this.#send(request, hops) };
  }

  #send(request: NetworkRequest, hops: Hop[]): RequestOutcome {
    const { url } = request;
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const client = this.#client(request, host, hops);
    if ('kind' in client) return client;
    const address = this.#resolve(host, client, hops);
    if (typeof address !== 'string') return address;
    const scheme = url.protocol === 'https:' ? 'https' : url.protocol === 'http:' ? 'http' : 'tcp';
    const port = url.port === '' ? (DEFAULT_PORTS[url.protocol] ?? 0) : Number(url.port);
    const path = `${url.pathname === '' ? '/' : url.pathname}${url.search}`;
    const { headers = {} } = request;
    const named = headers['host']?.replace(/:\d+$/, '') ?? host;
    return this.#connect({ port, scheme, path }, { address, host: named, headers, client }, hops);
  }

  #client({ from, namespace }: NetworkRequest, host: string, hops: Hop[]): NetworkClient | RequestOutcome {
    if (from === undefined) return this.#passingClient(namespace, host, hops);
    const pod = this.state.pod(from.namespace, from.name);
    const key = `${from.namespace}/${from.name}`;
    if (pod === undefined) return failed('client', `pod ${key} does not exist`);
    const [address] = addressesOf(pod);
    if (pod.status?.phase !== 'Running' || address === undefined) {
      return failed('client', `pod ${key} does not run (phase ${pod.status?.phase ?? 'Pending'})`);
    }
    hops.push({ stage: 'client', text: `pod ${key} (${address}) on node ${pod.spec?.nodeName ?? ''}` });
    return { peer: peerOfPod(pod, address), node: pod.spec?.nodeName, resolver: resolverOf(pod) };
  }

  /** Addresses and hosts that face the world are asked from there, all others from inside. */
  #passingClient(namespace: string, host: string, hops: Hop[]): NetworkClient {
    const { state } = this;
    const facesWorld =
      host === INGRESS_ADDRESS ||
      this.#isIngressHost(host) ||
      state.nodeOfAddress(host) !== undefined ||
      state.objects.services.some(
        ({ status }) => status?.loadBalancer?.ingress?.some(({ ip }) => ip === host) === true,
      );
    if (facesWorld) {
      hops.push({ stage: 'client', text: `a client outside of the cluster (${CLIENT_ADDRESS})` });
      return { peer: { address: CLIENT_ADDRESS }, node: undefined, resolver: undefined };
    }
    const node = state.objects.nodes[0]?.metadata.name;
    hops.push({ stage: 'client', text: `a client in namespace ${namespace}` });
    const pod = { namespace, labels: {}, ports: [] };
    return { peer: { address: PASSING_ADDRESS, pod }, node, resolver: clusterFirst(namespace) };
  }

  #isIngressHost(host: string): boolean {
    const match = matchIngress(this.state, { host, path: '/' });
    if (match !== undefined && match.route.host !== '') return true;
    return this.state.objects.ingresses.some(({ spec }) => spec?.rules?.some((rule) => rule.host === host) === true);
  }

  #resolve(host: string, client: NetworkClient, hops: Hop[]): string | RequestOutcome {
    const toIngress = (): string => {
      hops.push({ stage: 'dns', text: `${host} → ${INGRESS_ADDRESS} (taken to lead to the ingress controller)` });
      return INGRESS_ADDRESS;
    };
    if (client.resolver === undefined) {
      const plain = /^[\d.]+$|:/.test(host);
      return plain ? host : toIngress();
    }
    const lookup = lookUpHost(this.state, host, client.resolver);
    if (lookup.questions.length === 0) return host;
    const denial = client.resolver.server === 'cluster' ? this.#dnsDenial(client.peer) : undefined;
    if (denial !== undefined) {
      hops.push({ stage: 'policy', text: denial });
      return failed('unknown-host', `Resolving timed out: ${host}`);
    }
    const [address] = lookup.addresses;
    if ((address === undefined || address === OUTSIDE_ADDRESS) && this.#isIngressHost(host)) return toIngress();
    if (address === undefined || lookup.name === undefined) {
      const tried = lookup.questions.map(({ name, code }) => `${name} ${code}`).join(', ');
      hops.push({ stage: 'dns', text: `${host} has no address: ${tried}` });
      const headless = this.#headlessService(lookup.questions);
      if (headless !== undefined) tellMissingEndpoints(this.state, headless, hops);
      return failed('unknown-host', `Could not resolve host: ${host}`);
    }
    const alias = lookup.alias === undefined ? '' : ` → ${lookup.alias}`;
    const shown = lookup.addresses.length > 1 ? ` (one of ${lookup.addresses.length})` : '';
    const chosen = lookup.addresses[this.random.below(lookup.addresses.length)] ?? address;
    const unknown = chosen === OUTSIDE_ADDRESS && alias === '' && this.state.objects.ingresses.length > 0;
    const note = unknown ? '; no Ingress has that host' : '';
    hops.push({ stage: 'dns', text: `${host} is ${lookup.name}${alias} → ${chosen}${shown}, TTL ${DNS_TTL} s${note}` });
    return chosen;
  }

  /** The Service without an address of its own that one of the names would stand for. */
  #headlessService(questions: readonly { readonly name: string }[]): Service | undefined {
    for (const { name } of questions) {
      const [, service = '', namespace = ''] = /^([^.]+)\.([^.]+)\.svc\.cluster\.local\.?$/.exec(name) ?? [];
      const found = this.state.service(namespace, service);
      if (found?.spec?.clusterIP === 'None') return found;
    }
    return undefined;
  }

  #dnsDenial(from: PolicyPeer): string | undefined {
    const to = {
      address: DNS_SERVICE_ADDRESS,
      pod: {
        namespace: 'kube-system',
        labels: { 'k8s-app': 'kube-dns' },
        ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
      },
    };
    const denial = policyDenial(this.state, { from, to, port: 53, protocol: 'UDP' });
    return denial === undefined
      ? undefined
      : `the ${denial.direction} of DNS is denied by ${denial.policies.join(', ')}`;
  }

  #connect(request: PortRequest, { address, host, headers, client }: Sent, hops: Hop[]): RequestOutcome {
    if (address === INGRESS_ADDRESS) {
      if (request.port !== 80 && request.port !== 443) return refused(address, request.port);
      return passIngress(this, { request, host, headers, client }, hops);
    }
    const entry = findEntry(this.state, { address, port: request.port });
    if (entry === 'no-port') {
      hops.push({ stage: 'service', text: `no Service with the address ${address} has a port ${request.port}` });
      return timedOut(address, request.port);
    }
    if (entry !== undefined) return this.#service(entry, request, client, hops);
    return this.reach(address, request, client.peer, hops);
  }

  #service(entry: ServiceEntry, request: PortRequest, client: NetworkClient, hops: Hop[]): RequestOutcome {
    const { service, port } = entry;
    const key = keyOf(service);
    if (key === 'default/kubernetes') return apiServerAnswer(request, hops);
    const routing = routeToService(this.state, entry, { address: client.peer.address, node: client.node });
    const title = `Service ${key} port ${port.port}/${port.protocol ?? 'TCP'} (${entry.by})`;
    if (routing.kind !== 'backends') {
      hops.push({ stage: 'service', text: `${title}: ${routing.reason}` });
      if (routing.kind === 'reject') tellMissingEndpoints(this.state, service, hops);
      const { clusterIP = '' } = service.spec ?? {};
      return routing.kind === 'reject' ? refused(clusterIP, port.port) : timedOut(clusterIP, port.port);
    }
    const now = this.#options.clock.now();
    const backend = this.chooser.choose(entry, routing.backends, { client: client.peer.address, now });
    if (backend === undefined) return refused(service.spec?.clusterIP ?? '', port.port);
    const policy = routing.policy === 'Local' ? `, Local on ${routing.node ?? ''}` : '';
    hops.push({
      stage: 'service',
      text: `${title}: ${backend.address}:${backend.port}, one of ${routing.backends.length} endpoints${policy}`,
    });
    return this.toBackend(backend, request, client.peer, hops);
  }

  /** Goes on to an endpoint. */
  toBackend(backend: Backend, request: PortRequest, from: PolicyPeer, hops: Hop[]): RequestOutcome {
    const { kind, namespace = '', name = '' } = backend.endpoint.targetRef ?? {};
    const pod = kind === 'Pod' ? this.state.pod(namespace, name) : undefined;
    const onward = { ...request, port: backend.port };
    if (pod !== undefined) return this.#pod(pod, backend.address, onward, from, hops);
    return this.reach(backend.address, onward, from, hops);
  }

  /** Goes on to an address that is no Service's. */
  reach(address: string, request: PortRequest, from: PolicyPeer, hops: Hop[]): RequestOutcome {
    const pod = this.state.podOfAddress(address);
    if (pod !== undefined) return this.#pod(pod, address, request, from, hops);
    const node = this.state.nodeOfAddress(address)?.metadata.name;
    if (node !== undefined) return this.#node(node, address, request, from, hops);
    if (/^10\.(?:24[4-9]|96)\./.test(address)) {
      hops.push({ stage: 'pod', text: `nobody has the address ${address}` });
      return timedOut(address, request.port);
    }
    const denial = policyDenial(this.state, { from, to: { address }, port: request.port, protocol: 'TCP' });
    if (denial !== undefined) {
      hops.push({ stage: 'policy', text: `${denial.direction} denied by ${denial.policies.join(', ')}` });
      return timedOut(address, request.port);
    }
    hops.push({ stage: 'outside', text: `${address} is outside of the cluster, and taken to answer` });
    return { kind: 'answered', status: request.scheme === 'tcp' ? 0 : 200, by: address };
  }

  /** A port of a node: of a pod on its network, or one that a pod has taken with `hostPort`. */
  #node(node: string, address: string, request: PortRequest, from: PolicyPeer, hops: Hop[]): RequestOutcome {
    for (const pod of this.state.objects.pods) {
      if (pod.spec?.nodeName !== node || pod.status?.phase !== 'Running') continue;
      const ports = pod.spec.containers.flatMap((container) => container.ports ?? []);
      const taken = ports.find(({ hostPort }) => hostPort === request.port);
      if (taken !== undefined) return this.#pod(pod, address, { ...request, port: taken.containerPort }, from, hops);
      const shared = pod.spec.hostNetwork === true && ports.some(({ containerPort }) => containerPort === request.port);
      if (shared) return this.#pod(pod, address, request, from, hops);
    }
    hops.push({ stage: 'pod', text: `nothing on node ${node} has port ${request.port}` });
    return refused(address, request.port);
  }

  #pod(pod: Pod, address: string, request: PortRequest, from: PolicyPeer, hops: Hop[]): RequestOutcome {
    const key = keyOf(pod);
    const denial = policyDenial(this.state, { from, to: peerOfPod(pod, address), port: request.port, protocol: 'TCP' });
    if (denial !== undefined) {
      hops.push({ stage: 'policy', text: `${denial.direction} denied by ${denial.policies.join(', ')}` });
      return timedOut(address, request.port);
    }
    hops.push({ stage: 'pod', text: `pod ${key} (${address}:${request.port}) on node ${pod.spec?.nodeName ?? ''}` });
    const answer = this.#options.answers.answer(pod, request);
    if (answer.kind !== 'answered') {
      hops.push({ stage: 'container', text: answer.reason });
      return answer.kind === 'refused' ? refused(address, request.port) : timedOut(address, request.port);
    }
    const said = request.scheme === 'tcp' ? 'accepts the connection' : `answers ${answer.status} to ${request.path}`;
    hops.push({ stage: 'container', text: `container ${answer.container} ${said}` });
    return { kind: 'answered', status: answer.status, by: `pod ${namespaceOf(pod)}/${pod.metadata.name ?? ''}` };
  }
}

function apiServerAnswer({ scheme, path }: PortRequest, hops: Hop[]): RequestOutcome {
  const open = /^\/(?:healthz|livez|readyz|version)(?:[/?]|$)/.test(path);
  const status = scheme === 'http' ? 400 : open ? 200 : 403;
  hops.push({ stage: 'service', text: 'Service default/kubernetes port 443/TCP (ClusterIP): the API server' });
  return { kind: 'answered', status: scheme === 'tcp' ? 0 : status, by: 'the API server' };
}

function refused(address: string, port: number): RequestOutcome {
  return failed('refused', `Failed to connect to ${address} port ${port}: Connection refused`);
}

function timedOut(address: string, port: number): RequestOutcome {
  return failed('timeout', `Failed to connect to ${address} port ${port}: Connection timed out`);
}
