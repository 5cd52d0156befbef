import { Command } from 'commander';
import { PintleError } from '../../base/errors.ts';
import type { Io } from '../io.ts';

const REFUSED = ['install', 'uninstall', 'update', 'package', 'verify'] as const;
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  install: ['add'],
  uninstall: ['rm', 'remove'],
  update: ['up'],
};

/** `pintle plugin`: there are none, and it says so. */
export function pluginCommand(io: Io): Command {
  const command = new Command('plugin').description("Helm's plugins, which are not run here");
  command.addCommand(
    new Command('list')
      .alias('ls')
      .description('list plugins: there are none')
      .option('-t, --type <type>', 'of one type only')
      .action(() => io.stdout('NAME\tVERSION\tTYPE\tAPIVERSION\tPROVENANCE\tSOURCE\n')),
  );
  for (const verb of REFUSED) {
    const sub = new Command(verb)
      .description('refused: plugins are not run here')
      .argument('[args...]')
      .allowUnknownOption()
      .action(() => {
        throw new PintleError('usage', `"pintle plugin ${verb}": Helm's plugins are not run by Pintle`, {
          hint: 'diff, repair and tests are built in ("pintle diff"), --post-renderer takes any program; other plugins go on with helm, which works on the same releases',
        });
      });
    for (const alias of ALIASES[verb] ?? []) sub.alias(alias);
    command.addCommand(sub);
  }
  return command;
}
