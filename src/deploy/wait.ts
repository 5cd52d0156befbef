import type { Timer } from '../base/clock.ts';
import { PintleError, type TraceEntry } from '../base/errors.ts';
import type { Watch } from '../client/kube-client.ts';
import { isTransient } from '../client/retry.ts';
import type { KubeObject } from '../kube/object.ts';
import { type Cause, findCause, formatCause } from './cause.ts';
import type { CustomRule } from './custom-readiness.ts';
import { type ReadinessRule, ruleTexts } from './custom-readiness-annotations.ts';
import type { DeployEnvironment } from './environment.ts';
import { type FailFast, watchPods } from './pod-watch.ts';
import { type Readiness, readinessOf } from './readiness.ts';
import { type Resource, resourceId } from './resource.ts';

/** How far one object is, for a live view. */
export interface Progress {
  readonly resource: Resource;
  readonly readiness: Readiness;
}

/** Hears of every change while something is waited for. */
export interface ProgressListener {
  /** All objects with their state, after each change. */
  progress(objects: readonly Progress[]): void;
  /** Something that keeps a pod from being ready, once for each pod and reason. */
  trouble(text: string): void;
}

/** What is waited for, and how long. */
export interface WaitOptions {
  /** ms; 0 stands for 30 s, as in Helm. */
  readonly timeout: number;
  /** `ready`: as kstatus; `jobs`: Jobs must complete too; `hooks`: Jobs and Pods must complete, all else counts as ready. */
  readonly mode: 'ready' | 'jobs' | 'hooks';
  /** `legacy`: by the rules of Helm 3, looking every two seconds; not for hooks. */
  readonly strategy?: 'watcher' | 'legacy';
  /** End the wait when an object has failed, or its pods have been stuck for a while, whatever the others do. */
  readonly failFast?: FailFast | undefined;
  /** When objects are ready that do not say it themselves. */
  readonly rules?: readonly ReadinessRule[] | undefined;
  readonly listener?: ProgressListener | undefined;
  /** What is waited for is to go away. */
  readonly deletion?: boolean;
  /** Ends the wait early (the user interrupted). */
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_TIMEOUT = 30_000;
/** Before a watch that broke is started again, ms. */
const RESTART_DELAY = 1000;
const UNKNOWN: Readiness = { status: 'Unknown', message: '' };

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

/** `doomed`: a pod will not become ready. */
type Outcome = 'done' | 'timeout' | 'interrupted' | 'doomed';

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

/** Follows the state of a set of objects through watches, one for each resource and namespace. */
class Tracker {
  readonly #environment: DeployEnvironment;
  readonly #options: WaitOptions;
  readonly #resources = new Map<string, Resource>();
  readonly #states = new Map<string, Readiness>();
  readonly #objects = new Map<string, KubeObject>();
  readonly #watches: Watch[] = [];
  readonly #timers: Timer[] = [];
  readonly #rules: ReadonlyMap<string, CustomRule>;
  #stopped = false;
  /** The pod for which the wait was ended. */
  doom = '';
  #check: () => void = () => {};
  #fail: (error: Error) => void = () => {};
  #giveUp: (text: string) => void = () => {};
  #changed = false;

  constructor(
    environment: DeployEnvironment,
    resources: readonly Resource[],
    options: WaitOptions,
    rules: ReadonlyMap<string, CustomRule> = new Map(),
  ) {
    this.#environment = environment;
    this.#rules = rules;
    this.#options = options;
    for (const resource of resources) {
      this.#resources.set(watchId(resource, resource.key.name), resource);
      this.#states.set(watchId(resource, resource.key.name), UNKNOWN);
    }
  }

