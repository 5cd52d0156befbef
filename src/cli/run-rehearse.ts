import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PintleError } from '../base/errors.ts';
import { breachesOf, type LeastAvailable } from '../rehearse/breaches.ts';
import { formatRehearsal } from '../rehearse/format-rehearsal.ts';
import type { RehearsedOperation } from '../rehearse/operation.ts';
import { rehearse } from '../rehearse/rehearse.ts';
import type { Rehearsal } from '../rehearse/rehearsal.ts';
import { timelineSvg } from '../rehearse/timeline-svg.ts';
import { createStyle } from '../terminal/style.ts';
import { formatTable } from '../terminal/table.ts';
import { keptScheduler, schedulerFlag } from './cluster-plan.ts';
import { checkInstallable } from './check-installable.ts';
import { formatData } from './formats.ts';
import type { InstallFlags, UpgradeFlags } from './install-flags.ts';
import type { Io } from './io.ts';
import { type RollbackFlags, rollbackOptions } from './rollback-options.ts';
import { installInputs } from './run-install.ts';
import { upgradeInputs } from './run-upgrade.ts';
import { withSession } from './session.ts';
import { type GlobalOptions, integerFlag } from './settings.ts';

/** How a rehearsal is reported. */
export interface RehearseFlags extends GlobalOptions {
  readonly output: string;
  readonly svg?: string;
  readonly timeline: string;
  readonly minAvailable?: string;
  /** A file, or `default`. */
  readonly schedulerConfig?: string;
}

/** `pintle rehearse upgrade` */
export async function rehearseUpgrade(
  io: Io,
  place: { readonly name: string; readonly path: string },
  flags: UpgradeFlags & RehearseFlags,
): Promise<void> {
  refuseDryRun(flags.dryRun);
  const inputs = await upgradeInputs(io, place, flags);
  checkInstallable(inputs.install.chart.metadata.type);
  const install = flags.install === true ? inputs.install : undefined;
  await run(io, flags, { verb: 'upgrade', options: inputs.upgrade, install });
}

/** `pintle rehearse install` */
export async function rehearseInstall(
  io: Io,
  args: readonly string[],
  flags: InstallFlags & RehearseFlags,
): Promise<void> {
  refuseDryRun(flags.dryRun);
  await run(io, flags, { verb: 'install', options: await installInputs(io, args, flags) });
}

/** `pintle rehearse rollback` */
export async function rehearseRollback(
  io: Io,
  place: readonly [name: string, revision: string | undefined],
  flags: RollbackFlags & RehearseFlags,
): Promise<void> {
  refuseDryRun(flags.dryRun);
  await run(io, flags, { verb: 'rollback', options: await rollbackOptions(io, place, flags) });
}

function refuseDryRun(dryRun: string | undefined): void {
  if (dryRun === undefined || dryRun === 'none' || dryRun === 'false') return;
  throw new PintleError('usage', '--dry-run: a rehearsal never changes the cluster', { hint: 'leave the flag out' });
}

async function run(io: Io, flags: RehearseFlags, operation: RehearsedOperation): Promise<void> {
  const { output, svg } = flags;
  if (output !== 'text' && output !== 'json' && output !== 'yaml') {
    throw new PintleError('usage', `unknown output format "${output}"`, { hint: 'use text, json or yaml' });
  }
  const least = leastAvailable(flags.minAvailable);
  const lines = integerFlag('--timeline', flags.timeline);
  const { name } = operation.options;
  const command = `pintle rehearse ${operation.verb} ${name}`;
  const given = flags.schedulerConfig === undefined ? undefined : await schedulerFlag(io, flags.schedulerConfig);
  const rehearsal = await withSession(io, flags, { access: 'observe', command, name }, async ({ context, target }) => {
    const kept = given === undefined && target.folder !== undefined ? await keptScheduler(target.folder) : undefined;
    return await rehearse(context, operation, given?.configuration ?? kept);
  });
  if (output === 'text') io.stdout(text(io, flags, rehearsal, lines));
  else io.stdout(formatData(output, JSON.parse(JSON.stringify(rehearsal))));
  if (svg !== undefined) await writePicture(resolve(io.cwd, svg), rehearsal);
  judge(rehearsal, least);
}

async function writePicture(path: string, rehearsal: Rehearsal): Promise<void> {
  try {
    await writeFile(path, timelineSvg(rehearsal));
  } catch (error) {
    throw new PintleError('io', `cannot write the picture ${path}`, { cause: error });
  }
}

function text(io: Io, flags: GlobalOptions, rehearsal: Rehearsal, timelineLines: number): string {
  const wish = flags.color ?? flags.colour ?? 'auto';
  const style = createStyle(
    wish === 'always' || (wish === 'auto' && io.interactive && (io.env['NO_COLOR'] ?? '') === ''),
  );
  const paints = {
    good: (each: string) => style.green(each),
    bad: (each: string) => style.red(each),
    faint: (each: string) => style.dim(each),
  };
  return formatRehearsal(rehearsal, {
    timelineLines,
    paint: (kind, each) => paints[kind](each),
    table: (rows) => formatTable(rows),
  });
}

/** Turns the outcome into the exit code. @throws PintleError `rehearsal-failed`, `rehearsal-breach` */
function judge(rehearsal: Rehearsal, least: LeastAvailable | undefined): void {
  const { failure, verb, name } = rehearsal;
  if (failure !== undefined) {
    const { hint } = failure;
    const message = `the ${verb} of "${name}" would fail`;
    throw new PintleError('rehearsal-failed', message, hint === undefined ? {} : { hint });
  }
  const breaches = breachesOf(rehearsal, least);
  if (breaches.length === 0) return;
  throw new PintleError(
    'rehearsal-breach',
    `the ${verb} of "${name}" would succeed, but on its way ${breaches.join('; ')}`,
    {
      hint: 'look at the update strategy: maxUnavailable, maxSurge, readiness probes and the number of replicas',
    },
  );
}

function leastAvailable(flag: string | undefined): LeastAvailable | undefined {
  if (flag === undefined) return undefined;
  const match = /^(\d+)(%?)$/.exec(flag);
  if (match === null || (match[2] === '%' && Number(match[1]) > 100)) {
    throw new PintleError('usage', `invalid argument "${flag}" for "--min-available" flag`, {
      hint: 'write a number of pods, or a part such as 75%',
    });
  }
  return { amount: Number(match[1]), percent: match[2] === '%' };
}
