import { PintleError } from '../base/errors.ts';
import { diffRelease, type ObjectDiff } from '../deploy/diff-release.ts';
import type { DriftRule } from '../deploy/drift-rules.ts';
import type { Release } from '../release/release.ts';
import type { ActionContext } from './context.ts';
import { install } from './install.ts';
import { upgrade, type UpgradeOptions } from './upgrade.ts';

/** What all comparisons take. */
export interface DiffOptions {
  /** Show what Secrets hold. */
  readonly showSecrets: boolean;
}

/** What an upgrade would be done with. */
export interface DiffUpgradeOptions
  extends DiffOptions,
    Pick<
      UpgradeOptions,
      'name' | 'chart' | 'values' | 'reuse' | 'skipSchemaValidation' | 'renderSubchartNotes' | 'noHooks'
    > {
  /** A release that does not exist is compared with nothing. */
  readonly install: boolean;
}

/** What an upgrade would change, compared with the last revision and with the cluster. */
export async function diffUpgrade(context: ActionContext, options: DiffUpgradeOptions): Promise<ObjectDiff[]> {
  const common = {
    name: options.name,
    chart: options.chart,
    values: options.values,
    skipSchemaValidation: options.skipSchemaValidation,
    renderSubchartNotes: options.renderSubchartNotes,
    noHooks: options.noHooks,
    dryRun: 'server' as const,
    timeout: 0,
    wait: false,
    waitForJobs: false,
    atomic: false,
    forceConflicts: false,
    forceReplace: false,
    takeOwnership: false,
  };
  const deployed = (await context.store.historyOrEmpty(options.name)).findLast(isInstalled);
  if (deployed === undefined && options.install) {
    const next = await install(context, {
      ...common,
      serverSide: 'true',
      createNamespace: false,
      replace: false,
      skipCrds: false,
    });
    return await compare(context, { last: '', next: next.manifest }, options);
  }
  const next = await upgrade(context, { ...common, serverSide: 'auto', cleanupOnFail: false, reuse: options.reuse });
  return await compare(context, { last: deployed?.manifest ?? '', next: next.manifest }, options);
}

/** What a rollback would change; 0 is the revision before the last one. */
export async function diffRollback(
  context: ActionContext,
  name: string,
  revision: number,
  options: DiffOptions,
): Promise<ObjectDiff[]> {
  const history = await context.store.history(name);
  const last = history.at(-1);
  const wanted = revision === 0 ? (last?.version ?? 1) - 1 : revision;
  const target = await context.store.get(name, wanted);
  return await compare(context, { last: last?.manifest ?? '', next: target.manifest }, options);
}

/** How two revisions of a release differ; the cluster does not matter. */
export async function diffRevisions(
  context: ActionContext,
  name: string,
  revisions: readonly [number, number | undefined],
  options: DiffOptions,
): Promise<ObjectDiff[]> {
  const [first, second] = revisions;
  const one = await context.store.get(name, first);
  const other = second === undefined ? await context.store.last(name) : await context.store.get(name, second);
  return await diffManifests(context, [one.manifest, other.manifest], options);
}

/** How the last revisions of two releases differ; the cluster does not matter. */
export async function diffReleases(
  context: ActionContext,
  [first, second]: readonly [string, string],
  options: DiffOptions,
): Promise<ObjectDiff[]> {
  const one = await context.store.last(first);
  const other = await context.store.last(second);
  return await diffManifests(context, [one.manifest, other.manifest], options);
}

/** How two manifests differ; of the cluster only its kinds matter. */
export async function diffManifests(
  context: ActionContext,
  [last, next]: readonly [string, string],
  { showSecrets }: DiffOptions,
): Promise<ObjectDiff[]> {
  const { namespace } = context;
  return await diffRelease(context.client, { namespace, last, next, showSecrets, manifestsOnly: true });
}

/**
 * What was changed on the cluster past the release: its deployed revision, compared with itself and the cluster. Changes that
 * rules leave alone do not count.
 */
export async function diffDrift(
  context: ActionContext,
  name: string,
  options: DiffOptions & { readonly ignore?: readonly DriftRule[] },
): Promise<ObjectDiff[]> {
  const history = await context.store.history(name);
  const deployed = history.findLast(({ info }) => info.status === 'deployed') ?? history.findLast(isInstalled);
  if (deployed === undefined) throw new PintleError('release-not-found', `"${name}" has no deployed releases`);
  const { client, namespace } = context;
  const { manifest } = deployed;
  return await diffRelease(client, { namespace, ...options, last: manifest, next: manifest });
}

function isInstalled(release: Release): boolean {
  return release.info.status === 'deployed' || release.info.status === 'superseded' || release.info.status === 'failed';
}

function compare(
  context: ActionContext,
  manifests: { readonly last: string; readonly next: string },
  { showSecrets }: DiffOptions,
): Promise<ObjectDiff[]> {
  return diffRelease(context.client, { namespace: context.namespace, showSecrets, ...manifests });
}
