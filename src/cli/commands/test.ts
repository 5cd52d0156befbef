import { Command } from 'commander';
import type { Io } from '../io.ts';
import { collectList } from '../flags.ts';
import { durationFlag, type GlobalOptions } from '../settings.ts';

interface Flags extends GlobalOptions {
  readonly timeout: string;
  readonly logs?: boolean;
  readonly filter?: readonly string[];
}

/** `pintle test` */
export function testCommand(io: Io): Command {
  return new Command('test')
    .description('run tests for a release')
    .usage('[RELEASE]')
    .argument('<release>')
    .option('--timeout <duration>', 'how long to wait for objects and hooks', '5m0s')
    .option('--logs', 'print what the test pods wrote, before they are cleaned up')
    .option('--filter <list>', 'specify tests by attribute: name=value or !name=value', collectList)
    .action(async (name: string, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<Flags>();
      const { interruptible } = await import('../interrupt.ts');
      const { withSession } = await import('../session.ts');
      const { testRelease } = await import('../../actions/test-release.ts');
      const { releaseText } = await import('../release-text.ts');
      const { releaseColours } = await import('../release-colours.ts');
      await interruptible((signal) =>
        withSession(
          io,
          flags,
          { access: 'write', command: `pintle test ${name}`, name, timeoutSignal: signal },
          async ({ context }) => {
            const result = await testRelease(context, {
              name,
              timeout: durationFlag('timeout', flags.timeout),
              filters: flags.filter ?? [],
              logs: flags.logs === true,
            });
            io.stdout(releaseText(result.release, { hideNotes: true, colours: releaseColours(io, flags) }));
            if (flags.logs === true) io.stdout('\n');
            for (const log of result.logs) io.stdout(`POD LOGS: ${log.pod}\n${log.text}\n`);
            if (result.failure !== undefined) throw result.failure;
          },
        ),
      );
    });
}
