import { type ErrorDetails, PintleError } from '../base/errors.ts';
import { reword } from '../base/reword.ts';
import type { Pod } from '../kube/api/core-v1.generated.ts';
import { RESOURCES } from '../kube/resources.ts';
import { deleteObjects } from './apply.ts';
import { bringHook } from './bring-hook.ts';
import type { ReadinessRule } from './custom-readiness-annotations.ts';
import type { DeployEnvironment } from './environment.ts';
import type { Owner } from './ownership.ts';
import { buildResources, type Resource } from './resource.ts';
import { waitDeleted, waitReady } from './wait.ts';
import type { ProgressListener } from './wait-options.ts';

/** When a hook runs. */
export type HookEvent =
  | 'pre-install'
  | 'post-install'
  | 'pre-upgrade'
  | 'post-upgrade'
  | 'pre-rollback'
  | 'post-rollback'
  | 'pre-delete'
  | 'post-delete'
  | 'test';

/** One hook, in the shape of Helm's release record; `last_run` is filled while it runs. */
export interface Hook {
  readonly name: string;
  readonly kind: string;
  readonly path: string;
  readonly manifest: string;
  readonly events: readonly string[];
  readonly last_run: HookRun;
  readonly weight?: number;
  readonly delete_policies?: readonly string[];
  readonly output_log_policies?: readonly string[];
}

/** How a hook's last run went; times are RFC 3339. */
interface HookRun {
  readonly started_at?: string;
  readonly completed_at?: string;
  readonly phase: string;
}

/** What running the hooks of one event needs. */
export interface HookOptions {
  readonly namespace: string;
  /** ms for each hook. */
  readonly timeout: number;
  readonly serverSide: boolean;
  /** Adopt what is there already for this release; see `bringHook`. */
  readonly owner?: Owner | undefined;
  /** See `WaitOptions.rules`. */
  readonly rules?: readonly ReadinessRule[] | undefined;
  readonly listener?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the hook's new state at each step, to keep it in the release record. */
  record(hook: Hook): Promise<void>;
  /** Receives logs of hooks whose output policy asks for them. */
  output?(text: string): void;
}

/**
 * Runs the hooks of one event in the order of weight, then name; each must complete before the next starts.
 * Helm: pkg/action/hooks.go.
 *
 * @throws PintleError `hook-failed` that names the hook, or `interrupted`, after its delete policies have been followed
 */
export async function runHooks(
  environment: DeployEnvironment,
  hooks: readonly Hook[],
  event: HookEvent,
  options: HookOptions,
): Promise<void> {
  const due = hooks
    .filter((hook) => hook.events.includes(event))
    .map(withDefaultPolicy)
    .sort((a, b) => (a.weight ?? 0) - (b.weight ?? 0) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const succeeded: Hook[] = [];
  for (const hook of due) {
    try {
      if (options.signal?.aborted === true) throw new PintleError('interrupted', 'context canceled');
      succeeded.push(await runHook(environment, hook, event, options));
    } catch (error) {
      if (error instanceof HookRunError) {
        await cleanUpFailed(environment, error, succeeded, options);
        throw error.failure;
      }
      if (isInterruption(error)) await cleanUpSucceeded(environment, succeeded, options);
      throw error;
    }
  }
  let interruption: unknown;
  for (const hook of succeeded.toReversed()) {
    try {
      await outputLogs(environment, hook, 'hook-succeeded', options);
    } catch (error) {
      environment.logger.log('warn', `error outputting logs of hook ${hook.path}: ${messageOf(error)}`);
    }
    try {
      await deleteByPolicy(environment, hook, 'hook-succeeded', options);
    } catch (error) {
      if (!isInterruption(error)) throw error;
      // What is left would be in the way of the next run.
      interruption ??= error;
    }
  }
  if (interruption !== undefined) throw interruption;
}

/** After a hook failed: what goes wrong here is only reported, for the hook's failure is what counts. */
async function cleanUpFailed(
  environment: DeployEnvironment,
  { hook: failed, failure }: HookRunError,
  succeeded: readonly Hook[],
  given: HookOptions,
): Promise<void> {
  // What is deleted after an interruption is waited for all the same.
  const options = failure.code === 'interrupted' ? { ...given, signal: undefined } : given;
  await reporting(environment, 'error outputting logs for hook failure', () =>
    outputLogs(environment, failed, 'hook-failed', options),
  );
  await reporting(environment, 'error deleting the hook resource on hook failure', () =>
    deleteByPolicy(environment, failed, 'hook-failed', options),
  );
  // It did not fail of itself: what it leaves would be in the way of the next run.
  const done = failure.code === 'interrupted' ? [failed, ...succeeded] : succeeded;
  await cleanUpSucceeded(environment, done, options);
}

/** Deletes hooks that succeeded when the event ends early. */
async function cleanUpSucceeded(
  environment: DeployEnvironment,
  succeeded: readonly Hook[],
  options: HookOptions,
): Promise<void> {
  const { signal, ...rest } = options;
  for (const done of succeeded) {
    await reporting(environment, 'error deleting the hook resource', () =>
      deleteByPolicy(environment, done, 'hook-succeeded', signal?.aborted === true ? rest : options),
    );
  }
}

async function reporting(environment: DeployEnvironment, what: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    environment.logger.log('warn', `${what}: ${messageOf(error)}`);
  }
}

