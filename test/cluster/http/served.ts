import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RealClock } from '../../../src/base/real-clock.ts';
import { kubeconfigText } from '../../../src/client/http/kubeconfig-text.ts';
import type { ServedCluster } from '../../../src/cluster/serve/serve-cluster.ts';
import { type EmbeddedCluster, embeddedCluster, type EmbeddedOptions } from '../../support/embedded-cluster.ts';
import { isolatedEnvironment, realTools } from '../../support/real-tools.ts';

/** What a program came to. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the fixture's folder. */
export type Program = (args: readonly string[], options?: RunOptions) => Promise<Run>;

/** A cluster in the test's process, served to programs. */
export interface ServedFixture {
  readonly embedded: EmbeddedCluster;
  readonly served: ServedCluster;
  /** A folder of its own. */
  readonly folder: string;
  readonly kubeconfig: string;
  readonly env: NodeJS.ProcessEnv;
  readonly kubectl: Program;
  readonly helm: Program;
  /** Another program, by its path. */
  readonly program: (path: string) => Program;
  close(): Promise<void>;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** The clock of the machine. */
export const wallClock = new RealClock({
  now: () => Date.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});

/** Serves a cluster; its time begins at the machine's and passes `speed` times as fast. */
export async function serveForTest(
  options: EmbeddedOptions & { readonly speed?: number; readonly audit?: (event: object) => void } = {},
): Promise<ServedFixture> {
  const embedded = await embeddedCluster({ start: Math.trunc(Date.now() / 1000) * 1000, ...options });
  const served = await embedded.cluster.serve({ wallClock, speed: options.speed ?? 20, audit: options.audit });
  const folder = mkdtempSync(join(tmpdir(), 'pintle-served-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const entry = { name: 'pintle-test', server: served.url, authority: served.keys.authority.certificate };
  writeFileSync(kubeconfig, kubeconfigText({ ...entry, token: served.keys.token }));
  const env = { ...isolatedEnvironment(folder), KUBECONFIG: kubeconfig, TZ: 'UTC' };
  const { kubectl, helm } = realTools();
  const program =
    (path: string): Program =>
    (args, run = {}) =>
      runProgram(path, args, { ...run, env: { ...env, ...run.env }, folder });
  return {
    embedded,
    served,
    folder,
    kubeconfig,
    env,
    kubectl: program(kubectl),
    helm: program(helm),
    program,
    close: async () => {
      await served.close();
      embedded.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function runProgram(
  program: string,
  args: readonly string[],
  { env, input, folder }: RunOptions & { readonly folder: string },
): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...args],
      { env, cwd: folder, timeout: 170_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
    // Who has ended already reads nothing.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
  });
}
