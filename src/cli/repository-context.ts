import { spawnSync } from 'node:child_process';
import { posix, resolve, win32 } from 'node:path';
import type { RepositoryContext, RepositoryPaths } from '../repository/places.ts';
import { withFileLock } from './file-lock.ts';
import type { Io } from './io.ts';
import { NodeHttp } from './node-http.ts';
import { systemRandom } from './system-random.ts';

/** The flags that say where Helm keeps its files. */
export interface RepositoryPathFlags {
  readonly registryConfig?: string;
  readonly repositoryConfig?: string;
  readonly repositoryCache?: string;
  readonly contentCache?: string;
}

/** What repositories are talked to with; the files are Helm's own. */
export function repositoryContext(io: Io, flags: RepositoryPathFlags): RepositoryContext {
  const { env } = io;
  const home = env['HOME'] ?? env['USERPROFILE'];
  const docker = env['DOCKER_CONFIG'] ?? (home === undefined ? undefined : posix.join(home, '.docker'));
  return {
    http: new NodeHttp(env),
    paths: repositoryPaths(io, flags),
    now: () => io.now(),
    wait: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
    random: () => systemRandom.next(),
    note: (line) => io.stderr(`${line}\n`),
    lock: (path, work) => withFileLock(io, path, work),
    askHelper: (helper, verb, input) => askHelper(io, helper, verb, input),
    dockerConfig: docker === undefined || docker === '' ? undefined : posix.join(docker, 'config.json'),
  };
}

/** Where Helm keeps what it knows of repositories. helm: pkg/cli/environment.go, pkg/helmpath. */
export function repositoryPaths(io: Io, flags: RepositoryPathFlags): RepositoryPaths {
  const { env } = io;
  const { config, cache } = helmFolders(io);
  const path = io.platform === 'win32' ? win32 : posix;
  const choose = (flag: string | undefined, name: string, otherwise: string): string =>
    resolve(io.cwd, flag || env[name] || otherwise);
  return {
    config: choose(flags.repositoryConfig, 'HELM_REPOSITORY_CONFIG', path.join(config, 'repositories.yaml')),
    cache: choose(flags.repositoryCache, 'HELM_REPOSITORY_CACHE', path.join(cache, 'repository')),
    content: choose(flags.contentCache, 'HELM_CONTENT_CACHE', path.join(cache, 'content')),
    registry: choose(flags.registryConfig, 'HELM_REGISTRY_CONFIG', path.join(config, 'registry', 'config.json')),
  };
}

interface HelmFolders {
  readonly config: string;
  readonly cache: string;
  readonly data: string;
}

/** Helm's folders: what its variables say, then the platform's usual ones. helm: pkg/helmpath/lazypath.go. */
export function helmFolders({ env, platform, cwd }: Io): HelmFolders {
  const home = env['HOME'] ?? cwd;
  const path = platform === 'win32' ? win32 : posix;
  const choose = (own: string, xdg: string, otherwise: string): string =>
    env[own] || (env[xdg] ? path.join(env[xdg], 'helm') : path.join(otherwise, 'helm'));
  if (platform === 'win32') {
    return {
      config: choose('HELM_CONFIG_HOME', 'XDG_CONFIG_HOME', env['APPDATA'] ?? home),
      cache: choose('HELM_CACHE_HOME', 'XDG_CACHE_HOME', env['TEMP'] ?? home),
      data: choose('HELM_DATA_HOME', 'XDG_DATA_HOME', env['APPDATA'] ?? home),
    };
  }
  const isMac = platform === 'darwin';
  return {
    config: choose('HELM_CONFIG_HOME', 'XDG_CONFIG_HOME', path.join(home, isMac ? 'Library/Preferences' : '.config')),
    cache: choose('HELM_CACHE_HOME', 'XDG_CACHE_HOME', path.join(home, isMac ? 'Library/Caches' : '.cache')),
    data: choose('HELM_DATA_HOME', 'XDG_DATA_HOME', path.join(home, isMac ? 'Library' : '.local/share')),
  };
}

/** The file with keys that a flag names, else where GnuPG keeps public keys. helm: defaultKeyring. */
export function keyringPath({ env, cwd }: Io, { keyring = '' }: { readonly keyring?: string }): string {
  if (keyring !== '') return resolve(cwd, keyring);
  if (env['GNUPGHOME']) return posix.join(env['GNUPGHOME'], 'pubring.gpg');
  return posix.join(env['HOME'] ?? cwd, '.gnupg', 'pubring.gpg');
}

/** Credential helpers are programs that the user has named in a file of theirs. */
function askHelper(io: Io, helper: string, verb: string, input: string): string | undefined {
  if (!/^[\w.-]+$/.test(helper)) return undefined;
  const { status, stdout, error } = spawnSync(`docker-credential-${helper}`, [verb], {
    input,
    encoding: 'utf8',
    env: { ...io.env },
    timeout: 60_000,
  });
  return error === undefined && status === 0 ? stdout : undefined;
}
