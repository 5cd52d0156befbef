import type { NodeOptions } from '../cluster/kubelet/kubelet.ts';
import type { Node } from '../kube/api/core-v1.generated.ts';

const SIMULATED = 'pintle://';

/** Whether a node is one of a simulated cluster, whose containers do what the same images do here. */
export function isSimulatedNode(node: Node): boolean {
  return node.spec?.providerID?.startsWith(SIMULATED) === true;
}

/** The machines of nodes that are ready; the others stay as they are, without anybody who works for them. */
export function nodesOf(nodes: readonly Node[]): readonly NodeOptions[] {
  const indices = indicesOf(nodes);
  return nodes.filter(isReady).map((node) => {
    const { name = '' } = node.metadata;
    const { capacity = {}, allocatable = capacity } = node.status ?? {};
    return { nodeName: name, index: indices.get(name) ?? 0, capacity, allocatable };
  });
}

function isReady({ status }: Node): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
}

/** The number that decides on a node's addresses: the one that its pod network shows, else a free one. */
function indicesOf(nodes: readonly Node[]): ReadonlyMap<string, number> {
  const out = new Map<string, number>();
  const taken = new Set<number>();
  for (const { metadata, spec } of nodes) {
    const index = indexOfNetwork(spec?.podCIDR);
    if (index === undefined || taken.has(index)) continue;
    taken.add(index);
    out.set(metadata.name ?? '', index);
  }
  let next = 0;
  for (const { metadata } of nodes) {
    if (out.has(metadata.name ?? '')) continue;
    while (taken.has(next)) next += 1;
    taken.add(next);
    out.set(metadata.name ?? '', next);
  }
  return out;
}

/** 3 for `10.244.3.0/24`, as simulated nodes and many real ones have it. */
function indexOfNetwork(cidr: string | undefined): number | undefined {
  const match = /^10\.(2(?:4[4-9]|5[0-5]))\.(\d+)\.0\/24$/.exec(cidr ?? '');
  return match === null ? undefined : (Number(match[1]) - 244) * 256 + Number(match[2]);
}
