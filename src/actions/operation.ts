import { PintleError } from '../base/errors.ts';
import { runHooks, type HookEvent } from '../deploy/hooks.ts';
import { buildResources, resourceId, type Resource } from '../deploy/resource.ts';
import { waitReady } from '../deploy/wait.ts';
import { isPending, type Release, type ReleaseHook, withStatus } from '../release/release.ts';
import { type ActionContext, type OperationOptions } from './context.ts';

/** A release under way: its record changes as hooks run. */
export class Operation {
  readonly #context: ActionContext;
  readonly #options: OperationOptions;
  release: Release;

  constructor(context: ActionContext, release: Release, options: OperationOptions) {
    this.#context = context;
    this.release = release;
    this.#options = options;
  }

  /** Runs the hooks of one event and keeps their state in the record. Does nothing with `--no-hooks`. */
  async hooks(event: HookEvent, serverSide: boolean): Promise<void> {
    if (this.#options.noHooks) return;
    await runHooks(this.#context, this.release.hooks ?? [], event, {
      namespace: this.release.namespace,
      timeout: this.#options.timeout,
      serverSide,
      listener: this.#context.listener,
      signal: this.#context.signal,
      record: async (hook) => {
        this.release = withHook(this.release, hook);
        await this.#context.store.update(this.release);
      },
      ...(this.#context.hookOutput === undefined ? {} : { output: this.#context.hookOutput }),
    });
  }

  /** Waits for the objects, when waiting was asked for. */
  async wait(resources: readonly Resource[]): Promise<void> {
    if (!this.#options.wait) return;
    await waitReady(this.#context, resources, {
      timeout: this.#options.timeout,
      mode: this.#options.waitForJobs ? 'jobs' : 'ready',
      listener: this.#context.listener,
      signal: this.#context.signal,
    });
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
  const found = new Map<string, Resource>();
  const later = history.filter((release) => release.version > from.version && release.info.status !== 'superseded');
  for (const release of [from, ...later]) {
    const resources = await buildResources(context.client, release.manifest, {
      namespace: release.namespace,
      file: `revision ${release.version}`,
      skipUnknown: true,
    });
    for (const resource of resources) if (!found.has(resourceId(resource))) found.set(resourceId(resource), resource);
  }
  return [...found.values()];
}

/**
 * Refuses to work on a release that somebody else is working on. When nobody can be, the revision was left by a client
 * that died: it is marked failed and the operation goes on.
 *
 * @param options `force`: work on it all the same, as a rollback does, which is the way out for a release that is stuck
 * @throws PintleError `release-pending`
 */
export async function settlePending(
  context: ActionContext,
  history: readonly Release[],
  options: { readonly force?: boolean } = {},
): Promise<Release[]> {
  const out: Release[] = [];
  for (const release of history) {
    const isRefused = release === history.at(-1) && options.force !== true;
    if (!isPending(release) || (!context.exclusive && !isRefused)) {
      out.push(release);
      continue;
    }
    if (!context.exclusive) {
      throw new PintleError('release-pending', 'another operation (install/upgrade/rollback) is in progress', {
        hint: `revision ${release.version} of "${release.name}" is ${release.info.status}; if nobody is working on it, roll back to the last good revision`,
      });
    }
    const verb = release.info.status.slice('pending-'.length);
    const settled = withStatus(release, 'failed', `Interrupted: the client died during the ${verb}`);
    context.logger.log(
      'warn',
      `revision ${release.version} of "${release.name}" was left ${release.info.status} by a client that died; it is marked failed`,
    );
    await context.store.update(settled);
    out.push(settled);
  }
  return out;
}

/**
 * Whether an operation applies on the server.
 *
 * @param method how the release was applied before: `ssa`, `csa`, or undefined in records of Helm 3
 */
export function serverSideFor(option: OperationOptions['serverSide'], method: string | undefined): boolean {
  return option === 'auto' ? method === 'ssa' : option === 'true';
}
