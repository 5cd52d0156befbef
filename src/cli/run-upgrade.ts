import { failure } from '../actions/failure.ts';
import type { InstallOptions } from '../actions/install.ts';
import type { ReuseValues } from '../actions/reuse-values.ts';
import { upgradeOrInstall } from '../actions/upgrade-or-install.ts';
import { upgrade, type UpgradeOptions } from '../actions/upgrade.ts';
import type { Release } from '../release/release.ts';
import { loadChartInput } from './chart-input.ts';
import type { UpgradeFlags } from './install-flags.ts';
import { dryRunFlag } from './dry-run-flag.ts';
import { outputFormat } from './formats.ts';
import { installRendering } from './install-rendering.ts';
import { interruptible } from './interrupt.ts';
import type { Io } from './io.ts';
import { checkLabels, parseLabelsFlag } from './labels-flag.ts';
import { operationOptions, refuseReplaceByServer } from './operation-options.ts';
import { checkInstallable } from './check-installable.ts';
import { prefix } from './prefix.ts';
import { printRelease } from './run-install.ts';
import { readReadinessFile } from './rule-files.ts';
import { type Session, type SessionRequest, withSession } from './session.ts';
import { warnerOf } from './warn.ts';
import { integerFlag } from './settings.ts';

/** What upgrade and plan work with, from their flags. */
export async function upgradeInputs(
  io: Io,
  { name, path }: { readonly name: string; readonly path: string },
  flags: UpgradeFlags,
): Promise<{ readonly upgrade: UpgradeOptions; readonly install: InstallOptions }> {
  const warn = warnerOf(io);
  const dryRun = dryRunFlag(flags.dryRun, warn);
  const atomic = flags.atomic === true || flags.rollbackOnFailure === true;
  const operation = operationOptions(flags, { atomic, warn, failure: 'UPGRADE FAILED: ' });
  refuseReplaceByServer(flags);
  const labels = parseLabelsFlag(flags.labels);
  const rendering = await prefix('UPGRADE FAILED: ', () => {
    checkLabels(labels);
    return installRendering(io, flags, dryRun);
  });
  const { chart, values } = await loadChartInput(io, path, flags);
  const common = {
    ...operation,
    ...rendering,
    readiness: await readReadinessFile(io, flags.readiness),
    name,
    chart,
    values,
    labels,
    dryRun,
    atomic,
    description: flags.description,
    skipSchemaValidation: flags.skipSchemaValidation === true,
    renderSubchartNotes: flags.renderSubchartNotes === true,
    takeOwnership: flags.takeOwnership === true,
  };
  return {
    upgrade: { ...common, cleanupOnFail: flags.cleanupOnFail === true, reuse: reuseOf(flags) },
    install: {
      ...common,
      serverSide: operation.serverSide === 'false' ? 'false' : 'true',
      createNamespace: flags.createNamespace === true,
      replace: false,
      skipCrds: flags.skipCrds === true,
    },
  };
}

/** Upgrades, or installs with `--install`, and prints what Helm prints. */
export async function runUpgrade(io: Io, name: string, path: string, flags: UpgradeFlags): Promise<void> {
  const format = outputFormat(flags.output);
  const inputs = await upgradeInputs(io, { name, path }, flags);
  const { dryRun } = inputs.upgrade;
  let upgraded = true;
  const request: SessionRequest = {
    access: dryRun === 'none' ? 'write' : 'read',
    command: `pintle upgrade ${name}`,
    name,
    historyMax: integerFlag('--history-max', flags.historyMax),
  };
  const release = await interruptible(async (signal) => {
    const inSession = (work: (session: Session) => Promise<Release>): Promise<Release> =>
      withSession(io, flags, { ...request, timeoutSignal: signal }, work);
    if (flags.install !== true) {
      return await prefix('UPGRADE FAILED: ', () => inSession(({ context }) => upgrade(context, inputs.upgrade)));
    }
    return await inSession(async ({ context }) => {
      const outcome = await upgradeOrInstall(context, {
        ...inputs,
        installing: () => {
          upgraded = false;
          if (format === 'table') io.stdout(`Release "${name}" does not exist. Installing it now.\n`);
          checkInstallable(inputs.install.chart.metadata.type);
        },
      }).catch((error: unknown) =>
        upgraded ? prefix('UPGRADE FAILED: ', () => Promise.reject(failure(error))) : Promise.reject(failure(error)),
      );
      return outcome.release;
    });
  });
  const headline = upgraded && format === 'table' ? `Release "${name}" has been upgraded. Happy Helming!\n` : '';
  io.stdout(headline + (await printRelease(io, release, format, flags)));
}

function reuseOf(flags: UpgradeFlags): ReuseValues {
  if (flags.resetValues === true) return 'reset';
  if (flags.reuseValues === true) return 'reuse';
  return flags.resetThenReuseValues === true ? 'reset-then-reuse' : 'default';
}
