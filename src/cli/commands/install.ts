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
import type { InstallFlags } from '../install-flags.ts';

/** `pintle install` */
export function installCommand(io: Io): Command {
  const command = new Command('install').description('install a chart').argument('[args...]', '[NAME] CHART');
  addOutputFlag(addOperationFlags(addInstallRenderFlags(addRenderFlags(addValueFlags(command))), 'true'));
  return command
    .option('--create-namespace', 'create the release namespace if not present')
    .option('-g, --generate-name', 'generate the name (and omit the NAME parameter)')
    .option('--name-template <template>', 'specify template used to name the release')
    .option('--description <text>', 'add a custom description')
    .option('-l, --labels <pairs>', 'labels that would be added to release metadata, divided by comma', collect)
    .option('--dry-run [mode]', 'simulate an install: none, client or server; --dry-run alone means client')
    .option('--rollback-on-failure', 'uninstall what was installed upon failure; implies --wait')
    .option('--atomic', 'the same as --rollback-on-failure')
    .option('--replace', 'reuse the given name, only if that name is a deleted release which remains in the history')
    .option('--skip-crds', 'if set, no CRDs will be installed')
    .option('--take-ownership', 'ignore the check for annotations and take ownership of the existing resources')
    .option('--hide-notes', 'if set, do not show notes in install output')
    .action(async (args: readonly string[], _: unknown, self: Command) => {
      const { runInstall } = await import('../run-install.ts');
      await runInstall(io, args, self.optsWithGlobals<InstallFlags>());
    });
}
