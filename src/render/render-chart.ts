import type { Clock } from '../base/clock.ts';
import { PintleError } from '../base/errors.ts';
import { GoInt } from '../base/go-int.ts';
import { newObject } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import type { OutputRecorder, TemplateLimits } from '../base/template-engine.ts';
import type { Chart } from '../chart/chart.ts';
import { crdObjects, type CustomResourceFile } from '../chart/crds.ts';
import { isCompatibleRange } from '../chart/is-compatible-range.ts';
import { sprigFunctions } from '../sprig/sprig-functions.ts';
import type { Capabilities } from './capabilities.ts';
import { capabilityValues } from './capability-values.ts';
import { copyValues } from './go-objects.ts';
import { loadHeavyModule } from './heavy-modules.ts';
import { manifestText, type ManifestTextOptions } from './manifest-text.ts';
import { takeNotes } from './notes.ts';
import { collectRenderables, isPartial, templateData, type Renderable } from './renderables.ts';
import { withoutNoValue, type Lookup } from './render-functions.ts';
import { sortManifests, type Hook, type RenderedManifest, type SkippedHook } from './sort-manifests.ts';
import { isBlank } from './trim-space.ts';
import { renderError } from './template-errors.ts';
import { compileSets } from './template-sets.ts';
import { templatePlace, valueHint } from './trace/explain-failure.ts';
import { RenderTrace } from './trace/render-trace.ts';
import { type ValueOriginFinder, valueOrigins } from './trace/value-origins.ts';

/** The release that a chart is rendered for: `.Release`. */
interface RenderedRelease {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  readonly isInstall: boolean;
  readonly isUpgrade: boolean;
  readonly service: string;
}

/** What {@link renderChart} works with. */
export interface RenderInput {
  readonly chart: Chart;
  /** Coalesced over the chart tree; not changed. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly release: RenderedRelease;
  readonly capabilities: Capabilities;
  /** For `now` and certificates. */
  readonly clock: Pick<Clock, 'now'>;
  /** For passwords and keys. */
  readonly random: Random;
  /** Answers the function `lookup`; absent: it finds nothing. */
  readonly lookup?: Lookup;
  /** The notes of subcharts too. */
  readonly renderSubchartNotes?: boolean;
  /** Fail on keys that are missing in values. */
  readonly strict?: boolean;
  /** `required` and `fail` do not fail but call this, as under `helm lint`. */
  readonly lenient?: (message: string) => void;
  /** Default: `DEFAULT_TEMPLATE_LIMITS`. */
  readonly limits?: TemplateLimits;
  /** IANA name of the zone for dates; default UTC. */
  readonly timeZone?: string;
  /** Answers `getHostByName` (`--enable-dns`). */
  readonly lookupHost?: (name: string) => readonly string[];
  /** Receives the origin of each part of a template's output; undefined for templates that are of no interest. */
  readonly recorderFor?: (template: string) => OutputRecorder | undefined;
  /** Follows the render; takes the place of `recorderFor`. Absent: nothing is followed, at no cost. */
  readonly trace?: RenderTrace;
  /** Tells where values were set, for errors; default: what the chart's own values.yaml files tell. */
  readonly valueOrigins?: ValueOriginFinder;
}

/** What a chart became. */
export interface RenderResult {
  /** The output of each template that is no partial, by path. */
  readonly templates: ReadonlyMap<string, string>;
  /** In the order of installation. */
  readonly manifests: readonly RenderedManifest[];
  readonly hooks: readonly Hook[];
  /** Hooks of events that nobody knows: they are in none of the other lists. */
  readonly skippedHooks: readonly SkippedHook[];
  readonly notes: string;
  /** What `crds/` of chart and subcharts holds. */
  readonly crds: readonly CustomResourceFile[];
  /** The manifest of the release record: `manifestText()`. */
  readonly manifest: string;
  /** All manifests with their `# Source:` lines, as `helm get manifest` shows them. */
  manifestText(options?: ManifestTextOptions): string;
}

/** A rendered text is no manifest. `rendered` is what there is to look at (`--debug`). */
export class ManifestError extends PintleError {
  readonly rendered: string;

  constructor(error: PintleError, rendered: string) {
    const { location, trace, related, hint } = error;
    super(error.code, error.message, {
      cause: error,
      trace,
      related,
      ...(location === undefined ? {} : { location }),
      ...(hint === undefined ? {} : { hint }),
    });
    this.rendered = rendered;
  }
}

/**
 * Renders a chart as Helm does: templates of the whole tree, then manifests, hooks and notes.
 * helm: pkg/engine/engine.go, pkg/action/action.go (renderResources).
 *
 * Throws PintleError `kube-version`, `template-syntax`, `template-exec` or `manifest-invalid` with Helm's text.
 */
export function renderChart(input: RenderInput): RenderResult {
  return renderResult(renderFiles(input), input);
}

/** What templates gave, before it is read as manifests. */
export interface RenderedFiles extends Pick<RenderResult, 'templates' | 'notes'> {
  /** Without notes, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** True if something else than templates wrote the files, so that their lines lead to none. */
  readonly foreign?: boolean;
}

