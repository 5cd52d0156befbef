import { eitherSignal } from '../base/either-signal.ts';
import type { ApplyOptions, UpdateResult } from '../deploy/apply.ts';
import { applyWaves } from '../deploy/apply-waves.ts';
import { runHooks, type HookEvent } from '../deploy/hooks.ts';
import { buildResources, resourceId, type Resource } from '../deploy/resource.ts';
import { findOwned } from '../deploy/ownership.ts';
import type { FailFast } from '../deploy/pod-watch.ts';
import { waitReady } from '../deploy/wait.ts';
import type { Progress, ProgressListener } from '../deploy/wait-options.ts';
import { type Release, type ReleaseHook, withStatus } from '../release/release.ts';
import type { ActionContext, OperationOptions } from './context.ts';
import { failure } from './failure.ts';

/** A release under way: its record changes as hooks run. */
export class Operation {
  readonly #context: ActionContext;
  readonly #options: OperationOptions;
  readonly #listener: ProgressListener | undefined;
  release: Release;

  constructor(context: ActionContext, release: Release, options: OperationOptions) {
    this.#context = context;
    this.release = release;
    this.#options = options;
    this.#listener = context.listener === undefined ? undefined : together(context.listener);
  }

  /**
   * Runs the hooks of one event and keeps their state in the record. Does nothing with `--no-hooks`.
   *
   * @param options `isWanted`: default all of them; `save`: keeps the record, default as this operation has it
   */
  async hooks(
    event: HookEvent,
    serverSide: boolean,
    options: { isWanted?(hook: ReleaseHook): boolean; save?(release: Release): Promise<void> } = {},
  ): Promise<void> {
    if (this.#options.noHooks || this.release.hooks?.some((hook) => hook.events.includes(event)) !== true) return;
    await this.#context.lease?.step(`${event} hooks`);
    const hooks = (this.release.hooks ?? []).filter((hook) => options.isWanted?.(hook) ?? true);
    await runHooks(this.#context, hooks, event, {
      namespace: this.release.namespace,
      timeout: this.#options.timeout,
      serverSide,
      owner: this.#options.takeOwnership === true ? this.release : undefined,
      rules: this.#options.readiness,
      listener: this.#context.listener,
      signal: this.#context.signal,
      record: async (hook) => {
        this.release = withHook(this.release, hook);
        await (options.save?.(this.release) ?? this.#context.store.update(this.release));
      },
      ...(this.#context.hookOutput === undefined ? {} : { output: this.#context.hookOutput }),
    });
  }

  /**
   * Brings the cluster to the objects of the release.
   *
   * @param originals what it had; undefined: nothing, all is created
   * @throws UpdateError
   */
  async apply(
    originals: readonly Resource[] | undefined,
    targets: readonly Resource[],
    options: Pick<ApplyOptions, 'serverSide' | 'upgradeFieldManager'>,
  ): Promise<UpdateResult> {
    await this.#context.lease?.step('writing objects');
    const { forceConflicts, forceReplace, ignoreUnknownFields = false, timeout } = this.#options;
    return await applyWaves(this.#context, {
      ...options,
      forceConflicts,
      forceReplace,
      ignoreUnknownFields,
      timeout,
      originals,
      targets,
      ready: (resources, signal) => this.#ready(resources, signal),
    });
  }

  /** Waits for the objects, when waiting was asked for. */
  async wait(resources: readonly Resource[]): Promise<void> {
    if (this.#options.wait) await this.#ready(resources);
  }

  #failFast(): FailFast | undefined {
    const { failFast } = this.#options;
    const since = Date.parse(this.release.info.last_deployed ?? '');
    return failFast === undefined ? undefined : { after: failFast, since: Number.isNaN(since) ? 0 : since };
  }

  async #ready(resources: readonly Resource[], stop?: AbortSignal): Promise<void> {
    await this.#context.lease?.step('waiting for objects');
    await waitReady(this.#context, resources, {
      timeout: this.#options.timeout,
      mode: this.#options.waitForJobs ? 'jobs' : 'ready',
      strategy: this.#options.waitStrategy ?? 'watcher',
      failFast: this.#failFast(),
      rules: this.#options.readiness,
      listener: this.#listener,
      signal: eitherSignal(this.#context.signal, stop),
    });
  }
}

