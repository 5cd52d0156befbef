import { PintleError } from '../base/errors.ts';
import { reword } from '../base/reword.ts';
import type { Chart } from '../chart/chart.ts';
import { deleteObjects, UpdateError } from '../deploy/apply.ts';
import { findAdoptable, withOwner } from '../deploy/ownership.ts';
import { buildResources, resourceId, type Resource } from '../deploy/resource.ts';
import { recordChart } from '../release/record-chart.ts';
import { type Release, withStatus } from '../release/release.ts';
import { defaultCapabilities } from '../render/capabilities.ts';
import { type ActionContext, type DryRun, type OperationOptions, timestamp } from './context.ts';
import { bringDefinitions, type DefinitionPolicy } from './definitions.ts';
import { failure, prefixed, stopIfInterrupted } from './failure.ts';
import { Operation, recordFailure, resourcesSince, serverSideFor, supersede } from './operation.ts';
import { holdRelease, settle } from './recover.ts';
import { checkOrder } from './order-of-release.ts';
import { checkReleaseName } from './release-name.ts';
import {
  clusterCapabilities,
  type RenderedRelease,
  type RenderOptions,
  type RenderRequest,
  renderRelease,
} from './render-release.ts';
import { type ReuseValues, reuseValues } from './reuse-values.ts';
import { rollback } from './rollback.ts';
import { undoOf } from './undo.ts';

export interface UpgradeOptions extends OperationOptions, RenderOptions {
  readonly name: string;
  readonly chart: Chart;
  readonly values: Readonly<Record<string, unknown>>;
  readonly description?: string | undefined;
  /** Added to the release's labels; the value `null` takes one away. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly dryRun: DryRun;
  /** Roll back to the last good revision when the upgrade fails. */
  readonly atomic: boolean;
  /** Delete what the upgrade created when it fails. */
  readonly cleanupOnFail: boolean;
  readonly reuse: ReuseValues;
  /** Default `skip`, as in Helm. */
  readonly crds?: DefinitionPolicy | undefined;
  readonly takeOwnership: boolean;
}

interface Prepared {
  readonly history: readonly Release[];
  readonly current: Release;
  readonly upgraded: Release;
  readonly originals: readonly Resource[];
  readonly targets: readonly Resource[];
  readonly serverSide: boolean;
}

/**
 * Upgrades a release to a new revision. Helm: pkg/action/upgrade.go.
 *
 * @throws PintleError; on a failure the new revision is `failed` and the last one stays `deployed`; with `atomic` the
 * cluster is back at the last good revision (`rolled-back`) or it is said that it is not (`rollback-failed`)
 */
export async function upgrade(context: ActionContext, options: UpgradeOptions): Promise<Release> {
  checkReleaseName(options.name, 'release name is invalid');
  if (options.dryRun !== 'none') {
    const { upgraded } = await prepare(context, await context.store.historyOrEmpty(options.name), options);
    return withStatus(upgraded, 'pending-upgrade', options.description ?? 'Dry run complete');
  }
  return await holdRelease(context, { ...options, verb: 'upgrade' }, (held) => run(held, options));
}

async function run(context: ActionContext, options: UpgradeOptions): Promise<Release> {
  const history = await settle(context, { ...options, undo: undoOf(options) });
  await bringDefinitions(context, options.chart, {
    policy: options.crds ?? 'skip',
    serverSide: options.serverSide !== 'false',
  });
  const prepared = await prepare(context, history, options);
  const operation = new Operation(context, prepared.upgraded, options);
  stopIfInterrupted(context);
  await context.store.create(operation.release);
  const created: Resource[] = [];
  try {
    return await perform(context, operation, prepared, options, created);
  } catch (error) {
    return await fail(context, operation, options, created, error);
  }
}

async function prepare(
  context: ActionContext,
  history: readonly Release[],
  options: UpgradeOptions,
): Promise<Prepared> {
  const { last, current } = lastAndCurrent(history, options.name);
  const { chart, values } = await reuseValues(options, current);
  const revision = last.version + 1;
  const rendered = options.planned ?? (await render(context, { chart, values, revision }, options));
  const serverSide = serverSideFor(options.serverSide, last.apply_method);
  const upgraded: Release = {
    name: options.name,
    info: {
      ...(current.info.first_deployed === undefined ? {} : { first_deployed: current.info.first_deployed }),
      last_deployed: timestamp(context),
      description: 'Preparing upgrade',
      status: 'pending-upgrade',
      ...(rendered.notes === '' ? {} : { notes: rendered.notes }),
    },
    chart: recordChart(rendered.chart),
    config: values,
    manifest: options.hideSecrets === true ? rendered.manifestText({ hideSecrets: true }) : rendered.manifest,
    hooks: rendered.hooks,
    version: revision,
    namespace: current.namespace,
    labels: mergeLabels(last.labels, options.labels),
    apply_method: serverSide ? 'ssa' : 'csa',
  };
  const owner = { name: options.name, namespace: context.namespace };
  const targets = (await buildResources(context.client, upgraded.manifest, { namespace: current.namespace })).map(
    (each) => withOwner(each, owner),
  );
  checkOrder(targets, rendered.chart);
  const originals = await resourcesSince(context, history, current);
  const known = new Set(originals.map(resourceId));
  const adopted = await adoptable(
    context,
    targets.filter((target) => !known.has(resourceId(target))),
    options,
  );
  return { history, current, upgraded, originals: [...originals, ...adopted], targets, serverSide };
}

