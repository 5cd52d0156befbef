import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { templateChart, type TemplateOptions } from '../actions/template-chart.ts';
import { PintleError } from '../base/errors.ts';
import { decodeUtf8, encodeUtf8 } from '../base/go-string.ts';
import type { Chart } from '../chart/chart.ts';
import { ManifestError, type RenderResult } from '../render/render-chart.ts';
import { RenderTrace } from '../render/trace/render-trace.ts';
import { valueOrigins } from '../render/trace/value-origins.ts';
import { loadChartInput, nameFromTemplate, userValues } from './chart-input.ts';
import { cliLogger } from './cli-logger.ts';
import { renderingDryRunFlag } from './dry-run-flag.ts';
import { warnerOf } from './warn.ts';
import type { Io } from './io.ts';
import { nameAndChart } from './name-template.ts';
import { renderHooks } from './render-hooks.ts';
import { checkInstallable } from './check-installable.ts';
import { namespaceOf } from './settings.ts';
import { systemRandom } from './system-random.ts';
import { wallClock } from './wall-clock.ts';
import type { TemplateFlags } from './template-flags.ts';
import { shownHooks, templateText, type TemplateTextOptions } from './template-text.ts';

/** Renders and prints, or writes files. */
export async function runTemplate(io: Io, args: readonly string[], flags: TemplateFlags): Promise<void> {
  const named = nameAndChart(args, {
    generateName: flags.generateName === true,
    nameTemplate: flags.nameTemplate,
    defaultName: 'release-name',
    now: io.now(),
  });
  if (flags.validate === true && flags.dryRun !== undefined) {
    throw new PintleError(
      'usage',
      'if any flags in the group [validate dry-run] are set none of the others can be; [dry-run validate] were all set',
    );
  }
  const server = renderingDryRunFlag(flags.dryRun, warnerOf(io)) === 'server' || flags.validate === true;
  const name = flags.nameTemplate === undefined ? named.name : await nameFromTemplate(io, flags.nameTemplate);
  if (flags.outputDir !== undefined && flags.showOnly !== undefined) {
    throw new PintleError('usage', '--show-only prints and --output-dir writes files: they do not go together', {
      hint: 'leave --output-dir out, or write all files and pick the ones that you want',
    });
  }
  const { chart, values, layers } = await loadChartInput(io, named.chart, flags);
  checkInstallable(chart.metadata.type);
  if (isLarge(chart)) io.expectWork?.();
  const options: TemplateTextOptions = {
    includeCrds: flags.includeCrds === true,
    skipTests: flags.skipTests === true,
    hooks: flags.hooks,
    showOnly: flags.showOnly ?? [],
  };
  const common = {
    name,
    namespace: namespaceOf(io, flags),
    chart,
    values,
    isUpgrade: flags.isUpgrade === true,
    kubeVersion: flags.kubeVersion,
    apiVersions: flags.apiVersions ?? [],
    skipSchemaValidation: flags.skipSchemaValidation === true,
    renderSubchartNotes: flags.renderSubchartNotes === true,
    clock: wallClock(io),
    random: systemRandom,
    logger: cliLogger(io, flags),
    lookupHost: flags.enableDns === true ? (await import('./lookup-host.ts')).lookupHost : undefined,
  };
  const hooks = renderHooks(io, flags);
  const render = (request: TemplateOptions): Promise<RenderResult> =>
    server ? renderOnCluster(io, flags, request) : templateChart(request);
  if (flags.coverage !== undefined && flags.coverage !== false)
    return await printCoverage(io, flags, { common: { ...common, renderHooks: hooks }, render });
  if (flags.explain !== undefined && hooks.postRender !== undefined) {
    throw new PintleError('usage', '--explain cannot look through --post-renderer', {
      hint: 'leave the post-renderer out: what comes from templates is the same without it',
    });
  }
  const origins = valueOrigins(chart, layers);
  const trace = flags.explain === undefined && flags.debug !== true ? undefined : new RenderTrace();
  const plain = await explained(io, flags, () =>
    render({ ...common, renderHooks: { ...hooks, trace, valueOrigins: origins } }),
  );
  if (flags.explain !== undefined && trace !== undefined) {
    const { runExplain } = await import('./run-explain.ts');
    for (const selector of flags.explain) runExplain(io, selector, flags, { result: plain, trace, origins });
    return;
  }
  const result =
    trace === undefined || flags.outputDir !== undefined || hooks.postRender !== undefined
      ? plain
      : (await import('./mark-result.ts')).markResult(plain, trace, origins);
  if (flags.outputDir === undefined) {
    io.stdout(encodeUtf8(templateText(result, options)));
    return;
  }
  const folder = flags.releaseName === true ? join(flags.outputDir, name) : flags.outputDir;
  writeFiles(io, { base: flags.outputDir, folder }, result, options);
}

