import { Command } from 'commander';
import type { Io } from '../io.ts';
import type { GlobalOptions } from '../settings.ts';

/** `pintle env` */
export function envCommand(io: Io): Command {
  return new Command('env')
    .description('print the settings that variables and flags make')
    .usage('')
    .argument('[name]', 'print one value alone')
    .action(async (name: string | undefined, _: unknown, self: Command) => {
      const { environmentValues } = await import('../environment-values.ts');
      const values = await environmentValues(io, self.optsWithGlobals<GlobalOptions>());
      if (name !== undefined) io.stdout(`${values.get(name) ?? ''}\n`);
      else io.stdout([...values].map(([key, value]) => `${key}="${value}"\n`).join(''));
    });
}
