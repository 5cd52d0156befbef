import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { applyPlan, makePlan, readPlan } from '../actions/plan.ts';
import { PintleError } from '../base/errors.ts';
import { checkInstallable } from './check-installable.ts';
import { outputFormat } from './formats.ts';
import type { UpgradeFlags } from './install-flags.ts';
import { interruptible } from './interrupt.ts';
import type { Io } from './io.ts';
import { diffFormat, printDiffs } from './run-diff.ts';
import { prefix } from './prefix.ts';
import { printRelease } from './run-install.ts';
import { upgradeInputs } from './run-upgrade.ts';
import { withSession } from './session.ts';
import { type GlobalOptions, integerFlag } from './settings.ts';

/** The flags of `pintle plan`. */
export interface PlanFlags extends UpgradeFlags {
  readonly out?: string;
  readonly context?: string;
  readonly detailedExitcode?: boolean;
}

/** The flags of `pintle apply`. */
export interface ApplyFlags extends GlobalOptions {
  readonly output: string;
  readonly hideNotes?: boolean;
  readonly historyMax: string;
}

/** `pintle plan` */
export async function runPlan(io: Io, name: string, path: string, flags: PlanFlags): Promise<void> {
  const format = diffFormat(flags.output);
  const inputs = await upgradeInputs(io, { name, path }, flags);
  checkInstallable(inputs.install.chart.metadata.type);
  const { plan, diffs } = await withSession(
    io,
    flags,
    { access: 'observe', command: `pintle plan ${name}`, name },
    ({ context }) => makePlan(context, inputs),
  );
  const differs = printDiffs(io, diffs, { ...flags, output: format });
  if (!differs && format === 'text') io.stdout('No object changes.\n');
  if (format === 'text' && plan.order !== undefined) io.stdout(`Order:\n${indented(plan.order)}`);
  if (flags.out !== undefined) {
    // Manifests hold secrets.
    await writeFile(resolve(io.cwd, flags.out), `${JSON.stringify(plan, null, 2)}\n`, { mode: 0o600 });
    io.stderr(`plan kept in ${flags.out}; do it with "pintle apply ${flags.out}"\n`);
  }
  if (differs && flags.detailedExitcode === true) {
    throw new PintleError('differences', 'there are differences (--detailed-exitcode)');
  }
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}\n`).join('');
}

/** `pintle apply` */
export async function runApply(io: Io, path: string, flags: ApplyFlags): Promise<void> {
  const format = outputFormat(flags.output);
  const plan = readPlan(await readText(io, path));
  const release = await interruptible((signal) =>
    withSession(
      io,
      { ...flags, namespace: plan.namespace },
      {
        access: 'write',
        command: `pintle apply ${path}`,
        name: plan.name,
        historyMax: integerFlag('--history-max', flags.historyMax),
        timeoutSignal: signal,
      },
      ({ context }) => {
        if (context.client.description !== plan.cluster) {
          throw new PintleError('plan-stale', `the plan is for ${plan.cluster}, not for ${context.client.description}`);
        }
        const failed = plan.verb === 'install' ? 'INSTALLATION FAILED: ' : 'UPGRADE FAILED: ';
        return prefix(failed, () => applyPlan(context, plan));
      },
    ),
  );
  io.stdout(await printRelease(io, release, format, flags));
}

async function readText(io: Io, path: string): Promise<string> {
  try {
    return await readFile(resolve(io.cwd, path), 'utf8');
  } catch (error) {
    throw new PintleError('usage', `cannot read the plan ${path}`, { cause: error });
  }
}
