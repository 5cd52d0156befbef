import { Command } from 'commander';
import {
  addInstallRenderFlags,
  addOperationFlags,
  addOutputFlag,
  addRenderFlags,
  addValueFlags,
  collect,
} from '../flags.ts';
import type { Io } from '../io.ts';
import type { UpgradeFlags } from '../install-flags.ts';

/** `pintle upgrade` */
export function upgradeCommand(io: Io): Command {
  const command = new Command('upgrade').description('upgrade a release').argument('<release>').argument('<chart>');
  addOutputFlag(addOperationFlags(addInstallRenderFlags(addRenderFlags(addValueFlags(command))), 'auto'));
  return command
    .option('-i, --install', "if a release by this name doesn't already exist, run an install")
    .option('--create-namespace', 'if --install is set, create the release namespace if not present')
    .option('--description <text>', 'add a custom description')
    .option(
      '-l, --labels <pairs>',
      'labels that would be added to release metadata, separated by comma; unset one with null',
      collect,
    )
    .option('--dry-run [mode]', 'simulate an upgrade: none, client or server; --dry-run alone means client')
    .option('--rollback-on-failure', 'roll back to the last good revision upon failure; implies --wait')
    .option('--atomic', 'the same as --rollback-on-failure')
    .option('--cleanup-on-fail', 'allow deletion of new resources created in this upgrade when upgrade fails')
    .option('--reset-values', 'reset the values to the ones built into the chart')
    .option('--reuse-values', "reuse the last release's values and merge in any overrides from the command line")
    .option(
      '--reset-then-reuse-values',
      "reset to the chart's values, apply the last release's values and merge in any overrides",
    )
    .option(
      '--history-max <count>',
      'limit the maximum number of revisions saved per release. Use 0 for no limit',
      io.env['HELM_MAX_HISTORY'] || '10',
    )
    .option('--skip-crds', 'if set, no CRDs will be installed when an upgrade is performed with install flag enabled')
    .option('--take-ownership', 'ignore the check for annotations and take ownership of the existing resources')
    .option('--hide-notes', 'if set, do not show notes in upgrade output')
    .action(async (name: string, chart: string, _: unknown, self: Command) => {
      const { runUpgrade } = await import('../run-upgrade.ts');
      await runUpgrade(io, name, chart, self.optsWithGlobals<UpgradeFlags>());
    });
}
