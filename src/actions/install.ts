import { PintleError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { reword } from '../base/reword.ts';
import type { Chart } from '../chart/chart.ts';
import { crdObjects } from '../chart/crds.ts';
import { retryTransient } from '../client/retry.ts';
import { FIELD_MANAGER } from '../deploy/environment.ts';
import { findAdoptable, findOwned, withOwner } from '../deploy/ownership.ts';
import { buildResources, resourceId, type Resource } from '../deploy/resource.ts';
import { RESOURCES } from '../kube/resources.ts';
import { isStatus } from '../kube/status-error.ts';
import { recordChart } from '../release/record-chart.ts';
import { type Release, withStatus } from '../release/release.ts';
import { defaultCapabilities } from '../render/capabilities.ts';
import { type ActionContext, type DryRun, type OperationOptions, timestamp } from './context.ts';
import { bringDefinitions, type DefinitionPolicy } from './definitions.ts';
import { failure, prefixed, stopIfInterrupted } from './failure.ts';
import { Operation, recordFailure, resourcesSince } from './operation.ts';
import { holdRelease, settle } from './recover.ts';
import { checkOrder } from './order-of-release.ts';
import { checkReleaseName } from './release-name.ts';
import {
  clusterCapabilities,
  type PlannedRender,
  type RenderedRelease,
  type RenderOptions,
  renderRelease,
  type RenderRequest,
} from './render-release.ts';
import { undoOf } from './undo.ts';
import { uninstall } from './uninstall.ts';

export interface InstallOptions extends OperationOptions, RenderOptions {
  readonly name: string;
  readonly chart: Chart;
  readonly values: Readonly<Record<string, unknown>>;
  readonly description?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly createNamespace: boolean;
  readonly dryRun: DryRun;
  /** Uninstall what was installed when the installation fails. */
  readonly atomic: boolean;
  /** Reuse the name of an uninstalled or failed release. */
  readonly replace: boolean;
  readonly skipCrds: boolean;
  /** Default `create`. */
  readonly crds?: DefinitionPolicy | undefined;
  readonly takeOwnership: boolean;
}

/** What a preview needs: no cluster. */
type PreviewContext = Pick<ActionContext, 'namespace' | 'clock' | 'random' | 'logger'>;

/**
 * What `--dry-run=client` shows: the release as it would begin, rendered without a cluster.
 *
 * @throws PintleError `release-name`, and what rendering throws
 */
export async function previewInstall(context: PreviewContext, options: InstallOptions): Promise<Release> {
  await prefixed('release name check failed: ', () => checkReleaseName(options.name));
  const rendered = await renderOffline(context, options);
  return withStatus(firstRevision(context, rendered, options), 'pending-install', 'Dry run complete');
}

/** Warns of a chart's definitions, which a dry run on a cluster does not bring. */
export function warnOfDefinitions(logger: Logger, chart: Chart, skipCrds: boolean): void {
  if (skipCrds || crdObjects(chart).length === 0) return;
  logger.log('warn', 'This chart or one of its subcharts contains CRDs. Rendering may fail or contain inaccuracies.');
}

/**
 * Installs a chart as revision 1 of a release. Helm: pkg/action/install.go.
 *
 * @throws PintleError; on a failure after the first write the record is `failed`, or everything is gone with `atomic`
 */
export async function install(context: ActionContext, options: InstallOptions): Promise<Release> {
  if (options.dryRun === 'client') return await previewInstall(context, options);
  await prefixed('release name check failed: ', () => checkReleaseName(options.name));
  if (options.dryRun !== 'none') return await run(context, options);
  return await holdRelease(context, { ...options, verb: 'install' }, (held) => run(held, options));
}

async function run(context: ActionContext, given: InstallOptions): Promise<Release> {
  const { options, history } =
    given.dryRun === 'none' ? await freeName(context, given) : { options: given, history: [] };
  if (options.dryRun === 'none') {
    await bringDefinitions(context, options.chart, {
      policy: options.skipCrds ? 'skip' : (options.crds ?? 'create'),
      serverSide: options.serverSide !== 'false',
    });
  }
  if (options.dryRun === 'server') warnOfDefinitions(context.logger, options.chart, options.skipCrds);

  const rendered = options.planned ?? (await renderInstall(context, options));
  const serverSide = options.serverSide !== 'false';
  const release = firstRevision(context, rendered, options);
  const owner = { name: options.name, namespace: context.namespace };
  const resources = (await build(context, release.manifest)).map((each) => withOwner(each, owner));
  checkOrder(resources, rendered.chart);
  const adopted = await adoptable(context, resources, options);
  if (options.dryRun === 'server') return withStatus(release, 'pending-install', 'Dry run complete');
  stopIfInterrupted(context);
  if (options.createNamespace) {
    await createNamespace(context);
    await context.lease?.retake();
  }
  const revision = (history.at(-1)?.version ?? 0) + 1;
  const operation = new Operation(context, { ...release, version: revision }, options);
  const originals = await leftovers(context, history, adopted);
  await context.store.create(operation.release);
  try {
    await replacePrevious(context, history);
    return await perform(context, operation, { resources, originals, serverSide }, options);
  } catch (error) {
    return await fail(context, operation, options, error);
  }
}

function firstRevision(context: PreviewContext, rendered: PlannedRender, options: InstallOptions): Release {
  const now = timestamp(context);
  return {
    name: options.name,
    info: {
      first_deployed: now,
      last_deployed: now,
      description: 'Initial install underway',
      status: 'pending-install',
      ...(rendered.notes === '' ? {} : { notes: rendered.notes }),
    },
    chart: recordChart(rendered.chart),
    config: options.values,
    manifest: options.hideSecrets === true ? rendered.manifestText({ hideSecrets: true }) : rendered.manifest,
    hooks: rendered.hooks,
    version: 1,
    namespace: context.namespace,
    labels: options.labels ?? {},
    apply_method: options.serverSide === 'false' ? 'csa' : 'ssa',
  };
}

/** Renders what an installation would bring, and writes nothing. */
export async function renderInstall(context: ActionContext, options: InstallOptions): Promise<RenderedRelease> {
  if (options.dryRun === 'client') return await renderOffline(context, options);
  return await renderRelease(context, {
    ...requestOf(options),
    capabilities: await clusterCapabilities(context.client),
    client: context.client,
  });
}

async function renderOffline(context: PreviewContext, options: InstallOptions): Promise<RenderedRelease> {
  return await renderRelease(context, { ...requestOf(options), capabilities: defaultCapabilities() });
}

function requestOf(options: InstallOptions): Omit<RenderRequest, 'capabilities'> {
  return {
    name: options.name,
    chart: options.chart,
    values: options.values,
    revision: 1,
    isUpgrade: false,
    skipSchemaValidation: options.skipSchemaValidation,
    renderSubchartNotes: options.renderSubchartNotes,
    hooks: options.renderHooks,
    lookupHost: options.lookupHost,
  };
}

async function build(context: ActionContext, manifest: string): Promise<Resource[]> {
  let resources: Resource[] = [];
  await prefixed('unable to build kubernetes objects from release manifest: ', async () => {
    resources = await buildResources(context.client, manifest, { namespace: context.namespace });
  });
  return resources;
}

interface Plan {
  readonly resources: readonly Resource[];
  /** What is there already and becomes the release's. */
  readonly originals: readonly Resource[];
  readonly serverSide: boolean;
}

async function perform(
  context: ActionContext,
  operation: Operation,
  plan: Plan,
  options: InstallOptions,
): Promise<Release> {
  const { resources, originals, serverSide } = plan;
  await prefixed('failed pre-install: ', () => operation.hooks('pre-install', serverSide));
  await operation.apply(originals.length === 0 ? undefined : originals, resources, {
    serverSide,
    upgradeFieldManager: true,
  });
  await operation.wait(resources);
  await prefixed('failed post-install: ', () => operation.hooks('post-install', serverSide));
  operation.release = withStatus(operation.release, 'deployed', options.description ?? 'Install complete');
  await context.store.update(operation.release);
  return operation.release;
}

async function fail(
  context: ActionContext,
  operation: Operation,
  options: InstallOptions,
  error: unknown,
): Promise<never> {
  const cause = failure(error);
  operation.release = await recordFailure(
    context,
    operation.release,
    `Release "${options.name}" failed: ${cause.message}`,
  );
  if (!options.atomic || context.lease?.isLost === true) throw cause;
  try {
    await uninstall(
      { ...context, signal: undefined },
      {
        name: options.name,
        timeout: options.timeout,
        noHooks: options.noHooks,
        keepHistory: false,
        wait: true,
        cascade: 'background',
      },
    );
  } catch (second) {
    const message = `an error occurred while uninstalling the release. original install error: ${cause.message}: ${failure(second).message}`;
    throw reword(failure(second), message, { code: 'rollback-failed', trace: cause.trace });
  }
  throw reword(
    cause,
    `release ${options.name} failed, and has been uninstalled due to rollback-on-failure being set: ${cause.message}`,
    { code: 'rolled-back' },
  );
}

async function adoptable(
  context: ActionContext,
  resources: readonly Resource[],
  options: InstallOptions,
): Promise<Resource[]> {
  try {
    const owner = { name: options.name, namespace: context.namespace };
    return await findAdoptable(context.client, resources, owner, options.takeOwnership);
  } catch (error) {
    const cause = failure(error);
    throw reword(cause, `unable to continue with install: ${cause.message}`);
  }
}

/** Makes sure of the name: it is new, may be used again, or was left by a client that died. */
async function freeName(
  context: ActionContext,
  options: InstallOptions,
): Promise<{ readonly options: InstallOptions; readonly history: readonly Release[] }> {
  const found = (await context.store.historyOrEmpty(options.name)).at(-1)?.info.status ?? '';
  const wasUnfinished = found.startsWith('pending-') || found === 'uninstalling';
  const history = wasUnfinished
    ? await settle(context, { ...options, undo: undoOf(options) })
    : await context.store.historyOrEmpty(options.name);
  const last = history.at(-1);
  if (last === undefined) return { options, history };
  const { status } = last.info;
  if (status === 'uninstalled' || status === 'failed') {
    // Who installs again after a crash goes on where it happened, unless there is something that works.
    const resumes = wasUnfinished && history.every(({ info }) => info.status !== 'deployed');
    if (options.replace || resumes) return { options: { ...options, replace: true }, history };
  }
  throw new PintleError('release-exists', 'release name check failed: cannot reuse a name that is still in use', {
    hint: `release "${options.name}" is ${status} at revision ${last.version}; use "upgrade --install", another name, or uninstall it first`,
  });
}

/** Objects of earlier revisions that were never taken away, besides those that are taken over. */
async function leftovers(
  context: ActionContext,
  history: readonly Release[],
  adopted: readonly Resource[],
): Promise<Resource[]> {
  const failed = history.filter(({ info }) => info.status === 'failed');
  const [first] = failed;
  const known = new Set(adopted.map(resourceId));
  if (first === undefined) return [...adopted];
  const old = (await resourcesSince(context, failed, first)).filter((each) => !known.has(resourceId(each)));
  // Names may have gone to others since.
  const owner = { name: first.name, namespace: first.namespace };
  return [...adopted, ...(await findOwned(context.client, old, owner))];
}

async function replacePrevious(context: ActionContext, history: readonly Release[]): Promise<void> {
  const last = history.at(-1);
  for (const release of history) {
    if (release.info.status === 'superseded' || release.info.status === 'failed') continue;
    const story = release === last ? 'superseded by new release' : undefined;
    await context.store.update(withStatus(release, 'superseded', story));
  }
}

async function createNamespace(context: ActionContext): Promise<void> {
  const object = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: context.namespace, labels: { name: context.namespace } },
  };
  try {
    await retryTransient(context.clock, () =>
      context.client.create(RESOURCES.namespaces, object, { fieldManager: FIELD_MANAGER }),
    );
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) throw error;
  }
}
