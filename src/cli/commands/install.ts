import { Command, Option } from 'commander';
import {
  addAtomicFlags,
  addInstallRenderFlags,
  addOperationFlags,
  addOutputFlag,
  addRenderFlags,
  addValueFlags,
  collect,
  dryRunOption,
} from '../flags.ts';
import type { Io } from '../io.ts';
import type { InstallFlags } from '../install-flags.ts';

/** `pintle install` */
export function installCommand(io: Io): Command {
  const command = new Command('install').description('install a chart').argument('<args...>', '[NAME] CHART');
  command.usage('[NAME] [CHART]');
  return addInstallFlags(io, addOutputFlag(command)).action(
    async (args: readonly string[], _: unknown, self: Command) => {
      const { runInstall } = await import('../run-install.ts');
      await runInstall(io, args, self.optsWithGlobals<InstallFlags>());
    },
  );
}

/** The flags of an installation, but for `-o`. */
export function addInstallFlags(io: Io, command: Command): Command {
  addOperationFlags(io, addInstallRenderFlags(addRenderFlags(addValueFlags(command))));
  return addAtomicFlags(io, command, 'uninstall what was installed upon failure; implies --wait')
    .option('--create-namespace', 'make the namespace of the release when it is missing')
    .option('-g, --generate-name', 'make up a name; leave NAME out')
    .option('--name-template <template>', 'a template that gives the name')
    .option('--description <text>', 'a description of your own for the revision')
    .option('-l, --labels <pairs>', 'labels for the release: a=1,b=2', collect)
    .addOption(new Option('--server-side [when]', 'apply in the server: true or false').default('true').preset('true'))
    .addOption(dryRunOption('simulate an install: none, client or server; --dry-run alone means client'))
    .option('--replace', 'take the name of an uninstalled release whose history was kept')
    .option('--skip-crds', 'leave crds/ alone')
    .option('--take-ownership', 'take objects that are there already into the release')
    .option('--hide-notes', 'do not print the notes');
}
