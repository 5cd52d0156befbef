import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
  WindowsSecurityContextOptions,
} from '../../../kube/api/core-v1.generated.ts';
import { isDns1123Subdomain, isValidUserId } from '../../../kube/names.ts';
import { checkLocalPath } from '../checks/paths.ts';
import { checkOneOf } from '../checks/values.ts';
import type { Faults } from '../faults.ts';
import { goStruct } from '../go-struct.ts';
import type { Loose } from '../wire.ts';

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const CONTEXT_FIELDS = [
  'capabilities',
  'privileged',
  'seLinuxOptions',
  'windowsOptions',
  'runAsUser',
  'runAsGroup',
  'runAsNonRoot',
  'readOnlyRootFilesystem',
  'allowPrivilegeEscalation',
  'procMount',
  'seccompProfile',
  'appArmorProfile',
];
const PROC_MOUNTS = ['Default', 'Unmasked'];
const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;

/** Refuses a wrong security context of a container. kubernetes: ValidateSecurityContext */
export function checkContainerSecurity(
  context: Loose<SecurityContext>,
  hostUsers: boolean,
  path: string,
  faults: Faults,
): void {
  checkId(context.runAsUser, `${path}.runAsUser`, faults);
  checkId(context.runAsGroup, `${path}.runAsGroup`, faults);
  const { procMount } = context;
  if (procMount !== undefined) {
    if (!PROC_MOUNTS.includes(procMount)) faults.notSupported(`${path}.procMount`, procMount, PROC_MOUNTS);
    if (hostUsers && procMount === 'Unmasked') {
      faults.invalid(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`');
    }
  }
  checkSeccomp(context.seccompProfile, `${path}.seccompProfile`, faults);
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged === true) {
      const text = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
      faults.invalid(path, goStruct(context, CONTEXT_FIELDS), text);
    }
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN') === true) {
      const text = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
      faults.invalid(path, goStruct(context, CONTEXT_FIELDS), text);
    }
  }
  checkWindowsOptions(context.windowsOptions, `${path}.windowsOptions`, faults);
  checkAppArmor(context.appArmorProfile, `${path}.appArmorProfile`, faults);
}

/** Refuses a wrong security context of a pod. kubernetes: validatePodSpecSecurityContext */
export function checkPodSecurity(
  context: Loose<PodSecurityContext>,
  spec: Loose<PodSpec>,
  path: string,
  faults: Faults,
): void {
  checkId(context.fsGroup, `${path}.fsGroup`, faults);
  checkId(context.runAsUser, `${path}.runAsUser`, faults);
  checkId(context.runAsGroup, `${path}.runAsGroup`, faults);
  context.supplementalGroups?.forEach((group, i) => checkId(group, `${path}.supplementalGroups[${i}]`, faults));
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const text = 'ShareProcessNamespace and HostPID cannot both be enabled';
    faults.invalid(`${path}.shareProcessNamespace`, true, text);
  }
  checkSysctls(context, spec, `${path}.sysctls`, faults);
  checkOneOf(context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], `${path}.fsGroupChangePolicy`, faults);
  checkSeccomp(context.seccompProfile, `${path}.seccompProfile`, faults);
  checkWindowsOptions(context.windowsOptions, `${path}.windowsOptions`, faults);
  checkAppArmor(context.appArmorProfile, `${path}.appArmorProfile`, faults);
  checkOneOf(context.supplementalGroupsPolicy, ['Merge', 'Strict'], `${path}.supplementalGroupsPolicy`, faults);
  checkOneOf(context.seLinuxChangePolicy, ['MountOption', 'Recursive'], `${path}.seLinuxChangePolicy`, faults);
}

function checkId(id: number | undefined, path: string, faults: Faults): void {
  if (id !== undefined) faults.invalidEach(path, id, isValidUserId(id));
}

function checkSysctls(context: Loose<PodSecurityContext>, spec: Loose<PodSpec>, path: string, faults: Faults): void {
  const names = new Set<string>();
  context.sysctls?.forEach(({ name = '' }, i) => {
    const at = `${path}[${i}].name`;
    if (name === '') faults.required(at);
    else if (name.length > 253 || !SYSCTL.test(name)) {
      faults.invalid(
        at,
        name,
        `must have at most 253 characters and match regex ${SYSCTL.source.replaceAll('./', '\\./')}`,
      );
    } else if (names.has(name)) faults.duplicate(at, name);
    names.add(name);
    const dotted = name.replaceAll('/', '.');
    if (spec.hostNetwork === true && dotted.startsWith('net.')) {
      faults.invalid(at, name, "may not be specified when 'hostNetwork' is true");
    } else if (spec.hostIPC === true && /^(?:kernel\.(?:shm|msg|sem)|fs\.mqueue\.)/.test(dotted)) {
      faults.invalid(at, name, "may not be specified when 'hostIPC' is true");
    }
  });
}

function checkSeccomp(profile: Loose<SeccompProfile> | undefined, path: string, faults: Faults): void {
  if (profile === undefined) return;
  const { type = '', localhostProfile } = profile;
  if (type === '') faults.required(`${path}.type`, 'type is required when seccompProfile is set');
  else if (!PROFILE_TYPES.includes(type)) faults.notSupported(`${path}.type`, type, PROFILE_TYPES);
  const at = `${path}.localhostProfile`;
  if (type === 'Localhost') {
    if (localhostProfile === undefined) faults.required(at, 'must be set when seccomp type is Localhost');
    else checkLocalPath(localhostProfile, at, faults);
  } else if (localhostProfile !== undefined) {
    faults.invalid(at, profile, 'can only be set when seccomp type is Localhost');
  }
}

function checkAppArmor(profile: Loose<AppArmorProfile> | undefined, path: string, faults: Faults): void {
  if (profile === undefined) return;
  const { type = '', localhostProfile } = profile;
  const at = `${path}.localhostProfile`;
  if (type === '') faults.required(`${path}.type`, 'type is required when appArmorProfile is set');
  else if (!PROFILE_TYPES.includes(type)) faults.notSupported(`${path}.type`, type, PROFILE_TYPES);
  else if (type !== 'Localhost') {
    if (localhostProfile !== undefined) {
      faults.invalid(at, localhostProfile, 'can only be set when AppArmor type is Localhost');
    }
  } else if (localhostProfile === undefined) faults.required(at, 'must be set when AppArmor type is Localhost');
  else {
    const trimmed = localhostProfile.trim();
    if (trimmed !== localhostProfile) faults.invalid(at, localhostProfile, 'must not be padded with whitespace');
    else if (trimmed === '') faults.required(at, 'must be set when AppArmor type is Localhost');
    if (localhostProfile.length > 4095) faults.tooLong(at, 4095);
  }
}

const GMSA_LIMIT_KIB = 64;

function checkWindowsOptions(
  options: Loose<WindowsSecurityContextOptions> | undefined,
  path: string,
  faults: Faults,
): void {
  if (options === undefined) return;
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options;
  if (name !== undefined) faults.invalidEach(`${path}.gmsaCredentialSpecName`, name, isDns1123Subdomain(name));
  if (spec === '') {
    faults.invalid(`${path}.gmsaCredentialSpec`, spec, 'gmsaCredentialSpec cannot be an empty string');
  } else if (spec !== undefined && spec.length > GMSA_LIMIT_KIB * 1024) {
    faults.invalid(`${path}.gmsaCredentialSpec`, spec, `gmsaCredentialSpec size must be under ${GMSA_LIMIT_KIB} KiB`);
  }
  if (user === undefined) return;
  for (const text of windowsUserFaults(user)) faults.invalid(`${path}.runAsUserName`, user, text);
}

function windowsUserFaults(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (/[\u0000-\u001f\u007f]/.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const found: string[] = [];
  const user = parts.at(-1) ?? '';
  const domain = parts.length === 2 ? (parts[0] ?? '') : undefined;
  if (domain !== undefined) {
    if (domain.length >= 256) found.push("runAsUserName's Domain length must be under 256 characters");
    const isNetBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/.test(domain);
    const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
    if (!isNetBios && !new RegExp(`^${label}(?:\\.${label})*$`).test(domain)) {
      found.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
    }
  }
  if (user === '') found.push("runAsUserName's User cannot be empty");
  else if (user.length > 104) found.push("runAsUserName's User length must not be longer than 104 characters");
  if (/^[. ]+$/.test(user)) found.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    found.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
  }
  return found;
}
