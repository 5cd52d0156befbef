import { install, type InstallOptions } from '../actions/install.ts';
import { PintleError } from '../base/errors.ts';
import type { Release } from '../release/release.ts';
import { checkInstallable } from './check-installable.ts';
import { loadChartInput, nameFromTemplate } from './chart-input.ts';
import type { InstallFlags } from './install-flags.ts';
import { computedValues } from './computed-values.ts';
import { dryRunFlag } from './dry-run-flag.ts';
import { outputFormat } from './formats.ts';
import { installRendering } from './install-rendering.ts';
import { interruptible } from './interrupt.ts';
import type { Io } from './io.ts';
import { parseLabelsFlag } from './labels-flag.ts';
import { nameAndChart } from './name-template.ts';
import { operationOptions } from './operation-options.ts';
import { releaseData, releaseText } from './release-text.ts';
import { withSession } from './session.ts';

/** What an installation works with, from its arguments and flags. */
export async function installInputs(io: Io, args: readonly string[], flags: InstallFlags): Promise<InstallOptions> {
  const dryRun = dryRunFlag(flags.dryRun);
  const atomic = flags.atomic === true || flags.rollbackOnFailure === true;
  const operation = operationOptions(flags, atomic);
  const labels = parseLabelsFlag(flags.labels);
  const rendering = await prefix('INSTALLATION FAILED: ', () => installRendering(io, flags, dryRun));
  const named = nameAndChart(args, {
    generateName: flags.generateName === true,
    nameTemplate: flags.nameTemplate,
    now: io.now(),
  });
  const name = flags.nameTemplate === undefined ? named.name : await nameFromTemplate(io, flags.nameTemplate);
  const { chart, values } = await loadChartInput(io, named.chart, flags);
  checkInstallable(chart.metadata.type);
  return {
    ...operation,
    ...rendering,
    name,
    chart,
    values,
    labels,
    dryRun,
    atomic,
    description: flags.description,
    createNamespace: flags.createNamespace === true,
    replace: flags.replace === true,
    skipCrds: flags.skipCrds === true,
    skipSchemaValidation: flags.skipSchemaValidation === true,
    renderSubchartNotes: flags.renderSubchartNotes === true,
    takeOwnership: flags.takeOwnership === true,
  };
}

/** Installs and prints what Helm prints. */
export async function runInstall(io: Io, args: readonly string[], flags: InstallFlags): Promise<void> {
  const format = outputFormat(flags.output);
  const options = await installInputs(io, args, flags);
  const { name, dryRun } = options;
  const release = await interruptible(async (signal) =>
    withSession(
      io,
      flags,
      { access: dryRun === 'none' ? 'write' : 'read', command: `pintle install ${name}`, name, timeoutSignal: signal },
      ({ context }) => prefix('INSTALLATION FAILED: ', () => install(context, options)),
    ),
  );
  io.stdout(await printRelease(release, format, flags));
}

/** A release in the format that was asked for. */
export async function printRelease(
  release: Release,
  format: 'table' | 'json' | 'yaml',
  flags: { readonly hideNotes?: boolean; readonly debug?: boolean },
): Promise<string> {
  if (format !== 'table') return await releaseData(format, release);
  const full = flags.debug === true;
  const computed = full ? await computedValues(release) : undefined;
  return releaseText(release, { hideNotes: flags.hideNotes === true, full, computed });
}

/** Runs work whose failures get a prefix, as Helm's commands give them. */
export async function prefix<T>(text: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    throw new PintleError(error.code, `${text}${error.message}`, {
      cause: error,
      trace: error.trace,
      related: error.related,
      ...(error.location === undefined ? {} : { location: error.location }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}