function isInterruption(error: unknown): boolean {
  return error instanceof PintleError && error.code === 'interrupted';
}

/** A hook that was created, and failed. */
class HookRunError extends Error {
  readonly hook: Hook;
  readonly failure: PintleError;

  constructor(hook: Hook, failure: PintleError) {
    super(failure.message);
    this.hook = hook;
    this.failure = failure;
  }
}

async function runHook(
  environment: DeployEnvironment,
  hook: Hook,
  event: HookEvent,
  options: HookOptions,
): Promise<Hook> {
  await deleteByPolicy(environment, hook, 'before-hook-creation', options);
  let resources: Resource[];
  try {
    resources = await buildResources(environment.client, hook.manifest, {
      namespace: options.namespace,
      file: hook.path,
    });
  } catch (error) {
    throw hookError(error, `unable to build kubernetes object for ${event} hook ${hook.path}: ${messageOf(error)}`);
  }
  const started = timestamp(environment);
  await options.record({ ...hook, last_run: { started_at: started, phase: 'Running' } });
  const finish = (phase: string): Hook => ({
    ...hook,
    last_run: { started_at: started, completed_at: timestamp(environment), phase },
  });
  try {
    await bringHook(environment, resources, options);
  } catch (error) {
    // What could not be created may belong to somebody else: no policy deletes it.
    await options.record(finish('Failed'));
    throw hookError(error, `warning: Hook ${event} ${hook.path} failed: ${messageOf(error)}`);
  }
  try {
    await waitReady(environment, resources, {
      timeout: options.timeout,
      mode: 'hooks',
      rules: options.rules,
      listener: options.listener,
      signal: options.signal,
    });
  } catch (error) {
    const done = finish('Failed');
    await options.record(done);
    const trace = error instanceof PintleError ? error.trace : [];
    const place = { text: `hook: ${hook.path}` };
    throw new HookRunError(done, hookError(error, messageOf(error), { trace: [place, ...trace] }));
  }
  const done = finish('Succeeded');
  await options.record(done);
  return done;
}

/** What a hook failed with; an interruption stays one. */
function hookError(error: unknown, message: string, details: ErrorDetails = {}): PintleError {
  if (!(error instanceof PintleError)) return new PintleError('hook-failed', message, { cause: error, ...details });
  const code = isInterruption(error) ? 'interrupted' : 'hook-failed';
  return reword(error, message, { code, ...details });
}

function withDefaultPolicy(hook: Hook): Hook {
  return (hook.delete_policies ?? []).length === 0 ? { ...hook, delete_policies: ['before-hook-creation'] } : hook;
}

async function deleteByPolicy(
  environment: DeployEnvironment,
  hook: Hook,
  policy: string,
  options: HookOptions,
): Promise<void> {
  // Deleting a definition would delete every object of its kind.
  if (hook.kind === 'CustomResourceDefinition' || hook.delete_policies?.includes(policy) !== true) return;
  const resources = await buildResources(environment.client, hook.manifest, {
    namespace: options.namespace,
    file: hook.path,
    skipUnknown: true,
  });
  const errors = await deleteObjects(environment, resources, 'Background');
  if (errors.length > 0) {
    throw hookError(errors[0], errors.map((error) => error.message).join('; '));
  }
  await waitDeleted(environment, resources, { timeout: options.timeout, signal: options.signal });
}

async function outputLogs(
  environment: DeployEnvironment,
  hook: Hook,
  policy: string,
  options: HookOptions,
): Promise<void> {
  if (options.output === undefined || hook.output_log_policies?.includes(policy) !== true) return;
  const selector =
    hook.kind === 'Job'
      ? { labelSelector: `job-name=${hook.name}` }
      : hook.kind === 'Pod'
        ? { fieldSelector: `metadata.name=${hook.name}` }
        : undefined;
  if (selector === undefined) return;
  const [resource] = await buildResources(environment.client, hook.manifest, {
    namespace: options.namespace,
    file: hook.path,
  });
  const namespace = resource?.key.namespace ?? options.namespace;
  const pods = await environment.client.list<Pod>(RESOURCES.pods, { namespace, ...selector });
  for (const pod of pods.items) {
    for (const container of pod.spec?.containers ?? []) {
      const key = { namespace, name: pod.metadata.name ?? '' };
      options.output(await environment.client.logs(key, { container: container.name }));
    }
  }
}

function timestamp(environment: DeployEnvironment): string {
  return new Date(environment.clock.now()).toISOString();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
