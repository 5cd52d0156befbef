import type { Container, Pod } from '../../../kube/api/core-v1.generated.ts';
import { processUser } from '../pods/process-user.ts';

/** Capabilities by their bit. linux: include/uapi/linux/capability.h */
const CAPABILITIES = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
).split(' ');

/** What a container runtime leaves to a container. */
const DEFAULT_SET =
  'CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP';

/** The file `/proc/1/status` of a container, as far as people look at it. */
export function processStatus(pod: Pod, container: Container): string {
  const { uid, gid, groups } = processUser(pod, container);
  const { capabilities, privileged = false } = container.securityContext ?? {};
  const bounding = maskOf(capabilitySet(privileged, capabilities?.add ?? [], capabilities?.drop ?? []));
  // Who is not root has none until a program of root's gives them back.
  const effective = uid === 0 ? bounding : maskOf(new Set());
  const program = container.command?.[0] ?? container.args?.[0] ?? container.name;
  const rows: readonly (readonly [string, string])[] = [
    ['Name', program.slice(program.lastIndexOf('/') + 1)],
    ['State', 'S (sleeping)'],
    ['Pid', '1'],
    ['PPid', '0'],
    ['Uid', Array.from({ length: 4 }, () => uid).join('\t')],
    ['Gid', Array.from({ length: 4 }, () => gid).join('\t')],
    ['Groups', `${[...new Set([gid, ...groups])].join(' ')} `],
    ['CapInh', maskOf(new Set())],
    ['CapPrm', effective],
    ['CapEff', effective],
    ['CapBnd', bounding],
    ['CapAmb', maskOf(new Set())],
    ['NoNewPrivs', container.securityContext?.allowPrivilegeEscalation === false ? '1' : '0'],
  ];
  return rows.map(([name, value]) => `${name}:\t${value}\n`).join('');
}

function capabilitySet(privileged: boolean, add: readonly string[], drop: readonly string[]): ReadonlySet<string> {
  const names = (list: readonly string[]): readonly string[] =>
    list.some((name) => name.toUpperCase() === 'ALL')
      ? CAPABILITIES
      : list.map((name) => name.toUpperCase().replace(/^CAP_/, ''));
  if (privileged) return new Set(CAPABILITIES);
  const dropped = new Set(names(drop));
  return new Set([...DEFAULT_SET.split(' ').filter((name) => !dropped.has(name)), ...names(add)]);
}

function maskOf(set: ReadonlySet<string>): string {
  let mask = 0n;
  CAPABILITIES.forEach((name, bit) => {
    if (set.has(name)) mask |= 1n << BigInt(bit);
  });
  return mask.toString(16).padStart(16, '0');
}
