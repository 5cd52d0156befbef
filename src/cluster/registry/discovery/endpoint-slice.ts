import type { Endpoint, EndpointSlice } from '../../../kube/api/discovery-v1.generated.ts';
import { parseIp } from '../../../kube/ip-address.ts';
import { isDns1123Label, nameIsDnsSubdomain } from '../../../kube/names.ts';
import { checkNonSpecialIp } from '../checks/addresses.ts';
import { checkDnsLabel, checkQualifiedName } from '../checks/names.ts';
import { checkImmutable, checkOneOf } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { PROTOCOLS } from '../pod/containers.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import type { Loose } from '../wire.ts';

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];
const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
const MAX_ZONE_HINTS = 8;

/** kubernetes: pkg/registry/discovery/endpointslice/strategy.go */
export function endpointSliceStrategy(): Strategy {
  return defineStrategy<EndpointSlice>({
    type: resourceType('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),
    generation: ['endpoints', 'ports', 'addressType'],
    allowCreateOnUpdate: true,
    defaults: ({ ports }) => {
      for (const port of ports ?? []) {
        port.name ??= '';
        port.protocol ??= 'TCP';
      }
    },
    validate,
    validateUpdate: ({ addressType }, old, faults) =>
      checkImmutable(addressType, old.addressType, 'addressType', faults),
  });
}

function validate(slice: Loose<EndpointSlice>, faults: Faults): void {
  const { addressType = '' } = slice;
  const endpoints = slice.endpoints ?? [];
  checkOneOf(addressType, ADDRESS_TYPES, 'addressType', faults, { required: true });
  if (endpoints.length > MAX_ENDPOINTS) faults.tooMany('endpoints', endpoints.length, MAX_ENDPOINTS);
  else endpoints.forEach((endpoint, i) => checkEndpoint(endpoint, addressType, `endpoints[${i}]`, faults));
  checkPorts(slice, faults);
}

function checkEndpoint(endpoint: Loose<Endpoint>, type: string, path: string, faults: Faults): void {
  const { nodeName, hostname, hints } = endpoint;
  const addresses = endpoint.addresses ?? [];
  const at = `${path}.addresses`;
  if (addresses.length === 0) faults.required(at, 'must contain at least 1 address');
  else if (addresses.length > MAX_ADDRESSES) faults.tooMany(at, addresses.length, MAX_ADDRESSES);
  addresses.forEach((address, i) => checkAddress(address, type, `${at}[${i}]`, faults));
  if (nodeName !== undefined) faults.invalidEach(`${path}.nodeName`, nodeName, nameIsDnsSubdomain(nodeName));
  if (hostname !== undefined) checkDnsLabel(hostname, `${path}.hostname`, faults);
  const zones = hints?.forZones ?? [];
  const zonesAt = `${path}.hints.forZones`;
  if (zones.length > MAX_ZONE_HINTS) {
    faults.tooMany(zonesAt, zones.length, MAX_ZONE_HINTS);
    return;
  }
  zones.forEach(({ name = '' }, i) => {
    if (zones.findIndex((zone) => zone.name === name) < i) faults.duplicate(`${zonesAt}[${i}].name`, name);
    else checkQualifiedName(name, `${zonesAt}[${i}].name`, faults);
  });
}

function checkAddress(address: string, type: string, path: string, faults: Faults): void {
  if (type === 'IPv4' || type === 'IPv6') {
    const parsed = parseIp(address);
    if (parsed?.family !== (type === 'IPv4' ? 4 : 6)) {
      faults.invalid(path, address, `must be a valid ${type} address`);
    }
    checkNonSpecialIp(address, path, faults);
  } else if (type === 'FQDN') {
    const name = address.endsWith('.') ? address.slice(0, -1) : address;
    if (name === '') faults.required(path);
    else if (name.split('.').length < 2) {
      faults.invalid(path, address, 'should be a domain with at least two segments separated by dots');
    } else for (const label of name.split('.')) faults.invalidEach(path, label, isDns1123Label(label));
  }
}

function checkPorts(slice: Loose<EndpointSlice>, faults: Faults): void {
  const ports = slice.ports ?? [];
  if (ports.length > MAX_PORTS) {
    faults.tooMany('ports', ports.length, MAX_PORTS);
    return;
  }
  const names = new Set<string>();
  ports.forEach((port, i) => {
    const at = `ports[${i}]`;
    const { name = '' } = port;
    if (name !== '') checkDnsLabel(name, `${at}.name`, faults);
    if (names.has(name)) faults.duplicate(`${at}.name`, name);
    names.add(name);
    checkOneOf(port.protocol, PROTOCOLS, `${at}.protocol`, faults, { required: true });
    if (port.appProtocol !== undefined) checkQualifiedName(port.appProtocol, `${at}.appProtocol`, faults);
  });
}
