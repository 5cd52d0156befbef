import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  ExactDeviceRequest,
  ResourceClaim,
  ResourceClaimTemplate,
} from '../../../kube/api/resource-v1.generated.ts';
import { semanticEqual } from '../../../kube/equality.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../checks/names.ts';
import { IMMUTABLE } from '../checks/values.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { type Edit, isBlank, type Loose } from '../wire.ts';
import { checkOpaque } from './device-class.ts';
import { checkDeviceTolerations, checkSelectors } from './device-selectors.ts';

const MODES = ['All', 'ExactCount'];
const MOST_REQUESTS = 32;
const MOST_CHOICES = 8;

/** kubernetes: pkg/registry/resource/resourceclaim/strategy.go, pkg/apis/resource/validation */
export function resourceClaimStrategy(): Strategy {
  return defineStrategy<ResourceClaim>({
    type: resourceType('resource.k8s.io/v1', 'ResourceClaim', 'resourceclaims', {
      subresources: ['status'],
    }),
    defaults: ({ spec }) => defaultRequests(spec?.devices),
    validateCreate: ({ spec = {} }, faults) => checkDevices(spec.devices ?? {}, 'spec.devices', faults),
    validateUpdate: ({ spec }, old, faults) => {
      if (!semanticEqual(spec, old.spec)) faults.invalid('spec', spec ?? {}, IMMUTABLE);
    },
    validateStatus: ({ status = {} }, old, faults) => {
      const { allocation, reservedFor = [] } = status;
      if (
        old.status?.allocation !== undefined &&
        allocation !== undefined &&
        !semanticEqual(allocation, old.status.allocation)
      ) {
        faults.invalid('status.allocation', allocation, IMMUTABLE);
      }
      if (reservedFor.length > 0 && allocation === undefined) {
        faults.forbidden('status.reservedFor', 'may not be specified when `allocated` is not set');
      }
    },
  });
}

/** kubernetes: pkg/registry/resource/resourceclaimtemplate/strategy.go */
export function resourceClaimTemplateStrategy(): Strategy {
  return defineStrategy<ResourceClaimTemplate>({
    type: resourceType('resource.k8s.io/v1', 'ResourceClaimTemplate', 'resourceclaimtemplates'),
    defaults: ({ spec }) => defaultRequests(spec?.spec?.devices),
    validateCreate: ({ spec = {} }, faults) => checkDevices(spec.spec?.devices ?? {}, 'spec.spec.devices', faults),
    validateUpdate: ({ spec }, old, faults) => {
      if (!semanticEqual(spec, old.spec)) faults.invalid('spec', spec ?? {}, IMMUTABLE);
    },
  });
}

function defaultRequests(devices: Edit<DeviceClaim> | undefined): void {
  const mode = (request: Edit<ExactDeviceRequest>): void => {
    request.allocationMode ??= 'ExactCount';
    if (request.allocationMode === 'ExactCount') request.count ??= 1;
    for (const toleration of request.tolerations ?? []) toleration.operator ??= 'Equal';
  };
  for (const { exactly, firstAvailable = [] } of devices?.requests ?? []) {
    if (exactly !== undefined) mode(exactly);
    firstAvailable.forEach(mode);
  }
}

function checkDevices(devices: Loose<DeviceClaim>, path: string, faults: Faults): void {
  const { constraints = [], config = [] } = devices;
  const requests = devices.requests ?? [];
  const names = new Set<string>();
  if (requests.length > MOST_REQUESTS) faults.tooMany(`${path}.requests`, requests.length, MOST_REQUESTS);
  const known = new Set<string>();
  requests.forEach((request, i) => {
    const { name = '', firstAvailable = [] } = request;
    checkRequest(request, `${path}.requests[${i}]`, faults);
    if (names.has(name)) faults.duplicate(`${path}.requests[${i}]`, name);
    names.add(name);
    known.add(name);
    for (const choice of firstAvailable) known.add(`${name}/${choice.name ?? ''}`);
  });
  const checkNames = (used: readonly string[] = [], at: string): void => {
    used.forEach((name, i) => {
      if (!known.has(name))
        faults.invalid(
          `${at}.requests[${i}]`,
          name,
          "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
        );
    });
  };
  constraints.forEach((constraint, i) => {
    const at = `${path}.constraints[${i}]`;
    checkNames(constraint.requests, at);
    checkConstraint(constraint, at, faults);
  });
  config.forEach(({ opaque, requests: used }, i) => {
    checkNames(used, `${path}.config[${i}]`);
    checkOpaque(opaque, `${path}.config[${i}]`, faults);
  });
}

function checkConstraint(
  { matchAttribute, distinctAttribute }: Loose<DeviceConstraint>,
  path: string,
  faults: Faults,
): void {
  const attribute = matchAttribute ?? distinctAttribute;
  const field = matchAttribute === undefined ? 'distinctAttribute' : 'matchAttribute';
  if (attribute === undefined) {
    faults.required(path, 'exactly one of `matchAttribute` or `distinctAttribute` is required');
  } else if (attribute === '') faults.required(`${path}.${field}`, 'name required');
  else if (!attribute.includes('/')) faults.invalid(`${path}.${field}`, attribute, 'must include a domain');
}

function checkRequest(request: Loose<DeviceRequest>, path: string, faults: Faults): void {
  const { name = '', exactly, firstAvailable = [] } = request;
  checkDnsLabel(name, `${path}.name`, faults);
  if (exactly === undefined && firstAvailable.length === 0) {
    faults.required(path, 'exactly one of `exactly` or `firstAvailable` is required');
  } else if (exactly !== undefined && firstAvailable.length > 0) {
    faults.invalid(path, null, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set');
  } else if (exactly !== undefined) checkAmount(exactly, `${path}.exactly`, faults);
  else {
    const at = `${path}.firstAvailable`;
    if (firstAvailable.length > MOST_CHOICES) faults.tooMany(at, firstAvailable.length, MOST_CHOICES);
    const names = new Set<string>();
    firstAvailable.forEach((choice, i) => {
      const own = choice.name ?? '';
      checkDnsLabel(own, `${at}[${i}].name`, faults);
      checkAmount(choice, `${at}[${i}]`, faults);
      if (names.has(own)) faults.duplicate(`${at}[${i}]`, own);
      names.add(own);
    });
  }
}

function checkAmount(request: Loose<ExactDeviceRequest>, path: string, faults: Faults): void {
  const { deviceClassName, allocationMode: mode = '', count = 0, selectors, tolerations } = request;
  if (isBlank(deviceClassName)) faults.required(`${path}.deviceClassName`);
  else checkDnsSubdomain(deviceClassName, `${path}.deviceClassName`, faults);
  checkSelectors(selectors, `${path}.selectors`, faults);
  if (mode === 'All') {
    if (count !== 0) faults.invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'");
  } else if (mode === 'ExactCount') {
    if (count <= 0) faults.invalid(`${path}.count`, count, 'must be greater than zero');
  } else faults.notSupported(`${path}.allocationMode`, mode, MODES);
  checkDeviceTolerations(tolerations, `${path}.tolerations`, faults);
}
