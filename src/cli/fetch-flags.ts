import type { Command } from 'commander';
import { PintleError } from '../base/errors.ts';

/** How Helm fetches charts, with what becomes of it for charts on disk. */
export interface FetchFlags {
  readonly repo?: string;
  readonly verify?: boolean;
}

const OF_NO_EFFECT = 'for fetching the chart; of no effect on charts on disk';

/** The flags with which Helm's commands fetch charts; `version` and `keyring` are of no effect here either. */
export function addFetchFlags(command: Command, also: readonly string[] = []): Command {
  for (const name of ['username <name>', 'password <text>', 'cert-file <file>', 'key-file <file>', 'ca-file <file>']) {
    command.option(`--${name}`, OF_NO_EFFECT);
  }
  for (const name of ['insecure-skip-tls-verify', 'plain-http', ...also]) command.option(`--${name}`, OF_NO_EFFECT);
  return command
    .option('--verify', "check the chart's signature first")
    .option('--keyring <file>', 'location of public keys used for verification');
}

/** Refuses flags that ask for what charts on disk do not have. @throws PintleError `usage` */
export function refuseFetching(flags: FetchFlags): void {
  if (flags.repo !== undefined && flags.repo !== '') {
    throw new PintleError('usage', '--repo: charts are read from disk, not from a repository', {
      hint: 'download the chart and name its folder or archive',
    });
  }
  if (flags.verify === true) {
    throw new PintleError('usage', '--verify: provenance files are not checked', {
      hint: 'check the archive with "gpg --verify" first, or leave the flag out',
    });
  }
}
