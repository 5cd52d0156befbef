import type { Pod } from '../../kube/api/core-v1.generated.ts';
import { parseIp } from '../../kube/ip-address.ts';
import { DNS_SERVICE_ADDRESS } from '../machinery/cluster-network.ts';
import { namespaceOf } from '../machinery/keys.ts';
import { answerQuestion, CLUSTER_DOMAIN, type DnsAnswer } from './dns.ts';
import type { NetworkState } from './network-state.ts';

/** What a process has in its /etc/resolv.conf. */
export interface ResolverConfig {
  /** `cluster`: the cluster's DNS; `node`: that of the machine, which knows no name of the cluster; `none`: no server at all. */
  readonly server: 'cluster' | 'node' | 'none';
  readonly search: readonly string[];
  readonly ndots: number;
}

/** The resolver of pods in a namespace that say nothing about DNS. kubernetes: pkg/kubelet/network/dns/dns.go */
export function clusterFirst(namespace: string): ResolverConfig {
  return {
    server: 'cluster',
    search: [`${namespace}.svc.${CLUSTER_DOMAIN}`, `svc.${CLUSTER_DOMAIN}`, CLUSTER_DOMAIN],
    ndots: 5,
  };
}

const OF_NODE: ResolverConfig = { server: 'node', search: [], ndots: 1 };

/** Most domains of a search path. kubernetes: pkg/apis/core/validation MaxDNSSearchPaths */
const LONGEST_SEARCH = 32;

/** The resolver that a pod's `dnsPolicy` and `dnsConfig` make. */
export function resolverOf(pod: Pod): ResolverConfig {
  const { dnsPolicy = 'ClusterFirst', dnsConfig, hostNetwork } = pod.spec ?? {};
  const base = baseOf(dnsPolicy, hostNetwork === true, namespaceOf(pod));
  if (dnsConfig === undefined) return base;
  const { searches = [], options = [], nameservers = [] } = dnsConfig;
  const ndots = Number(options.find(({ name }) => name === 'ndots')?.value ?? base.ndots);
  const server = base.server === 'none' && nameservers.length > 0 ? serverOf(nameservers) : base.server;
  return {
    server,
    search: [...new Set([...base.search, ...searches])].slice(0, LONGEST_SEARCH),
    ndots: Number.isNaN(ndots) ? base.ndots : ndots,
  };
}

function baseOf(policy: string, hostNetwork: boolean, namespace: string): ResolverConfig {
  if (policy === 'None') return { server: 'none', search: [], ndots: 1 };
  if (policy === 'Default' || (policy === 'ClusterFirst' && hostNetwork)) return OF_NODE;
  return clusterFirst(namespace);
}

function serverOf(nameservers: readonly string[]): ResolverConfig['server'] {
  return nameservers.includes(DNS_SERVICE_ADDRESS) ? 'cluster' : 'node';
}

/** What came of looking up a host. */
export interface HostLookup {
  /** Empty: the host has no address. */
  readonly addresses: readonly string[];
  /** The name under which it was found. */
  readonly name: string | undefined;
  /** Where an ExternalName Service points to. */
  readonly alias: string | undefined;
  /** The questions, in their order, with what was answered. */
  readonly questions: readonly { readonly name: string; readonly code: DnsAnswer['code'] | 'SERVFAIL' }[];
}

/** Looks up a host as a resolver does: by the search path first when it has fewer dots than `ndots`. */
export function lookUpHost(state: NetworkState, host: string, config: ResolverConfig): HostLookup {
  if (parseIp(host) !== undefined) return { addresses: [host], name: host, alias: undefined, questions: [] };
  const questions: { name: string; code: DnsAnswer['code'] | 'SERVFAIL' }[] = [];
  for (const name of candidates(host, config)) {
    const answer = ask(state, name, config);
    questions.push({ name: `${name}.`, code: answer?.code ?? 'SERVFAIL' });
    if (answer === undefined) continue;
    const addresses = answer.records.filter(({ type }) => type === 'A' || type === 'AAAA').map(({ value }) => value);
    const alias = answer.records.find(({ type }) => type === 'CNAME')?.value.replace(/\.$/, '');
    if (addresses.length > 0) return { addresses, name, alias, questions };
  }
  return { addresses: [], name: undefined, alias: undefined, questions };
}

function candidates(host: string, { search, ndots }: ResolverConfig): readonly string[] {
  if (host.endsWith('.')) return [host.slice(0, -1)];
  const dots = host.split('.').length - 1;
  const searched = search.map((domain) => `${host}.${domain}`);
  return dots >= ndots ? [host, ...searched] : [...searched, host];
}

function ask(state: NetworkState, name: string, { server }: ResolverConfig): DnsAnswer | undefined {
  if (server === 'none') return undefined;
  const ofCluster = name === CLUSTER_DOMAIN || name.endsWith(`.${CLUSTER_DOMAIN}`);
  if (server === 'node' && ofCluster) return { code: 'NXDOMAIN', records: [] };
  const answer = answerQuestion(state, name, 'A');
  return answer.records.some(({ type }) => type === 'A')
    ? answer
    : withIPv6(answer, answerQuestion(state, name, 'AAAA'));
}

function withIPv6(first: DnsAnswer, second: DnsAnswer): DnsAnswer {
  return second.records.length > 0 ? second : first;
}
