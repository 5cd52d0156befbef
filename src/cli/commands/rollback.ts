import { Command } from 'commander';
import { PintleError } from '../../base/errors.ts';
import { addOperationFlags, type OperationFlags } from '../flags.ts';
import type { Io } from '../io.ts';
import { type GlobalOptions, integerFlag } from '../settings.ts';

interface Flags extends GlobalOptions, OperationFlags {
  readonly cleanupOnFail?: boolean;
  readonly historyMax: string;
  readonly dryRun?: string;
}

/** `pintle rollback` */
export function rollbackCommand(io: Io): Command {
  return addOperationFlags(new Command('rollback').description('bring an earlier revision of a release back'), 'auto')
    .argument('<release>')
    .argument('[revision]', 'default: the revision before the last')
    .option('--cleanup-on-fail', 'when it fails, delete what it created')
    .option('--history-max <count>', 'keep at most so many revisions; 0: all', io.env['HELM_MAX_HISTORY'] || '10')
    .option('--dry-run [mode]', 'simulate a rollback')
    .action(async (name: string, revision: string | undefined, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<Flags>();
      const { operationOptions } = await import('../operation-options.ts');
      const { dryRunFlag } = await import('../dry-run-flag.ts');
      const { interruptible } = await import('../interrupt.ts');
      const { withSession } = await import('../session.ts');
      const { rollback } = await import('../../actions/rollback.ts');
      const dryRun = dryRunFlag(flags.dryRun) !== 'none';
      await interruptible((signal) =>
        withSession(
          io,
          flags,
          {
            access: dryRun ? 'read' : 'write',
            command: `pintle rollback ${name}`,
            name,
            historyMax: integerFlag('--history-max', flags.historyMax),
            timeoutSignal: signal,
          },
          ({ context }) =>
            rollback(context, {
              ...operationOptions(flags, false),
              name,
              revision: revisionOf(revision),
              dryRun,
              cleanupOnFail: flags.cleanupOnFail === true,
            }),
        ),
      );
      io.stdout('Rollback was a success! Happy Helming!\n');
    });
}

function revisionOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^-?\d+$/.test(text)) {
    throw new PintleError(
      'usage',
      `could not convert revision to a number: strconv.Atoi: parsing "${text}": invalid syntax`,
    );
  }
  return Number(text);
}
