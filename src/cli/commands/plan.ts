import { Command } from 'commander';
import {
  addAtomicFlags,
  addInstallRenderFlags,
  addOperationFlags,
  addRenderFlags,
  addServerSideFlag,
  addValueFlags,
  collect,
} from '../flags.ts';
import type { Io } from '../io.ts';
import type { ApplyFlags, PlanFlags } from '../run-plan.ts';

/** `pintle plan`: what an upgrade or installation would do, kept in a file. */
export function planCommand(io: Io): Command {
  const command = new Command('plan')
    .description('show what an upgrade (or an installation) would do, and keep it for "apply"')
    .argument('<release>')
    .argument('<chart>');
  addServerSideFlag(addOperationFlags(io, addInstallRenderFlags(addRenderFlags(addValueFlags(command)))));
  addAtomicFlags(io, command, 'undo the operation when it fails; implies --wait');
  return command
    .option('--out <file>', 'the file that keeps the plan; it holds the manifests, secrets included')
    .option('-o, --output <format>', 'text, json, yaml, markdown, html or dyff', 'text')
    .option('-C, --context <lines>', 'unchanged lines around a change; default: all')
    .option('--detailed-exitcode', 'exit with 2 when there are differences')
    .option('--create-namespace', 'make the namespace of the release when it is missing')
    .option('--description <text>', 'a description of your own for the revision')
    .option('-l, --labels <pairs>', 'labels that would be added to release metadata, separated by comma', collect)
    .option('--cleanup-on-fail', 'when it fails, delete what it created')
    .option('--reset-values', 'forget the values of the last revision')
    .option('--reuse-values', 'start from the values of the last revision')
    .option('--reset-then-reuse-values', "reset to the chart's values, apply the last release's and merge in overrides")
    .option('--skip-crds', 'leave crds/ alone')
    .option('--take-ownership', 'take objects that are there already into the release')
    .action(async (name: string, chart: string, _: unknown, self: Command) => {
      const { runPlan } = await import('../run-plan.ts');
      await runPlan(io, name, chart, self.optsWithGlobals<PlanFlags>());
    });
}

/** `pintle apply`: does what a plan says. */
export function applyCommand(io: Io): Command {
  return new Command('apply')
    .description('do what a plan says, unless the cluster has moved since')
    .argument('<plan>', 'a file that "plan --out" wrote')
    .option('-o, --output <format>', 'table, json or yaml', 'table')
    .option('--hide-notes', 'do not show notes')
    .option('--history-max <count>', 'keep at most so many revisions; 0: all', '10')
    .action(async (path: string, _: unknown, self: Command) => {
      const { runApply } = await import('../run-plan.ts');
      await runApply(io, path, self.optsWithGlobals<ApplyFlags>());
    });
}
