import { Command } from 'commander';
import { addOperationFlags, addServerSideFlag, dryRunOption } from '../flags.ts';
import type { Io } from '../io.ts';
import type { RollbackFlags } from '../rollback-options.ts';
import { integerFlag } from '../settings.ts';

/** `pintle rollback` */
export function rollbackCommand(io: Io): Command {
  return addRollbackFlags(
    io,
    new Command('rollback').description('bring an earlier revision of a release back'),
  ).action(async (name: string, revision: string | undefined, _: readonly string[], __: unknown, self: Command) => {
    const flags = self.optsWithGlobals<RollbackFlags>();
    const { rollbackOptions } = await import('../rollback-options.ts');
    const { interruptible } = await import('../interrupt.ts');
    const { withSession } = await import('../session.ts');
    const { rollback } = await import('../../actions/rollback.ts');
    const options = await rollbackOptions(io, [name, revision], flags);
    await interruptible((signal) =>
      withSession(
        io,
        flags,
        {
          access: options.dryRun ? 'read' : 'write',
          command: `pintle rollback ${name}`,
          name,
          historyMax: integerFlag('--history-max', flags.historyMax),
          timeoutSignal: signal,
        },
        ({ context }) => rollback(context, options),
      ),
    );
    io.stdout('Rollback was a success! Happy Helming!\n');
  });
}

/** The arguments and flags of a rollback. */
export function addRollbackFlags(io: Io, command: Command): Command {
  return addServerSideFlag(addOperationFlags(io, command))
    .usage('<RELEASE> [REVISION]')
    .argument('<release>')
    .argument('[revision]', 'default: the revision before the last')
    .argument('[more...]', 'not looked at')
    .option('--cleanup-on-fail', 'when it fails, delete what it created')
    .option('--history-max <count>', 'keep at most so many revisions; 0: all', io.env['HELM_MAX_HISTORY'] || '10')
    .addOption(dryRunOption('simulate a rollback'));
}
