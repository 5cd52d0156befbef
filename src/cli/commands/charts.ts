import { Command } from 'commander';
import { addFetchFlags } from '../fetch-flags.ts';
import type { Io } from '../io.ts';
import type { CreateFlags, PackageFlags, ShowFlags } from '../run-charts.ts';
import type { DependencyFlags } from '../run-dependency.ts';

/** `pintle create` */
export function createCommand(io: Io): Command {
  return new Command('create')
    .description('write a new chart')
    .argument('<name>')
    .option('-p, --starter <path>', 'a chart to begin with')
    .action(async (name: string, _: unknown, self: Command) => {
      const { runCreate } = await import('../run-charts.ts');
      await runCreate(io, name, self.optsWithGlobals<CreateFlags>());
    });
}

/** `pintle package` */
export function packageCommand(io: Io): Command {
  const command = new Command('package').description('pack charts into archives').argument('<chart...>');
  return addFetchFlags(command)
    .option('--sign', 'write a provenance file beside the archive, signed with a key of --keyring')
    .option('--key <name>', 'a part of the name of the key to sign with')
    .option('--passphrase-file <file>', 'the file with the passphrase of the key; -: standard input')
    .option('-d, --destination <folder>', 'the folder for the archives', '.')
    .option('--version <version>', 'pack it under this version')
    .option('--app-version <version>', 'pack it with this appVersion')
    .option('-u, --dependency-update', 'update dependencies from "Chart.yaml" to dir "charts/" before packaging')
    .action(async (paths: readonly string[], _: unknown, self: Command) => {
      const { runPackage } = await import('../run-charts.ts');
      await runPackage(io, paths, self.optsWithGlobals<PackageFlags>());
    });
}

/** `pintle show all|chart|values|readme|crds` */
export function showCommand(io: Io): Command {
  const command = new Command('show').alias('inspect').description('print parts of a chart');
  const parts = [
    ['all', 'print definition, values, README and CRDs'],
    ['chart', 'print Chart.yaml'],
    ['values', 'print values.yaml'],
    ['readme', 'print the README'],
    ['crds', 'print what crds/ holds'],
  ] as const;
  for (const [part, description] of parts) {
    const sub = addFetchFlags(new Command(part).description(description).argument('<chart>'), [
      'devel',
      'pass-credentials',
      'repo',
    ]).option('--version <constraint>', 'the version of the chart, for charts of a repository');
    if (part === 'values') sub.option('--jsonpath <template>', 'print what JSONPath expressions in braces find');
    command.addCommand(
      sub.action(async (path: string, _: unknown, self: Command) => {
        const { runShow } = await import('../run-charts.ts');
        await runShow(io, part, path, self.optsWithGlobals<ShowFlags>());
      }),
    );
  }
  return command;
}

/** `pintle dependency list|update|build` */
export function dependencyCommand(io: Io): Command {
  const command = new Command('dependency')
    .alias('dep')
    .alias('dependencies')
    .description('see to the charts that a chart depends on');
  command.addCommand(
    new Command('list')
      .alias('ls')
      .description('list what a chart depends on, and how it stands')
      .argument('[chart]', 'folder or archive', '.')
      .option('--max-col-width <width>', 'cut wider columns', '80')
      .action(async (path: string, options: { readonly maxColWidth: string }) => {
        const { runDependencyList } = await import('../run-dependency.ts');
        await runDependencyList(io, path, options.maxColWidth);
      }),
  );
  for (const [verb, alias, description] of [
    ['update', 'up', 'bring into charts/ what Chart.yaml asks for'],
    ['build', undefined, 'bring into charts/ what Chart.lock names'],
  ] as const) {
    const sub = new Command(verb).description(description).argument('[chart]', 'folder', '.');
    if (alias !== undefined) sub.alias(alias);
    addFetchFlags(sub).option('--skip-refresh', 'do not look for newer indexes of repositories');
    command.addCommand(
      sub.action(async (path: string, _: unknown, self: Command) => {
        const { runDependencies } = await import('../run-dependency.ts');
        await runDependencies(io, verb, path, self.optsWithGlobals<DependencyFlags>());
      }),
    );
  }
  return command;
}
