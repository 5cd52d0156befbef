import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { parseUrl } from '../base/go-url.ts';
import { loadChartArchive } from '../chart/load-chart.ts';
import { exclusively } from '../repository/exclusively.ts';
import { registryAccess } from '../repository/fetch-chart.ts';
import { readOptional } from '../chart/files.ts';
import { pushChart } from '../repository/oci/chart-artifact.ts';
import { removeCredential, storeCredential } from '../repository/oci/credentials.ts';
import { RegistryClient } from '../repository/oci/registry-client.ts';
import { isOci } from '../repository/urls.ts';
import { accessOf, type FetchFlags } from './fetch-flags.ts';
import type { Io } from './io.ts';
import { readPassword } from './read-password.ts';
import { repositoryContext, type RepositoryPathFlags } from './repository-context.ts';

/** The flags of push. */
export type PushFlags = FetchFlags;

/** The flags of registry login and logout. */
export interface LoginFlags extends RepositoryPathFlags {
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
  readonly insecure?: boolean;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly caFile?: string;
  readonly plainHttp?: boolean;
}

/** Puts an archive into a registry. helm: pkg/pusher/ocipusher.go. */
export async function runPush(io: Io, archive: string, remote: string, flags: PushFlags): Promise<void> {
  if (!isOci(remote)) throw notOci(remote);
  const path = resolve(io.cwd, archive);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new PintleError('chart-not-found', `${archive}: no such file`);
  if (stats.isDirectory()) {
    throw new PintleError('usage', 'cannot push directory, must provide chart archive (.tgz)', {
      hint: `"pintle package ${archive}" makes one`,
    });
  }
  const data = await readFile(path);
  const { metadata } = await loadChartArchive(data, archive);
  const provenance = readOptional(`${path}.prov`);
  await pushChart(
    repositoryContext(io, flags),
    remote,
    { archive: data, metadata, provenance, created: stats.mtimeMs },
    registryAccess({ access: accessOf(io, flags), plainHttp: flags.plainHttp }),
  );
}

function notOci(remote: string): PintleError {
  let message = `invalid chart URL format: ${remote}`;
  try {
    const { scheme } = parseUrl(remote);
    message = scheme === '' ? 'scheme prefix missing from remote (e.g. "oci://")' : `scheme "${scheme}" not supported`;
  } catch {
    // The message says so.
  }
  return new PintleError('usage', message, { hint: 'write oci://REGISTRY/REPOSITORY' });
}

/** Keeps credentials that a registry takes. helm: pkg/registry/client.go, Login. */
export async function runLogin(io: Io, host: string, flags: LoginFlags): Promise<void> {
  const registry = host.split('/')[0] ?? host;
  if (registry !== host) {
    io.stderr(`Warning: credentials are kept for registries as a whole: ${registry}, not ${host}\n`);
  }
  const credential = await askCredential(io, flags);
  const context = repositoryContext(io, flags);
  const client = new RegistryClient(context, registry, {
    credential,
    plainHttp: flags.plainHttp,
    tls: { ...accessOf(io, flags).tls, insecure: flags.insecure },
  });
  try {
    await client.ping();
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    throw new PintleError(error.code, `authenticating to "${registry}": ${error.message}`, { cause: error });
  }
  await exclusively(context, context.paths.registry, () => storeCredential(context, registry, credential));
  io.stderr('Login Succeeded\n');
}

async function askCredential(
  io: Io,
  flags: LoginFlags,
): Promise<{ readonly username: string; readonly password: string }> {
  const { username = '', password = '' } = flags;
  if (password !== '' && flags.passwordStdin !== true) {
    io.stderr('Warning: a password on the command line can be seen by others. Use --password-stdin\n');
    return { username, password };
  }
  if (username === '') throw new PintleError('usage', 'a user name is needed', { hint: 'give it with --username' });
  const text = await readPassword(io, 'Password: ', flags.passwordStdin === true);
  if (text === '') throw new PintleError('usage', 'password required');
  return { username, password: text };
}

/** Forgets credentials. helm: pkg/registry/client.go, Logout. */
export async function runLogout(io: Io, host: string, flags: RepositoryPathFlags): Promise<void> {
  const context = repositoryContext(io, flags);
  await exclusively(context, context.paths.registry, () => removeCredential(context, host));
  io.stderr(`Removing login credentials for ${host}\n`);
}
