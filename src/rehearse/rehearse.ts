import type { ActionContext, OperationOptions } from '../actions/context.ts';
import { failure } from '../actions/failure.ts';
import { install, renderInstall } from '../actions/install.ts';
import type { PlannedRender } from '../actions/render-release.ts';
import { rollback } from '../actions/rollback.ts';
import { renderUpgrade, upgrade } from '../actions/upgrade.ts';
import type { PintleError } from '../base/errors.ts';
import { SeededRandom } from '../base/random.ts';
import { silentLogger } from '../base/logger.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { buildResources, type Resource, resourceId } from '../deploy/resource.ts';
import { waitReady } from '../deploy/wait.ts';
import { groupVersionKind, type ResourceType } from '../kube/object.ts';
import { MemoryDriver } from '../release/memory-driver.ts';
import type { Release } from '../release/release.ts';
import { ReleaseStore } from '../release/store.ts';
import { standInForOperators, withoutCustomRules } from './absent-operators.ts';
import type { SchedulerConfiguration } from '../cluster/scheduler/profiles/settings.ts';
import { copyCluster, type ClusterCopy } from './copy-cluster.ts';
import { isBuiltin } from './copy-definitions.ts';
import { Observer } from './observer.ts';
import { RecordingClient } from './recording-client.ts';
import { failureData, type RehearsedOperation } from './operation.ts';
import type { Rehearsal } from './rehearsal.ts';
import { startCopy } from './start-copy.ts';
import { undo } from './undo.ts';

/** How long pods may take to go after all else is done, ms. */
const LONGEST_END = 600_000;
const LOOK_EVERY = 1000;

/**
 * Performs an operation on a copy of the cluster in memory, in virtual time, and tells what came of it. The cluster is only read.
 *
 * @param context of the real cluster
 * @param scheduler how that of the copy works; default: as kube-scheduler does that nobody has configured
 * @throws PintleError when there is nothing to rehearse: the chart does not render, the release does not exist, the cluster may
 * not be read
 */
export async function rehearse(
  context: ActionContext,
  operation: RehearsedOperation,
  scheduler?: SchedulerConfiguration,
): Promise<Rehearsal> {
  const prepared = await prepare(context, operation);
  const { touched, namespaces } = prepared;
  const copy = await copyCluster(context.client, { namespaces, touched, now: context.clock.now() });
  const cluster = await startCopy(copy, context.client.description, scheduler);
  try {
    return await new Stage(context, cluster, copy, prepared).perform();
  } finally {
    cluster.stop();
  }
}

/** An operation with everything that decides on it. */
interface Prepared {
  readonly operation: RehearsedOperation;
  readonly history: readonly Release[];
  readonly revision: number;
  /** What will be there. */
  readonly manifest: string;
  readonly rendered: PlannedRender | undefined;
  readonly touched: readonly Resource[];
  readonly namespaces: readonly string[];
}

async function prepare(context: ActionContext, given: RehearsedOperation): Promise<Prepared> {
  const history = await context.store.historyOrEmpty(given.options.name);
  const last = history.at(-1);
  let operation = given;
  if (
    given.verb === 'upgrade' &&
    given.install !== undefined &&
    (last?.info.status ?? 'uninstalled') === 'uninstalled'
  ) {
    operation = { verb: 'install', options: { ...given.install, replace: last !== undefined } };
  }
  let rendered: PlannedRender | undefined;
  if (operation.verb === 'upgrade') rendered = await renderUpgrade(context, history, operation.options);
  if (operation.verb === 'install') rendered = await renderInstall(context, operation.options);
  const target =
    operation.verb === 'rollback' ? await rollback(context, { ...operation.options, dryRun: true }) : undefined;
  const hooks = rendered?.hooks ?? target?.hooks ?? [];
  const manifest = rendered?.manifest ?? target?.manifest ?? '';
  const before = history.filter(({ info }) => info.status !== 'superseded').map((release) => release.manifest);
  const touched = await resourcesIn(context, [manifest, ...before, ...hooks.map((hook) => hook.manifest)]);
  const namespaces = [context.namespace, ...touched.map(({ key }) => key.namespace ?? context.namespace)];
  return {
    operation,
    history,
    revision: (last?.version ?? 0) + 1,
    manifest,
    rendered,
    touched,
    namespaces: [...new Set(namespaces)],
  };
}

async function resourcesIn(context: ActionContext, manifests: readonly string[]): Promise<readonly Resource[]> {
  const found = new Map<string, Resource>();
  for (const manifest of manifests) {
    const options = { namespace: context.namespace, skipUnknown: true };
    for (const each of await buildResources(context.client, manifest, options)) found.set(resourceId(each), each);
  }
  return [...found.values()];
}

/** The copy, with the operation going on in it. */
class Stage {
  readonly #real: ActionContext;
  readonly #cluster: Cluster;
  readonly #copy: ClusterCopy;
  readonly #prepared: Prepared;
  readonly #observer: Observer;
  readonly #context: ActionContext;

