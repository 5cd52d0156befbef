import { diffDrift, diffManifests, diffReleases, diffRevisions, diffRollback, diffUpgrade } from '../actions/diff.ts';
import type { ActionContext } from '../actions/context.ts';
import { PintleError } from '../base/errors.ts';
import type { ObjectDiff } from '../deploy/diff-release.ts';
import { diffHtml, diffMarkdown } from '../deploy/diff-document.ts';
import { formatDyff } from '../deploy/format-dyff.ts';
import { countDiffs, diffJson, formatDiff, formatDiffCounts } from '../deploy/format-diff.ts';
import { createStyle, type Style } from '../terminal/style.ts';
import { loadChartInput } from './chart-input.ts';
import type { RenderFlags, ValueFlags } from './flags.ts';
import { formatData } from './formats.ts';
import type { Io } from './io.ts';
import { colourMode } from './style-of.ts';
import { readIgnoreFiles } from './rule-files.ts';
import { checkInstallable } from './check-installable.ts';
import { withSession } from './session.ts';
import { type GlobalOptions, integerFlag } from './settings.ts';

/** The flags of diff and its subcommands. */
export interface DiffFlags extends GlobalOptions, ValueFlags, RenderFlags {
  readonly output: string;
  readonly context?: string;
  readonly detailedExitcode?: boolean;
  readonly showSecrets?: boolean;
  readonly hideDrift?: boolean;
  readonly ignore?: readonly string[];
  readonly install?: boolean;
  readonly hooks?: boolean;
  readonly resetValues?: boolean;
  readonly reuseValues?: boolean;
  readonly resetThenReuseValues?: boolean;
}

type Compare = (context: ActionContext) => Promise<ObjectDiff[]>;

/** `pintle diff upgrade` */
export async function runDiffUpgrade(io: Io, name: string, path: string, flags: DiffFlags): Promise<void> {
  const { chart, values } = await loadChartInput(io, path, flags);
  checkInstallable(chart.metadata.type);
  await show(io, flags, name, (context) =>
    diffUpgrade(context, {
      name,
      chart,
      values,
      install: flags.install === true,
      reuse: reuseOf(flags),
      noHooks: flags.hooks === false,
      skipSchemaValidation: flags.skipSchemaValidation === true,
      renderSubchartNotes: flags.renderSubchartNotes === true,
      showSecrets: flags.showSecrets === true,
    }),
  );
}

function reuseOf(flags: DiffFlags): 'default' | 'reset' | 'reuse' | 'reset-then-reuse' {
  if (flags.resetValues === true) return 'reset';
  if (flags.reuseValues === true) return 'reuse';
  return flags.resetThenReuseValues === true ? 'reset-then-reuse' : 'default';
}

/** `pintle diff rollback` */
export async function runDiffRollback(io: Io, name: string, revision: string, flags: DiffFlags): Promise<void> {
  const number = integerFlag('revision', revision);
  await show(io, flags, name, (context) =>
    diffRollback(context, name, number, { showSecrets: flags.showSecrets === true }),
  );
}

/** `pintle diff revision` */
export async function runDiffRevision(
  io: Io,
  name: string,
  [first, second]: readonly [string, string | undefined],
  flags: DiffFlags,
): Promise<void> {
  const one = integerFlag('revision', first);
  const other = second === undefined ? undefined : integerFlag('revision', second);
  await show(io, flags, name, (context) =>
    diffRevisions(context, name, [one, other], { showSecrets: flags.showSecrets === true }),
  );
}

/** `pintle diff drift` */
export async function runDiffDrift(io: Io, name: string, flags: DiffFlags): Promise<void> {
  const ignore = await readIgnoreFiles(io, flags.ignore);
  await show(io, flags, name, (context) =>
    diffDrift(context, name, { showSecrets: flags.showSecrets === true, ignore }),
  );
}

async function show(io: Io, flags: DiffFlags, name: string, compare: Compare): Promise<void> {
  const output = diffFormat(flags.output);
  const diffs = await withSession(
    io,
    flags,
    { access: 'observe', command: `pintle diff ${name}`, name },
    ({ context: session }) => compare(session),
  );
  if (printDiffs(io, diffs, { ...flags, output }) && flags.detailedExitcode === true) {
    throw new PintleError('differences', 'there are differences (--detailed-exitcode)');
  }
}

/** How differences are shown. */
export type DiffFormat = (typeof DIFF_FORMATS)[number];

const DIFF_FORMATS = ['text', 'json', 'yaml', 'markdown', 'html', 'dyff'] as const;

/** @throws PintleError `usage` */
export function diffFormat(text: string): DiffFormat {
  const format = DIFF_FORMATS.find((each) => each === text);
  if (format !== undefined) return format;
  throw new PintleError('usage', `unknown output format "${text}"`, { hint: `use ${DIFF_FORMATS.join(', ')}` });
}

/** Prints differences. @returns whether there are any */
export function printDiffs(
  io: Io,
  diffs: readonly ObjectDiff[],
  flags: GlobalOptions & { readonly output: DiffFormat; readonly context?: string; readonly hideDrift?: boolean },
): boolean {
  const { output } = flags;
  const context = flags.context === undefined ? undefined : integerFlag('--context', flags.context);
  const hideDrift = flags.hideDrift === true;
  const differs = diffs.some((diff) => diff.change !== 'unchanged' || (!hideDrift && diff.drift.length > 0));
  if (output === 'json' || output === 'yaml') io.stdout(formatData(output, diffJson(diffs)));
  else if (output === 'markdown') io.stdout(diffMarkdown(diffs, { context, hideDrift }));
  else if (output === 'dyff') io.stdout(formatDyff(diffs, { style: diffStyle(io, flags), hideDrift }));
  else if (output === 'html') io.stdout(diffHtml(diffs, { context, hideDrift }));
  else if (differs) {
    const text = formatDiff(diffs, { style: diffStyle(io, flags), context, hideDrift });
    io.stdout(`${text}\n${formatDiffCounts(countDiffs(diffs))}\n`);
  }
  return differs;
}

/** `pintle diff release` */
export async function runDiffRelease(
  io: Io,
  [first, second]: readonly [string, string],
  flags: DiffFlags,
): Promise<void> {
  await show(io, flags, first, (context) =>
    diffReleases(context, [first, second], { showSecrets: flags.showSecrets === true }),
  );
}

/** `pintle diff local` */
export async function runDiffLocal(io: Io, [one, other]: readonly [string, string], flags: DiffFlags): Promise<void> {
  const render = async (path: string, context: ActionContext): Promise<string> => {
    const { chart, values } = await loadChartInput(io, path, flags);
    checkInstallable(chart.metadata.type);
    const { templateChart } = await import('../actions/template-chart.ts');
    const result = await templateChart({
      name: 'release-name',
      namespace: context.namespace,
      chart,
      values,
      isUpgrade: false,
      apiVersions: [],
      skipSchemaValidation: flags.skipSchemaValidation === true,
      renderSubchartNotes: false,
      clock: context.clock,
      random: context.random,
    });
    return result.manifest;
  };
  await show(io, flags, 'local', async (context) =>
    diffManifests(context, [await render(one, context), await render(other, context)], {
      showSecrets: flags.showSecrets === true,
    }),
  );
}

/** The text goes to stdout, so what counts is whether that is a terminal. */
function diffStyle(io: Io, flags: GlobalOptions): Style {
  const mode = colourMode(io, flags);
  return createStyle(mode === 'always' || (mode === 'auto' && io.interactive));
}
