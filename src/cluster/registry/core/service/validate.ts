import type { Service, ServicePort, ServiceSpec } from '../../../../kube/api/core-v1.generated.ts';
import { isDns1123Subdomain, isValidCidr } from '../../../../kube/names.ts';
import { parseIp } from '../../../../kube/ip-address.ts';
import { checkNonSpecialIp } from '../../checks/addresses.ts';
import { checkLabels } from '../../checks/labels.ts';
import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkIp,
  checkPort,
  checkPortNumber,
  checkQualifiedName,
} from '../../checks/names.ts';
import { checkOneOf } from '../../checks/values.ts';
import type { Faults } from '../../faults.ts';
import { Verbatim } from '../../field-error.ts';
import { PROTOCOLS } from '../../pod/containers.ts';
import { isBlank, type Loose } from '../../wire.ts';
import { checkClusterIpChange, checkClusterIps, checkFamilyChange } from './cluster-ips.ts';
import { isExternallyAccessible, isHeadless, isLoadBalancer, needsHealthCheck } from './traits.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const AFFINITIES = ['ClientIP', 'None'];
const TRAFFIC_POLICIES = ['Cluster', 'Local'];
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';
/** One day */
const MAX_SESSION_SECONDS = 86_400;

/** Refuses wrong Services. kubernetes: ValidateService */
export function checkService(service: Loose<Service>, faults: Faults): void {
  const { spec = {}, metadata = {} } = service;
  const hints = metadata.annotations?.[TOPOLOGY_HINTS];
  const mode = metadata.annotations?.[TOPOLOGY_MODE];
  if (hints !== undefined && mode !== undefined && hints !== mode) {
    const text = `must match annotations[${TOPOLOGY_HINTS}] when both are specified`;
    faults.invalid(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, text);
  }
  const ports = spec.ports ?? [];
  if (ports.length === 0 && !isHeadless(service) && spec.type !== 'ExternalName') faults.required('spec.ports');
  checkType(service, faults);
  const names = new Set<string>();
  ports.forEach((port, i) => checkServicePort(port, ports.length > 1, names, `spec.ports[${i}]`, faults));
  checkLabels(spec.selector, 'spec.selector', faults);
  checkSessionAffinity(spec, faults);
  checkClusterIps(service, faults);
  spec.externalIPs?.forEach((ip, i) => {
    const at = `spec.externalIPs[${i}]`;
    if (checkIp(ip, at, faults)) checkNonSpecialIp(ip, at, faults);
  });
  checkOneOf(spec.type, TYPES, 'spec.type', faults, { required: true });
  checkPortsTogether(spec, faults);
  checkSourceRanges(service, faults);
  checkLoadBalancerFields(spec, faults);
  checkTraffic(service, faults);
}