  states(): Readiness[] {
    return [...this.#states.values()];
  }

  entries(): [Resource, Readiness][] {
    return [...this.#resources].map(([id, resource]) => [resource, this.#states.get(id) ?? UNKNOWN]);
  }

  async run(finished: (states: readonly Readiness[]) => boolean): Promise<Outcome> {
    const { clock } = this.#environment;
    const timeout = this.#options.timeout === 0 ? DEFAULT_TIMEOUT : this.#options.timeout;
    const { signal } = this.#options;
    let interrupt: () => void = () => {};
    const outcome = new Promise<Outcome>((resolve, reject) => {
      this.#timers.push(clock.setTimer(timeout, () => resolve('timeout')));
      interrupt = (): void => resolve('interrupted');
      signal?.addEventListener('abort', interrupt, { once: true });
      if (signal?.aborted === true) interrupt();
      this.#fail = reject;
      this.#giveUp = (text) => {
        this.doom = text;
        resolve('doomed');
      };
      this.#check = () => {
        this.#report();
        if (!finished(this.states())) return;
        // What happens from now on, such as the deletion of a Job that is done, is no longer waited for.
        this.#stopped = true;
        resolve('done');
      };
      this.#watchAll();
      this.#recheckUnscheduled();
    });
    try {
      return await clock.blockOn(outcome);
    } finally {
      signal?.removeEventListener('abort', interrupt);
      this.#stopped = true;
      for (const watch of this.#watches) watch.stop();
      for (const timer of this.#timers) timer.stop();
    }
  }

  #watchAll(): void {
    const groups = new Map<string, Resource[]>();
    for (const resource of this.#resources.values()) {
      const id = watchId(resource, '');
      groups.set(id, [...(groups.get(id) ?? []), resource]);
    }
    for (const group of groups.values()) this.#watchGroup(group);
    if (this.#options.deletion !== true) this.#watchPods();
  }

  #watchGroup(group: readonly Resource[]): void {
    const first = group[0];
    if (first === undefined) return;
    const single = group.length === 1 ? { fieldSelector: `metadata.name=${first.key.name}` } : {};
    const start = (): void => {
      const seen = new Set<string>();
      const watch = this.#environment.client.watch(
        first.type,
        { namespace: first.key.namespace, ...single },
        {
          event: (event) => {
            if (event.type === 'BOOKMARK') {
              this.#markAbsent(group, seen);
              return;
            }
            const id = watchId(first, event.object.metadata.name ?? '');
            if (!this.#resources.has(id)) return;
            seen.add(id);
            this.#set(id, event.type === 'DELETED' ? undefined : event.object);
          },
          closed: (error) => {
            // The server may end a watch at any time; a new one starts with the whole state again.
            if (this.#stopped) return;
            if (error === undefined || isGone(error)) start();
            else if (isTransient(error)) this.#timers.push(this.#environment.clock.setTimer(RESTART_DELAY, start));
            else this.#fail(error);
          },
        },
      );
      this.#watches.push(watch);
    };
    start();
  }

  #markAbsent(group: readonly Resource[], seen: ReadonlySet<string>): void {
    for (const resource of group) {
      const id = watchId(resource, resource.key.name);
      if (!seen.has(id)) this.#set(id, undefined);
    }
  }

  #set(id: string, object: KubeObject | undefined): void {
    if (this.#stopped) return;
    if (object === undefined) this.#objects.delete(id);
    else this.#objects.set(id, object);
    const state = object === undefined ? notFound() : this.#judge(id, object);
    const before = this.#states.get(id);
    this.#states.set(id, state);
    if (before?.status !== state.status || before.message !== state.message) this.#changed = true;
    this.#check();
  }

  #judge(id: string, object: KubeObject): Readiness {
    const { mode } = this.#options;
    const own = object.metadata.deletionTimestamp === undefined ? this.#rules.get(id)?.(object) : undefined;
    if (own !== undefined) return own;
    const isPodOrJob = object.kind === 'Pod' || object.kind === 'Job';
    if (mode === 'hooks' && !isPodOrJob && object.metadata.deletionTimestamp === undefined) {
      return { status: 'Current', message: 'Resource is current' };
    }
    return readinessOf(object, {
      now: this.#environment.clock.now(),
      waitForJobs: mode !== 'ready',
      waitForPods: mode === 'hooks',
    });
  }

  /** A pod counts as unschedulable by age, of which no event tells. */
  #recheckUnscheduled(): void {
    const interval = 5000;
    if (![...this.#resources.values()].some((resource) => resource.type.kind === 'Pod')) return;
    const again = (): void => {
      for (const [id, object] of this.#objects) if (object.kind === 'Pod') this.#set(id, object);
      if (!this.#stopped) this.#timers.push(this.#environment.clock.setTimer(interval, again));
    };
    this.#timers.push(this.#environment.clock.setTimer(interval, again));
  }

  #report(): void {
    if (!this.#changed || this.#options.listener === undefined) return;
    this.#changed = false;
    this.#options.listener.progress(this.entries().map(([resource, readiness]) => ({ resource, readiness })));
  }

  #watchPods(): void {
    const { listener, failFast } = this.#options;
    this.#watches.push(
      watchPods(this.#environment, [...this.#resources.values()], failFast, {
        trouble: listener === undefined ? undefined : (text) => listener.trouble(text),
        doomed: (text) => this.#giveUp(text),
      }),
    );
  }

  /** Reads every object once. */
  async look(): Promise<void> {
    for (const [id, resource] of this.#resources) {
      try {
        this.#set(id, await this.#environment.client.get(resource.type, resource.key));
      } catch {
        this.#set(id, undefined);
      }
    }
  }
}

function notFound(): Readiness {
  return { status: 'NotFound', message: 'Resource not found' };
}

function isGone(error: Error): boolean {
  return 'code' in error && error.code === 410;
}

function watchId(resource: Resource, name: string): string {
  return resourceId({ ...resource, key: { ...resource.key, name } });
}
