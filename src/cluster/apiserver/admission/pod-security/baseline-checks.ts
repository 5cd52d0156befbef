import type { LifecycleHandler, PodSpec, Probe, SELinuxOptions } from '../../../../kube/api/core-v1.generated.ts';
import {
  type CheckedPod,
  containerNames,
  containersOf,
  namesWhere,
  plural,
  type PodCheck,
  quoted,
  type SecurityCheck,
  settersOf,
  sortedSet,
  type Violation,
} from './check.ts';
import { isGoodProfile, seccompBaseline } from './seccomp-checks.ts';

// pod-security-admission: policy/check_*.go. Texts are to the letter.

const APPARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';
const ALLOWED_CAPABILITIES: ReadonlySet<string> = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
);
const SELINUX_TYPES: readonly string[] = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const SYSCTLS: readonly string[] = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const SYSCTLS_27 = [...SYSCTLS, 'net.ipv4.ip_local_reserved_ports'];
const SYSCTLS_29 = [
  ...SYSCTLS_27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const SYSCTLS_32 = [...SYSCTLS_29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

/** A pod in a user namespace of its own may do more. */
export function hasUserNamespace({ hostUsers }: PodSpec): boolean {
  return hostUsers === false;
}

function appArmor({ spec, annotations }: CheckedPod): Violation | undefined {
  const own = spec.securityContext?.appArmorProfile?.type;
  const podIsBad = own !== undefined && !isGoodProfile(own);
  const bad = containersOf(spec).filter(({ securityContext }) => {
    const type = securityContext?.appArmorProfile?.type;
    return type !== undefined && !isGoodProfile(type);
  });
  const values = sortedSet([
    ...(podIsBad ? [own] : []),
    ...bad.map(({ securityContext }) => securityContext?.appArmorProfile?.type ?? ''),
  ]);
  const notes = Object.entries(annotations)
    .filter(([key, value]) => key.startsWith(APPARMOR_ANNOTATION) && !isAppArmorAnnotation(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort();
  const names = bad.map(({ name }) => name);
  const setters = [settersOf(podIsBad, names), notes.length === 0 ? '' : plural('annotation', notes.length)];
  const who = setters.filter((each) => each !== '').join(' and ');
  if (who === '') return undefined;
  const all = [...values, ...notes];
  return {
    reason: plural('forbidden AppArmor profile', all.length),
    detail: `${who} must not set AppArmor profile type to ${quoted(all)}`,
  };
}

function isAppArmorAnnotation(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/');
}

function capabilities({ spec }: CheckedPod): Violation | undefined {
  const added = (names: readonly string[] = []): readonly string[] =>
    names.filter((each) => !ALLOWED_CAPABILITIES.has(each));
  const names = namesWhere(spec, ({ securityContext }) => added(securityContext?.capabilities?.add).length > 0);
  if (names.length === 0) return undefined;
  const bad = sortedSet(containersOf(spec).flatMap(({ securityContext }) => added(securityContext?.capabilities?.add)));
  return {
    reason: 'non-default capabilities',
    detail: `${containerNames(names)} must not include ${quoted(bad)} in securityContext.capabilities.add`,
  };
}

function hostNamespaces({ spec }: CheckedPod): Violation | undefined {
  const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
  if (used.length === 0) return undefined;
  return { reason: 'host namespaces', detail: used.map((field) => `${field}=true`).join(', ') };
}

function hostPaths({ spec }: CheckedPod): Violation | undefined {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${plural('volume', names.length)} ${quoted(names)}` };
}

function hostPorts({ spec }: CheckedPod): Violation | undefined {
  const used = (ports: readonly { readonly hostPort?: number | undefined }[] = []): readonly string[] =>
    ports.filter(({ hostPort = 0 }) => hostPort !== 0).map(({ hostPort }) => String(hostPort));
  const names = namesWhere(spec, ({ ports }) => used(ports).length > 0);
  if (names.length === 0) return undefined;
  const bad = sortedSet(containersOf(spec).flatMap(({ ports }) => used(ports)));
  const verb = names.length === 1 ? 'uses' : 'use';
  return {
    reason: 'hostPort',
    detail: `${containerNames(names)} ${verb} ${plural('hostPort', bad.length)} ${bad.join(', ')}`,
  };
}

function hostsOf(handler: LifecycleHandler | Probe | undefined): readonly string[] {
  return [handler?.httpGet?.host, handler?.tcpSocket?.host].filter(
    (host) => host !== undefined && host !== '',
  ) as string[];
}

function probeHosts({ spec }: CheckedPod): Violation | undefined {
  const names: string[] = [];
  const hosts: string[] = [];
  for (const { name, livenessProbe, readinessProbe, startupProbe, lifecycle } of containersOf(spec)) {
    const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
    const bad = handlers.flatMap(hostsOf);
    if (bad.length > 0) names.push(name);
    hosts.push(...bad);
  }
  if (names.length === 0) return undefined;
  const bad = sortedSet(hosts);
  const verb = names.length === 1 ? 'uses' : 'use';
  const who = containerNames(sortedSet(names));
  return {
    reason: 'probe or lifecycle host',
    detail: `${who} ${verb} ${plural('probe or lifecycle host', bad.length)} ${quoted(bad)}`,
  };
}

function privileged({ spec }: CheckedPod): Violation | undefined {
  const names = namesWhere(spec, ({ securityContext }) => securityContext?.privileged === true);
  if (names.length === 0) return undefined;
  return { reason: 'privileged', detail: `${containerNames(names)} must not set securityContext.privileged=true` };
}

/** Restricted pods may not mask less either, not even in a user namespace. */
export function procMount({ spec }: CheckedPod): Violation | undefined {
  const bad = containersOf(spec).filter(
    ({ securityContext }) => (securityContext?.procMount ?? 'Default') !== 'Default',
  );
  if (bad.length === 0) return undefined;
  const types = sortedSet(bad.map(({ securityContext }) => securityContext?.procMount ?? ''));
  const who = containerNames(bad.map(({ name }) => name));
  return { reason: 'procMount', detail: `${who} must not set securityContext.procMount to ${quoted(types)}` };
}

function seLinux(types: readonly string[]): PodCheck {
  return ({ spec }) => {
    const isBad = (options: SELinuxOptions | undefined): options is SELinuxOptions =>
      options !== undefined &&
      (!types.includes(options.type ?? '') || (options.user ?? '') !== '' || (options.role ?? '') !== '');
    const own = spec.securityContext?.seLinuxOptions;
    const names = namesWhere(spec, ({ securityContext }) => isBad(securityContext?.seLinuxOptions));
    const who = settersOf(isBad(own), names);
    if (who === '') return undefined;
    const options = [own, ...containersOf(spec).map(({ securityContext }) => securityContext?.seLinuxOptions)].filter(
      isBad,
    );
    const bad = sortedSet(options.map(({ type = '' }) => type).filter((type) => !types.includes(type)));
    const what = bad.length === 0 ? [] : [`${plural('type', bad.length)} ${quoted(bad)}`];
    if (options.some(({ user = '' }) => user !== '')) what.push('user may not be set');
    if (options.some(({ role = '' }) => role !== '')) what.push('role may not be set');
    return {
      reason: 'seLinuxOptions',
      detail: `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`,
    };
  };
}

function sysctls(allowed: readonly string[]): PodCheck {
  return ({ spec }) => {
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.includes(name));
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  };
}

function windowsHostProcess({ spec }: CheckedPod): Violation | undefined {
  const names = namesWhere(spec, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true);
  const who = settersOf(spec.securityContext?.windowsOptions?.hostProcess === true, names);
  if (who === '') return undefined;
  return { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` };
}

function check(id: string, ...versions: readonly [since: number, check: PodCheck][]): SecurityCheck {
  return { id, level: 'baseline', versions: versions.map(([since, each]) => ({ since, check: each })) };
}

/** In the order of their names, in which their findings are told. */
export const BASELINE_CHECKS: readonly SecurityCheck[] = [
  check('appArmorProfile', [0, appArmor]),
  check('capabilities_baseline', [0, capabilities]),
  check('hostNamespaces', [0, hostNamespaces]),
  check('hostPathVolumes', [0, hostPaths]),
  check('hostPorts', [0, hostPorts]),
  check('hostProbesAndHostLifecycle', [34, probeHosts]),
  check('privileged', [0, privileged]),
  check('procMount', [0, procMount], [35, (pod) => (hasUserNamespace(pod.spec) ? undefined : procMount(pod))]),
  check('seLinuxOptions', [0, seLinux(SELINUX_TYPES)], [31, seLinux([...SELINUX_TYPES, 'container_engine_t'])]),
  seccompBaseline,
  check(
    'sysctls',
    [0, sysctls(SYSCTLS)],
    [27, sysctls(SYSCTLS_27)],
    [29, sysctls(SYSCTLS_29)],
    [32, sysctls(SYSCTLS_32)],
  ),
  check('windowsHostProcess', [0, windowsHostProcess]),
];
