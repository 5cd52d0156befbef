import { Command } from 'commander';
import {
  addAtomicFlags,
  addInstallRenderFlags,
  addOperationFlags,
  addOutputFlag,
  addRenderFlags,
  addServerSideFlag,
  addValueFlags,
  collect,
  dryRunOption,
} from '../flags.ts';
import type { Io } from '../io.ts';
import type { UpgradeFlags } from '../install-flags.ts';

/** `pintle upgrade` */
export function upgradeCommand(io: Io): Command {
  const command = new Command('upgrade').description('upgrade a release').argument('<release>').argument('<chart>');
  addOutputFlag(command).usage('[RELEASE] [CHART]');
  return addUpgradeFlags(io, command).action(async (name: string, chart: string, _: unknown, self: Command) => {
    const { runUpgrade } = await import('../run-upgrade.ts');
    await runUpgrade(io, name, chart, self.optsWithGlobals<UpgradeFlags>());
  });
}

/** The flags of an upgrade, but for `-o`. */
export function addUpgradeFlags(io: Io, command: Command): Command {
  addServerSideFlag(addOperationFlags(io, addInstallRenderFlags(addRenderFlags(addValueFlags(command)))));
  return addAtomicFlags(io, command, 'roll back to the last good revision upon failure; implies --wait')
    .option('-i, --install', 'install it when there is no release of that name')
    .option('--create-namespace', 'with --install: make the namespace when it is missing')
    .option('--description <text>', 'a description of your own for the revision')
    .option('-l, --labels <pairs>', 'labels for the release: a=1,b=2; null takes one away', collect)
    .addOption(dryRunOption('simulate an upgrade: none, client or server; --dry-run alone means client'))
    .option('--cleanup-on-fail', 'when it fails, delete what it created')
    .option('--reset-values', 'forget the values of the last revision')
    .option('--reuse-values', 'start from the values of the last revision')
    .option('--reset-then-reuse-values', "the chart's values, then the last revision's, then those given now")
    .option('--history-max <count>', 'keep at most so many revisions; 0: all', io.env['HELM_MAX_HISTORY'] || '10')
    .option('--skip-crds', 'with --install: leave crds/ alone')
    .option('--take-ownership', 'take objects that are there already into the release')
    .option('--hide-notes', 'do not print the notes');
}
