import type { NetworkState } from '../network-state.ts';
import { nodeAddresses } from '../network-state.ts';
import type { Backend } from '../service-proxy.ts';
import { inNetwork } from '../network-policy.ts';
import { endpointChain, serviceChain } from './chain-names.ts';
import { isExternal, type ProxiedPort, proxiedPorts } from './proxied-port.ts';

/** The mark of packets whose source is replaced. kubernetes: pkg/proxy/apis/config (iptablesMasqueradeBit 14) */
const MARK = '0x4000';
const FILTER_CHAINS = [
  'KUBE-SERVICES',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-FORWARD',
  'KUBE-NODEPORTS',
  'KUBE-PROXY-FIREWALL',
];
const NAT_CHAINS = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'];

/** What tables are written for. */
export interface TableOptions {
  readonly node: string;
  /** The range of all pods; what comes from elsewhere has its source replaced. */
  readonly podRange: string;
  /** Writes rules of these ports alone; default all. */
  readonly only?: (port: ProxiedPort) => boolean;
}

/**
 * The input of iptables-restore that kube-proxy writes on a node in mode iptables; Services are in the order of their names.
 * kubernetes: pkg/proxy/iptables/proxier.go
 */
export function iptablesTables(state: NetworkState, options: TableOptions): string {
  const tables = new Tables(state, options);
  for (const port of proxiedPorts(state, options.node)) if (options.only?.(port) ?? true) tables.add(port);
  return tables.text();
}

