import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { processWitness, startOf } from '../../src/cli/process-identity.ts';

test.runIf(existsSync('/proc/self/stat'))(
  'a process that was killed is known to have ended, on its machine alone',
  async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const theirs = processWitness('host', pid);
    const ours = processWitness('host', process.pid);
    const others = processWitness('elsewhere', process.pid);
    const identity = theirs?.identity ?? '';
    expect(identity.endsWith(` ${pid} ${startOf(pid)}`)).toBe(true);
    expect(ours?.hasEnded(identity)).toBe(false);
    const later = identity.replace(/\d+$/, '1');
    expect(ours?.hasEnded(later)).toBe(true);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    expect(ours?.hasEnded(identity)).toBe(true);
    expect(others?.hasEnded(identity)).toBe(false);
    expect(ours?.hasEnded('what another program wrote')).toBe(false);
  },
);
