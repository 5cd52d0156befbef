import { Command } from 'commander';
import type { Io } from '../io.ts';
import type { ReleaseFlags } from '../run-release.ts';

/** `pintle release verify|migrate`: the records of releases. */
export function releaseCommand(io: Io): Command {
  const command = new Command('release').description('look after the records of releases');
  command.addCommand(
    new Command('verify')
      .description('check the records of a release, or of all in the namespace')
      .argument('[release]')
      .option('--repair', 'put right what can be put right without losing anything')
      .option('-o, --output <format>', 'table, json or yaml', 'table')
      .action(async (name: string | undefined, _: unknown, self: Command) => {
        const { runVerify } = await import('../run-release.ts');
        await runVerify(io, name, self.optsWithGlobals<ReleaseFlags>());
      }),
  );
  command.addCommand(
    new Command('migrate')
      .description(
        'bring the records of a release, or of all in the namespace, to another kind of object or into a database',
      )
      .argument('[release]')
      .requiredOption('--to <driver>', 'secret, configmap or sql')
      .option('--from <driver>', 'where the records are; default: wherever else')
      .action(async (name: string | undefined, _: unknown, self: Command) => {
        const { runMigrate } = await import('../run-release.ts');
        await runMigrate(io, name, self.optsWithGlobals<ReleaseFlags>());
      }),
  );
  return command;
}
