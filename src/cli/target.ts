import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Io } from './io.ts';
import type { Target, TargetRequest } from './opened-target.ts';
import { readKeptTarget } from './kept-target.ts';
import { type GlobalOptions, homeFolder } from './settings.ts';
import { accessOverrides } from './access-overrides.ts';
import { SERVER_FILE, type TargetChoice } from './target-choice.ts';

/** How long a command waits for another to release the embedded cluster, ms. */
const LOCK_TIMEOUT = 120_000;

/**
 * The embedded cluster, unless the user asked for another: by `--kubeconfig`, `--kube-context`, `--kube-apiserver`, their
 * variables, or a target kept with `pintle target use`. A ~/.kube/config that nobody asked for is never looked at.
 */
export async function chooseTarget(io: Io, options: GlobalOptions): Promise<TargetChoice> {
  if (options.embedded === true) return { kind: 'embedded', name: 'default' };
  const overrides = accessOverrides(io, options);
  const context = options.kubeContext ?? (io.env['HELM_KUBECONTEXT'] || undefined);
  const variable = io.env['KUBECONFIG'] ?? '';
  const asked =
    options.kubeconfig !== undefined
      ? '--kubeconfig'
      : options.kubeContext !== undefined
        ? '--kube-context'
        : variable !== '' && variable !== '/dev/null'
          ? 'KUBECONFIG'
          : overrides?.server !== undefined
            ? '--kube-apiserver'
            : context !== undefined
              ? 'HELM_KUBECONTEXT'
              : undefined;
  if (asked !== undefined) {
    return { kind: 'kubeconfig', path: options.kubeconfig ?? io.env['KUBECONFIG'], context, asked, overrides };
  }
  const kept = await readKeptTarget(homeFolder(io));
  return kept.kind === 'kubeconfig' ? { ...kept, overrides } : kept;
}

/**
 * Opens the chosen cluster.
 *
 * @throws PintleError `target`, `lock-timeout`, `store-corrupt`
 */
export async function openTarget(io: Io, options: GlobalOptions, request: TargetRequest): Promise<Target> {
  const choice = await chooseTarget(io, options);
  if (choice.kind === 'kubeconfig') {
    const { openKubeconfig } = await import('./open-http.ts');
    return openKubeconfig(io, choice);
  }
  return await openEmbedded(io, choice.name, request);
}

/** The namespace that the kubeconfig in use names, if any; the cluster itself is not asked, and need not be there. */
export async function namespaceOfTarget(io: Io, options: GlobalOptions): Promise<string | undefined> {
  const choice = await chooseTarget(io, options);
  if (choice.kind !== 'kubeconfig') return undefined;
  const { kubeconfigNamespace } = await import('./open-http.ts');
  return kubeconfigNamespace(io, choice);
}

/** The folder of one embedded cluster. */
export function clusterFolder(io: Io, name: string): string {
  return join(homeFolder(io), 'clusters', name);
}

/**
 * Opens an embedded cluster: that of the process that serves it, or the one on disk.
 *
 * @throws PintleError `lock-timeout`, `store-corrupt`
 */
export async function openEmbedded(io: Io, name: string, request: TargetRequest): Promise<Target> {
  const folder = clusterFolder(io, name);
  const serverFile = join(folder, SERVER_FILE);
  for (;;) {
    if (existsSync(serverFile)) {
      const { openServed } = await import('./open-http.ts');
      const served = openServed(io, name, folder);
      if (served !== undefined) return served;
    }
    const { openCluster } = await import('./open-cluster.ts');
    const { LockUnwanted, readServerFile } = await import('./cluster-folder.ts');
    const isServed = (): boolean => existsSync(serverFile) && readServerFile(folder) !== undefined;
    try {
      return await openCluster(io, { name, folder, lockTimeout: LOCK_TIMEOUT, isServed, ...request });
    } catch (error) {
      // The process that holds the lock has begun to serve.
      if (!(error instanceof LockUnwanted)) throw error;
    }
  }
}
