import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { readServerFile } from './cluster-folder.ts';
import type { Io } from './io.ts';
import type { StartFlags } from './start-flags.ts';
import { startedText } from './started-text.ts';

/** How long a cluster may take to be ready, ms; a machine may be busy. */
const READY_TIMEOUT = 60_000;
const POLL = 10;

/** Where a process in the background writes. */
const LOG_FILE = 'server.log';

/**
 * Starts the process that serves in the background, and waits until it does.
 *
 * @throws PintleError `target` with what it said when it ended
 */
export async function startDetached(io: Io, flags: StartFlags, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const log = join(folder, LOG_FILE);
  const output = openSync(log, 'w', 0o600);
  const [program = '', ...first] = io.self;
  const child = spawn(program, [...first, ...argumentsOf(flags)], {
    cwd: io.cwd,
    env: { ...io.env },
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended = `it ended with ${signal ?? `code ${code ?? 0}`}`;
  });
  const deadline = io.now() + READY_TIMEOUT;
  while (ended === undefined && readServerFile(folder)?.pid !== child.pid) {
    if (io.now() > deadline) {
      child.kill();
      throw new PintleError('target', `embedded cluster "${flags.name}" is not ready after a minute`, {
        hint: `what it said is in ${log}`,
      });
    }
    await new Promise((done) => setTimeout(done, POLL));
  }
  if (ended !== undefined) throw failed(flags.name, log, ended);
  child.removeAllListeners();
  child.unref();
  io.stdout(startedText(io, flags, folder, readServerFile(folder)?.url ?? ''));
  io.stdout(`it runs in the background (pid ${child.pid ?? 0}); "pintle cluster stop" ends it\n`);
}

function argumentsOf(flags: StartFlags): string[] {
  const valued: readonly (readonly [string, string | undefined])[] = [
    ['--name', flags.name],
    ['--port', flags.port],
    ['--nodes', flags.nodes],
    ['--images', flags.images],
    ['--scheduler-config', flags.schedulerConfig],
    ['--speed', flags.speed],
    ['--kubernetes-version', flags.kubernetesVersion],
    ['--kubeconfig', flags.kubeconfig],
    ['--audit-log', flags.auditLog],
  ];
  const switches: readonly (readonly [string, boolean])[] = [
    ['--use', flags.use === true],
    ['--no-merge', !flags.merge],
    ['--debug', flags.debug === true],
  ];
  return [
    'cluster',
    'start',
    ...valued.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
    ...switches.flatMap(([name, set]) => (set ? [name] : [])),
  ];
}

function failed(name: string, log: string, ended: string): PintleError {
  const said = readFileSync(log, 'utf8').trim();
  const [first = '', ...more] = said.split('\n');
  const message = first.replace(/^Error: /, '');
  return new PintleError(
    'target',
    message === '' ? `embedded cluster "${name}" could not be started: ${ended}` : message,
    more.length === 0 ? {} : { hint: more.join(' ').replace(/^ *Hint: /, '') },
  );
}