/** A listener for several waits at the same time: it is told of the objects of all of them. */
function together(inner: ProgressListener): ProgressListener {
  const all = new Map<string, Progress>();
  return {
    progress: (objects) => {
      for (const each of objects) all.set(resourceId(each.resource), each);
      inner.progress([...all.values()]);
    },
    trouble: (text) => inner.trouble(text),
  };
}

/**
 * Keeps the outcome of a failed operation. What goes wrong here is only reported: the next command finds the release pending with the
 * lease of an operation that has ended, and recovers it. Whoever has taken the release over has written an outcome already.
 */
export async function recordFailure(context: ActionContext, release: Release, description: string): Promise<Release> {
  if (context.lease?.isLost === true) return release;
  const failed = withStatus(release, 'failed', description);
  try {
    await context.store.update(failed);
  } catch (error) {
    context.lease?.abandon();
    context.logger.log(
      'warn',
      `revision ${release.version} of "${release.name}" could not be marked failed: ${failure(error).message}`,
    );
  }
  return failed;
}

/**
 * Marks revisions as superseded that a new one has taken the place of. What goes wrong is only reported: the new one counts.
 *
 * @param base what the new one was made from, which need not have been deployed
 */
export async function supersede(
  context: ActionContext,
  history: readonly Release[],
  by: Release,
  base?: Release,
): Promise<void> {
  for (const release of history) {
    const isReplaced = release.info.status === 'deployed' || release.version === base?.version;
    if (release.version >= by.version || !isReplaced) continue;
    try {
      await context.store.update(withStatus(release, 'superseded'));
    } catch (error) {
      context.logger.log(
        'warn',
        `revision ${release.version} of "${release.name}" still counts as deployed: ${failure(error).message}`,
      );
    }
  }
}

function withHook(release: Release, hook: ReleaseHook): Release {
  return {
    ...release,
    hooks: (release.hooks ?? []).map((each) => (each.name === hook.name && each.path === hook.path ? hook : each)),
  };
}

/**
 * The objects that a release has on the cluster: those of the last good revision, and whatever later revisions that failed
 * or were interrupted may have left beside them.
 */
export async function resourcesSince(
  context: ActionContext,
  history: readonly Release[],
  from: Release,
): Promise<Resource[]> {
  const later = history.filter((release) => release.version > from.version && release.info.status !== 'superseded');
  const found = await resourcesOf(context, [from, ...later]);
  return [...found.values(), ...(await leftBehind(context, history, found))];
}

/** The objects of revisions, by their ids; of several with one id that of the first revision. */
async function resourcesOf(context: ActionContext, releases: readonly Release[]): Promise<Map<string, Resource>> {
  const found = new Map<string, Resource>();
  for (const release of releases) {
    const resources = await buildResources(context.client, release.manifest, {
      namespace: release.namespace,
      file: `revision ${release.version}`,
      skipUnknown: true,
    });
    for (const resource of resources) if (!found.has(resourceId(resource))) found.set(resourceId(resource), resource);
  }
  return found;
}

/**
 * What the last superseded revision still has on the cluster while no revision is deployed: a rollback that failed counts it as
 * superseded without having taken its objects away.
 *
 * @param known objects that are found already, by their ids
 */
export async function leftBehind(
  context: ActionContext,
  history: readonly Release[],
  known: ReadonlyMap<string, unknown>,
): Promise<Resource[]> {
  if (history.some(({ info }) => info.status === 'deployed')) return [];
  const last = history.findLast(({ info }) => info.status === 'superseded');
  if (last === undefined) return [];
  const resources = [...(await resourcesOf(context, [last]))].flatMap(([id, each]) => (known.has(id) ? [] : [each]));
  // Names may have gone to others since.
  return await findOwned(context.client, resources, { name: last.name, namespace: last.namespace });
}

/**
 * Whether an operation applies on the server.
 *
 * @param method how the release was applied before: `ssa`, `csa`, or undefined in records of Helm 3
 */
export function serverSideFor(option: OperationOptions['serverSide'], method: string | undefined): boolean {
  return option === 'auto' ? method === 'ssa' : option === 'true';
}