/** Bytes of templates, with all subcharts, from which on a chart is work for more than some milliseconds. */
const LARGE = 150_000;

function isLarge(chart: Chart): boolean {
  const size = (each: Chart): number =>
    each.templates.reduce((sum, { data }) => sum + data.length, 0) +
    each.subcharts.reduce((sum, subchart) => sum + size(subchart), 0);
  return size(chart) >= LARGE;
}

/** The render of a command, to be done once or several times. */
interface Rendering {
  readonly common: TemplateOptions;
  readonly render: (request: TemplateOptions) => Promise<RenderResult>;
}

/** Each file of values is a case of its own, unless they are wanted together. */
async function printCoverage(io: Io, flags: TemplateFlags, { common, render }: Rendering): Promise<void> {
  const mode = flags.coverage === true ? 'each' : flags.coverage;
  if (mode !== 'each' && mode !== 'merged') {
    throw new PintleError('usage', `invalid argument "${String(mode)}" for "--coverage" flag: use each or merged`);
  }
  const { runCoverage } = await import('./run-coverage.ts');
  const files = flags.values ?? [];
  const sets = mode === 'merged' || files.length < 2 ? [files] : files.map((file) => [file]);
  const trace = new RenderTrace();
  const cases = await Promise.all(
    sets.map(async (values) => {
      const user = sets.length === 1 ? common.values : await userValues(io, { ...flags, values });
      return {
        name: values.length === 0 ? 'the default values' : values.join(', '),
        render: () => render({ ...common, values: user, renderHooks: { ...common.renderHooks, trace } }),
      };
    }),
  );
  await runCoverage(io, cases, trace);
}

async function renderOnCluster(io: Io, flags: TemplateFlags, common: TemplateOptions): Promise<RenderResult> {
  const { withSession } = await import('./session.ts');
  const { buildResources } = await import('../deploy/resource.ts');
  const { reachable } = await import('./reachable.ts');
  const { prefixed } = await import('../actions/failure.ts');
  const { warnOfDefinitions } = await import('../actions/install.ts');
  return await reachable(() =>
    withSession(io, flags, { access: 'read', command: 'pintle template' }, async ({ context }) => {
      warnOfDefinitions(context.logger, common.chart, flags.skipCrds === true);
      const result = await templateChart({ ...common, client: context.client });
      await prefixed('unable to build kubernetes objects from release manifest: ', async () => {
        await buildResources(context.client, result.manifest, { namespace: common.namespace });
      });
      return result;
    }),
  );
}

/** With `--debug`, what was rendered is printed even when it is no YAML. */
async function explained(io: Io, flags: TemplateFlags, run: () => Promise<RenderResult>): Promise<RenderResult> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    if (flags.debug === true) {
      io.stdout(encodeUtf8(error.rendered));
      throw error;
    }
    throw new PintleError(error.code, `${error.message}\n\nUse --debug flag to render out invalid YAML`, {
      cause: error,
      trace: error.trace,
      related: error.related,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.location === undefined ? {} : { location: error.location }),
    });
  }
}

/** helm: pkg/action/action.go, writeToFile. */
function writeFiles(
  io: Io,
  { base, folder }: { readonly base: string; readonly folder: string },
  result: RenderResult,
  options: TemplateTextOptions,
): void {
  const written = new Set<string>();
  const write = (into: string, name: string, content: string, append: boolean): void => {
    const shown = `${into}/${name}`;
    const path = resolve(io.cwd, into, name);
    mkdirSync(dirname(path), { recursive: true });
    const data = encodeUtf8(`---\n# Source: ${name}\n${content}\n`);
    if (append) appendFileSync(path, data);
    else writeFileSync(path, data);
    written.add(name);
    io.stdout(`wrote ${shown}\n`);
  };
  if (options.includeCrds) {
    for (const crd of result.crds) write(base, crd.filename, decodeUtf8(crd.data), written.has(crd.filename));
  }
  for (const { name, content } of result.manifests) write(folder, name, content, written.has(name));
  const hooks = shownHooks(result, options);
  for (const hook of hooks) {
    write(folder, hook.path, hook.manifest, existsSync(resolve(io.cwd, folder, hook.path)));
  }
  io.stdout('\n');
}