class Tables {
  readonly #node: readonly string[];
  readonly #podRange: string;
  readonly #filter: string[] = [];
  readonly #chains: string[] = [];
  readonly #nat: string[] = [
    `-A KUBE-POSTROUTING -m mark ! --mark ${MARK}/${MARK} -j RETURN`,
    `-A KUBE-POSTROUTING -j MARK --xor-mark ${MARK}`,
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    `-A KUBE-MARK-MASQ -j MARK --or-mark ${MARK}`,
  ];

  constructor(state: NetworkState, { node, podRange }: TableOptions) {
    const object = state.node(node);
    this.#node = object === undefined ? [] : nodeAddresses(object);
    this.#podRange = podRange;
  }

  add(port: ProxiedPort): void {
    const hasInternal = port.hasEndpoints && (!port.internalLocal || port.local.length > 0);
    const hasExternal = port.hasEndpoints && (!port.externalLocal || port.local.length > 0);
    this.#captureInternal(port, hasInternal);
    this.#captureExternal(port, hasExternal);
    if (!port.hasEndpoints) return;
    if (isExternal(port)) this.#externalChain(port, hasExternal);
    if (isFenced(port)) this.#fence(port);
    const sets: (readonly [string, readonly Backend[]])[] = [];
    if (!port.internalLocal || (isExternal(port) && port.cluster.length > 0)) {
      sets.push([serviceChain('SVC', port), port.cluster]);
    }
    if ((port.internalLocal || port.externalLocal) && port.local.length > 0) {
      sets.push([serviceChain('SVL', port), port.local]);
    }
    for (const [chain, backends] of sets) this.#spread(port, chain, backends);
    const reached = new Map(sets.flatMap(([, backends]) => backends.map((each) => [textOf(each), each])));
    for (const [text, backend] of reached) this.#endpoint(port, text, backend);
  }

  #captureInternal(port: ProxiedPort, served: boolean): void {
    const { name, clusterIP } = port;
    const match = `${protocolOf(port)} -d ${clusterIP} --dport ${port.port}`;
    if (!served) {
      const verdict = port.hasEndpoints ? 'DROP' : 'REJECT';
      this.#filter.push(`-A KUBE-SERVICES -m comment --comment ${missing(port)} ${match} -j ${verdict}`);
      return;
    }
    const chain = serviceChain(port.internalLocal ? 'SVL' : 'SVC', port);
    const comment = `-m comment --comment "${name} cluster IP"`;
    this.#nat.push(`-A KUBE-SERVICES ${comment} ${match} -j ${chain}`);
    this.#nat.push(`-A ${chain} ${comment} ${match} ! -s ${this.#podRange} -j KUBE-MARK-MASQ`);
  }

  #captureExternal(port: ProxiedPort, served: boolean): void {
    const { name, nodePort } = port;
    const chain = serviceChain('EXT', port);
    const verdict = port.hasEndpoints ? 'DROP' : 'REJECT';
    const capture = (address: string, kind: string, target: string): void => {
      const match = `${protocolOf(port)} -d ${address} --dport ${port.port}`;
      if (port.hasEndpoints) {
        this.#nat.push(`-A KUBE-SERVICES -m comment --comment "${name} ${kind}" ${match} -j ${target}`);
      }
      if (!served) {
        this.#filter.push(`-A KUBE-EXTERNAL-SERVICES -m comment --comment ${missing(port)} ${match} -j ${verdict}`);
      }
    };
    for (const address of port.externalIPs) capture(address, 'external IP', chain);
    for (const address of port.balancers) {
      capture(address, 'loadbalancer IP', isFenced(port) ? serviceChain('FW', port) : chain);
      if (!isFenced(port)) continue;
      const comment = `"${name} traffic not accepted by ${serviceChain('FW', port)}"`;
      const match = `${protocolOf(port)} -d ${address} --dport ${port.port}`;
      this.#filter.push(`-A KUBE-PROXY-FIREWALL -m comment --comment ${comment} ${match} -j DROP`);
    }
    if (nodePort !== undefined) {
      const match = `${protocolOf(port)} --dport ${nodePort}`;
      if (port.hasEndpoints) this.#nat.push(`-A KUBE-NODEPORTS -m comment --comment ${name} ${match} -j ${chain}`);
      if (!served) {
        const local = '-m addrtype --dst-type LOCAL';
        this.#filter.push(
          `-A KUBE-EXTERNAL-SERVICES -m comment --comment ${missing(port)} ${local} ${match} -j ${verdict}`,
        );
      }
    }
    if (port.healthCheckNodePort !== undefined) {
      const match = `-m tcp -p tcp --dport ${port.healthCheckNodePort}`;
      this.#filter.push(`-A KUBE-NODEPORTS -m comment --comment "${name} health check node port" ${match} -j ACCEPT`);
    }
  }

  #externalChain(port: ProxiedPort, served: boolean): void {
    const chain = serviceChain('EXT', port);
    const comment = (text: string): string => `-A ${chain} -m comment --comment "${text}"`;
    this.#chains.push(chain);
    if (port.externalLocal) {
      const cluster = serviceChain('SVC', port);
      const local = '-m addrtype --src-type LOCAL';
      const what = `${port.name} external destinations`;
      this.#nat.push(`${comment(`pod traffic for ${what}`)} -s ${this.#podRange} -j ${cluster}`);
      this.#nat.push(`${comment(`masquerade LOCAL traffic for ${what}`)} ${local} -j KUBE-MARK-MASQ`);
      this.#nat.push(`${comment(`route LOCAL traffic for ${what}`)} ${local} -j ${cluster}`);
    } else {
      this.#nat.push(`${comment(`masquerade traffic for ${port.name} external destinations`)} -j KUBE-MARK-MASQ`);
    }
    if (served) this.#nat.push(`-A ${chain} -j ${serviceChain(port.externalLocal ? 'SVL' : 'SVC', port)}`);
  }

  /** loadBalancerSourceRanges: what passes goes on, the rest falls to KUBE-PROXY-FIREWALL. */
  #fence(port: ProxiedPort): void {
    const chain = serviceChain('FW', port);
    const external = serviceChain('EXT', port);
    const rule = `-A ${chain} -m comment --comment "${port.name} loadbalancer IP"`;
    this.#chains.push(chain);
    for (const range of port.sourceRanges) this.#nat.push(`${rule} -s ${range} -j ${external}`);
    const fromNode = port.sourceRanges.some((range) => this.#node.some((address) => inNetwork(address, range)));
    if (fromNode) for (const address of port.balancers) this.#nat.push(`${rule} -s ${address} -j ${external}`);
    const rest = `other traffic to ${port.name} will be dropped by KUBE-PROXY-FIREWALL`;
    this.#nat.push(`-A ${chain} -m comment --comment "${rest}"`);
  }

  /** Spreads connections over endpoints: each rule takes its share of what the ones before let pass. */
  #spread(port: ProxiedPort, chain: string, backends: readonly Backend[]): void {
    this.#chains.push(chain);
    const comment = (backend: Backend): string =>
      `-A ${chain} -m comment --comment "${port.name} -> ${textOf(backend)}"`;
    if (port.affinity !== undefined) {
      for (const backend of backends) {
        const target = endpointChain(port, textOf(backend));
        const recent = `-m recent --name ${target} --rcheck --seconds ${port.affinity} --reap`;
        this.#nat.push(`${comment(backend)} ${recent} -j ${target}`);
      }
    }
    for (const [i, backend] of backends.entries()) {
      const rest = backends.length - i;
      const share = rest === 1 ? '' : ` -m statistic --mode random --probability ${(1 / rest).toFixed(10)}`;
      this.#nat.push(`${comment(backend)}${share} -j ${endpointChain(port, textOf(backend))}`);
    }
  }

  #endpoint(port: ProxiedPort, text: string, { address }: Backend): void {
    const chain = endpointChain(port, text);
    const comment = `-A ${chain} -m comment --comment ${port.name}`;
    const recent = port.affinity === undefined ? '' : ` -m recent --name ${chain} --set`;
    this.#chains.push(chain);
    this.#nat.push(`${comment} -s ${address} -j KUBE-MARK-MASQ`);
    this.#nat.push(`${comment}${recent} ${protocolOf(port)} -j DNAT --to-destination ${text}`);
  }

  text(): string {
    const forward = '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding';
    return lines([
      '*filter',
      ...FILTER_CHAINS.map(chainLine),
      ...this.#filter,
      '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP',
      `${forward} rules" -m mark --mark ${MARK}/${MARK} -j ACCEPT`,
      `${forward} conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      'COMMIT',
      '*nat',
      ...NAT_CHAINS.map(chainLine),
      ...this.#chains.map(chainLine),
      ...this.#nat,
      '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" ' +
        '-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
      'COMMIT',
    ]);
  }
}

function chainLine(chain: string): string {
  return `:${chain} - [0:0]`;
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}

function protocolOf({ protocol }: ProxiedPort): string {
  return `-m ${protocol} -p ${protocol}`;
}

function missing({ name, hasEndpoints }: ProxiedPort): string {
  return `"${name} has no ${hasEndpoints ? 'local ' : ''}endpoints"`;
}

function isFenced({ hasEndpoints, balancers, sourceRanges }: ProxiedPort): boolean {
  return hasEndpoints && balancers.length > 0 && sourceRanges.length > 0;
}

function textOf({ address, port }: Backend): string {
  return `${address}:${port}`;
}
