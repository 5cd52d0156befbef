import { readFileSync, readlinkSync } from 'node:fs';
import type { ProcessWitness } from '../actions/context.ts';

/** What tells a process from all others that a machine has had since it started. */
export interface ProcessStart {
  readonly pid: number;
  /** What tells this process from a later one with its number; '' where the platform does not say. */
  readonly started: string;
}

/** True while a process is at work. */
export function isAlive({ pid, started }: ProcessStart): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  const found = statOf(pid);
  // Where nobody collects processes that have ended, as in many containers, they stay as zombies.
  if (found?.state === 'Z' || found?.state === 'X') return false;
  return started === '' || found?.started === started;
}

/** When a process began, in the kernel's ticks; '' where /proc does not tell. */
export function startOf(pid: number): string {
  return statOf(pid)?.started ?? '';
}

function statOf(pid: number): { readonly state: string; readonly started: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/**
 * Tells others on this machine which process this is, and of theirs whether they have ended. Undefined where the platform does not
 * tell machines and processes apart (it takes Linux' /proc).
 *
 * @param pid of this process
 */
export function processWitness(host: string, pid: number): ProcessWitness | undefined {
  const machine = machineOf(host);
  const started = startOf(pid);
  if (machine === undefined || started === '') return undefined;
  return {
    identity: `${machine} ${pid} ${started}`,
    hasEnded: (identity) => {
      const [other, number, start = ''] = splitIdentity(identity);
      return other === machine && start !== '' && !isAlive({ pid: Number(number), started: start });
    },
  };
}

/** The machine since it was started, and which processes of it can be seen: each container numbers its own. */
function machineOf(host: string): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${host.replaceAll(' ', '_')} ${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

function splitIdentity(text: string): [string, string, string | undefined] {
  const words = text.split(' ');
  return [words.slice(0, -2).join(' '), words.at(-2) ?? '', words.at(-1)];
}
