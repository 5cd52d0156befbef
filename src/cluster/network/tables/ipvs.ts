import { nodeAddresses, type NetworkState } from '../network-state.ts';
import type { Backend } from '../service-proxy.ts';
import type { TableOptions } from './iptables.ts';
import { type ProxiedPort, proxiedPorts } from './proxied-port.ts';

/**
 * The virtual servers that kube-proxy makes on a node in mode ipvs, as `ipvsadm -Ln` lists them.
 * kubernetes: pkg/proxy/ipvs/proxier.go
 */
export function ipvsTables(state: NetworkState, { node, only }: TableOptions): string {
  const object = state.node(node);
  const addresses = object === undefined ? [] : nodeAddresses(object);
  const out = [
    'IP Virtual Server version 1.2.1 (size=4096)',
    'Prot LocalAddress:Port Scheduler Flags',
    '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
  ];
  for (const port of proxiedPorts(state, node)) {
    if (only !== undefined && !only(port)) continue;
    const internal = port.internalLocal ? port.local : port.cluster;
    const external = port.externalLocal ? port.local : port.cluster;
    out.push(...server(port, `${port.clusterIP}:${port.port}`, internal));
    for (const address of [...port.externalIPs, ...port.balancers]) {
      out.push(...server(port, `${address}:${port.port}`, external));
    }
    if (port.nodePort === undefined) continue;
    for (const address of addresses) out.push(...server(port, `${address}:${port.nodePort}`, external));
  }
  return `${out.join('\n')}\n`;
}

function server({ protocol, affinity }: ProxiedPort, address: string, backends: readonly Backend[]): string[] {
  const flags = affinity === undefined ? '' : ` persistent ${affinity}`;
  return [
    `${protocol.toUpperCase().padEnd(4)} ${address} rr${flags}`,
    ...backends.map((backend) => `  -> ${`${backend.address}:${backend.port}`.padEnd(28)} Masq    1      0          0`),
  ];
}
