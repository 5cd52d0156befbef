import { Command } from 'commander';
import { addRenderFlags, addValueFlags, collect, collectList } from '../flags.ts';
import type { Io } from '../io.ts';
import type { TemplateFlags } from '../template-flags.ts';

/** `pintle template` */
export function templateCommand(io: Io): Command {
  const command = new Command('template').description('locally render templates').argument('[args...]', '[NAME] CHART');
  addRenderFlags(addValueFlags(command));
  return command
    .option('-g, --generate-name', 'generate the name (and omit the NAME parameter)')
    .option('--name-template <template>', 'specify template used to name the release')
    .option('-s, --show-only <template>', 'only show manifests rendered from the given templates', collect)
    .option('--output-dir <folder>', 'writes the executed templates to files in output-dir instead of stdout')
    .option('--release-name', 'use release name in the output-dir path')
    .option('--include-crds', 'include CRDs in the templated output')
    .option('--skip-crds', 'no CRDs (the default)')
    .option('--skip-tests', 'skip tests from templated output')
    .option('--no-hooks', 'leave hooks out')
    .option('--is-upgrade', 'set .Release.IsUpgrade instead of .Release.IsInstall')
    .option('--kube-version <version>', 'Kubernetes version used for Capabilities.KubeVersion')
    .option('-a, --api-versions <list>', 'Kubernetes api versions used for Capabilities.APIVersions', collectList)
    .option('--validate', 'deprecated: use --dry-run=server')
    .option('--dry-run [mode]', 'client: touch no cluster; server: look up and validate on the cluster')
    .option('--enable-dns', 'enable DNS lookups when rendering templates')
    .option(
      '--explain <field>',
      'tell where KIND/NAME[.path] comes from: template, lines, values (repeatable)',
      collect,
    )
    .option(
      '--coverage [mode]',
      'tell which template lines and branches were not reached: each (every -f file rendered by itself, the default) or merged',
    )
    .action(async (args: readonly string[], _: unknown, self: Command) => {
      const { runTemplate } = await import('../run-template.ts');
      await runTemplate(io, args, self.optsWithGlobals<TemplateFlags>());
    });
}
