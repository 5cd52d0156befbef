import { Command } from 'commander';
import { PintleError } from '../../base/errors.ts';
import type { Io } from '../io.ts';
import { type GlobalOptions, homeFolder } from '../settings.ts';

interface UseFlags extends GlobalOptions {
  readonly name: string;
}

/** `pintle target show|use|clear`: which cluster commands work on. */
export function targetCommand(io: Io): Command {
  const command = new Command('target').description('show or choose the cluster that commands work on');
  command.addCommand(
    new Command('show')
      .description('show which cluster commands work on, and why')
      .action(async (_: unknown, self: Command) => {
        const { chooseTarget } = await import('../target.ts');
        const choice = await chooseTarget(io, self.optsWithGlobals<GlobalOptions>());
        io.stdout(
          choice.kind === 'embedded'
            ? `embedded cluster "${choice.name}"\n`
            : `kubeconfig ${choice.path ?? '(default)'}, context ${choice.context ?? '(current)'} (asked for by ${choice.asked})\n`,
        );
      }),
  );
  command.addCommand(
    new Command('use')
      .description('keep a target: "embedded", or "kubeconfig" with --kubeconfig and --kube-context')
      .argument('<kind>', 'embedded or kubeconfig')
      .option('--name <name>', 'name of the embedded cluster', 'default')
      .action(async (kind: string, _: unknown, self: Command) => {
        const flags = self.optsWithGlobals<UseFlags>();
        const { writeKeptTarget } = await import('../kept-target.ts');
        const { checkClusterName } = await import('../cluster-name.ts');
        if (kind === 'embedded') {
          checkClusterName(flags.name);
          await writeKeptTarget(homeFolder(io), { kind, name: flags.name });
        } else if (kind === 'kubeconfig') {
          if (flags.kubeconfig === undefined && flags.kubeContext === undefined) {
            throw new PintleError('usage', '"target use kubeconfig" needs --kubeconfig or --kube-context');
          }
          const path = await import('node:path');
          await writeKeptTarget(homeFolder(io), {
            kind,
            ...(flags.kubeconfig === undefined ? {} : { path: path.resolve(io.cwd, flags.kubeconfig) }),
            ...(flags.kubeContext === undefined ? {} : { context: flags.kubeContext }),
          });
        } else {
          throw new PintleError('usage', `unknown target "${kind}"`, { hint: 'use embedded or kubeconfig' });
        }
        io.stdout(`target kept: ${kind}\n`);
      }),
  );
  command.addCommand(
    new Command('clear')
      .description('forget the kept target: commands work on the embedded cluster again')
      .action(async () => {
        const { writeKeptTarget } = await import('../kept-target.ts');
        await writeKeptTarget(homeFolder(io), undefined);
        io.stdout('target cleared\n');
      }),
  );
  return command;
}
