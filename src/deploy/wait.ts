import { PintleError, type TraceEntry } from '../base/errors.ts';
import { type Cause, findCause, formatCause } from './cause.ts';
import type { CustomRule } from './custom-readiness.ts';
import { type ReadinessRule, ruleTexts } from './custom-readiness-annotations.ts';
import type { DeployEnvironment } from './environment.ts';
import type { Readiness } from './readiness.ts';
import type { Resource } from './resource.ts';
import type { WaitOptions } from './wait-options.ts';
import { DEFAULT_TIMEOUT, type Outcome, Tracker, watchId } from './wait-tracker.ts';

/**
 * Waits until every object is ready. Paused Deployments are not waited for.
 *
 * @throws PintleError `wait-timeout` or `wait-failed`, with Helm's line for each object that is not ready and the cause
 */
export async function waitReady(
  environment: DeployEnvironment,
  resources: readonly Resource[],
  options: WaitOptions,
): Promise<void> {
  const targets = resources.filter((resource) => !isPaused(resource));
  if (targets.length === 0) return;
  const tracker = new Tracker(environment, targets, options, await customRules(targets, options.rules ?? []));
  if (options.strategy === 'legacy' && options.mode !== 'hooks') {
    const { waitLegacy } = await import('./legacy-wait.ts');
    const timeout = options.timeout === 0 ? DEFAULT_TIMEOUT : options.timeout;
    const jobs = options.mode === 'jobs';
    const ended = await waitLegacy(environment, targets, { timeout, jobs, signal: options.signal });
    if (ended === 'done') return;
    await tracker.look();
    throw await notReady(environment, tracker, ended);
  }
  const isFinal = (state: Readiness): boolean => state.status === 'Current' || state.status === 'Failed';
  const outcome = await tracker.run((states) =>
    options.failFast === undefined
      ? states.every(isFinal)
      : states.every(isFinal) || states.some((state) => state.status === 'Failed'),
  );
  if (outcome !== 'done' || tracker.states().some((state) => state.status !== 'Current')) {
    throw await notReady(environment, tracker, outcome);
  }
}

/** The rules that objects bring along, by {@link watchId}. */
async function customRules(
  resources: readonly Resource[],
  rules: readonly ReadinessRule[],
): Promise<ReadonlyMap<string, CustomRule>> {
  const out = new Map<string, CustomRule>();
  for (const resource of resources) {
    const texts = ruleTexts(resource, rules);
    if (texts === undefined) continue;
    const { customRule } = await import('./custom-readiness.ts');
    out.set(watchId(resource, resource.key.name), await customRule(resource, texts));
  }
  return out;
}

/**
 * Waits until every object is gone.
 *
 * @throws PintleError `wait-timeout`
 */
export async function waitDeleted(
  environment: DeployEnvironment,
  resources: readonly Resource[],
  options: Omit<WaitOptions, 'mode'>,
): Promise<void> {
  if (resources.length === 0) return;
  const tracker = new Tracker(environment, resources, { ...options, mode: 'ready', deletion: true });
  const outcome = await tracker.run((states) => states.every((state) => state.status === 'NotFound'));
  if (outcome === 'done') return;
  const lines = tracker
    .entries()
    .filter(([, state]) => state.status !== 'NotFound')
    .map(
      ([resource, state]) =>
        `resource ${place(resource)} still exists. status: ${state.status}, message: ${state.message}`,
    );
  throw new PintleError(
    outcome === 'interrupted' ? 'interrupted' : 'wait-timeout',
    [...lines, ending(outcome)].join('\n'),
    {
      hint: 'a finalizer may hold the object; look at its metadata.finalizers',
    },
  );
}

function ending(outcome: Outcome): string {
  return outcome === 'interrupted' ? 'context canceled' : 'context deadline exceeded';
}

function place(resource: Resource): string {
  return `${resource.type.kind}/${resource.key.namespace ?? ''}/${resource.key.name}`;
}

function isPaused(resource: Resource): boolean {
  const spec = resource.object['spec'] as { readonly paused?: boolean } | undefined;
  return resource.type.kind === 'Deployment' && resource.type.group === 'apps' && spec?.paused === true;
}

async function notReady(environment: DeployEnvironment, tracker: Tracker, outcome: Outcome): Promise<PintleError> {
  const lines: string[] = [];
  const trace: TraceEntry[] = [];
  for (const [resource, state] of tracker.entries()) {
    if (state.status === 'Current') continue;
    const cause = outcome === 'interrupted' ? undefined : await findCause(environment.client, resource);
    const because = cause === undefined ? '' : ` (${formatCause(cause)})`;
    lines.push(`resource ${place(resource)} not ready. status: ${state.status}, message: ${state.message}${because}`);
    if (cause !== undefined) trace.push(...traceOf(cause));
  }
  if (outcome === 'doomed') lines.push(`gave up early: ${tracker.doom}`);
  else if (outcome !== 'done') lines.push(ending(outcome));
  const code = outcome === 'interrupted' ? 'interrupted' : outcome === 'timeout' ? 'wait-timeout' : 'wait-failed';
  return new PintleError(code, lines.join('\n'), { trace });
}

function traceOf(cause: Cause): TraceEntry[] {
  const where = cause.container === undefined ? cause.object : `${cause.object}, container "${cause.container}"`;
  return [
    ...cause.events.map((text) => ({ text: `event of ${cause.object}: ${text}` })),
    ...cause.logs.map((text) => ({ text: `log of ${where}: ${text}` })),
  ];
}
