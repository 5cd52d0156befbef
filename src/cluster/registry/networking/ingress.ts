import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressSpec,
} from '../../../kube/api/networking-v1.generated.ts';
import { parseIp } from '../../../kube/ip-address.ts';
import {
  isDns1123Subdomain,
  isValidPortName,
  isWildcardDns1123Subdomain,
  nameIsDns1035Label,
  nameIsDnsSubdomain,
} from '../../../kube/names.ts';
import { checkIp, checkPathSegment, checkPortNumber } from '../checks/names.ts';
import { defineStrategy } from '../define.ts';
import type { Faults } from '../faults.ts';
import { resourceType } from '../resource-type.ts';
import type { Strategy } from '../strategy.ts';
import { isBlank, type Loose } from '../wire.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const BAD_SUFFIXES = ['/..', '/.'];

/** kubernetes: pkg/registry/networking/ingress/strategy.go */
export function ingressStrategy(): Strategy {
  return defineStrategy<Ingress>({
    type: resourceType('networking.k8s.io/v1', 'Ingress', 'ingresses', {
      shortNames: ['ing'],
      subresources: ['status'],
    }),
    generation: ['spec'],
    prepareForCreate: (ingress) => {
      ingress.status = { loadBalancer: {} };
    },
    validate: ({ spec = {} }, faults) => checkSpec(spec, faults),
    validateCreate: ({ spec = {}, metadata = {} }, faults) => {
      const annotation = metadata.annotations?.[CLASS_ANNOTATION];
      if (annotation !== undefined && spec.ingressClassName !== undefined && annotation !== spec.ingressClassName) {
        const text = 'must match `ingressClassName` when both are specified';
        faults.invalid(`annotations.${CLASS_ANNOTATION}`, annotation, text);
      }
    },
    validateStatus: ({ status = {} }, _old, faults) => {
      status.loadBalancer?.ingress?.forEach(({ ip = '', hostname = '' }, i) => {
        const at = `status.loadBalancer.ingress[${i}]`;
        if (ip !== '') checkIp(ip, `${at}.ip`, faults);
        if (hostname === '') return;
        faults.invalidEach(`${at}.hostname`, hostname, isDns1123Subdomain(hostname));
        refuseIp(hostname, `${at}.hostname`, faults);
      });
    },
  });
}

function checkSpec(spec: Loose<IngressSpec>, faults: Faults): void {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec;
  if (rules.length === 0 && defaultBackend === undefined) {
    faults.invalid('spec', spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified');
  }
  if (defaultBackend !== undefined) checkBackend(defaultBackend, 'spec.defaultBackend', faults);
  rules.forEach(({ host = '', http }, i) => {
    const at = `spec.rules[${i}]`;
    if (host !== '') {
      refuseIp(host, `${at}.host`, faults);
      checkHost(host, `${at}.host`, faults);
    }
    if (http === undefined) return;
    const paths = http.paths ?? [];
    if (paths.length === 0) faults.required(`${at}.http.paths`);
    paths.forEach((path, p) => checkPath(path, `${at}.http.paths[${p}]`, faults));
  });
  tls.forEach(({ hosts = [], secretName = '' }, i) => {
    hosts.forEach((host, h) => checkHost(host, `spec.tls[${i}].hosts[${h}]`, faults));
    if (secretName !== '') {
      faults.invalidEach(`spec.tls[${i}].secretName`, secretName, nameIsDnsSubdomain(secretName));
    }
  });
  if (ingressClassName !== undefined) {
    faults.invalidEach('spec.ingressClassName', ingressClassName, nameIsDnsSubdomain(ingressClassName));
  }
}

function checkHost(host: string, path: string, faults: Faults): void {
  faults.invalidEach(path, host, host.includes('*') ? isWildcardDns1123Subdomain(host) : isDns1123Subdomain(host));
}

function refuseIp(host: string, path: string, faults: Faults): void {
  if (parseIp(host) !== undefined) faults.invalid(path, host, 'must be a DNS name, not an IP address');
}

function checkPath(rule: Loose<HTTPIngressPath>, path: string, faults: Faults): void {
  const { pathType, path: given = '' } = rule;
  if (pathType === undefined) {
    faults.required(`${path}.pathType`, 'pathType must be specified');
    return;
  }
  const at = `${path}.path`;
  if (!PATH_TYPES.includes(pathType)) faults.notSupported(`${path}.pathType`, pathType, PATH_TYPES);
  else if (pathType === 'ImplementationSpecific') {
    if (given !== '' && !given.startsWith('/')) faults.invalid(at, given, 'must be an absolute path');
  } else {
    if (!given.startsWith('/')) faults.invalid(at, given, 'must be an absolute path');
    for (const sequence of BAD_SEQUENCES) {
      if (given.includes(sequence)) faults.invalid(at, given, `must not contain '${sequence}'`);
    }
    for (const suffix of BAD_SUFFIXES) {
      if (given.endsWith(suffix)) faults.invalid(at, given, `cannot end with '${suffix}'`);
    }
  }
  checkBackend(rule.backend ?? {}, `${path}.backend`, faults);
}

function checkBackend(backend: Loose<IngressBackend>, path: string, faults: Faults): void {
  const { resource, service } = backend;
  if (resource !== undefined && service !== undefined) {
    faults.invalid(path, '', 'cannot set both resource and service backends');
  } else if (resource !== undefined) checkReference(resource, `${path}.resource`, faults);
  else if (service === undefined) faults.invalid(path, '', 'resource or service backend is required');
  else {
    const { name: portName = '', number = 0 } = service.port ?? {};
    if (isBlank(service.name)) faults.required(`${path}.service.name`);
    else faults.invalidEach(`${path}.service.name`, service.name, nameIsDns1035Label(service.name));
    if (portName !== '' && number !== 0) faults.invalid(path, '', 'cannot set both port name & port number');
    else if (portName !== '') {
      faults.invalidEach(`${path}.service.port.name`, portName, isValidPortName(portName));
    } else if (number !== 0) checkPortNumber(number, `${path}.service.port.number`, faults);
    else faults.required(path, 'port name or number is required');
  }
}

/** Refuses references to objects that cannot be named. */
export function checkReference(
  reference: {
    readonly apiGroup?: string | undefined;
    readonly kind?: string | undefined;
    readonly name?: string | undefined;
  },
  path: string,
  faults: Faults,
): void {
  if (reference.apiGroup !== undefined) {
    faults.invalidEach(`${path}.apiGroup`, reference.apiGroup, isDns1123Subdomain(reference.apiGroup));
  }
  for (const field of ['kind', 'name'] as const) {
    const value = reference[field];
    if (isBlank(value)) faults.required(`${path}.${field}`);
    else checkPathSegment(value, `${path}.${field}`, faults);
  }
}
