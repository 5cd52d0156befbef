import {
  isDns1123Label,
  isDns1123Subdomain,
  isPathSegmentName,
  isQualifiedName,
  isValidIp,
  isValidPortName,
  isValidPortNumber,
  nameIsDnsLabel,
} from '../../../kube/names.ts';
import type { Faults } from '../faults.ts';

/** Refuses what is no DNS label. */
export function checkDnsLabel(value: string, path: string, faults: Faults): void {
  faults.invalidEach(path, value, isDns1123Label(value));
}

/** Refuses what is no DNS subdomain. */
export function checkDnsSubdomain(value: string, path: string, faults: Faults): void {
  faults.invalidEach(path, value, isDns1123Subdomain(value));
}

/** Refuses what is no name with an optional subdomain before a slash. */
export function checkQualifiedName(value: string, path: string, faults: Faults): void {
  faults.invalidEach(path, value, isQualifiedName(value));
}

/** Refuses the names that no namespace can have. */
export function checkNamespaceName(value: string, path: string, faults: Faults): void {
  faults.invalidEach(path, value, nameIsDnsLabel(value));
}

/** Refuses what cannot be one segment of a path. */
export function checkPathSegment(value: string, path: string, faults: Faults): void {
  faults.invalidEach(path, value, isPathSegmentName(value));
}

/** Refuses numbers that no port has. */
export function checkPortNumber(port: number, path: string, faults: Faults): void {
  faults.invalidEach(path, port, isValidPortNumber(port));
}

/** Refuses what is neither the number nor the name of a port. */
export function checkPort(port: number | string | undefined, path: string, faults: Faults): void {
  const value = port ?? 0;
  faults.invalidEach(path, value, typeof value === 'number' ? isValidPortNumber(value) : isValidPortName(value));
}

/** Refuses what is no IP address; says whether it is one. */
export function checkIp(value: string, path: string, faults: Faults): boolean {
  const messages = isValidIp(value);
  faults.invalidEach(path, value, messages);
  return messages.length === 0;
}

/** Kubernetes' path.IsValidPathSegmentName as the name of an object: roles and their bindings. */
export function nameIsPathSegment(name: string): readonly string[] {
  return isPathSegmentName(name);
}
