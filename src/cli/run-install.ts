import type { DryRun } from '../actions/context.ts';
import { install, type InstallOptions, previewInstall } from '../actions/install.ts';
import { PintleError } from '../base/errors.ts';
import type { Release } from '../release/release.ts';
import { cliLogger } from './cli-logger.ts';
import { checkInstallable } from './check-installable.ts';
import { loadChartInput, nameFromTemplate } from './chart-input.ts';
import type { InstallFlags } from './install-flags.ts';
import { computedValues } from './computed-values.ts';
import { dryRunFlag } from './dry-run-flag.ts';
import { outputFormat } from './formats.ts';
import { parseGoBoolean } from './go-boolean.ts';
import { type InstallRendering, installRendering } from './install-rendering.ts';
import { interruptible } from './interrupt.ts';
import type { Io } from './io.ts';
import { checkLabels, parseLabelsFlag } from './labels-flag.ts';
import { nameAndChart } from './name-template.ts';
import { operationOptions } from './operation-options.ts';
import { releaseColours } from './release-colours.ts';
import { releaseData, releaseText } from './release-text.ts';
import { readReadinessFile } from './rule-files.ts';
import { prefix } from './prefix.ts';
import { reachable } from './reachable.ts';
import { type SessionRequest, withSession } from './session.ts';
import { type GlobalOptions, namespaceOf } from './settings.ts';
import { systemRandom } from './system-random.ts';
import { namespaceOfTarget } from './target.ts';
import { wallClock } from './wall-clock.ts';
import { warnerOf } from './warn.ts';

const FAILED = 'INSTALLATION FAILED: ';

/** What an installation works with, from its arguments and flags. */
export async function installInputs(io: Io, args: readonly string[], flags: InstallFlags): Promise<InstallOptions> {
  const warn = warnerOf(io);
  const serverSide = booleanFlag('--server-side', flags.serverSide);
  const dryRun = dryRunFlag(flags.dryRun, warn);
  const atomic = flags.atomic === true || flags.rollbackOnFailure === true;
  const operation = operationOptions({ ...flags, serverSide: String(serverSide) }, { atomic, warn });
  const labels = parseLabelsFlag(flags.labels);
  const found = await prefix(FAILED, () => locate(io, args, { flags, labels, dryRun }));
  return {
    ...operation,
    ...found,
    readiness: await readReadinessFile(io, flags.readiness),
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

/** What {@link locate} looks for. */
interface Wanted {
  readonly flags: InstallFlags;
  readonly labels: Readonly<Record<string, string>>;
  readonly dryRun: DryRun;
}

/** The chart, the release's name and how it is rendered. */
async function locate(
  io: Io,
  args: readonly string[],
  { flags, labels, dryRun }: Wanted,
): Promise<Pick<InstallOptions, 'name' | 'chart' | 'values'> & InstallRendering> {
  checkLabels(labels);
  const rendering = await installRendering(io, flags, dryRun);
  const named = nameAndChart(args, {
    generateName: flags.generateName === true,
    nameTemplate: flags.nameTemplate,
    now: io.now(),
  });
  const name = flags.nameTemplate === undefined ? named.name : await nameFromTemplate(io, flags.nameTemplate);
  const { chart, values } = await loadChartInput(io, named.chart, flags);
  checkInstallable(chart.metadata.type);
  return { ...rendering, name, chart, values };
}

function booleanFlag(flag: string, text: string): boolean {
  const value = parseGoBoolean(text);
  if (value !== undefined) return value;
  throw new PintleError(
    'usage',
    `invalid argument "${text}" for "${flag}" flag: strconv.ParseBool: parsing "${text}": invalid syntax`,
  );
}

/** Installs and prints what Helm prints. */
export async function runInstall(io: Io, args: readonly string[], flags: InstallFlags): Promise<void> {
  const format = outputFormat(flags.output);
  const options = await installInputs(io, args, flags);
  const { name, dryRun } = options;
  const access = dryRun === 'none' ? 'write' : 'read';
  const release = await interruptible((signal) =>
    prefix(FAILED, () => {
      if (dryRun === 'client') return preview(io, flags, options);
      const request: SessionRequest = { access, command: `pintle install ${name}`, name, timeoutSignal: signal };
      return reachable(() => withSession(io, flags, request, ({ context }) => install(context, options)));
    }),
  );
  io.stdout(await printRelease(io, release, format, flags));
}

/** Renders without a cluster; only the namespace is that of the kubeconfig, when there is one that can be read. */
async function preview(io: Io, flags: InstallFlags, options: InstallOptions): Promise<Release> {
  const context = {
    namespace: namespaceOf(io, flags, await namespaceOfTarget(io, flags)),
    clock: wallClock(io),
    random: systemRandom,
    logger: cliLogger(io, flags),
  };
  return await previewInstall(context, options);
}

/** A release in the format that was asked for. */
export async function printRelease(
  io: Io,
  release: Release,
  format: 'table' | 'json' | 'yaml',
  flags: GlobalOptions & { readonly hideNotes?: boolean },
): Promise<string> {
  if (format !== 'table') return await releaseData(format, release);
  const full = flags.debug === true;
  const computed = full ? await computedValues(release) : undefined;
  const colours = releaseColours(io, flags);
  return releaseText(release, { hideNotes: flags.hideNotes === true, full, computed, colours });
}