/**
 * Renders what an upgrade would bring, and writes nothing.
 *
 * @param history the revisions of the release, oldest first
 */
export async function renderUpgrade(
  context: ActionContext,
  history: readonly Release[],
  options: UpgradeOptions,
): Promise<RenderedRelease> {
  const { last, current } = lastAndCurrent(history, options.name);
  const { chart, values } = await reuseValues(options, current);
  return await render(context, { chart, values, revision: last.version + 1 }, options);
}

async function render(
  context: ActionContext,
  given: Pick<RenderRequest, 'chart' | 'values' | 'revision'>,
  options: UpgradeOptions,
): Promise<RenderedRelease> {
  const offline = options.dryRun === 'client';
  return await renderRelease(context, {
    ...given,
    name: options.name,
    isUpgrade: true,
    capabilities: offline ? defaultCapabilities() : await clusterCapabilities(context.client),
    skipSchemaValidation: options.skipSchemaValidation,
    renderSubchartNotes: options.renderSubchartNotes,
    client: offline ? undefined : context.client,
    hooks: options.renderHooks,
    lookupHost: options.lookupHost,
  });
}

function lastAndCurrent(history: readonly Release[], name: string): { last: Release; current: Release } {
  const last = history.at(-1);
  const missing = new PintleError('release-not-found', `"${name}" has no deployed releases`, {
    hint: 'install it first, or use "upgrade --install"',
  });
  if (last === undefined) throw missing;
  if (last.info.status === 'deployed') return { last, current: last };
  const deployed = history.findLast((release) => release.info.status === 'deployed');
  if (deployed !== undefined) return { last, current: deployed };
  if (last.info.status === 'failed' || last.info.status === 'superseded') return { last, current: last };
  throw missing;
}

async function perform(
  context: ActionContext,
  operation: Operation,
  prepared: Prepared,
  options: UpgradeOptions,
  created: Resource[],
): Promise<Release> {
  const { history, current, originals, targets, serverSide } = prepared;
  await prefixed('pre-upgrade hooks failed: ', () => operation.hooks('pre-upgrade', serverSide));
  try {
    const result = await operation.apply(originals, targets, {
      serverSide,
      upgradeFieldManager: serverSide && current.apply_method !== 'ssa',
    });
    created.push(...result.created);
  } catch (error) {
    if (error instanceof UpdateError) created.push(...error.result.created);
    throw error;
  }
  await operation.wait(targets);
  await prefixed('post-upgrade hooks failed: ', () => operation.hooks('post-upgrade', serverSide));
  operation.release = withStatus(operation.release, 'deployed', options.description ?? 'Upgrade complete');
  await context.store.update(operation.release);
  // In this order, so that a release that is there is deployed whenever the client dies.
  await supersede(context, history, operation.release, current);
  return operation.release;
}

async function fail(
  context: ActionContext,
  operation: Operation,
  options: UpgradeOptions,
  created: readonly Resource[],
  error: unknown,
): Promise<never> {
  const cause = failure(error);
  operation.release = await recordFailure(
    context,
    operation.release,
    `Upgrade "${options.name}" failed: ${cause.message}`,
  );
  if (options.cleanupOnFail && created.length > 0) {
    const errors = await deleteObjects(context, created, 'Background');
    if (errors.length > 0) {
      const left = errors.map((each) => each.message).join(', ');
      const message = `an error occurred while cleaning up resources. original upgrade error: ${cause.message}: unable to cleanup resources: ${left}`;
      throw reword(cause, message, { code: 'rollback-failed' });
    }
  }
  if (!options.atomic || context.lease?.isLost === true) throw cause;
  const history = await context.store.historyOrEmpty(options.name);
  const good = history.findLast(({ info }) => info.status === 'superseded' || info.status === 'deployed');
  if (good === undefined) {
    const message = `unable to find a previously successful release when attempting to rollback. original upgrade error: ${cause.message}`;
    throw reword(cause, message, { code: 'rollback-failed' });
  }
  try {
    await rollback({ ...context, signal: undefined }, { ...options, revision: good.version, dryRun: false });
  } catch (second) {
    throw new PintleError(
      'rollback-failed',
      `an error occurred while rolling back the release. original upgrade error: ${cause.message}: ${failure(second).message}`,
      {
        cause: second,
        trace: cause.trace,
        hint: `the last good revision is ${good.version}; look at "status" and roll back by hand`,
      },
    );
  }
  throw reword(
    cause,
    `release ${options.name} failed, and has been rolled back due to rollback-on-failure being set: ${cause.message}`,
    { code: 'rolled-back' },
  );
}

async function adoptable(
  context: ActionContext,
  added: readonly Resource[],
  options: UpgradeOptions,
): Promise<Resource[]> {
  try {
    const owner = { name: options.name, namespace: context.namespace };
    return await findAdoptable(context.client, added, owner, options.takeOwnership);
  } catch (error) {
    const cause = failure(error);
    throw reword(cause, `unable to continue with update: ${cause.message}`);
  }
}

function mergeLabels(
  current: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  return Object.fromEntries(Object.entries({ ...current, ...wanted }).filter(([, value]) => value !== 'null'));
}
