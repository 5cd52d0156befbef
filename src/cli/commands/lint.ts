import { Command } from 'commander';
import { addValueFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import type { LintFlags } from '../run-lint.ts';

/** `pintle lint` */
export function lintCommand(io: Io): Command {
  return addValueFlags(new Command('lint').description('examine charts for possible issues').argument('<path...>'))
    .option('--strict', 'fail on lint warnings')
    .option('--with-subcharts', 'lint dependent charts')
    .option('--quiet', 'print only warnings and errors')
    .option('--skip-schema-validation', 'if set, disables JSON schema validation')
    .option('--kube-version <version>', 'Kubernetes version used for capabilities and deprecation checks')
    .action(async (paths: readonly string[], _: unknown, self: Command) => {
      const { runLint } = await import('../run-lint.ts');
      await runLint(io, paths, self.optsWithGlobals<LintFlags>());
    });
}
