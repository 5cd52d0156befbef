import type { Service } from '../../kube/api/core-v1.generated.ts';
import type { Endpoint, EndpointPort } from '../../kube/api/discovery-v1.generated.ts';
import { parseIp } from '../../kube/ip-address.ts';
import { nameOf, namespaceOf } from '../machinery/keys.ts';
import type { NetworkState } from './network-state.ts';

/** The domain of the cluster's names. */
export const CLUSTER_DOMAIN = 'cluster.local';

/** Seconds that answers are good for. kubeadm's Corefile: `ttl 30` */
export const DNS_TTL = 30;

/** Where names of the world outside lead to: an address that belongs to nobody (RFC 5737). */
export const OUTSIDE_ADDRESS = '203.0.113.10';

/** What can be asked for. */
export type DnsType = 'A' | 'AAAA' | 'SRV' | 'CNAME' | 'PTR';

/** One record of an answer; of an SRV record the value is `priority weight port target`. */
export interface DnsRecord {
  readonly name: string;
  readonly type: DnsType;
  readonly ttl: number;
  readonly value: string;
}

/** NOERROR without records: the name exists, but has nothing of that type. */
export interface DnsAnswer {
  readonly code: 'NOERROR' | 'NXDOMAIN';
  readonly records: readonly DnsRecord[];
}

/** What a name that ends in `svc.cluster.local` asks for. */
interface ServiceQuestion {
  readonly namespace: string;
  readonly service: string | undefined;
  readonly endpoint: string | undefined;
  readonly port: string | undefined;
  readonly protocol: string | undefined;
}

const NO_SUCH_NAME: DnsAnswer = { code: 'NXDOMAIN', records: [] };
const NO_DATA: DnsAnswer = { code: 'NOERROR', records: [] };

/**
 * Answers a question as the cluster's DNS does: names of the cluster from Services, slices and pods, all others from the world
 * outside. Names are absolute; a dot at the end makes no difference. coredns: plugin/kubernetes/kubernetes.go
 */
export function answerQuestion(state: NetworkState, name: string, type: DnsType): DnsAnswer {
  const plain = name.toLowerCase().replace(/\.$/, '');
  if (plain.endsWith('.in-addr.arpa') || plain.endsWith('.ip6.arpa')) return answerReverse(state, plain, type);
  if (plain === CLUSTER_DOMAIN) return NO_DATA;
  if (!plain.endsWith(`.${CLUSTER_DOMAIN}`)) return answerOutside(plain, type);
  const labels = plain.slice(0, -CLUSTER_DOMAIN.length - 1).split('.');
  const kind = labels.pop();
  if (kind === 'pod') return answerPod(state, plain, labels, type);
  if (kind !== 'svc') return NO_SUCH_NAME;
  return answerService(state, plain, labels, type);
}

function answerOutside(name: string, type: DnsType): DnsAnswer {
  const nobodys = !name.includes('.') || /(?:^|\.)(?:invalid|test|example|local|internal)$/.test(name);
  if (nobodys) return NO_SUCH_NAME;
  return type === 'A' ? found([{ name, type, ttl: DNS_TTL, value: OUTSIDE_ADDRESS }]) : NO_DATA;
}

function found(records: readonly DnsRecord[]): DnsAnswer {
  return { code: 'NOERROR', records };
}

/** `10-244-0-5.shop.pod.cluster.local`: answered for every address, as `pods insecure` does. */
function answerPod(state: NetworkState, name: string, labels: readonly string[], type: DnsType): DnsAnswer {
  const namespace = labels.at(-1);
  if (namespace === undefined) return NO_DATA;
  if (state.namespace(namespace) === undefined || labels.length > 2) return NO_SUCH_NAME;
  const [text] = labels;
  if (labels.length === 1 || text === undefined) return NO_DATA;
  const address =
    parseIp(text.replaceAll('-', '.')) === undefined ? text.replaceAll('-', ':') : text.replaceAll('-', '.');
  if (parseIp(address) === undefined) return NO_SUCH_NAME;
  return type === typeOf(address) ? found([{ name, type, ttl: DNS_TTL, value: address }]) : NO_DATA;
}

function typeOf(address: string): 'A' | 'AAAA' {
  return address.includes(':') ? 'AAAA' : 'A';
}

/** The parts of a name; undefined when it has too many. coredns: plugin/kubernetes/parse.go */
function questionOf(labels: readonly string[]): ServiceQuestion | undefined {
  const rest = [...labels];
  const namespace = rest.pop() ?? '';
  const service = rest.pop();
  const [port, protocol] = rest.length === 2 ? rest : [];
  if (rest.length === 2 && (port?.startsWith('_') !== true || protocol?.startsWith('_') !== true)) return undefined;
  if (rest.length > 2) return undefined;
  return {
    namespace,
    service,
    endpoint: rest.length === 1 ? rest[0] : undefined,
    port: port?.slice(1),
    protocol: protocol?.slice(1),
  };
}

function answerService(state: NetworkState, name: string, labels: readonly string[], type: DnsType): DnsAnswer {
  if (labels.length === 0) return NO_DATA;
  const question = questionOf(labels);
  if (question === undefined || state.namespace(question.namespace) === undefined) return NO_SUCH_NAME;
  if (question.service === undefined) return NO_DATA;
  const service = state.service(question.namespace, question.service);
  if (service === undefined) return NO_SUCH_NAME;
  if (service.spec?.type === 'ExternalName') return answerExternal(state, name, service, type);
  const headless = service.spec?.clusterIP === 'None';
  if (headless || question.endpoint !== undefined) return answerEndpoints(state, name, question, { service, type });
  return answerAddress(name, question, { service, type });
}

