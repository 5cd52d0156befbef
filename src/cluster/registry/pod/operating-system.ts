import type { Container, PodSpec } from '../../../kube/api/core-v1.generated.ts';
import type { Faults } from '../faults.ts';
import { isBlank, type Loose } from '../wire.ts';

const SYSTEMS = ['linux', 'windows'];

const NOT_ON_WINDOWS_POD = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const;

const NOT_ON_WINDOWS_CONTAINER = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

/** Refuses what the pod's operating system does not have. kubernetes: validateOS, validateLinux, validateWindows */
export function checkOperatingSystem(spec: Loose<PodSpec>, path: string, faults: Faults): void {
  const name = spec.os?.name;
  if (isBlank(name)) faults.required(`${path}.os.name`, 'cannot be empty');
  else if (!SYSTEMS.includes(name)) faults.notSupported(`${path}.os`, name, SYSTEMS);
  else if (name === 'linux') checkLinux(spec, path, faults);
  else checkWindows(spec, path, faults);
}

function checkLinux(spec: Loose<PodSpec>, path: string, faults: Faults): void {
  const text = 'windows options cannot be set for a linux pod';
  if (spec.securityContext?.windowsOptions !== undefined) {
    faults.forbidden(`${path}.securityContext.windowsOptions`, text);
  }
  forEachContainer(spec, path, (container, at) => {
    if (container.securityContext?.windowsOptions !== undefined) {
      faults.forbidden(`${at}.securityContext.windowsOptions`, text);
    }
  });
}

function checkWindows(spec: Loose<PodSpec>, path: string, faults: Faults): void {
  const text = 'cannot be set for a windows pod';
  for (const field of NOT_ON_WINDOWS_POD) {
    if (spec.securityContext?.[field] !== undefined) faults.forbidden(`${path}.securityContext.${field}`, text);
  }
  if (spec.hostUsers !== undefined) faults.forbidden(`${path}.hostUsers`, text);
  if (spec.hostPID === true) faults.forbidden(`${path}.hostPID`, text);
  if (spec.hostIPC === true) faults.forbidden(`${path}.hostIPC`, text);
  if (spec.shareProcessNamespace !== undefined) faults.forbidden(`${path}.shareProcessNamespace`, text);
  forEachContainer(spec, path, (container, at) => {
    for (const field of NOT_ON_WINDOWS_CONTAINER) {
      if (container.securityContext?.[field] !== undefined) faults.forbidden(`${at}.securityContext.${field}`, text);
    }
  });
}

function forEachContainer(
  spec: Loose<PodSpec>,
  path: string,
  visit: (container: Loose<Container>, path: string) => void,
): void {
  for (const field of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    spec[field]?.forEach((container, i) => visit(container, `${path}.${field}[${i}]`));
  }
}
