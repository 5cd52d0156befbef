import { Command } from 'commander';
import { addLimitFlags, addValueFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import type { LintFlags } from '../run-lint.ts';

/** `pintle lint` */
export function lintCommand(io: Io): Command {
  const command = new Command('lint').description('look for mistakes in charts').argument('<path...>');
  return addLimitFlags(addValueFlags(command))
    .option('--strict', 'let warnings fail too')
    .option('--with-subcharts', 'look at the charts in charts/ too')
    .option('--quiet', 'leave out what is only information')
    .option('--skip-schema-validation', 'do not check values against values.schema.json')
    .option('--kube-version <version>', 'the Kubernetes version to check for')
    .action(async (paths: readonly string[], _: unknown, self: Command) => {
      const { runLint } = await import('../run-lint.ts');
      await runLint(io, paths, self.optsWithGlobals<LintFlags>());
    });
}
