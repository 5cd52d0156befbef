import { Command } from 'commander';
import type { Io } from '../io.ts';
import type { RehearseFlags } from '../run-rehearse.ts';
import type { InstallFlags, UpgradeFlags } from '../install-flags.ts';
import type { RollbackFlags } from '../rollback-options.ts';
import { addInstallFlags } from './install.ts';
import { addRollbackFlags } from './rollback.ts';
import { addUpgradeFlags } from './upgrade.ts';

/** `pintle rehearse upgrade|install|rollback`: an operation on a copy of the cluster. */
export function rehearseCommand(io: Io): Command {
  const command = new Command('rehearse').description(
    'perform an operation on a copy of the cluster in memory, and tell how it would go; nothing is changed',
  );
  const upgrade = new Command('upgrade').description('rehearse an upgrade').argument('<release>').argument('<chart>');
  command.addCommand(
    addReportFlags(addUpgradeFlags(io, upgrade)).action(
      async (name: string, chart: string, _: unknown, self: Command) => {
        const { rehearseUpgrade } = await import('../run-rehearse.ts');
        await rehearseUpgrade(io, { name, path: chart }, self.optsWithGlobals<UpgradeFlags & RehearseFlags>());
      },
    ),
  );
  const install = new Command('install').description('rehearse an installation').argument('[args...]', '[NAME] CHART');
  command.addCommand(
    addReportFlags(addInstallFlags(io, install)).action(async (args: readonly string[], _: unknown, self: Command) => {
      const { rehearseInstall } = await import('../run-rehearse.ts');
      await rehearseInstall(io, args, self.optsWithGlobals<InstallFlags & RehearseFlags>());
    }),
  );
  const rollback = new Command('rollback').description('rehearse a rollback');
  command.addCommand(
    addReportFlags(addRollbackFlags(io, rollback)).action(
      async (name: string, revision: string | undefined, _: readonly string[], __: unknown, self: Command) => {
        const { rehearseRollback } = await import('../run-rehearse.ts');
        await rehearseRollback(io, [name, revision], self.optsWithGlobals<RollbackFlags & RehearseFlags>());
      },
    ),
  );
  return command;
}

function addReportFlags(command: Command): Command {
  return command
    .option('-o, --output <format>', 'text, json or yaml', 'text')
    .option('--svg <file>', 'draw the timeline into a file')
    .option('--timeline <lines>', 'so many lines of the timeline at most', '40')
    .option(
      '--min-available <amount>',
      'ready pods that every workload of the release keeps, of those that it has: 2 or 75%; less is a breach',
    )
    .option(
      '--scheduler-config <file>',
      "the KubeSchedulerConfiguration of the cluster, or default; default: the embedded cluster's own",
    );
}
