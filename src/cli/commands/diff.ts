import { Command } from 'commander';
import type { DiffFlags } from '../run-diff.ts';
import { addRenderFlags, addValueFlags, collect } from '../flags.ts';
import type { Io } from '../io.ts';

/** `pintle diff …`: what a command would change, compared with the last revision and with the cluster. */
export function diffCommand(io: Io): Command {
  const command = new Command('diff').description('show what an upgrade or a rollback would change');
  const upgrade = addOutputFlags(
    new Command('upgrade').description('show what an upgrade would change').argument('<release>').argument('<chart>'),
  );
  addRenderFlags(addValueFlags(upgrade));
  upgrade
    .option('-i, --install', 'a release that does not exist yet is compared with nothing')
    .option('--no-hooks', 'do not look at hooks')
    .option('--reset-values', 'forget the values of the last revision')
    .option('--reuse-values', 'start from the values of the last revision')
    .option('--reset-then-reuse-values', "the chart's values, then the last revision's, then those given now")
    .action(async (name: string, chart: string, _: unknown, self: Command) => {
      const { runDiffUpgrade } = await import('../run-diff.ts');
      await runDiffUpgrade(io, name, chart, self.optsWithGlobals<DiffFlags>());
    });
  command.addCommand(upgrade, { isDefault: true });
  command.addCommand(
    addOutputFlags(
      new Command('rollback')
        .description('show what a rollback would change')
        .argument('<release>')
        .argument('[revision]', 'default: the one before the last', '0'),
    ).action(async (name: string, revision: string, _: unknown, self: Command) => {
      const { runDiffRollback } = await import('../run-diff.ts');
      await runDiffRollback(io, name, revision, self.optsWithGlobals<DiffFlags>());
    }),
  );
  command.addCommand(
    addOutputFlags(
      new Command('revision')
        .description('show how two revisions of a release differ')
        .argument('<release>')
        .argument('<revision>')
        .argument('[other]', 'default: the last one'),
    ).action(async (name: string, revision: string, other: string | undefined, _: unknown, self: Command) => {
      const { runDiffRevision } = await import('../run-diff.ts');
      await runDiffRevision(io, name, [revision, other], self.optsWithGlobals<DiffFlags>());
    }),
  );
  command.addCommand(
    addOutputFlags(
      new Command('drift').description('show what was changed on the cluster past the release').argument('<release>'),
    )
      .option('--ignore <file>', 'rules for changes that do not matter; may be given several times', collect)
      .action(async (name: string, _: unknown, self: Command) => {
        const { runDiffDrift } = await import('../run-diff.ts');
        await runDiffDrift(io, name, self.optsWithGlobals<DiffFlags>());
      }),
  );
  command.addCommand(
    addOutputFlags(
      new Command('release')
        .description('show how two releases of a namespace differ')
        .argument('<release>')
        .argument('<other>'),
    ).action(async (one: string, other: string, _: unknown, self: Command) => {
      const { runDiffRelease } = await import('../run-diff.ts');
      await runDiffRelease(io, [one, other], self.optsWithGlobals<DiffFlags>());
    }),
  );
  const local = addOutputFlags(
    new Command('local')
      .description('show how two charts render differently; no release is looked at')
      .argument('<chart>')
      .argument('<other>'),
  );
  command.addCommand(
    addRenderFlags(addValueFlags(local)).action(async (one: string, other: string, _: unknown, self: Command) => {
      const { runDiffLocal } = await import('../run-diff.ts');
      await runDiffLocal(io, [one, other], self.optsWithGlobals<DiffFlags>());
    }),
  );
  return command;
}

function addOutputFlags(command: Command): Command {
  return command
    .option('-o, --output <format>', 'text, json, yaml, markdown, html or dyff', 'text')
    .option('-C, --context <lines>', 'unchanged lines around a change; default: all')
    .option('--detailed-exitcode', 'exit with 2 when there are differences')
    .option('--show-secrets', 'show what Secrets hold')
    .option('--hide-drift', 'leave out what was changed on the cluster past the release');
}