/** The first half of {@link renderChart}. Throws PintleError `kube-version`, `template-syntax`, `template-exec`. */
export function renderFiles(input: RenderInput): RenderedFiles {
  checkKubeVersion(input.chart, input.capabilities);
  const templates = renderExplained(input);
  const files = new Map(templates);
  const notes = takeNotes(files, { chart: input.chart.metadata.name, subcharts: input.renderSubchartNotes === true });
  return { templates, files, notes };
}

/** The second half of {@link renderChart}. Throws PintleError `manifest-invalid`. */
export function renderResult(rendered: RenderedFiles, input: RenderInput): RenderResult {
  const { templates, notes } = rendered;
  const { manifests, hooks, skipped } = sorted(rendered, input);
  const crds = crdObjects(input.chart);
  const text = (options: ManifestTextOptions = {}): string => manifestText({ manifests, crds }, options);
  return { templates, manifests, hooks, skippedHooks: skipped, notes, crds, manifest: text(), manifestText: text };
}

/** The output of every template that is no partial, by path; see {@link renderChart}. */
export function renderTemplates(input: RenderInput): Map<string, string> {
  const { release } = input;
  const { trace } = input;
  const values = copyValues(input.values as Record<string, unknown>);
  const renderables = collectRenderables(input.chart, trace?.watch(values) ?? values, {
    release: Object.assign(newObject(), {
      Name: release.name,
      Namespace: release.namespace,
      IsUpgrade: release.isUpgrade,
      IsInstall: release.isInstall,
      Revision: new GoInt(release.revision),
      Service: release.service,
    }),
    capabilities: capabilityValues(input.capabilities),
  });
  trace?.begin(renderables);
  const sets = compileSets(renderables, {
    library: sprigFunctions({
      clock: input.clock,
      random: input.random,
      load: loadHeavyModule,
      ...(input.timeZone === undefined ? {} : { timeZone: input.timeZone }),
      ...(input.lookupHost === undefined ? {} : { lookupHost: input.lookupHost }),
    }),
    strict: input.strict === true,
    limits: input.limits,
    lookup: input.lookup,
    lenient: input.lenient,
  });
  const rendered = new Map<string, string>();
  for (const renderable of renderables) {
    if (isPartial(renderable.name)) continue;
    const run = (): string | undefined => {
      const recorder = trace?.recorderFor(renderable.name) ?? input.recorderFor?.(renderable.name);
      const set = sets.get(renderable.engine);
      return set?.execute(renderable.name, templateData(renderable), recorder === undefined ? {} : { recorder });
    };
    rendered.set(renderable.name, execute(renderable, run));
  }
  return rendered;
}

function execute(renderable: Renderable, run: () => string | undefined): string {
  try {
    return withoutNoValue(run() ?? '');
  } catch (error) {
    throw renderError(renderable.name, error);
  }
}

function checkKubeVersion(chart: Chart, { kubeVersion }: Capabilities): void {
  const wanted = chart.metadata.kubeVersion ?? '';
  if (wanted === '' || isCompatibleRange(wanted, kubeVersion.normalized ?? kubeVersion.version)) return;
  throw new PintleError(
    'kube-version',
    `chart requires kubeVersion: ${wanted} which is incompatible with Kubernetes ${kubeVersion.version}`,
  );
}

/** A failure gets the value behind it, if that can be found out. */
function renderExplained(input: RenderInput): Map<string, string> {
  try {
    return renderTemplates(input);
  } catch (error) {
    if (!(error instanceof PintleError) || error.code !== 'template-exec' || error.hint !== undefined) throw error;
    const trace = followed(input);
    const hint = valueHint(trace, originsOf(input));
    if (hint === undefined) throw error;
    const { message, location, cause } = error;
    throw new PintleError('template-exec', message, {
      ...(location === undefined ? {} : { location }),
      trace: error.trace,
      related: error.related,
      hint,
      cause,
    });
  }
}

function originsOf({ chart, valueOrigins: given }: RenderInput): ValueOriginFinder {
  return given ?? valueOrigins(chart);
}

/** The trace of the render, which is done again if it was not followed. */
function followed(input: RenderInput): RenderTrace {
  if (input.trace !== undefined) return input.trace;
  const trace = new RenderTrace();
  const { lenient, ...rest } = input;
  try {
    renderTemplates({ ...rest, trace, ...(lenient === undefined ? {} : { lenient: () => undefined }) });
  } catch {
    // It fails as it did before.
  }
  return trace;
}

function sorted({ files, foreign }: RenderedFiles, input: RenderInput): ReturnType<typeof sortManifests> {
  try {
    return sortManifests(files);
  } catch (error) {
    if (!(error instanceof PintleError)) throw error;
    let rendered = '';
    for (const [name, content] of files) {
      if (!isBlank(content)) rendered += `---\n# Source: ${name}\n${content}\n`;
    }
    const explained = foreign === true ? error : templatePlace(error, followed(input), originsOf(input));
    throw new ManifestError(explained, rendered);
  }
}
