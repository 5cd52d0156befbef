import { canonicalIp, parseIp } from '../../../../kube/ip-address.ts';
import { RESOURCES } from '../../../../kube/resources.ts';
import type { Service, ServiceSpec } from '../../../../kube/api/core-v1.generated.ts';
import { SERVICE_RANGE } from '../../../machinery/cluster-network.ts';
import { Faults } from '../../faults.ts';
import type { StrategyContext } from '../../strategy.ts';
import type { Edit, Loose } from '../../wire.ts';
import { Band } from './band.ts';
import { checkClusterIps, familyOf } from './cluster-ips.ts';
import {
  isHeadless,
  needsClusterIp,
  needsHealthCheck,
  needsNodePort,
  NO_CLUSTER_IP,
  nodePortsOf,
  shouldAllocateNodePorts,
} from './traits.ts';

const FIRST_IP = (10 << 24) + (96 << 16) + 1;
const LAST_IP = (10 << 24) + (111 << 16) + (255 << 8) + 254;
/** Addresses at the start of the range that are given out last, so that clients can choose some. */
const STATIC_IPS = 256;

const FIRST_PORT = 30_000;
const LAST_PORT = 32_767;
const STATIC_PORTS = 86;

const IP_TAKEN = 'provided IP is already allocated';
const PORT_TAKEN = 'provided port is already allocated';

/**
 * Gives a Service its addresses and ports out of {@link SERVICE_RANGE} and 30000-32767; the cluster knows IPv4 alone.
 * kubernetes: pkg/registry/core/service/storage/alloc.go
 */
export function allocateService(
  service: Edit<Service>,
  old: Loose<Service> | undefined,
  faults: Faults,
  context: StrategyContext,
): void {
  const spec = (service.spec ??= {});
  if (!needsClusterIp(service)) return;
  if (!initFamilies(service, old, faults)) return;
  const others = new Others(service, context);
  if (!isHeadless(service)) allocateIp(spec, old, others, faults, context);
  if (needsNodePort(service)) allocateNodePorts(service, old, others, faults, context);
  if (faults.count === 0) allocateHealthCheckPort(service, old, others, faults, context);
}

/** What the other Services hold, looked up when it is needed. */
class Others {
  readonly #service: Edit<Service>;
  readonly #context: StrategyContext;
  #ips: Set<string> | undefined;
  #ports: Set<number> | undefined;

  constructor(service: Edit<Service>, context: StrategyContext) {
    this.#service = service;
    this.#context = context;
  }

  get ips(): Set<string> {
    this.#ips ??= new Set(this.#services().flatMap(({ spec = {} }) => spec.clusterIPs ?? []));
    return this.#ips;
  }

  get ports(): Set<number> {
    if (this.#ports !== undefined) return this.#ports;
    const ports = new Set<number>();
    for (const service of this.#services()) {
      for (const port of nodePortsOf(service)) ports.add(port);
      const healthCheck = service.spec?.healthCheckNodePort ?? 0;
      if (healthCheck !== 0) ports.add(healthCheck);
    }
    this.#ports = ports;
    return ports;
  }

  #services(): readonly Loose<Service>[] {
    const { namespace, name } = this.#service.metadata ?? {};
    const services = this.#context.list(RESOURCES.services) as unknown as readonly Loose<Service>[];
    return services.filter(({ metadata = {} }) => metadata.name !== name || metadata.namespace !== namespace);
  }
}

/**
 * The families that a Service has addresses of, and the policy that says so; false when they cannot be told.
 * kubernetes: initIPFamilyFields
 */
