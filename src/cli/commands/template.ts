import { Command } from 'commander';
import {
  addPostRenderFlags,
  addRenderFlags,
  addValueFlags,
  collect,
  collectList,
  deprecate,
  dryRunOption,
} from '../flags.ts';
import { addFetchFlags } from '../fetch-flags.ts';
import type { Io } from '../io.ts';
import type { TemplateFlags } from '../template-flags.ts';

/** Flags that Helm takes here because it has them for `install`. */
const INSTALLING = [
  'atomic',
  'create-namespace',
  'description <text>',
  'disable-openapi-validation',
  'force',
  'force-conflicts',
  'force-replace',
  'hide-notes',
  'labels <pairs>',
  'replace',
  'rollback-on-failure',
  'server-side [when]',
  'take-ownership',
  'timeout <duration>',
  'wait [strategy]',
  'wait-for-jobs',
];

/** `pintle template` */
export function templateCommand(io: Io): Command {
  const command = new Command('template')
    .description('render a chart without installing it')
    .argument('<args...>', '[NAME] CHART')
    .usage('[NAME] [CHART]');
  addPostRenderFlags(addRenderFlags(addValueFlags(command)));
  addFetchFlags(command, ['devel', 'pass-credentials', 'repo']);
  for (const flag of INSTALLING) command.option(`--${flag}`, 'for install; of no effect on what is rendered');
  deprecate(io, command, 'atomic', '--rollback-on-failure');
  deprecate(io, command, 'force', '--force-replace');
  deprecate(io, command, 'validate', "'--dry-run=server'");
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
