import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '../../../kube/api/networking-v1.generated.ts';
import { canonicalIp, parseCidr, type Cidr } from '../../../kube/ip-address.ts';
import { isValidCidr, isValidPortName } from '../../../kube/names.ts';
import { checkLabelSelector } from '../checks/labels.ts';
import { checkPortNumber } from '../checks/names.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Edit, Loose } from '../wire.ts';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const POLICY_TYPES = ['Ingress', 'Egress'];

/** kubernetes: pkg/registry/networking/networkpolicy/strategy.go */
export function networkPolicyStrategy(): Strategy {
  return defineStrategy<NetworkPolicy>({
    type: resourceType('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', { shortNames: ['netpol'] }),
    generation: ['spec'],
    defaults,
    validate: ({ spec = {} }, faults) => checkSpec(spec, faults),
  });
}

function defaults(policy: Edit<NetworkPolicy>): void {
  const spec = (policy.spec ??= {});
  for (const { ports = [] } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of ports) port.protocol ??= 'TCP';
  }
  if ((spec.policyTypes ?? []).length === 0) {
    spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  }
}

function checkSpec(spec: Loose<NetworkPolicySpec>, faults: Faults): void {
  checkLabelSelector(spec.podSelector, 'spec.podSelector', faults);
  spec.ingress?.forEach(({ ports = [], from = [] }, i) => {
    const at = `spec.ingress[${i}]`;
    ports.forEach((port, p) => checkPort(port, `${at}.ports[${p}]`, faults));
    from.forEach((peer, p) => checkPeer(peer, `${at}.from[${p}]`, faults));
  });
  spec.egress?.forEach(({ ports = [], to = [] }, i) => {
    const at = `spec.egress[${i}]`;
    ports.forEach((port, p) => checkPort(port, `${at}.ports[${p}]`, faults));
    to.forEach((peer, p) => checkPeer(peer, `${at}.to[${p}]`, faults));
  });
  const types = spec.policyTypes ?? [];
  if (types.length > POLICY_TYPES.length) {
    faults.invalid('spec.policyTypes', types, 'may not specify more than two policyTypes');
    return;
  }
  types.forEach((type, i) => {
    if (!POLICY_TYPES.includes(type)) faults.notSupported(`spec.policyTypes[${i}]`, type, POLICY_TYPES);
  });
}

function checkPort(rule: Loose<NetworkPolicyPort>, path: string, faults: Faults): void {
  const { protocol, port, endPort } = rule;
  if (protocol !== undefined && !PROTOCOLS.includes(protocol)) {
    faults.notSupported(`${path}.protocol`, protocol, PROTOCOLS);
  }
  const at = `${path}.endPort`;
  if (port === undefined) {
    if (endPort !== undefined) faults.invalid(at, endPort, 'may not be specified when `port` is not specified');
  } else if (typeof port === 'string') {
    if (endPort !== undefined) faults.invalid(at, endPort, 'may not be specified when `port` is non-numeric');
    faults.invalidEach(`${path}.port`, port, isValidPortName(port));
  } else {
    checkPortNumber(port, `${path}.port`, faults);
    if (endPort === undefined) return;
    if (endPort < port) faults.invalid(at, endPort, 'must be greater than or equal to `port`');
    checkPortNumber(endPort, at, faults);
  }
}

function checkPeer(peer: Loose<NetworkPolicyPeer>, path: string, faults: Faults): void {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  checkLabelSelector(podSelector, `${path}.podSelector`, faults);
  checkLabelSelector(namespaceSelector, `${path}.namespaceSelector`, faults);
  if (ipBlock !== undefined) checkBlock(ipBlock, `${path}.ipBlock`, faults);
  const hasSelector = podSelector !== undefined || namespaceSelector !== undefined;
  if (!hasSelector && ipBlock === undefined) faults.required(path, 'must specify a peer');
  else if (hasSelector && ipBlock !== undefined) {
    faults.forbidden(path, 'may not specify both ipBlock and another peer');
  }
}

function checkBlock(block: Loose<IPBlock>, path: string, faults: Faults): void {
  const { cidr = '', except = [] } = block;
  if (cidr === '') {
    faults.required(`${path}.cidr`);
    return;
  }
  faults.invalidEach(`${path}.cidr`, cidr, isValidCidr(cidr));
  const outer = parseCidr(cidr);
  if (outer === undefined) return;
  except.forEach((text, i) => {
    const at = `${path}.except[${i}]`;
    faults.invalidEach(at, text, isValidCidr(text));
    const inner = parseCidr(text);
    if (inner !== undefined && !isStrictlyWithin(inner, outer)) {
      faults.invalid(at, text, 'must be a strict subset of `cidr`');
    }
  });
}

function isStrictlyWithin(inner: Cidr, outer: Cidr): boolean {
  if (inner.prefixLength <= outer.prefixLength || inner.address.family !== outer.address.family) return false;
  return parseCidr(`${canonicalIp(inner.address)}/${outer.prefixLength}`)?.canonical === outer.canonical;
}
