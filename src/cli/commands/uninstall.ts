import { Command } from 'commander';
import { PintleError } from '../../base/errors.ts';
import { addConcurrencyFlags, type ConcurrencyFlags, waitOption } from '../flags.ts';
import type { Io } from '../io.ts';
import { durationFlag, type GlobalOptions } from '../settings.ts';
import { warnerOf } from '../warn.ts';

interface Flags extends GlobalOptions, ConcurrencyFlags {
  readonly timeout: string;
  readonly hooks: boolean;
  readonly keepHistory?: boolean;
  readonly cleanupHooks?: boolean;
  readonly ignoreNotFound?: boolean;
  readonly wait?: string;
  readonly cascade: string;
  readonly description?: string;
  readonly dryRun?: boolean;
}

/** `pintle uninstall` */
export function uninstallCommand(io: Io): Command {
  return addConcurrencyFlags(new Command('uninstall'))
    .aliases(['del', 'delete', 'un'])
    .description('uninstall a release')
    .argument('<releases...>')
    .usage('RELEASE_NAME [...]')
    .option('--dry-run', 'simulate an uninstall')
    .option('--no-hooks', 'run no hooks')
    .option('--ignore-not-found', 'treat "release not found" as a successful uninstall')
    .option('--keep-history', 'remove the objects, but keep the history of the release')
    .option('--cleanup-hooks', 'delete what hooks have left behind, too')
    .option('--cascade <strategy>', 'must be "background", "orphan", or "foreground"', 'background')
    .option('--timeout <duration>', 'how long to wait for objects and hooks', '5m0s')
    .option('--description <text>', 'a description of your own for the revision')
    .addOption(waitOption('wait until all resources are deleted'))
    .action(async (names: readonly string[], _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<Flags>();
      const { cascade } = flags;
      if (cascade !== 'background' && cascade !== 'foreground' && cascade !== 'orphan') {
        throw new PintleError(
          'usage',
          `invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`,
        );
      }
      for (const name of names) await uninstallOne(io, name, { ...flags, cascade });
    });
}

async function uninstallOne(
  io: Io,
  name: string,
  flags: Flags & { readonly cascade: 'background' | 'foreground' | 'orphan' },
): Promise<void> {
  const { interruptible } = await import('../interrupt.ts');
  const { withSession } = await import('../session.ts');
  const { uninstall } = await import('../../actions/uninstall.ts');
  const { concurrencyOptions, waitStrategy } = await import('../operation-options.ts');
  const dryRun = flags.dryRun === true;
  const kept = await interruptible((signal) =>
    withSession(
      io,
      flags,
      { access: dryRun ? 'read' : 'write', command: `pintle uninstall ${name}`, name, timeoutSignal: signal },
      async ({ context }) => {
        if (flags.ignoreNotFound === true && (await context.store.historyOrEmpty(name)).length === 0) return [];
        const result = await uninstall(context, {
          ...concurrencyOptions(flags),
          name,
          timeout: durationFlag('timeout', flags.timeout),
          noHooks: !flags.hooks,
          keepHistory: flags.keepHistory === true,
          cleanupHooks: flags.cleanupHooks === true,
          wait: waitStrategy(flags.wait, warnerOf(io)) !== 'hookOnly',
          cascade: flags.cascade,
          description: flags.description,
          dryRun,
        });
        return result.kept;
      },
    ),
  );
  if (kept.length > 0) {
    const lines = kept.map((resource) => `[${resource.type.kind}] ${resource.key.name}\n`);
    io.stdout(`These resources were kept due to the resource policy:\n${lines.join('')}\n`);
  }
  io.stdout(`release "${name}" uninstalled\n`);
}
