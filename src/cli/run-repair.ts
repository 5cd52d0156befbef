import { driftedText, repair } from '../actions/repair.ts';
import { PintleError } from '../base/errors.ts';
import type { ConcurrencyFlags } from './flags.ts';
import { interruptible } from './interrupt.ts';
import type { Io } from './io.ts';
import { concurrencyOptions } from './operation-options.ts';
import { readIgnoreFiles } from './rule-files.ts';
import { diffFormat, printDiffs } from './run-diff.ts';
import { withSession } from './session.ts';
import { durationFlag, type GlobalOptions } from './settings.ts';

/** The flags of `pintle repair`. */
export interface RepairFlags extends GlobalOptions, ConcurrencyFlags {
  readonly ignore?: readonly string[];
  readonly dryRun?: boolean;
  readonly detailedExitcode?: boolean;
  readonly wait?: boolean;
  readonly timeout: string;
  readonly output: string;
  readonly context?: string;
  readonly showSecrets?: boolean;
}

/** `pintle repair` */
export async function runRepair(io: Io, name: string, flags: RepairFlags): Promise<void> {
  const output = diffFormat(flags.output);
  const dryRun = flags.dryRun === true;
  const ignore = await readIgnoreFiles(io, flags.ignore);
  const timeout = durationFlag('timeout', flags.timeout);
  const drifted = await interruptible((signal) =>
    withSession(
      io,
      flags,
      { access: dryRun ? 'observe' : 'write', command: `pintle repair ${name}`, name, timeoutSignal: signal },
      ({ context }) =>
        repair(context, {
          ...concurrencyOptions(flags),
          name,
          ignore,
          dryRun,
          wait: flags.wait === true ? timeout : undefined,
          showSecrets: flags.showSecrets === true,
        }),
    ),
  );
  if (dryRun || output !== 'text') printDiffs(io, drifted, { ...flags, output });
  else io.stdout(drifted.map((each) => `${driftedText(each)}\n`).join(''));
  if (drifted.length === 0 && output === 'text') io.stdout(`All objects of "${name}" are as the release has them.\n`);
  if (dryRun && drifted.length > 0 && flags.detailedExitcode === true) {
    throw new PintleError('differences', 'there are differences (--detailed-exitcode)');
  }
}
