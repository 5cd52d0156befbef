import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../../src/cli/main.ts';
import { RESOURCES } from '../../src/kube/resources.ts';
import { testIo } from '../cli/support.ts';
import { type Run, type ServedFixture, serveForTest } from '../cluster/http/served.ts';
import { writeCharts } from './charts.ts';
import { words } from './words.ts';

/** How a command line is run. */
export interface LineOptions {
  readonly namespace: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** Runs a command line. */
export type Runner = (line: string, options: LineOptions) => Promise<Run>;

/** Two clusters that are equal: one for helm, one for Pintle. */
export interface Pair {
  readonly theirs: ServedFixture;
  readonly ours: ServedFixture;
  /** Runs a line with helm on its cluster. */
  readonly helm: Runner;
  /** Runs a line with Pintle, in the test's process, on its cluster. */
  readonly pintle: Runner;
  /** Makes a namespace on both. */
  namespace(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Serves two clusters that begin at the same instant. */
export async function openPair(options: { readonly speed?: number } = {}): Promise<Pair> {
  const speed = options.speed ?? 100;
  const [theirs, ours] = await Promise.all([serveForTest({ speed }), serveForTest({ speed })]);
  // Each command that runs in this process listens for signals.
  process.setMaxListeners(100);
  writeCharts(theirs.folder);
  writeCharts(ours.folder);
  for (const { folder, served } of [theirs, ours]) {
    writeFileSync(join(folder, 'ca.crt'), served.keys.authority.certificate);
  }
  // Charts are named in messages as the user named them.
  process.chdir(ours.folder);
  return {
    theirs,
    ours,
    helm: (line, run) => runHelm(theirs, line, run),
    pintle: (line, run) => runPintle(ours, line, run),
    namespace: async (name) => {
      for (const { embedded } of [theirs, ours]) {
        const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
        await embedded.cluster.client.create(RESOURCES.namespaces, object);
        await embedded.cluster.clock.settle();
      }
    },
    close: async () => {
      process.chdir(import.meta.dirname);
      await Promise.all([theirs.close(), ours.close()]);
    },
  };
}

/** What lines may name: the cluster's address, token, authority and kubeconfig. */
function expand(fixture: ServedFixture, line: string): string {
  const { served, kubeconfig, folder } = fixture;
  return line
    .replaceAll('{server}', served.url)
    .replaceAll('{token}', served.keys.token)
    .replaceAll('{ca}', join(folder, 'ca.crt'))
    .replaceAll('{kubeconfig}', kubeconfig)
    .replaceAll('{folder}', folder);
}

/** Runs a line with helm. */
export function runHelm(fixture: ServedFixture, line: string, { namespace, env, stdin }: LineOptions): Promise<Run> {
  return fixture.helm(words(expand(fixture, line)), {
    env: { HELM_NAMESPACE: namespace, ...expanded(fixture, env) },
    ...(stdin === undefined ? {} : { input: stdin }),
  });
}

/** Runs a line with Pintle in this process. */
export async function runPintle(
  fixture: ServedFixture,
  line: string,
  { namespace, env, stdin }: LineOptions,
): Promise<Run> {
  const { PATH = '' } = process.env;
  const { io, out, err } = testIo({
    env: {
      PATH: `${PATH}:${join(fixture.folder, 'helm-data', 'plugins', 'suffix')}`,
      KUBECONFIG: fixture.kubeconfig,
      PINTLE_HOME: join(fixture.folder, 'home'),
      HELM_DRIVER: 'secret',
      HELM_NAMESPACE: namespace,
      ...expanded(fixture, env),
    },
    cwd: fixture.folder,
  });
  const input = new TextEncoder().encode(stdin ?? '');
  const code = await main(words(expand(fixture, line)), {
    ...io,
    now: () => Date.now(),
    stdin: () => Promise.resolve(input),
  });
  return { code, stdout: out(), stderr: err() };
}

function expanded(
  fixture: ServedFixture,
  env: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env ?? {}).map(([name, value]) => [name, expand(fixture, value)]));
}
