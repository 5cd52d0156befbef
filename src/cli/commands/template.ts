import { Command } from 'commander';
import { addPostRenderFlags, addRenderFlags, addValueFlags, collect, collectList, dryRunOption } from '../flags.ts';
import type { Io } from '../io.ts';
import type { TemplateFlags } from '../template-flags.ts';

/** `pintle template` */
export function templateCommand(io: Io): Command {
  const command = new Command('template')
    .description('render a chart without installing it')
    .argument('[args...]', '[NAME] CHART');
  addPostRenderFlags(addRenderFlags(addValueFlags(command)));
  return command
    .option('-g, --generate-name', 'make up a name; leave NAME out')
    .option('--name-template <template>', 'a template that gives the name')
    .option('-s, --show-only <template>', 'only what these templates rendered', collect)
    .option('--output-dir <folder>', 'write files below this folder, not to stdout')
    .option('--release-name', 'use release name in the output-dir path')
    .option('--include-crds', 'with what crds/ holds')
    .option('--skip-crds', 'no CRDs (the default)')
    .option('--skip-tests', 'without test hooks')
    .option('--no-hooks', 'leave hooks out')
    .option('--is-upgrade', 'render as for an upgrade, not for an install')
    .option('--kube-version <version>', 'the Kubernetes version that templates see')
    .option('-a, --api-versions <list>', 'Kubernetes api versions used for Capabilities.APIVersions', collectList)
    .option('--validate', 'deprecated: use --dry-run=server')
    .addOption(dryRunOption('client: touch no cluster; server: look up and validate on the cluster'))
    .option('--enable-dns', 'let templates look up host names')
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
