import { type Command } from 'commander';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Access } from '../repository/get-file.ts';
import type { Io } from './io.ts';
import type { RepositoryPathFlags } from './repository-context.ts';

/** How charts are fetched. */
export interface FetchFlags extends RepositoryPathFlags {
  readonly repo?: string;
  readonly version?: string;
  readonly devel?: boolean;
  readonly verify?: boolean;
  readonly keyring?: string;
  readonly username?: string;
  readonly password?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly caFile?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly plainHttp?: boolean;
  readonly passCredentials?: boolean;
}

/** The flags with which registries and repositories are talked to. */
export function addAccessFlags(command: Command): Command {
  return command
    .option('--username <name>', 'the name to log in with at the repository')
    .option('--password <text>', 'the password to log in with at the repository')
    .option('--cert-file <file>', 'the certificate that this client shows, PEM')
    .option('--key-file <file>', "the key of this client's certificate, PEM")
    .option('--ca-file <file>', "the authority that signed the repository's certificate, PEM")
    .option('--insecure-skip-tls-verify', "do not check the repository's certificate")
    .option('--plain-http', 'talk to registries without encryption');
}

/** The flags with which Helm's commands fetch charts, but `--version`. */
export function addFetchFlags(
  command: Command,
  also: readonly ('devel' | 'pass-credentials' | 'repo')[] = [],
): Command {
  addAccessFlags(command);
  if (also.includes('devel')) command.option('--devel', 'use development versions, too');
  if (also.includes('pass-credentials')) {
    command.option('--pass-credentials', 'give the name and password to whatever host has the chart');
  }
  if (also.includes('repo')) command.option('--repo <url>', 'the repository that has the chart');
  return command
    .option('--verify', "check the chart's signature first")
    .option('--keyring <file>', 'the public keys for --verify; default: those of GnuPG, pubring.gpg');
}

/** As whom, and how, flags say to fetch. */
export function accessOf(io: Io, flags: FetchFlags): Access {
  const path = (file: string | undefined): string => (file === undefined || file === '' ? '' : resolve(io.cwd, file));
  return {
    username: flags.username,
    password: flags.password,
    passCredentials: flags.passCredentials,
    tls: {
      certFile: path(flags.certFile),
      keyFile: path(flags.keyFile),
      caFile: path(flags.caFile),
      insecure: flags.insecureSkipTlsVerify,
    },
  };
}

/** The version that flags ask for; `--devel` means any. */
export function wantedVersion({ version = '', devel }: FetchFlags): string {
  return version.trim() === '' && devel === true ? '>0.0.0-0' : version.trim();
}

/**
 * The path of the chart that a command names: on disk, or fetched into the cache. helm: LocateChart.
 *
 * @throws PintleError `chart-not-found`, `fetch-failed`, `repository-index`, `verification-failed`, `usage`
 */
export async function locate(io: Io, name: string, flags: FetchFlags): Promise<string> {
  const reference = name.trim();
  const hasRepo = flags.repo !== undefined && flags.repo !== '';
  // Charts on disk need nothing of what fetches charts.
  if (!hasRepo && flags.verify !== true && existsSync(resolve(io.cwd, reference))) return reference;
  const [{ locateChart }, { repositoryContext, keyringPath }] = await Promise.all([
    import('../repository/fetch-chart.ts'),
    import('./repository-context.ts'),
  ]);
  return await locateChart(
    repositoryContext(io, flags),
    io.cwd,
    {
      reference,
      version: wantedVersion(flags),
      repo: hasRepo ? flags.repo : undefined,
      access: accessOf(io, flags),
      plainHttp: flags.plainHttp,
    },
    flags.verify === true ? { keyring: keyringPath(io, flags) } : undefined,
  );
}