  constructor(real: ActionContext, cluster: Cluster, copy: ClusterCopy, prepared: Prepared) {
    const { client, clock } = cluster;
    this.#real = real;
    this.#cluster = cluster;
    this.#copy = copy;
    this.#prepared = prepared;
    const observer = new Observer(client, clock, new Set(prepared.namespaces));
    this.#observer = observer;
    this.#context = {
      client: new RecordingClient(client, (type, key, what) => {
        const place = key.namespace === undefined ? '' : `${key.namespace}/`;
        observer.tell('write', `${type.kind} ${place}${key.name}`, what);
      }),
      clock,
      logger: silentLogger,
      namespace: real.namespace,
      store: new ReleaseStore(new MemoryDriver({ clock, namespace: real.namespace })),
      random: new SeededRandom(1),
      exclusive: real.exclusive,
      lease: {
        interrupted: undefined,
        isLost: false,
        step: async (text) => observer.tell('step', '', text),
        retake: async () => {},
        abandon: () => {},
      },
    };
  }

  async perform(): Promise<Rehearsal> {
    const { operation, history, manifest } = this.#prepared;
    const custom = this.#customTypes();
    const operators = standInForOperators(this.#cluster.client, custom);
    await this.#observer.start();
    for (const release of history) await this.#context.store.create(release);
    this.#observer.tell('step', '', `${operation.verb} begins`);
    const commandFault = await this.#outcome(() => this.#run(custom));
    const commandDuration = this.#observer.now;
    const waited = operation.options.wait;
    const rolloutFault =
      commandFault ?? (waited ? undefined : await this.#outcome(() => this.#waitFor(manifest, custom)));
    const rolloutDuration = this.#observer.now;
    const verdict = rolloutFault === undefined ? 'everything is ready' : `failed: ${firstLine(rolloutFault.message)}`;
    this.#observer.tell('end', '', verdict);
    if (rolloutFault === undefined) await this.#untilQuiet();
    const until = this.#observer.now;
    const settledAfter = Math.max(rolloutDuration, this.#observer.lastChange);
    const { firstSign, surge } = this.#observer;
    const undone = await undo(this.#context, this.#prepared, rolloutFault, this.#observer);
    operators.stop();
    this.#observer.stop();
    return {
      format: 'pintle-rehearsal/1',
      verb: operation.verb,
      name: operation.options.name,
      namespace: this.#real.namespace,
      revision: this.#prepared.revision,
      cluster: this.#real.client.description,
      copied: this.#copied(),
      succeeds: rolloutFault === undefined,
      ...(rolloutFault === undefined ? {} : { failure: failureData(rolloutFault) }),
      unnoticed: commandFault === undefined && rolloutFault !== undefined,
      ...(firstSign === undefined ? {} : { firstSign }),
      commandDuration,
      rolloutDuration,
      settledAfter,
      surge,
      undo: undone,
      ...this.#observer.results(this.#isOfRelease(), until),
      notes: this.#notes(custom),
    };
  }

  async #run(custom: readonly ResourceType[]): Promise<void> {
    const { operation, rendered } = this.#prepared;
    const readiness = rulesWithout(operation.options.readiness, custom);
    if (operation.verb === 'rollback') {
      await rollback(this.#context, { ...operation.options, readiness });
      return;
    }
    const planned =
      rendered === undefined ? undefined : { ...rendered, manifest: withoutRules(rendered.manifest, custom) };
    const parts = { dryRun: 'none' as const, hideSecrets: false, planned, readiness };
    if (operation.verb === 'upgrade') await upgrade(this.#context, { ...operation.options, ...parts });
    else await install(this.#context, { ...operation.options, ...parts });
  }

  /** Waits as `--wait` would: a command that does not wait has not brought anything about when it ends. */
  async #waitFor(manifest: string, custom: readonly ResourceType[]): Promise<void> {
    const { options } = this.#prepared.operation;
    this.#observer.tell('step', '', 'the command has ended; pods go on');
    const targets = await buildResources(this.#context.client, withoutRules(manifest, custom), {
      namespace: this.#context.namespace,
    });
    await waitReady(this.#context, targets, {
      timeout: options.timeout,
      mode: options.waitForJobs ? 'jobs' : 'ready',
      rules: rulesWithout(options.readiness, custom),
      failFast: options.failFast === undefined ? undefined : { after: options.failFast, since: this.#copy.time },
    });
  }

  /** Old pods may take their time to go. */
  async #untilQuiet(): Promise<void> {
    const { clock } = this.#cluster;
    await clock.settle();
    for (let passed = 0; passed < LONGEST_END && this.#observer.isStopping; passed += LOOK_EVERY) {
      await clock.advance(LOOK_EVERY);
    }
  }

  async #outcome(run: () => Promise<void>): Promise<PintleError | undefined> {
    try {
      await run();
      return undefined;
    } catch (error) {
      return failure(error);
    }
  }

  #customTypes(): readonly ResourceType[] {
    const types = this.#prepared.touched.map(({ type }) => type).filter((type) => !isBuiltin(type));
    return [...new Map(types.map((type) => [`${type.group}/${type.resource}`, type])).values()];
  }

  #isOfRelease(): (id: string) => boolean {
    const ids = new Set(
      this.#prepared.touched.map(({ type, key }) => `${type.kind} ${key.namespace ?? ''}/${key.name}`),
    );
    return (id) => ids.has(id);
  }

  #copied(): Rehearsal['copied'] {
    const { objects } = this.#copy;
    const count = (kind: string): number => objects.filter(({ type }) => type.resource === kind).length;
    return { nodes: count('nodes'), pods: count('pods'), objects: objects.length };
  }

  #notes(custom: readonly ResourceType[]): readonly string[] {
    if (custom.length === 0) return this.#copy.notes;
    const kinds = custom.map(({ kind }) => kind).join(', ');
    return [...this.#copy.notes, `nobody works on objects of ${kinds} in the copy: they are taken to be ready`];
  }
}

/** Rules for kinds that somebody works on in the copy, too. */
function rulesWithout(
  rules: OperationOptions['readiness'],
  custom: readonly ResourceType[],
): OperationOptions['readiness'] {
  return rules?.filter(({ kind }) => kind !== undefined && custom.every((type) => type.kind !== kind));
}

function withoutRules(manifest: string, custom: readonly ResourceType[]): string {
  return withoutCustomRules(manifest, (apiVersion, kind) => {
    const { group } = groupVersionKind({ apiVersion, kind });
    return custom.some((type) => type.group === group && type.kind === kind);
  });
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
