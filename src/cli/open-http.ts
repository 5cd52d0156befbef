import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { HttpKubeClient } from '../client/http/http-kube-client.ts';
import { type ClusterAccess, type KubeconfigSource, readKubeconfig } from '../client/http/kubeconfig.ts';
import { overrideAccess } from '../client/http/override-access.ts';
import { NodeTransport } from '../client/http/node-transport.ts';
import { readServerFile } from './cluster-folder.ts';
import type { Io } from './io.ts';
import { ServedControl } from './served-control.ts';
import { homeFolder } from './settings.ts';
import type { Target } from './opened-target.ts';
import { warnerOf } from './warn.ts';
import { systemClock } from './system-clock.ts';
import type { TargetChoice } from './target-choice.ts';

/** The files of a kubeconfig, as `KUBECONFIG` lists them; those that do not exist are left out. */
export function kubeconfigSources(io: Io, paths: string | undefined): KubeconfigSource[] {
  const separator = io.platform === 'win32' ? ';' : ':';
  const listed =
    paths === undefined ? [join(io.env['HOME'] ?? homeFolder(io), '.kube', 'config')] : paths.split(separator);
  return listed
    .filter((path) => path !== '')
    .map((path) => (path.startsWith('/') || /^[A-Za-z]:/.test(path) ? path : join(io.cwd, path)))
    .filter((path) => existsSync(path))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

/** Opens the cluster of a kubeconfig. @throws PintleError `target` */
export function openKubeconfig(io: Io, choice: TargetChoice & { readonly kind: 'kubeconfig' }): Target {
  const sources = kubeconfigSources(io, choice.path);
  if (sources.length === 0 && choice.overrides?.server === undefined) {
    const path = choice.path ?? '~/.kube/config';
    throw new PintleError('target', `kubernetes cluster unreachable: stat ${path}: no such file or directory`, {
      hint: `${choice.asked} asks for it; name a kubeconfig that exists, or use the embedded cluster: add --embedded`,
    });
  }
  const access = accessOf(sources, choice);
  const transport = transportOf(io, access);
  return {
    ...httpTarget(io, transport, {
      description: access.context === '' ? access.server : `context ${access.context} (${access.server})`,
      defaultDriver: 'secret',
      ...(access.namespace === undefined ? {} : { namespace: access.namespace }),
    }),
    // Only a simulated cluster that is served answers; the time of others is ours.
    time: () => new ServedControl(transport).time().catch(() => io.now()),
  };
}

/** The namespace that a kubeconfig names for the context in use; undefined: none, or it cannot be read. */
export function kubeconfigNamespace(
  io: Io,
  choice: TargetChoice & { readonly kind: 'kubeconfig' },
): string | undefined {
  try {
    return accessOf(kubeconfigSources(io, choice.path), choice).namespace;
  } catch (error) {
    if (error instanceof PintleError && error.code === 'target') return undefined;
    throw error;
  }
}

function accessOf(
  sources: readonly KubeconfigSource[],
  { context, overrides }: TargetChoice & { readonly kind: 'kubeconfig' },
): ClusterAccess {
  try {
    // A server that is named needs no kubeconfig.
    const found = sources.some(({ text }) => text.trim() !== '') || overrides?.server === undefined;
    const access = found ? readKubeconfig(sources, context) : undefined;
    return access !== undefined && overrides === undefined
      ? access
      : overrideAccess(access, overrides ?? { groups: [] });
  } catch (error) {
    if (!(error instanceof PintleError) || error.code !== 'target') throw error;
    throw new PintleError('target', `kubernetes cluster unreachable: ${error.message}`, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

/** The embedded cluster that another process serves, or undefined when none does. */
export function openServed(io: Io, name: string, folder: string): Target | undefined {
  const server = readServerFile(folder);
  if (server === undefined) return undefined;
  const access = readKubeconfig(
    [{ path: server.kubeconfig, text: readFileSync(server.kubeconfig, 'utf8') }],
    `pintle-${name}`,
  );
  const transport = transportOf(io, access);
  const control = new ServedControl(transport);
  return {
    ...httpTarget(io, transport, {
      description: `embedded cluster "${name}" (served at ${access.server})`,
      defaultDriver: 'configmap',
    }),
    folder,
    advance: (duration, options) => control.advance(duration, options),
    time: () => control.time(),
    snapshot: () => control.snapshot(),
  };
}

function transportOf(io: Io, access: ClusterAccess): NodeTransport {
  return new NodeTransport(access, { env: io.env, now: () => io.now() });
}

function httpTarget(
  io: Io,
  transport: NodeTransport,
  about: Pick<Target, 'description' | 'defaultDriver' | 'namespace'>,
): Target {
  const clock = systemClock(io);
  const warn = warnerOf(io);
  const client = new HttpKubeClient({ transport, clock, description: about.description, warn });
  return {
    client,
    clock,
    exclusive: false,
    ...about,
    flush: async () => {},
    close: async () => client.close(),
  };
}
