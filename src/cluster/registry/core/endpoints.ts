import type { EndpointAddress, EndpointPort, Endpoints } from '../../../kube/api/core-v1.generated.ts';
import { nameIsDnsSubdomain } from '../../../kube/names.ts';
import { checkNonSpecialIp } from '../checks/addresses.ts';
import { checkDnsLabel, checkIp, checkPortNumber, checkQualifiedName } from '../checks/names.ts';
import { checkOneOf } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { PROTOCOLS } from '../pod/containers.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { isBlank, type Loose } from '../wire.ts';

/** kubernetes: pkg/registry/core/endpoint/strategy.go */
export function endpointsStrategy(): Strategy {
  return defineStrategy<Endpoints>({
    type: resourceType('v1', 'Endpoints', 'endpoints', { shortNames: ['ep'] }),
    allowCreateOnUpdate: true,
    defaults: ({ subsets = [] }) => {
      for (const { ports = [] } of subsets) for (const port of ports) port.protocol ||= 'TCP';
    },
    validate,
  });
}

function validate({ subsets = [] }: Loose<Endpoints>, faults: Faults): void {
  subsets.forEach(({ addresses = [], notReadyAddresses = [], ports = [] }, i) => {
    const at = `subsets[${i}]`;
    if (addresses.length === 0 && notReadyAddresses.length === 0) {
      faults.required(at, 'must specify `addresses` or `notReadyAddresses`');
    }
    addresses.forEach((address, a) => checkAddress(address, `${at}.addresses[${a}]`, faults));
    notReadyAddresses.forEach((address, a) => checkAddress(address, `${at}.notReadyAddresses[${a}]`, faults));
    ports.forEach((port, p) => checkPort(port, ports.length > 1, `${at}.ports[${p}]`, faults));
  });
}

function checkAddress(address: Loose<EndpointAddress>, path: string, faults: Faults): void {
  const { ip = '', hostname = '', nodeName } = address;
  checkIp(ip, `${path}.ip`, faults);
  if (hostname !== '') checkDnsLabel(hostname, `${path}.hostname`, faults);
  if (nodeName !== undefined) faults.invalidEach(`${path}.nodeName`, nodeName, nameIsDnsSubdomain(nodeName));
  checkNonSpecialIp(ip, `${path}.ip`, faults);
}

function checkPort(port: Loose<EndpointPort>, isNameRequired: boolean, path: string, faults: Faults): void {
  if (!isBlank(port.name)) checkDnsLabel(port.name, `${path}.name`, faults);
  else if (isNameRequired) faults.required(`${path}.name`);
  checkPortNumber(port.port ?? 0, `${path}.port`, faults);
  checkOneOf(port.protocol, PROTOCOLS, `${path}.protocol`, faults, { required: true });
  if (port.appProtocol !== undefined) checkQualifiedName(port.appProtocol, `${path}.appProtocol`, faults);
}
