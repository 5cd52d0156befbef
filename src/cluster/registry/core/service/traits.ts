import type { Service } from '../../../../kube/api/core-v1.generated.ts';
import type { Loose } from '../../wire.ts';

/*
 * What the type of a Service makes of its fields. kubernetes: pkg/api/service/util.go, pkg/registry/core/service/strategy.go
 */

/** The only clusterIP of a Service without one. */
export const NO_CLUSTER_IP = 'None';

type AnyService = Loose<Service>;

export function isHeadless({ spec = {} }: AnyService): boolean {
  return spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === NO_CLUSTER_IP;
}

export function needsClusterIp({ spec = {} }: AnyService): boolean {
  return spec.type !== 'ExternalName';
}

export function needsNodePort({ spec = {} }: AnyService): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}

export function isLoadBalancer({ spec = {} }: AnyService): boolean {
  return spec.type === 'LoadBalancer';
}

/** A load balancer that keeps the client's address asks nodes whether they have endpoints. */
export function needsHealthCheck(service: AnyService): boolean {
  return isLoadBalancer(service) && service.spec?.externalTrafficPolicy === 'Local';
}

export function isExternallyAccessible({ spec = {} }: AnyService): boolean {
  return (
    spec.type === 'LoadBalancer' ||
    spec.type === 'NodePort' ||
    (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0)
  );
}

export function shouldAllocateNodePorts({ spec = {} }: AnyService): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

/** The nodePorts that are asked for or given out. */
export function nodePortsOf({ spec = {} }: AnyService): Set<number> {
  const ports = new Set<number>();
  for (const { nodePort = 0 } of spec.ports ?? []) if (nodePort !== 0) ports.add(nodePort);
  return ports;
}
