import { PintleError } from '../base/errors.ts';
import { POD_RANGE } from '../cluster/kubelet/node/addresses.ts';
import { type NetworkState, readNetworkState } from '../cluster/network/network-state.ts';
import { iptablesTables } from '../cluster/network/tables/iptables.ts';
import { ipvsTables } from '../cluster/network/tables/ipvs.ts';
import { NETWORK_PLUGINS, type NetworkPlugin, nodeRoutes } from '../cluster/network/tables/routes.ts';
import type { Io } from './io.ts';
import { cliLogger } from './cli-logger.ts';
import { type GlobalOptions, namespaceOf } from './settings.ts';
import { openTarget } from './target.ts';

/** Flags of `pintle cluster trace`. */
export interface TraceFlags extends GlobalOptions {
  readonly node?: string;
  readonly proxy?: string;
  readonly cni?: string;
}

/** `pintle cluster trace [SERVICE]`: prints what kube-proxy writes on a node, and the node's routes. */
export async function runClusterTrace(io: Io, service: string | undefined, flags: TraceFlags): Promise<void> {
  const { proxy = 'iptables' } = flags;
  if (proxy !== 'iptables' && proxy !== 'ipvs') {
    throw new PintleError('usage', `unknown mode "${proxy}" of kube-proxy`, { hint: 'use iptables or ipvs' });
  }
  const plugin = NETWORK_PLUGINS.find((each) => each === (flags.cni ?? 'flannel'));
  if (plugin === undefined) {
    throw new PintleError('usage', `unknown network plugin "${flags.cni ?? ''}"`, {
      hint: `use ${NETWORK_PLUGINS.join(' or ')}`,
    });
  }
  const logger = cliLogger(io, flags);
  const target = await openTarget(io, flags, { access: 'observe', command: 'pintle cluster trace', logger });
  try {
    const state = await readNetworkState(target.client);
    await target.flush();
    const wanted = service === undefined ? undefined : keyOfService(service, namespaceOf(io, flags, target.namespace));
    io.stdout(textOf(state, { proxy, plugin, service: wanted, node: nodeOf(state, flags.node) }));
  } finally {
    await target.close();
  }
}

interface Wanted {
  readonly proxy: 'iptables' | 'ipvs';
  readonly plugin: NetworkPlugin;
  readonly service: string | undefined;
  readonly node: string;
}

function textOf(state: NetworkState, { proxy, plugin, service, node }: Wanted): string {
  if (
    service !== undefined &&
    !state.objects.services.some(({ metadata }) => `${metadata.namespace}/${metadata.name}` === service)
  ) {
    throw new PintleError('not-found', `there is no Service ${service}`);
  }
  const only =
    service === undefined ? undefined : { only: (port: { readonly name: string }) => isOf(port.name, service) };
  const options = { node, podRange: POD_RANGE, ...only };
  const tables = proxy === 'iptables' ? iptablesTables(state, options) : ipvsTables(state, options);
  const heading = `# ${node}: what kube-proxy writes (${proxy})\n`;
  return `${heading}${tables}# ${node}: routes (${plugin})\n${nodeRoutes(state, node, plugin)}`;
}

function isOf(port: string, service: string): boolean {
  return port === service || port.startsWith(`${service}:`);
}

function keyOfService(text: string, namespace: string): string {
  const plain = text.replace(/^(?:services?|svc)\//, '');
  return plain.includes('/') ? plain : `${namespace}/${plain}`;
}

function nodeOf(state: NetworkState, name: string | undefined): string {
  const names = state.objects.nodes.map(({ metadata }) => metadata.name ?? '').toSorted();
  const chosen = name ?? names[0];
  if (chosen !== undefined && names.includes(chosen)) return chosen;
  throw new PintleError('not-found', name === undefined ? 'the cluster has no nodes' : `there is no node "${name}"`, {
    hint: `nodes: ${names.join(', ')}`,
  });
}