function initFamilies(service: Edit<Service>, old: Loose<Service> | undefined, faults: Faults): boolean {
  const spec = (service.spec ??= {});
  const isSelectorless = spec.clusterIP === NO_CLUSTER_IP && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= old?.spec?.ipFamilyPolicy ?? (isSelectorless ? 'RequireDualStack' : 'SingleStack');
  // What is wrong by itself is told when the whole object is checked.
  const found = new Faults();
  checkClusterIps(service, found);
  if (found.count > 0) return false;
  const isSingle = spec.ipFamilyPolicy === 'SingleStack';
  const at = 'spec.ipFamilyPolicy';
  if (isSingle) {
    const text = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
    if (spec.clusterIPs?.length === 2) faults.invalid(at, spec.ipFamilyPolicy, `${text} cluster IPs are specified`);
    if (spec.ipFamilies?.length === 2) faults.invalid(at, spec.ipFamilyPolicy, `${text} IP families are specified`);
  }
  const families = [...(spec.ipFamilies ?? [])];
  spec.clusterIPs?.forEach((ip, i) => {
    if (ip === NO_CLUSTER_IP || i < families.length) return;
    const family = familyOf(ip);
    if (family === 'IPv4') families.push(family);
    else faults.invalid(`spec.clusterIPs[${i}]`, spec.clusterIPs, `${family} is not configured on this cluster`);
  });
  if (faults.count > 0) return false;
  const [first = 'IPv4'] = families;
  if (isSelectorless) {
    if (isSingle || families.length > 1) spec.ipFamilies = families.length > 0 ? families : [first];
    else spec.ipFamilies = first === 'IPv4' ? ['IPv4', 'IPv6'] : ['IPv6', 'IPv4'];
    return true;
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    faults.invalid(at, spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services');
  }
  families.forEach((family, i) => {
    if (family !== 'IPv4') faults.invalid(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster');
  });
  if (faults.count > 0) return false;
  spec.ipFamilies = families.length > 0 ? families : [first];
  return true;
}

function allocateIp(
  spec: Edit<ServiceSpec>,
  old: Loose<Service> | undefined,
  others: Others,
  faults: Faults,
  context: StrategyContext,
): void {
  const wanted = spec.clusterIPs?.[0] ?? '';
  const isKept = old !== undefined && wanted !== '' && old.spec?.clusterIPs?.includes(wanted) === true;
  if (isKept) return;
  if (wanted !== '') {
    const fault = ipFault(wanted, others);
    if (fault !== undefined) {
      faults.invalid('spec.clusterIPs', spec.clusterIPs, `failed to allocate IP ${wanted}: ${fault}`);
    }
    return;
  }
  const band = new Band(FIRST_IP, LAST_IP, STATIC_IPS);
  const number = band.pick(context.random, (candidate) => others.ips.has(ipText(candidate)));
  if (number === undefined) {
    faults.invalid('spec.clusterIPs', [], 'failed to allocate a serviceIP: range is full');
    return;
  }
  spec.clusterIP = ipText(number);
  spec.clusterIPs = [spec.clusterIP];
}

function ipFault(text: string, others: Others): string | undefined {
  const address = parseIp(text);
  if (address === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = address.groups;
  const number = (a << 24) + (b << 16) + (c << 8) + d;
  if (address.family !== 4 || number < FIRST_IP || number > LAST_IP) {
    return `the provided IP (${canonicalIp(address)}) is not in the valid range. The range of valid IPs is ${SERVICE_RANGE}`;
  }
  return others.ips.has(canonicalIp(address)) ? IP_TAKEN : undefined;
}

function ipText(number: number): string {
  return [number >>> 24, (number >> 16) & 255, (number >> 8) & 255, number & 255].join('.');
}

function allocateNodePorts(
  service: Edit<Service>,
  old: Loose<Service> | undefined,
  others: Others,
  faults: Faults,
  context: StrategyContext,
): void {
  const ports = service.spec?.ports ?? [];
  const kept = old === undefined ? new Set<number>() : nodePortsOf(old);
  const mine = new Set<number>();
  ports.forEach(({ nodePort = 0 }, i) => {
    if (nodePort === 0 || kept.has(nodePort) || mine.has(nodePort)) return;
    const fault = portFault(nodePort, others);
    if (fault !== undefined) faults.invalid(`spec.ports[${i}].nodePort`, nodePort, fault);
    mine.add(nodePort);
  });
  if (faults.count > 0 || !shouldAllocateNodePorts(service)) return;
  for (const port of nodePortsOf(service)) mine.add(port);
  const byPort = new Map<number, number>();
  for (const port of ports) if ((port.nodePort ?? 0) !== 0) byPort.set(port.port ?? 0, port.nodePort ?? 0);
  for (const [i, port] of ports.entries()) {
    if ((port.nodePort ?? 0) !== 0) continue;
    // The same port over another protocol gets the same nodePort.
    const shared = byPort.get(port.port ?? 0);
    const number = shared ?? freePort(others, mine, context);
    if (number === undefined) {
      faults.invalid(`spec.ports[${i}].nodePort`, 0, 'failed to allocate a nodePort: range is full');
      return;
    }
    port.nodePort = number;
    mine.add(number);
    byPort.set(port.port ?? 0, number);
  }
}

function portFault(port: number, others: Others): string | undefined {
  if (port < FIRST_PORT || port > LAST_PORT) {
    return `provided port is not in the valid range. The range of valid ports is ${FIRST_PORT}-${LAST_PORT}`;
  }
  return others.ports.has(port) ? PORT_TAKEN : undefined;
}

function freePort(others: Others, mine: ReadonlySet<number>, context: StrategyContext): number | undefined {
  const band = new Band(FIRST_PORT, LAST_PORT, STATIC_PORTS);
  return band.pick(context.random, (port) => others.ports.has(port) || mine.has(port));
}

function allocateHealthCheckPort(
  service: Edit<Service>,
  old: Loose<Service> | undefined,
  others: Others,
  faults: Faults,
  context: StrategyContext,
): void {
  if (!needsHealthCheck(service)) return;
  const spec = (service.spec ??= {});
  const wanted = spec.healthCheckNodePort ?? 0;
  if (wanted !== 0) {
    if (old?.spec?.healthCheckNodePort === wanted) return;
    const fault = portFault(wanted, others);
    if (fault !== undefined) faults.invalid('spec.healthCheckNodePort', wanted, fault);
    return;
  }
  const port = freePort(others, nodePortsOf(service), context);
  if (port === undefined) faults.required('spec.healthCheckNodePort');
  else spec.healthCheckNodePort = port;
}
