import { PintleError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { TemplateLimits } from '../base/template-engine.ts';
import type { Chart } from '../chart/chart.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { apiVersionOf } from '../kube/object.ts';
import { isStatus } from '../kube/status-error.ts';
import { defaultCapabilities, type Capabilities } from '../render/capabilities.ts';
import {
  type RenderedFiles,
  renderFiles,
  type RenderInput,
  renderResult,
  type RenderResult,
} from '../render/render-chart.ts';
import type { RenderTrace } from '../render/trace/render-trace.ts';
import type { ValueOriginFinder } from '../render/trace/value-origins.ts';
import { coalesceForRender } from '../values/coalesce-for-render.ts';
import type { FetchSchema } from '../values/check-schemas.ts';
import { warningText } from '../values/warning.ts';
import type { ActionContext } from './context.ts';

/** What a chart is rendered for. */
export interface RenderRequest {
  readonly name: string;
  readonly chart: Chart;
  /** The user's values. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly revision: number;
  readonly isUpgrade: boolean;
  readonly capabilities: Capabilities;
  readonly skipSchemaValidation: boolean;
  readonly renderSubchartNotes: boolean;
  /** Objects for the template function `lookup`; absent: it finds nothing. */
  readonly client?: KubeClient | undefined;
  /** Answers `getHostByName`. */
  readonly lookupHost?: ((name: string) => readonly string[]) | undefined;
  readonly hooks?: RenderHooks | undefined;
}

/** What looks on while a chart is rendered, or changes what came of it. */
export interface RenderHooks {
  /** Follows the render. */
  readonly trace?: RenderTrace | undefined;
  /** Tells where values were set, for errors. */
  readonly valueOrigins?: ValueOriginFinder | undefined;
  /**
   * Gets all manifests and hooks as one stream of documents and gives those that take their place; documents keep their file by
   * the annotation that they carry. What it throws is passed on.
   */
  readonly postRender?: ((manifests: string) => Promise<string>) | undefined;
  /** What templates may take; see `RenderInput.limits`. */
  readonly limits?: TemplateLimits | undefined;
  /** Reads schemas that a values.schema.json refers to on the network; absent: they are refused. */
  readonly fetchSchema?: FetchSchema | undefined;
}

/** What install and upgrade use of a render. */
export type PlannedRender = Pick<RenderedRelease, 'chart' | 'manifest' | 'hooks' | 'notes' | 'manifestText'>;

/** How install and upgrade render a chart. */
export interface RenderOptions {
  readonly skipSchemaValidation: boolean;
  readonly renderSubchartNotes: boolean;
  readonly renderHooks?: RenderHooks | undefined;
  /** Answers `getHostByName` (`--enable-dns`). */
  readonly lookupHost?: ((name: string) => readonly string[]) | undefined;
  /** Leave out what Secrets hold; for dry runs. */
  readonly hideSecrets?: boolean;
  /** What was rendered before, by a plan; nothing is rendered then. */
  readonly planned?: PlannedRender | undefined;
}

/** Passes until every `lookup` has been answered; a chart whose lookups depend on each other needs several. */
const LOOKUP_PASSES = 50;

/** What a chart became for a release. */
export interface RenderedRelease extends RenderResult {
  /** The chart as it was rendered, which records keep: with the values that it imported from subcharts. */
  readonly chart: Chart;
}

/** Renders a chart for a release; `lookup` reads from the client. */
export async function renderRelease(
  context: Pick<ActionContext, 'namespace' | 'clock' | 'random' | 'logger'>,
  request: RenderRequest,
): Promise<RenderedRelease> {
  const { trace, valueOrigins, postRender, limits, fetchSchema } = request.hooks ?? {};
  const { chart, values, warnings } = await coalesceForRender(request.chart, request.values, {
    skipSchemaValidation: request.skipSchemaValidation,
    ...(fetchSchema === undefined ? {} : { fetchSchema }),
  });
  for (const warning of warnings) context.logger.log('warn', warningText(warning), warning.fields);
  const input = {
    chart,
    values,
    release: {
      name: request.name,
      namespace: context.namespace,
      revision: request.revision,
      isInstall: !request.isUpgrade,
      isUpgrade: request.isUpgrade,
      service: 'Helm',
    },
    capabilities: request.capabilities,
    clock: context.clock,
    random: context.random,
    renderSubchartNotes: request.renderSubchartNotes,
    ...(request.lookupHost === undefined ? {} : { lookupHost: request.lookupHost }),
    ...(trace === undefined ? {} : { trace }),
    ...(valueOrigins === undefined ? {} : { valueOrigins }),
    ...(limits === undefined ? {} : { limits }),
  };
  const rendered = request.client === undefined ? renderFiles(input) : await renderAsking(request.client, input);
  if (postRender === undefined) return { ...reported(renderResult(rendered, input), context.logger), chart };
  // Loaded here, for few ask for it.
  const { mergeManifests, splitMerged } = await import('../render/manifest-stream.ts');
  const files = splitMerged(await postRender(mergeManifests(rendered.files)));
  return { ...reported(renderResult({ ...rendered, files, foreign: true }, input), context.logger), chart };
}

/** Says what the release will lack. */
function reported(result: RenderResult, logger: Logger): RenderResult {
  for (const { kind, name, hookTypes } of result.skippedHooks) {
    logger.log('warn', `skipping unknown hooks (hookTypes: ${hookTypes}, object: ${kind}/${name})`);
  }
  return result;
}

/** Renders until every `lookup` was answered: templates are synchronous, the cluster is not. */
async function renderAsking(client: KubeClient, input: RenderInput): Promise<RenderedFiles> {
  const answers = new Map<string, unknown>();
  for (let pass = 1; ; pass += 1) {
    const missed = new Map<string, LookupKey>();
    const lookup = (apiVersion: string, kind: string, namespace: string, name: string): unknown => {
      const id = JSON.stringify([apiVersion, kind, namespace, name]);
      if (!answers.has(id)) missed.set(id, { apiVersion, kind, namespace, name });
      return answers.get(id) ?? {};
    };
    try {
      const rendered = renderFiles({ ...input, lookup });
      if (missed.size === 0 || pass === LOOKUP_PASSES) return rendered;
    } catch (error) {
      // It may fail for want of an answer.
      if (missed.size === 0 || pass === LOOKUP_PASSES) throw error;
    }
    for (const [id, key] of missed) answers.set(id, await lookUp(client, key));
  }
}

interface LookupKey {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

async function lookUp(client: KubeClient, key: LookupKey): Promise<unknown> {
  const slash = key.apiVersion.indexOf('/');
  const type = await client.resourceFor({
    group: slash === -1 ? '' : key.apiVersion.slice(0, slash),
    version: key.apiVersion.slice(slash + 1),
    kind: key.kind,
  });
  if (type === undefined) {
    throw new PintleError(
      'no-kind-match',
      `lookup: unable to get apiresource from unstructured: no matches for kind "${key.kind}" in version "${key.apiVersion}"`,
    );
  }
  const namespace = type.namespaced && key.namespace !== '' ? key.namespace : undefined;
  try {
    if (key.name === '') return await client.list(type, { namespace });
    return await client.get(type, { namespace, name: key.name });
  } catch (error) {
    if (isStatus(error, 'NotFound')) return {};
    throw error;
  }
}

/** What the cluster can do, for `.Capabilities`: its version, and every group, version and kind it serves. */
export async function clusterCapabilities(client: KubeClient): Promise<Capabilities> {
  const version = await client.serverVersion();
  const apiVersions = new Set<string>();
  for (const type of await client.resources()) {
    apiVersions.add(apiVersionOf(type));
    apiVersions.add(`${apiVersionOf(type)}/${type.kind}`);
  }
  return {
    ...defaultCapabilities(),
    kubeVersion: { version: version.gitVersion, major: version.major, minor: version.minor },
    apiVersions: [...apiVersions],
  };
}