function answerExternal(state: NetworkState, name: string, service: Service, type: DnsType): DnsAnswer {
  const target = service.spec?.externalName ?? '';
  const alias: DnsRecord = { name, type: 'CNAME', ttl: DNS_TTL, value: `${target.replace(/\.$/, '')}.` };
  if (type === 'CNAME' || type === 'SRV' || type === 'PTR') return found(type === 'CNAME' ? [alias] : []);
  return found([alias, ...answerQuestion(state, target, type).records]);
}

interface Asked {
  readonly service: Service;
  readonly type: DnsType;
}

function answerAddress(name: string, question: ServiceQuestion, { service, type }: Asked): DnsAnswer {
  const ports = (service.spec?.ports ?? []).filter((port) => matchesPort(question, port));
  if (question.port !== undefined && ports.length === 0) return NO_SUCH_NAME;
  if (type === 'SRV') {
    const target = `${nameOf(service)}.${namespaceOf(service)}.svc.${CLUSTER_DOMAIN}.`;
    return found(ports.map(({ port }) => ({ name, type, ttl: DNS_TTL, value: `0 100 ${port} ${target}` })));
  }
  const { clusterIP, clusterIPs } = service.spec ?? {};
  const addresses = clusterIPs ?? (clusterIP === undefined || clusterIP === '' ? [] : [clusterIP]);
  return found(
    addresses.filter((address) => typeOf(address) === type).map((value) => ({ name, type, ttl: DNS_TTL, value })),
  );
}

function answerEndpoints(
  state: NetworkState,
  name: string,
  question: ServiceQuestion,
  { service, type }: Asked,
): DnsAnswer {
  const records = new Map<string, DnsRecord>();
  let matched = false;
  const domain = `${nameOf(service)}.${namespaceOf(service)}.svc.${CLUSTER_DOMAIN}.`;
  for (const slice of state.slicesOf(service)) {
    const ports = (slice.ports ?? []).filter((port) => matchesPort(question, port));
    if (question.port !== undefined && ports.length === 0) continue;
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false) continue;
      for (const address of endpoint.addresses) {
        const host = endpointName(endpoint, address);
        if (question.endpoint !== undefined && question.endpoint !== host) continue;
        matched = true;
        for (const value of valuesFor(type, address, { host, ports, domain })) {
          records.set(value, { name, type, ttl: DNS_TTL, value });
        }
      }
    }
  }
  // Nothing to name is no name at all: clients of a headless Service without endpoints hear that it does not exist.
  return matched ? found([...records.values()]) : NO_SUCH_NAME;
}

function valuesFor(
  type: DnsType,
  address: string,
  about: { readonly host: string; readonly ports: readonly EndpointPort[]; readonly domain: string },
): readonly string[] {
  if (type === 'SRV') return about.ports.map(({ port }) => `0 100 ${port ?? 0} ${about.host}.${about.domain}`);
  return typeOf(address) === type ? [address] : [];
}

/** `web-0`, or `10-244-0-5` for endpoints without a name. */
function endpointName({ hostname }: Endpoint, address: string): string {
  return hostname === undefined || hostname === '' ? address.replace(/[.:]/g, '-') : hostname;
}

function matchesPort(
  { port, protocol }: ServiceQuestion,
  candidate: { readonly name?: string | undefined; readonly protocol?: string | undefined },
): boolean {
  if (port === undefined) return true;
  return (candidate.name ?? '').toLowerCase() === port && (candidate.protocol ?? 'TCP').toLowerCase() === protocol;
}

function answerReverse(state: NetworkState, name: string, type: DnsType): DnsAnswer {
  const address = reversedAddress(name);
  if (address === undefined) return NO_SUCH_NAME;
  const values: string[] = [];
  for (const service of state.objects.services) {
    const domain = `${nameOf(service)}.${namespaceOf(service)}.svc.${CLUSTER_DOMAIN}.`;
    if ((service.spec?.clusterIPs ?? [service.spec?.clusterIP]).includes(address)) values.push(domain);
    else if (service.spec?.clusterIP === 'None') values.push(...namesOfEndpoint(state, service, { address, domain }));
  }
  if (values.length === 0) return NO_SUCH_NAME;
  return type === 'PTR' ? found(values.map((value) => ({ name, type, ttl: DNS_TTL, value }))) : NO_DATA;
}

function namesOfEndpoint(
  state: NetworkState,
  service: Service,
  { address, domain }: { readonly address: string; readonly domain: string },
): string[] {
  const names: string[] = [];
  for (const slice of state.slicesOf(service)) {
    for (const endpoint of slice.endpoints ?? []) {
      const named = endpoint.addresses.includes(address) && endpoint.conditions?.ready !== false;
      if (named) names.push(`${endpointName(endpoint, address)}.${domain}`);
    }
  }
  return names;
}

function reversedAddress(name: string): string | undefined {
  if (name.endsWith('.in-addr.arpa')) {
    const text = name.slice(0, -'.in-addr.arpa'.length).split('.').reverse().join('.');
    return parseIp(text) === undefined ? undefined : text;
  }
  const digits = name.slice(0, -'.ip6.arpa'.length).split('.').reverse().join('');
  if (!/^[\da-f]{32}$/.test(digits)) return undefined;
  const groups = digits.match(/.{4}/g) ?? [];
  return groups.map((group) => group.replace(/^0{1,3}/, '')).join(':');
}