/** What each type needs and refuses. */
function checkType(service: Loose<Service>, faults: Faults): void {
  const { spec = {} } = service;
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') {
    if (isHeadless(service)) {
      faults.invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`);
    }
    return;
  }
  if (spec.type !== 'ExternalName') return;
  const text = 'may not be set for ExternalName services';
  if ((spec.clusterIPs ?? []).length > 0) faults.forbidden('spec.clusterIPs', text);
  if ((spec.ipFamilies ?? []).length > 0) faults.forbidden('spec.ipFamilies', text);
  if (spec.ipFamilyPolicy !== undefined) faults.forbidden('spec.ipFamilyPolicy', text);
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (name === '') faults.required('spec.externalName');
  else checkDnsSubdomain(name, 'spec.externalName', faults);
}

function checkServicePort(
  port: Loose<ServicePort>,
  isNameRequired: boolean,
  names: Set<string>,
  path: string,
  faults: Faults,
): void {
  const { name = '', protocol } = port;
  if (name !== '') {
    checkDnsLabel(name, `${path}.name`, faults);
    if (names.has(name)) faults.duplicate(`${path}.name`, name);
    names.add(name);
  } else if (isNameRequired) faults.required(`${path}.name`);
  checkPortNumber(port.port ?? 0, `${path}.port`, faults);
  checkOneOf(protocol, PROTOCOLS, `${path}.protocol`, faults, { required: true });
  checkPort(port.targetPort, `${path}.targetPort`, faults);
  if (port.appProtocol !== undefined) checkQualifiedName(port.appProtocol, `${path}.appProtocol`, faults);
}

function checkSessionAffinity(spec: Loose<ServiceSpec>, faults: Faults): void {
  const { sessionAffinity, sessionAffinityConfig: config } = spec;
  checkOneOf(sessionAffinity, AFFINITIES, 'spec.sessionAffinity', faults, { required: true });
  const at = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None') {
    if (config !== undefined) faults.forbidden(at, 'must not be set when session affinity is None');
  } else if (sessionAffinity === 'ClientIP') {
    const text = 'when session affinity type is ClientIP';
    const seconds = config?.clientIP?.timeoutSeconds;
    if (config === undefined) faults.required(at, text);
    else if (config.clientIP === undefined) faults.required(`${at}.clientIP`, text);
    else if (seconds === undefined) faults.required(`${at}.clientIP.timeoutSeconds`, text);
    else if (seconds <= 0 || seconds > MAX_SESSION_SECONDS) {
      const range = `must be greater than 0 and less than ${MAX_SESSION_SECONDS}`;
      faults.invalid(`${at}.clientIP.timeoutSeconds`, seconds, range);
    }
  }
}

function checkPortsTogether(spec: Loose<ServiceSpec>, faults: Faults): void {
  const nodePorts = new Set<string>();
  const ports = new Set<string>();
  spec.ports?.forEach(({ nodePort = 0, protocol = '', port = 0 }, i) => {
    const at = `spec.ports[${i}]`;
    if (nodePort !== 0) {
      if (spec.type === 'ClusterIP') {
        faults.forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'");
      }
      if (nodePorts.has(`${protocol}/${nodePort}`)) faults.duplicate(`${at}.nodePort`, nodePort);
      nodePorts.add(`${protocol}/${nodePort}`);
    }
    if (ports.has(`${protocol}/${port}`)) {
      const shown = `{"Name":"","Protocol":${JSON.stringify(protocol)},"AppProtocol":null,"Port":${port},"TargetPort":0,"NodePort":0}`;
      faults.duplicate(at, new Verbatim(shown));
    }
    ports.add(`${protocol}/${port}`);
  });
}

function checkSourceRanges(service: Loose<Service>, faults: Faults): void {
  const { spec = {}, metadata = {} } = service;
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const text = "may only be used when `type` is 'LoadBalancer'";
  if (ranges.length > 0) {
    const at = 'spec.LoadBalancerSourceRanges';
    if (!isLoadBalancer(service)) faults.forbidden(at, text);
    ranges.forEach((range, i) => {
      const value = range.trim();
      faults.invalidEach(`${at}[${i}]`, value, isValidCidr(value));
    });
    return;
  }
  const annotation = metadata.annotations?.[SOURCE_RANGES];
  if (annotation === undefined) return;
  const at = `metadata.annotations[${SOURCE_RANGES}]`;
  if (!isLoadBalancer(service)) faults.forbidden(at, text);
  for (const range of annotation.split(',')) {
    const value = range.trim();
    if (value !== '') faults.invalidEach(at, value, isValidCidr(value));
  }
}

function checkLoadBalancerFields(spec: Loose<ServiceSpec>, faults: Faults): void {
  const text = "may only be used when `type` is 'LoadBalancer'";
  const isBalanced = spec.type === 'LoadBalancer';
  if (spec.allocateLoadBalancerNodePorts !== undefined) {
    if (!isBalanced) faults.forbidden('spec.allocateLoadBalancerNodePorts', text);
  } else if (isBalanced) faults.required('allocateLoadBalancerNodePorts');
  if (spec.loadBalancerClass === undefined) return;
  if (isBalanced) checkQualifiedName(spec.loadBalancerClass, 'spec.loadBalancerClass', faults);
  else faults.forbidden('spec.loadBalancerClass', text);
}

function checkTraffic(service: Loose<Service>, faults: Faults): void {
  const { spec = {} } = service;
  const external = spec.externalTrafficPolicy;
  if (isExternallyAccessible(service)) {
    checkOneOf(external, TRAFFIC_POLICIES, 'spec.externalTrafficPolicy', faults, { required: true });
  } else if (!isBlank(external)) {
    faults.invalid('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services');
  }
  const port = spec.healthCheckNodePort ?? 0;
  if (needsHealthCheck(service)) {
    if (port === 0) faults.required('spec.healthCheckNodePort');
    else checkPortNumber(port, 'spec.healthCheckNodePort', faults);
  } else if (port !== 0) {
    const text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    faults.invalid('spec.healthCheckNodePort', port, text);
  }
  const required = spec.type !== 'ExternalName';
  checkOneOf(spec.internalTrafficPolicy, TRAFFIC_POLICIES, 'spec.internalTrafficPolicy', faults, { required });
  checkOneOf(spec.trafficDistribution, DISTRIBUTIONS, 'spec.trafficDistribution', faults);
}

/** Refuses changes of what a Service keeps for life. kubernetes: ValidateServiceUpdate */
export function checkServiceUpdate(service: Loose<Service>, old: Loose<Service>, faults: Faults): void {
  checkClusterIpChange(service, old, faults);
  checkFamilyChange(service, old, faults);
  const spec = service.spec ?? {};
  const before = old.spec ?? {};
  if (isLoadBalancer(service) && isLoadBalancer(old) && spec.loadBalancerClass !== before.loadBalancerClass) {
    faults.invalid('spec.loadBalancerClass', spec.loadBalancerClass ?? null, 'may not change once set');
  }
  if (needsHealthCheck(service) && needsHealthCheck(old) && spec.healthCheckNodePort !== before.healthCheckNodePort) {
    faults.forbidden('spec.healthCheckNodePort', 'field is immutable');
  }
}

/** Refuses wrong addresses of load balancers. kubernetes: ValidateLoadBalancerStatus */
export function checkServiceStatus(service: Loose<Service>, faults: Faults): void {
  const ingresses = service.status?.loadBalancer?.ingress ?? [];
  const path = 'status.loadBalancer.ingress';
  if (!isLoadBalancer(service) && ingresses.length > 0) {
    faults.forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'");
    return;
  }
  ingresses.forEach(({ ip = '', ipMode, hostname = '' }, i) => {
    const at = `${path}[${i}]`;
    if (ip !== '') checkIp(ip, `${at}.ip`, faults);
    if (ipMode === undefined) {
      if (ip !== '') faults.required(`${at}.ipMode`, 'must be specified when `ip` is set');
    } else if (ip === '') faults.forbidden(`${at}.ipMode`, 'may not be specified when `ip` is not set');
    else checkOneOf(ipMode, ['Proxy', 'VIP'], `${at}.ipMode`, faults);
    if (hostname === '') return;
    faults.invalidEach(`${at}.hostname`, hostname, isDns1123Subdomain(hostname));
    if (parseIp(hostname) !== undefined) {
      faults.invalid(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address');
    }
  });
}
