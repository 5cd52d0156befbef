import type { Service, ServiceSpec } from '../../../../kube/api/core-v1.generated.ts';
import { checkIp } from '../../checks/names.ts';
import { checkOneOf } from '../../checks/values.ts';
import type { Faults } from '../../faults.ts';
import { isBlank, type Loose } from '../../wire.ts';
import { isHeadless, NO_CLUSTER_IP } from './traits.ts';

/** Families of addresses, as messages list them. */
const FAMILIES = ['IPv4', 'IPv6'];

const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/** The family of an address. */
export function familyOf(ip: string): string {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}

/** Refuses addresses and families that do not go together. kubernetes: ValidateServiceClusterIPsRelatedFields */
export function checkClusterIps(service: Loose<Service>, faults: Faults): void {
  const { spec = {} } = service;
  if (spec.type === 'ExternalName') return;
  const { clusterIP = '', clusterIPs = [], ipFamilies = [] } = spec;
  const at = 'spec.clusterIPs';
  if (clusterIP !== '') {
    if (clusterIPs.length === 0) faults.required(at);
    else if (clusterIPs[0] !== clusterIP) faults.invalid(at, clusterIPs, 'first value must match `clusterIP`');
  } else if (clusterIPs.length > 0) {
    faults.invalid(at, clusterIPs, 'must be empty when `clusterIP` is not specified');
  }
  ipFamilies.forEach((family, i) => {
    if (!FAMILIES.includes(family)) faults.notSupported(`spec.ipFamilies[${i}]`, family, FAMILIES);
    if (ipFamilies.indexOf(family) < i) faults.duplicate(`spec.ipFamilies[${i}]`, family);
  });
  checkOneOf(spec.ipFamilyPolicy, FAMILY_POLICIES, 'spec.ipFamilyPolicy', faults);
  if (!checkAddresses(clusterIPs, at, faults)) return;
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(familyOf)).size < clusterIPs.length) {
    faults.invalid(at, clusterIPs, 'may specify no more than one IP for each IP family');
  }
  if (isHeadless(service)) return;
  clusterIPs.forEach((ip, i) => {
    const family = ipFamilies[i];
    if (family === undefined || family === familyOf(ip)) return;
    faults.invalid(`${at}[${i}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``);
  });
}

function checkAddresses(ips: readonly string[], path: string, faults: Faults): boolean {
  let areSound = true;
  ips.forEach((ip, i) => {
    if (i === 0 && ip === NO_CLUSTER_IP) {
      if (ips.length > 1) {
        areSound = false;
        faults.invalid(path, ips, "'None' must be the first and only value");
      }
    } else if (!checkIp(ip, `${path}[${i}]`, faults)) areSound = false;
  });
  if (ips.length > 2) faults.invalid(path, ips, 'may only hold up to 2 values');
  return areSound;
}

/** Refuses changes of addresses, but for a second one. kubernetes: validateUpgradeDowngradeClusterIPs */
export function checkClusterIpChange(service: Loose<Service>, old: Loose<Service>, faults: Faults): void {
  const spec = service.spec ?? {};
  const before = old.spec ?? {};
  if (isExternal(spec) || isExternal(before) || (isHeadless(service) && isHeadless(old))) return;
  const ips = spec.clusterIPs ?? [];
  const was = before.clusterIPs ?? [];
  const first = 'spec.clusterIPs[0]';
  if (was.length === ips.length) {
    was.forEach((ip, i) => {
      if (ip !== ips[i]) faults.invalid(`spec.clusterIPs[${i}]`, ips, 'may not change once set');
    });
  } else if (was.length > ips.length) {
    if (ips.length === 0) faults.invalid(first, ips, 'primary clusterIP can not be unset');
    else if (ips[0] !== was[0]) faults.invalid(first, ips, 'may not change once set');
    checkRelease(spec, ips.length, 'clusterIP', faults);
  } else if (was.length > 0 && ips[0] !== was[0]) faults.invalid(first, ips, 'may not change once set');
}

/** Refuses changes of families, but for a second one. kubernetes: validateUpgradeDowngradeIPFamilies */
export function checkFamilyChange(service: Loose<Service>, old: Loose<Service>, faults: Faults): void {
  const spec = service.spec ?? {};
  const before = old.spec ?? {};
  if (isExternal(spec) || isExternal(before) || isHeadless(service) || isHeadless(old)) return;
  const families = spec.ipFamilies ?? [];
  const was = before.ipFamilies ?? [];
  const first = 'spec.ipFamilies[0]';
  if (was.length === families.length) {
    was.forEach((family, i) => {
      if (family !== families[i]) faults.invalid(first, families, 'may not change once set');
    });
  } else if (was.length > families.length) {
    if ((spec.clusterIPs ?? []).length === 0) faults.invalid(first, families, 'primary ipFamily can not be unset');
    if (families.length > 0 && families[0] !== was[0]) {
      faults.invalid(first, spec.clusterIPs ?? [], 'may not change once set');
    }
    checkRelease(spec, families.length, 'ipFamily', faults);
  } else if (was.length > 0 && families[0] !== was[0]) {
    faults.invalid(first, spec.clusterIPs ?? [], 'may not change once set');
  }
}

function checkRelease(spec: Loose<ServiceSpec>, count: number, what: string, faults: Faults): void {
  if (count !== 1 || spec.ipFamilyPolicy === 'SingleStack') return;
  const text = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  faults.invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, text);
}

function isExternal(spec: Loose<ServiceSpec>): boolean {
  return spec.type === 'ExternalName' || isBlank(spec.type);
}
