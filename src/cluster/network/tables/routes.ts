import { createHash } from 'node:crypto';
import type { Node } from '../../../kube/api/core-v1.generated.ts';
import { keyOf } from '../../machinery/keys.ts';
import { isPodFinished } from '../../machinery/pods.ts';
import { addressesOf, nodeAddresses, type NetworkState } from '../network-state.ts';

/** Network plugins whose routes are known. */
export const NETWORK_PLUGINS = ['flannel', 'calico'] as const;

/** A network plugin: flannel with VXLAN, or calico with IP in IP and BGP. */
export type NetworkPlugin = (typeof NETWORK_PLUGINS)[number];

/** The routes of a node, as `ip route` lists them: to the pods on it, and to the other nodes' pod ranges. */
export function nodeRoutes(state: NetworkState, name: string, plugin: NetworkPlugin): string {
  const node = state.node(name);
  const [own = ''] = node === undefined ? [] : nodeAddresses(node);
  const range = node?.spec?.podCIDR;
  const others = state.objects.nodes.filter((each) => each.metadata.name !== name && each.spec?.podCIDR !== undefined);
  const gateway = own.replace(/\.\d+$/, '.1');
  const uplink = [`default via ${gateway} dev eth0`];
  const neighbours = `${own.replace(/\.\d+\.\d+$/, '.0.0')}/16 dev eth0 proto kernel scope link src ${own}`;
  const routes = plugin === 'flannel' ? flannel(range, others) : calico(state, { name, range, others });
  return `${[...uplink, ...routes.toSorted(byAddress), neighbours].join('\n')}\n`;
}

/** flannel: Documentation/backends.md (vxlan); the bridge of its CNI configuration. */
function flannel(range: string | undefined, others: readonly Node[]): string[] {
  const out = others.map(({ spec }) => {
    const to = spec?.podCIDR ?? '';
    return `${to} via ${firstOf(to)} dev flannel.1 onlink`;
  });
  if (range === undefined) return out;
  return [...out, `${range} dev cni0 proto kernel scope link src ${firstOf(range).replace(/\.0$/, '.1')}`];
}

/** calico: node/confd templates (bird), cni-plugin (names of interfaces). */
function calico(
  state: NetworkState,
  {
    name,
    range,
    others,
  }: { readonly name: string; readonly range: string | undefined; readonly others: readonly Node[] },
): string[] {
  const out = others.map(
    (node) => `${node.spec?.podCIDR ?? ''} via ${nodeAddresses(node)[0] ?? ''} dev tunl0 proto bird onlink`,
  );
  if (range !== undefined) out.push(`blackhole ${range} proto bird`);
  for (const pod of state.objects.pods) {
    if (pod.spec?.nodeName !== name || pod.spec.hostNetwork === true || isPodFinished(pod)) continue;
    const [address] = addressesOf(pod);
    if (address !== undefined) out.push(`${address} dev ${interfaceOf(keyOf(pod))} scope link`);
  }
  return out;
}

/** The node's end of a pod's cable: `cali` and the beginning of the SHA-1 of `namespace.name`. */
function interfaceOf(key: string): string {
  return `cali${createHash('sha1').update(key.replace('/', '.')).digest('hex').slice(0, 11)}`;
}

function firstOf(range: string): string {
  return range.split('/')[0] ?? '';
}

function byAddress(a: string, b: string): number {
  return numberOf(a) - numberOf(b);
}

function numberOf(route: string): number {
  const [, a = 0, b = 0, c = 0, d = 0] = /(\d+)\.(\d+)\.(\d+)\.(\d+)/.exec(route) ?? [];
  return ((Number(a) * 256 + Number(b)) * 256 + Number(c)) * 256 + Number(d);
}
