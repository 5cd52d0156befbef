import type { Service } from '../../../../kube/api/core-v1.generated.ts';
import { deepEqual } from '../../../../kube/equality.ts';
import type { Edit, Loose } from '../../wire.ts';
import {
  isExternallyAccessible,
  isLoadBalancer,
  needsClusterIp,
  needsHealthCheck,
  needsNodePort,
  nodePortsOf,
} from './traits.ts';

/*
 * Fields of a Service that hang together: what a client means that changed one of them only.
 * kubernetes: pkg/registry/core/service/storage/storage.go, pkg/registry/core/service/strategy.go
 */

/** Values that the server gave out stay when a client does not say otherwise. */
export function keepAllocatedValues(service: Edit<Service>, old: Loose<Service>): void {
  const spec = (service.spec ??= {});
  const before = old.spec ?? {};
  if (needsClusterIp(old) && needsClusterIp(service)) {
    if (isBlankText(spec.clusterIP) && before.clusterIP !== undefined) spec.clusterIP = before.clusterIP;
    if ((spec.clusterIPs ?? []).length === 0 && spec.clusterIP === before.clusterIP) copyIps(spec, before.clusterIPs);
  }
  if (needsNodePort(old) && needsNodePort(service)) {
    const now = nodePortsOf(service);
    const used = new Set([...nodePortsOf(old)].filter((port) => now.has(port)));
    const byName = new Map((before.ports ?? []).map((port) => [port.name ?? '', port.nodePort ?? 0]));
    for (const port of spec.ports ?? []) {
      const known = byName.get(port.name ?? '') ?? 0;
      if ((port.nodePort ?? 0) === 0 && known !== 0 && !used.has(known)) port.nodePort = known;
    }
  }
  if (needsHealthCheck(old) && needsHealthCheck(service) && (spec.healthCheckNodePort ?? 0) === 0) {
    if (before.healthCheckNodePort !== undefined) spec.healthCheckNodePort = before.healthCheckNodePort;
  }
}

/** Keeps `clusterIP` and `clusterIPs` equal for clients that know only one of them. kubernetes: normalizeClusterIPs */
export function syncClusterIps(service: Edit<Service>, old: Loose<Service> | undefined): void {
  const spec = (service.spec ??= {});
  const clusterIp = spec.clusterIP ?? '';
  if (old === undefined) {
    if (clusterIp !== '' && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [clusterIp];
    return;
  }
  const before = old.spec?.clusterIP ?? '';
  const ipsBefore = old.spec?.clusterIPs ?? [];
  if (ipsBefore.length > 0 && (spec.clusterIPs ?? []).length === 0 && before === clusterIp) copyIps(spec, ipsBefore);
  if (before === clusterIp || !deepEqual(ipsBefore, spec.clusterIPs ?? [])) return;
  if (before !== '' && clusterIp === '') delete spec.clusterIPs;
  else spec.clusterIPs = [clusterIp];
}

/** What a Service had only for its old type goes, unless the client changed it too. */
export function dropTypeDependentFields(service: Edit<Service>, old: Loose<Service>): void {
  const spec = (service.spec ??= {});
  const before = old.spec ?? {};
  if (needsClusterIp(old) && !needsClusterIp(service)) {
    if (before.clusterIP === spec.clusterIP && deepEqual(before.clusterIPs ?? [], spec.clusterIPs ?? [])) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (deepEqual(before.ipFamilies, spec.ipFamilies)) delete spec.ipFamilies;
    if (before.ipFamilyPolicy === spec.ipFamilyPolicy) delete spec.ipFamilyPolicy;
  }
  if (needsNodePort(old) && !needsNodePort(service)) {
    const known = nodePortsOf(old);
    if ([...nodePortsOf(service)].every((port) => known.has(port))) {
      for (const port of spec.ports ?? []) delete port.nodePort;
    }
  }
  if (needsHealthCheck(old) && !needsHealthCheck(service)) dropUnchanged(spec, before, 'healthCheckNodePort');
  if (isLoadBalancer(old) && !isLoadBalancer(service)) {
    dropUnchanged(spec, before, 'allocateLoadBalancerNodePorts');
    dropUnchanged(spec, before, 'loadBalancerClass');
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(service)) {
    dropUnchanged(spec, before, 'externalTrafficPolicy');
  }
  if (!isLoadBalancer(service)) service.status = { ...service.status, loadBalancer: {} };
}

function dropUnchanged(spec: object, old: object, field: string): void {
  const values = spec as Record<string, unknown>;
  if (values[field] === (old as Record<string, unknown>)[field]) delete values[field];
}

function copyIps(spec: NonNullable<Edit<Service>['spec']>, ips: readonly string[] | undefined): void {
  if (ips !== undefined) spec.clusterIPs = [...ips];
}

function isBlankText(text: string | undefined): boolean {
  return text === undefined || text === '';
}
