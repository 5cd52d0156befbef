import type { NodeOptions } from './kubelet/kubelet.ts';

/** The nodes of an embedded cluster: the first runs what a single machine runs, all are alike. */
export function clusterNodes(count: number): readonly NodeOptions[] {
  return Array.from({ length: count }, (_, index) => ({
    nodeName: count === 1 ? 'pintle' : `pintle-${index + 1}`,
    index,
    capacity: { cpu: '8', memory: '32Gi', 'ephemeral-storage': '200Gi', pods: '110' },
    ...(index === 0 ? { labels: { 'node-role.kubernetes.io/control-plane': '' } } : {}),
  }));
}
