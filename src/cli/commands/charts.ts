import { Command } from 'commander';
import type { Io } from '../io.ts';
import type { CreateFlags, PackageFlags } from '../run-charts.ts';

/** `pintle create` */
export function createCommand(io: Io): Command {
  return new Command('create')
    .description('create a new chart with the given name')
    .argument('<name>')
    .option('-p, --starter <path>', 'a chart to begin with')
    .action(async (name: string, _: unknown, self: Command) => {
      const { runCreate } = await import('../run-charts.ts');
      await runCreate(io, name, self.optsWithGlobals<CreateFlags>());
    });
}

/** `pintle package` */
export function packageCommand(io: Io): Command {
  return new Command('package')
    .description('package a chart directory into a chart archive')
    .argument('<chart...>')
    .option('-d, --destination <folder>', 'location to write the chart', '.')
    .option('--version <version>', 'set the version on the chart to this semver version')
    .option('--app-version <version>', 'set the appVersion on the chart to this version')
    .option('-u, --dependency-update', 'update dependencies from "Chart.yaml" to dir "charts/" before packaging')
    .action(async (paths: readonly string[], _: unknown, self: Command) => {
      const { runPackage } = await import('../run-charts.ts');
      await runPackage(io, paths, self.optsWithGlobals<PackageFlags>());
    });
}

/** `pintle show all|chart|values|readme|crds` */
export function showCommand(io: Io): Command {
  const command = new Command('show').alias('inspect').description('show information of a chart');
  const parts = [
    ['all', 'show all information of the chart'],
    ['chart', "show the chart's definition"],
    ['values', "show the chart's values"],
    ['readme', "show the chart's README"],
    ['crds', "show the chart's CRDs"],
  ] as const;
  for (const [part, description] of parts) {
    command.addCommand(
      new Command(part)
        .description(description)
        .argument('<chart>')
        .action(async (path: string) => {
          const { runShow } = await import('../run-charts.ts');
          await runShow(io, part, path);
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
    .description("manage a chart's dependencies");
  command.addCommand(
    new Command('list')
      .alias('ls')
      .description('list the dependencies for the given chart')
      .argument('[chart]', 'folder or archive', '.')
      .option('--max-col-width <width>', 'maximum column width for output table', '80')
      .action(async (path: string, options: { readonly maxColWidth: string }) => {
        const { runDependencyList } = await import('../run-dependency.ts');
        await runDependencyList(io, path, options.maxColWidth);
      }),
  );
  for (const [verb, alias, description] of [
    ['update', 'up', 'update charts/ based on the contents of Chart.yaml'],
    ['build', undefined, 'rebuild the charts/ directory based on the Chart.lock file'],
  ] as const) {
    const sub = new Command(verb).description(description).argument('[chart]', 'folder', '.');
    if (alias !== undefined) sub.alias(alias);
    command.addCommand(
      sub.action(async (path: string) => {
        const { runDependencies } = await import('../run-dependency.ts');
        await runDependencies(io, verb, path);
      }),
    );
  }
  return command;
}
